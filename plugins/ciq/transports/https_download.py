"""One download that may break off: how much has come, of which version of the file, and with which digest."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

_SHA256 = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:?([A-Za-z0-9+/]{43}=)", re.IGNORECASE)
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


class ChangedError(Exception):
    """The server now holds another version of the file than the one whose reading began."""


class DamagedError(Exception):
    """The bytes that came are not those of the digest that the server sent."""


class CutShortError(Exception):
    """The answer ended in good order, but before the end of the file."""


class Download:
    """The state of reading one file over one or more answers.

    An answer's headers go to `accept` before its body goes through `take`. Of the body only a digest is kept.
    """

    def __init__(self, path: str, offset: int) -> None:
        self.path = path
        self.position = offset
        """The next byte that is wanted."""
        self._began_at = offset
        self._came = hashlib.sha256()
        self._version: dict[str, str] = {}
        self._size: int | None = None

    def request_headers(self) -> dict[str, str]:
        """What to ask for: the rest of the file, and of the same version where one is known.

        Where nothing tells versions apart, the whole file is asked for again and compared with what came.
        """
        version = self._version.get("etag") or self._version.get("last-modified")
        if self.position == 0 or (version is None and self._began_at == 0):
            return {}
        wanted = {"Range": f"bytes={self.position}-"}
        return {**wanted, "If-Range": version} if version else wanted

    def accept(self, status: int, headers: Mapping[str, str]) -> int:
        """Look at an answer (200, 206 or 416); returns how many bytes of its body came before.

        A server without ranges, or one to which the version on record means nothing, sends the whole file again.
        Raises ChangedError when it is another version, or the answer is for another range.
        """
        begin, size = _range_of(status, headers)
        self._remember(headers, size)
        if status == 416:
            if size != self.position:
                raise ChangedError
            return 0
        if begin is None or begin > self.position:
            raise ChangedError
        return self.position - begin

    def take(self, chunks: Iterable[bytes], known: int) -> Iterator[bytes]:
        """The bytes of a body that are new; its first `known` bytes came before, and must be the same.

        Raises ChangedError when they are not, CutShortError when the body ends too early.
        """
        again = hashlib.sha256()
        for chunk in chunks:
            passed, fresh = chunk[:known], chunk[known:]
            again.update(passed)
            known -= len(passed)
            if passed and known == 0:
                self._compare(again.digest())
            if fresh:
                self.position += len(fresh)
                self._came.update(fresh)
                yield fresh
        if known or (self._size is not None and self.position < self._size):
            raise CutShortError
        if self._size is not None and self.position > self._size:
            raise ChangedError

    def check(self) -> None:
        """Compare what came whole with the server's digest, if it sent one. Raises DamagedError."""
        declared = self._version.get("sha256")
        if declared and self._began_at == 0 and declared != self._came.hexdigest():
            raise DamagedError

    def _compare(self, again: bytes) -> None:
        """Times of change are coarse, and some servers have no ETag: the bytes themselves say whether they differ."""
        if self._began_at == 0 and again != self._came.digest():
            raise ChangedError

    def _remember(self, headers: Mapping[str, str], size: int | None) -> None:
        found = _version(headers)
        for name, value in found.items():
            if self._version.setdefault(name, value) != value:
                raise ChangedError
        if self._size is None:
            self._size = size
        elif size is not None and size != self._size:
            raise ChangedError


def _range_of(status: int, headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The first byte that an answer holds, and the size of the whole file; None for what it does not say."""
    if status == 200:
        length = headers.get("content-length", "")
        return 0, int(length) if length.isdecimal() else None
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if found is None:
        return None, None
    begin, size = found.groups()
    return int(begin) if begin else None, None if size == "*" else int(size)


def _version(headers: Mapping[str, str]) -> dict[str, str]:
    """What tells one version of a file from another. A weak ETag does not promise the same bytes."""
    found = {name: headers[name] for name in ("etag", "last-modified") if headers.get(name)}
    if found.get("etag", "").startswith("W/"):
        del found["etag"]
    digest = declared_sha256(headers)
    return {**found, "sha256": digest} if digest else found


def declared_sha256(headers: Mapping[str, str]) -> str | None:
    """The SHA-256 of the whole file, in hexadecimal, from `Repr-Digest` (RFC 9530) or the older `Digest`."""
    for name in ("repr-digest", "digest"):
        found = _SHA256.search(headers.get(name, ""))
        if found:
            return base64.b64decode(found.group(1)).hex()
    return None
