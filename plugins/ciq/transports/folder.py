"""Files in a local folder."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ciq.errors import Place, TransportError
from ciq.transports.base import CHUNK_BYTES, Content, Endpoint, Listing, RemoteFile, chunks_of, is_unfinished, safe_text


class FolderTransport:
    """A folder of this machine. Links are never followed out of an outbox."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._root = Path(endpoint.root)
        self._name = endpoint.name

    def list_files(self, folder: str) -> Listing:
        """List a folder. Raises TransportError."""
        files: list[RemoteFile] = []
        ignored: list[str] = []
        try:
            with os.scandir(self._root / folder) as entries:
                for entry in sorted(entries, key=lambda item: item.name):
                    info = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(info.st_mode) and not is_unfinished(entry.name):
                        files.append(_remote_file(f"{folder}/{entry.name}", info))
                    else:
                        ignored.append(safe_text(entry.name))
        except OSError as error:
            raise self._failed("list", folder, error) from error
        return Listing(files=tuple(files), ignored=tuple(ignored))

    def stat(self, path: str) -> RemoteFile:
        """Look at one file again. Raises TransportError."""
        try:
            return _remote_file(path, os.lstat(self._root / path))
        except OSError as error:
            raise self._failed("look at", path, error) from error

    def read(self, path: str, *, offset: int = 0) -> Iterator[bytes]:
        """Yield the file from `offset` on. Raises TransportError."""
        try:
            # A file that was swapped for a link after the listing must not be followed.
            descriptor = os.open(self._root / path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as stream:
                stream.seek(offset)
                while chunk := stream.read(CHUNK_BYTES):
                    yield chunk
        except OSError as error:
            raise self._failed("read", path, error) from error

    def write(self, path: str, content: Content) -> None:
        """Put a file there whole, under another name until it is. Raises TransportError."""
        target = self._root / path
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as stream:
                stream.writelines(chunks_of(content))
            unfinished.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise self._failed("write", path, error) from error

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _failed(self, what: str, path: str, error: OSError) -> TransportError:
        return TransportError(
            f"Endpoint {self._name}: cannot {what} {safe_text(path)}: {error.strerror}",
            place=Place(file=safe_text(path.rpartition("/")[2])),
            advice="Check that the folder exists and that this user may use it.",
        )


def _remote_file(path: str, info: os.stat_result) -> RemoteFile:
    # Whole microseconds, as the ledger keeps them: through a float the same file would look changed.
    seconds, rest = divmod(info.st_mtime_ns, 1_000_000_000)
    modified_at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
    return RemoteFile(path=path, size=info.st_size, modified_at=modified_at)
