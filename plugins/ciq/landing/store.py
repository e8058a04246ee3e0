"""Content-addressed, immutable storage of what arrived."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ciq.errors import CiqError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ABANDONED_S = 24 * 3600


class LandingError(CiqError):
    """The landing store lacks a content, or holds it damaged."""


@dataclass(frozen=True)
class Landed:
    """A content in the store: its hash and its size in bytes."""

    sha256: str
    bytes: int


class LandingStore:
    """Contents under `<root>/sha256/ab/cd/<hash>`: written once, read-only, never changed."""

    def __init__(self, root: Path) -> None:
        self._contents = root / "sha256"
        self._unfinished = root / "unfinished"

    def path(self, sha256: str) -> Path:
        """Where a content stands or would stand. Raises LandingError for what is no hash."""
        if not _SHA256.fullmatch(sha256):
            raise LandingError(f"{sha256[:80]!r} is not a SHA-256 hash")
        return self._contents / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str) -> bool:
        """Whether a content is in the store."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """Open a content for reading. Raises LandingError when it is not there."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise LandingError(
                f"Landing has no content {sha256}",
                advice="Restore the landing folder from its backup, or have the file sent again.",
            ) from error

    def stage(self, chunks: Iterable[bytes]) -> Staged:
        """Stream chunks to a temporary file while hashing. Nothing stands in the store before `Staged.commit`."""
        self._unfinished.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._unfinished)
        digest = hashlib.sha256()
        size = 0
        try:
            with os.fdopen(descriptor, "wb") as stream:
                for chunk in chunks:
                    digest.update(chunk)
                    stream.write(chunk)
                    size += len(chunk)
                stream.flush()
                os.fsync(stream.fileno())
        except BaseException:
            Path(name).unlink()
            raise
        return Staged(self, Path(name), Landed(digest.hexdigest(), size))

    def put(self, chunks: Iterable[bytes]) -> Landed:
        """Store a content; storing it again changes nothing."""
        return self.stage(chunks).commit()

    def sweep(self) -> int:
        """Remove what killed processes left unfinished a day ago or earlier; returns how many files."""
        oldest, removed = time.time() - _ABANDONED_S, 0
        for path in self._unfinished.glob("*"):
            # Another process may finish or sweep it meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    removed += 1
        return removed

    def check(self) -> Iterator[LandingError]:
        """Hash every content again and yield an error for each that does not match its name."""
        for path in sorted(self._contents.glob("??/??/*")):
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != path.name:
                yield LandingError(
                    f"Content {path.name} was changed: it hashes to {found}", advice="Restore it from the backup."
                )


class Staged:
    """A content that was read whole and is not yet in the store."""

    def __init__(self, store: LandingStore, unfinished: Path, landed: Landed) -> None:
        self._store = store
        self._unfinished = unfinished
        self.landed = landed

    def commit(self) -> Landed:
        """Move it to its place. Raises LandingError when another content of another size stands there."""
        target = self._store.path(self.landed.sha256)
        if target.exists() and target.stat().st_size == self.landed.bytes:
            self.discard()
            return self.landed
        target.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished.chmod(0o444)
        self._unfinished.replace(target)
        # The rename itself must survive a power cut before the ledger says that the content arrived.
        sync_folder(target.parent)
        return self.landed

    def discard(self) -> None:
        """Drop it; nothing happens after `commit`."""
        self._unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
