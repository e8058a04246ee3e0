"""Content-addressed, immutable storage of what arrived."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ciq.errors import CiqError
from ciq.landing.durable import make_durable, make_folder

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
        """Stream chunks to a temporary file while hashing. Nothing stands in the store before `commit`."""
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
        except BaseException:
            Path(name).unlink()
            raise
        return Staged(Path(name), Landed(digest.hexdigest(), size))

    def commit(self, staged: Sequence[Staged]) -> None:
        """Move contents to their places; when it returns, they survive a power cut."""
        make_durable([one.unfinished for one in staged])
        changed: set[Path] = set()
        for one in staged:
            changed |= self._place(one)
        make_durable(changed)

    def put(self, chunks: Iterable[bytes]) -> Landed:
        """Store a content; storing it again changes nothing."""
        staged = self.stage(chunks)
        self.commit([staged])
        return staged.landed

    def _place(self, staged: Staged) -> set[Path]:
        """Move one content to its place; returns the folders whose names that changed."""
        target = self.path(staged.landed.sha256)
        changed = make_folder(target.parent)
        if target.exists() and target.stat().st_size == staged.landed.bytes:
            staged.discard()
        else:
            staged.unfinished.chmod(0o444)
            staged.unfinished.replace(target)
        return changed

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


@dataclass(frozen=True)
class Staged:
    """A content that was read whole and is not yet in the store."""

    unfinished: Path
    landed: Landed

    def discard(self) -> None:
        """Drop it; nothing happens after it was moved to its place."""
        self.unfinished.unlink(missing_ok=True)
