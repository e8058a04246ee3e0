"""Files on an SFTP server whose host key is known."""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import posixpath
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NoReturn, Self

import paramiko
from paramiko.message import Message
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR, SFTPError

from ciq.errors import Place, TransportError
from ciq.transports.base import CHUNK_BYTES, Content, Endpoint, Listing, RemoteFile, chunks_of, is_unfinished, safe_text

_REQUEST_BYTES = 1 << 15
_WINDOW_BYTES = 4 * CHUNK_BYTES
"""How much is asked for ahead: enough for a slow line, and memory stays flat whatever the size of the file."""

# paramiko tells of every session at INFO; what fails comes as an exception.
_PARAMIKO_LOG = "ciq.transports.paramiko"
logging.getLogger(_PARAMIKO_LOG).setLevel(logging.WARNING)

_FAILURES = (OSError, EOFError, paramiko.SSHException)


class _Client(paramiko.SFTPClient):  # type: ignore[misc]
    """paramiko's client decodes names strictly, so that one GBK name would hide a whole folder."""

    def list_entries(self, folder: bytes) -> Iterator[tuple[str, paramiko.SFTPAttributes]]:
        kind, message = self._request(CMD_OPENDIR, folder)
        if kind != CMD_HANDLE:
            raise SFTPError("Expected a handle")
        handle = message.get_binary()
        try:
            while True:
                try:
                    kind, message = self._request(CMD_READDIR, handle)
                except EOFError:
                    return
                if kind != CMD_NAME:
                    raise SFTPError("Expected names")
                yield from _entries(message)
        finally:
            self._request(CMD_CLOSE, handle)


def _entries(message: Message) -> Iterator[tuple[str, paramiko.SFTPAttributes]]:
    for _ in range(message.get_int()):
        name = message.get_string().decode("utf-8", "surrogateescape")
        message.get_string()
        attributes = paramiko.SFTPAttributes._from_msg(message)  # noqa: SLF001
        if name not in (".", ".."):
            yield name, attributes


