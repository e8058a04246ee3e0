"""A typed endpoint, and what every transport can do with the files behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Protocol, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ciq.errors import SettingsError, TransportError

CHUNK_BYTES = 1 << 20
HTTPS_PORT = 443
LOCAL_INBOX = "inbox"
"""Name of the endpoint that is always there: the local folder that `ciq deliver` writes to."""

Content = bytes | BinaryIO
"""What can be written: bytes, or an open file whose size is not to matter."""

UNFINISHED_SUFFIXES = (".part", ".filepart", ".tmp", ".uploading")
"""Names under which senders upload before they rename; they are not looked at."""

_LONGEST_NAME = 200
_HTTPS_SETTINGS = {"token_file", "ca_file"}
_FORMS = "Use sftp://user@host:port/path?host_key=..., https://host:port/path?token_file=... or file:///path."


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where senders put their files: `<root>/<org6>/outbox`, and get answers: `<root>/<org6>/inbox`."""

    name: str
    kind: Literal["folder", "sftp", "https"]
    root: str
    host: str = ""
    port: int = 22
    user: str = ""
    password: str | None = field(default=None, repr=False)
    """Of the account; for HTTPS the bearer token itself."""
    token_file: Path | None = None
    """Where the bearer token stands, for HTTPS without `password`; read anew at each connection."""
    ca_file: Path | None = None
    """Certificates (PEM) to trust for HTTPS in place of the system's."""
    key_file: Path | None = None
    host_key: str | None = None
    """The server's public key (`ssh-ed25519 AAAA...`). Without it SFTP is refused."""
    timeout_s: float = 30.0

    @classmethod
    def from_url(cls, name: str, url: str) -> Endpoint:
        """Read `file:///path`, `sftp://user:password@host:port/path?host_key=...&key_file=...` or
        `https://host:port/path?token_file=...&ca_file=...`.

        Raises SettingsError when the URL says none of them; the message shows no part that may be secret.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            # Its message would show what stands where the port should be: the rest of a password with a slash.
            raise SettingsError(f"Endpoint {name}: its URL cannot be read 地址无法读取", advice=_FORMS) from None
        if parts.scheme == "file":
            return cls(name=name, kind="folder", root=unquote(parts.path))
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if parts.scheme == "https" and parts.hostname:
            return cls._of_https(name, parts, query)
        if parts.scheme == "http":
            raise refused_plain_http(name)
        if parts.scheme != "sftp" or not parts.hostname:
            raise SettingsError(f"Endpoint {name}: {parts.scheme or 'no'} is not a known scheme", advice=_FORMS)
        return cls(
            name=name,
            kind="sftp",
            root=unquote(parts.path) or "/",
            host=parts.hostname,
            port=port or 22,
            user=unquote(parts.username or ""),
            password=unquote(parts.password) if parts.password else None,
            key_file=Path(query["key_file"]) if "key_file" in query else None,
            # A plus sign of the key's base64 reads as a blank in a query string.
            host_key=_restore_plus(query["host_key"]) if "host_key" in query else None,
        )

    @classmethod
    def _of_https(cls, name: str, parts: SplitResult, query: dict[str, str]) -> Endpoint:
        if parts.username or parts.password or not query.keys() <= _HTTPS_SETTINGS:
            raise SettingsError(
                f"Endpoint {name}: beside host, port and path an https URL says token_file and ca_file only"
                " 地址中只能有 token_file 和 ca_file",
                advice="Put the token into a file of mode 0600 and name it: https://host/path?token_file=/path.",
            )
        return cls(
            name=name,
            kind="https",
            root=unquote(parts.path) or "/",
            host=str(parts.hostname),
            port=parts.port or HTTPS_PORT,
            token_file=Path(query["token_file"]) if "token_file" in query else None,
            ca_file=Path(query["ca_file"]) if "ca_file" in query else None,
        )


def refused_plain_http(name: str) -> SettingsError:
    """Why an endpoint is not used without TLS, on this machine neither."""
    return SettingsError(
        f"Endpoint {name}: http:// would show token and files to the network 明文传输, 已拒绝",
        advice="Use https://; for a certificate of your own authority name it by ca_file.",
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


class FileChangedError(TransportError):
    """The file is no longer the one whose reading began: the next collect takes it from the start."""


class FileDamagedError(TransportError):
    """What came is not what the server says that the file holds; other files can still be read."""


class Transport(Protocol):
    """Access to one endpoint. Every method raises TransportError, with the file's name and what to do."""

    def list_files(self, folder: str) -> Listing:
        """List a folder. A folder that is not there raises TransportError."""
        ...

    def stat(self, path: str) -> RemoteFile:
        """Look at one file again."""
        ...

    def read(self, path: str, *, offset: int = 0) -> Iterator[bytes]:
        """Yield the file from `offset` bytes on, in chunks of at most CHUNK_BYTES.

        Raises FileChangedError or FileDamagedError where the transport can tell: what was yielded is then void.
        """
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
    if endpoint.kind == "https":
        from ciq.transports.https import HttpsTransport

        return HttpsTransport(endpoint)
    from ciq.transports.sftp import SftpTransport

    return SftpTransport(endpoint)
