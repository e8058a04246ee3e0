"""A typed endpoint, and what every transport can do with the files behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

from ciq.errors import SettingsError

CHUNK_BYTES = 1 << 20
LOCAL_INBOX = "inbox"
"""Name of the endpoint that is always there: the local folder that `ciq deliver` writes to."""

Content = bytes | BinaryIO
"""What can be written: bytes, or an open file whose size is not to matter."""

UNFINISHED_SUFFIXES = (".part", ".filepart", ".tmp", ".uploading")
"""Names under which senders upload before they rename; they are not looked at."""

_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where senders put their files: `<root>/<org6>/outbox`, and get answers: `<root>/<org6>/inbox`."""

    name: str
    kind: Literal["folder", "sftp"]
    root: str
    host: str = ""
    port: int = 22
    user: str = ""
    password: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    host_key: str | None = None
    """The server's public key (`ssh-ed25519 AAAA...`). Without it SFTP is refused."""
    timeout_s: float = 30.0

    @classmethod
    def from_url(cls, name: str, url: str) -> Endpoint:
        """Read `file:///path` or `sftp://user:password@host:port/path?host_key=...&key_file=...`.

        Raises SettingsError when the URL says neither.
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            return cls(name=name, kind="folder", root=unquote(parts.path))
        if parts.scheme != "sftp" or not parts.hostname:
            raise SettingsError(
                f"Endpoint {name}: {parts.scheme or 'no'} is not a known scheme",
                advice="Use sftp://user@host:port/path?host_key=... or file:///path.",
            )
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return cls(
            name=name,
            kind="sftp",
            root=unquote(parts.path) or "/",
            host=parts.hostname,
            port=parts.port or 22,
            user=unquote(parts.username or ""),
            password=unquote(parts.password) if parts.password else None,
            key_file=Path(query["key_file"]) if "key_file" in query else None,
            # A plus sign of the key's base64 reads as a blank in a query string.
            host_key=_restore_plus(query["host_key"]) if "host_key" in query else None,
        )


def _restore_plus(host_key: str) -> str:
    words = host_key.split(" ", 1)
    if len(words) == 2 and words[0].startswith(("ssh-", "ecdsa-")):
        return f"{words[0]} {words[1].replace(' ', '+')}"
    return host_key.replace(" ", "+")


@dataclass(frozen=True, kw_only=True)
class BranchEndpoint:
    """A branch's folder behind an endpoint."""

    org_code: str
    endpoint: Endpoint

    @property
    def outbox(self) -> str:
        """Where the branch puts its files, relative to the endpoint's root."""
        return f"{self.org_code}/outbox"

    @property
    def inbox(self) -> str:
        """Where the branch gets receipts and return files."""
        return f"{self.org_code}/inbox"


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file as listed. `path` is relative to the endpoint's root and keeps bytes that are no UTF-8 as surrogates."""

    path: str
    size: int
    modified_at: datetime

    @property
    def name(self) -> str:
        """The name as it can be shown and stored."""
        return safe_text(self.path.rpartition("/")[2])

    @property
    def shown_path(self) -> str:
        """The path as it can be shown and stored."""
        return "/".join(safe_text(part) for part in self.path.split("/"))


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The regular files of a folder, and the names of what else is there (links, folders, unfinished uploads)."""

    files: tuple[RemoteFile, ...]
    ignored: tuple[str, ...] = ()


class Transport(Protocol):
    """Access to one endpoint. Every method raises TransportError, with the file's name and what to do."""

    def list_files(self, folder: str) -> Listing:
        """List a folder. A folder that is not there raises TransportError."""
        ...

    def stat(self, path: str) -> RemoteFile:
        """Look at one file again."""
        ...

    def read(self, path: str, *, offset: int = 0) -> Iterator[bytes]:
        """Yield the file from `offset` bytes on, in chunks of at most CHUNK_BYTES."""
        ...

    def write(self, path: str, content: Content) -> None:
        """Put a file there whole, in place of an older one; folders are made."""
        ...

    def close(self) -> None:
        """End the connection; the next call opens it again."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def chunks_of(content: Content) -> Iterator[bytes]:
    """The bytes to write, some at a time; a file is read from where it stands."""
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def safe_text(name: str) -> str:
    """A name that is safe to show, to log and to store: control characters and stray bytes escaped, never overlong.

    Names that differ stay different: what is escaped or cut carries a digest of the original.
    """
    shown = "".join(char if char.isprintable() and char != "\\" else _escaped(char) for char in name)
    if shown == name and len(shown) <= _LONGEST_NAME:
        return shown
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{shown[:_LONGEST_NAME]}~{digest[:12]}"


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte that is no UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def is_unfinished(name: str) -> bool:
    """Whether a name says that the upload still goes on."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED_SUFFIXES)


def open_transport(endpoint: Endpoint) -> Transport:
    """The transport of an endpoint; nothing is connected before the first call."""
    if endpoint.kind == "folder":
        from ciq.transports.folder import FolderTransport

        return FolderTransport(endpoint)
    from ciq.transports.sftp import SftpTransport

    return SftpTransport(endpoint)
