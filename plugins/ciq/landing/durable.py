"""Files that are whole or not there, and that a power cut does not lose."""

from __future__ import annotations

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_AT_ONCE = 16


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file beside its place, read-only; it is whole at `path` once the answer was moved there."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    unfinished.write_bytes(content)
    unfinished.chmod(0o444)
    return unfinished


def make_folder(folder: Path) -> set[Path]:
    """Make a folder with those above it; returns the folders whose names are new: it, and what holds new ones."""
    changed = {folder}
    missing = folder
    while not missing.exists():
        missing = missing.parent
        changed.add(missing)
    folder.mkdir(parents=True, exist_ok=True)
    return changed


def make_durable(paths: Collection[Path]) -> None:
    """Bring the contents of files, or the names in folders, to the disk.

    One takes the disk a few milliseconds; what is asked for at the same time, the file system writes together.
    """
    with ThreadPoolExecutor(_AT_ONCE) as side_by_side:
        for _ in side_by_side.map(_sync, paths):
            pass


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