class SftpTransport:
    """One SFTP session, opened at the first call and again after a failure.

    Raises TransportError at once when the endpoint has no host key: an unknown server is never trusted.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._host_key = _read_host_key(endpoint)
        self._ssh: paramiko.SSHClient | None = None
        self._sftp: _Client | None = None
        self._made: set[str] = set()

    def list_files(self, folder: str) -> Listing:
        """List a folder. Raises TransportError."""
        files: list[RemoteFile] = []
        ignored: list[str] = []
        try:
            for name, attributes in self._client().list_entries(self._path(folder)):
                if "/" in name or "\0" in name or not stat.S_ISREG(attributes.st_mode or 0) or is_unfinished(name):
                    ignored.append(safe_text(name))
                else:
                    files.append(_remote_file(f"{folder}/{name}", attributes))
        except _FAILURES as error:
            self._fail("list", folder, error)
        return Listing(files=tuple(sorted(files, key=lambda file: file.path)), ignored=tuple(sorted(ignored)))

    def stat(self, path: str) -> RemoteFile:
        """Look at one file again. Raises TransportError."""
        try:
            return _remote_file(path, self._client().lstat(self._path(path)))
        except _FAILURES as error:
            self._fail("look at", path, error)

    def read(self, path: str, *, offset: int = 0) -> Iterator[bytes]:
        """Yield the file from `offset` on. Raises TransportError."""
        try:
            with self._client().open(self._path(path), "rb") as stream:
                size = stream.stat().st_size or 0
                while offset < size:
                    end = min(size, offset + _WINDOW_BYTES)
                    requests = [(at, min(_REQUEST_BYTES, end - at)) for at in range(offset, end, _REQUEST_BYTES)]
                    yield from stream.readv(requests)
                    offset = end
        except _FAILURES as error:
            self._fail("read", path, error)

    def write(self, path: str, content: Content) -> None:
        """Put a file there whole, under another name until it is. Raises TransportError."""
        folder, name = posixpath.split(path)
        unfinished = f"{folder}/.{name}.tmp"
        try:
            client = self._client()
            self._make_folders(client, folder)
            with client.open(self._path(unfinished), "wb") as stream:
                stream.set_pipelined(True)
                for chunk in chunks_of(content):
                    stream.write(chunk)
            self._replace(client, self._path(unfinished), self._path(path))
        except _FAILURES as error:
            self._fail("write", path, error)

    def close(self) -> None:
        """End the session; the next call opens another."""
        for part in (self._sftp, self._ssh):
            if part is not None:
                with contextlib.suppress(*_FAILURES):
                    part.close()
        self._ssh = self._sftp = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _client(self) -> _Client:
        if self._sftp is None:
            try:
                self._ssh = self._connect()
                channel = self._ssh.get_transport()
                client = _Client.from_transport(channel) if channel else None
            except paramiko.BadHostKeyException as error:
                raise TransportError(
                    f"Endpoint {self._endpoint.name}: the server shows another host key than the one on record",
                    advice="Do not go on before the server's operator has confirmed the new key; then set it.",
                ) from error
            if not isinstance(client, _Client):
                raise paramiko.SSHException("no SFTP channel")
            client.get_channel().settimeout(self._endpoint.timeout_s)
            self._sftp = client
        return self._sftp

    def _connect(self) -> paramiko.SSHClient:
        endpoint = self._endpoint
        ssh = paramiko.SSHClient()
        ssh.set_log_channel(_PARAMIKO_LOG)
        ssh.set_missing_host_key_policy(paramiko.RejectPolicy())
        on_record = endpoint.host if endpoint.port == 22 else f"[{endpoint.host}]:{endpoint.port}"
        ssh.get_host_keys().add(on_record, self._host_key.get_name(), self._host_key)
        try:
            ssh.connect(
                endpoint.host,
                endpoint.port,
                username=endpoint.user or None,
                password=endpoint.password,
                key_filename=str(endpoint.key_file) if endpoint.key_file else None,
                allow_agent=False,
                look_for_keys=False,
                timeout=endpoint.timeout_s,
                banner_timeout=endpoint.timeout_s,
                auth_timeout=endpoint.timeout_s,
            )
        except BaseException:
            ssh.close()
            raise
        return ssh

    def _path(self, path: str) -> bytes:
        return posixpath.join(self._endpoint.root, path).encode("utf-8", "surrogateescape")

    def _make_folders(self, client: _Client, folder: str) -> None:
        done = ""
        for part in folder.split("/"):
            done = f"{done}/{part}" if done else part
            if done in self._made:
                continue
            try:
                client.stat(self._path(done))
            except FileNotFoundError:
                client.mkdir(self._path(done))
            self._made.add(done)

    @staticmethod
    def _replace(client: _Client, source: bytes, target: bytes) -> None:
        try:
            client.posix_rename(source, target)
        except OSError:
            # Servers without the extension refuse to rename onto a file that is there.
            with contextlib.suppress(OSError):
                client.remove(target)
            client.rename(source, target)

    def _fail(self, what: str, path: str, error: BaseException) -> NoReturn:
        """Raise, with the session closed unless the server itself answered: the next call starts afresh."""
        if not isinstance(error, FileNotFoundError | PermissionError):
            self.close()
        reason = str(error) or type(error).__name__
        raise TransportError(
            f"Endpoint {self._endpoint.name}: cannot {what} {safe_text(path)}: {reason}",
            place=Place(file=safe_text(path.rpartition("/")[2])),
            advice=f"Check {self._endpoint.host}:{self._endpoint.port}, the account and the folder's permissions.",
        ) from error


def _remote_file(path: str, attributes: Any) -> RemoteFile:
    return RemoteFile(
        path=path,
        size=int(attributes.st_size or 0),
        modified_at=datetime.fromtimestamp(attributes.st_mtime or 0, UTC),
    )


def _read_host_key(endpoint: Endpoint) -> paramiko.PKey:
    """The key on record: `type base64`, a line of known_hosts, or the bare base64."""
    if not endpoint.host_key:
        raise TransportError(
            f"Endpoint {endpoint.name} has no host key, so {endpoint.host} cannot be told from an impostor",
            advice="Set host_key to the server's public key (ssh-keyscan shows it; confirm it with the operator).",
        )
    words = endpoint.host_key.split()
    blob_text = next((word for word in words if word.startswith("AAAA")), words[-1])
    try:
        blob = base64.b64decode(blob_text, validate=True)
        key_type = Message(blob).get_text()
        return paramiko.PKey.from_type_string(key_type, blob)
    except (binascii.Error, ValueError, paramiko.SSHException, paramiko.UnknownKeyType) as error:
        raise TransportError(
            f"Endpoint {endpoint.name}: its host key cannot be read",
            advice="Give it as `ssh-ed25519 AAAA...`, as in a known_hosts file.",
        ) from error
