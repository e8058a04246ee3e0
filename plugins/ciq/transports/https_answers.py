"""What an HTTPS server says: a folder's listing, and why it does not do what was asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from ciq.transports.base import Listing, RemoteFile, is_unfinished, safe_text

_CERTIFICATE = (
    "Do not go on before the server's operator has said why; for an authority of your own set ca_file"
    " 证书不可信, 自建证书机构请设 ca_file."
)
_ADVICE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "The token is wrong or has expired: ask for a new one and put it into the token file, or"
    " the connection's password 令牌无效或已过期, 请更换.",
    HTTPStatus.FORBIDDEN: "The token may not do this here: ask the server's operator 令牌无此权限.",
    HTTPStatus.NOT_FOUND: "Check the endpoint's path, and that the branch's folder is there 请检查路径和文件夹.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Let the server take answers by PUT and MKCOL, in nginx `dav_methods PUT MKCOL`"
    " 服务器须允许 PUT.",
    HTTPStatus.CONFLICT: "Let the server make folders: MKCOL, in nginx `create_full_put_path on` 服务器须允许建文件夹.",
}
_REDIRECT = (
    "Set the address that it leads to yourself: the token is sent to no other one 不跟随重定向, 请直接设置新地址."
)
_BUSY = "The server is overloaded or at fault; the next collect tries again 服务器忙或故障, 下次再试."
_OTHER = "Ask the server's operator, with time and address 请将时间和地址告知对方运维."
_LINE = "Check host, port and network 请检查主机, 端口和网络."
_REPEATED = {408, 425, 429, 500, 502, 503, 504}


class ListingError(Exception):
    """The answer is no listing; the text says what is wrong with it."""


class RefusedError(Exception):
    """The server answered, and does not do it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        after = response.headers.get("retry-after", "")
        self.retry_after_s = float(after) if after.isdecimal() else 0.0
        said = f"{self.status} {response.reason_phrase}".strip()
        self.leads_to = _origin_of(response.headers.get("location", "")) if response.is_redirect else ""
        super().__init__(f"{said} -> {self.leads_to}" if self.leads_to else said)


def read_listing(body: bytes, folder: str) -> Listing:
    """Read the JSON of nginx's `autoindex_format json`. Raises ListingError."""
    try:
        # Names are bytes to the server, and it writes them as they are.
        entries = json.loads(body.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise ListingError("no JSON") from error
    if not isinstance(entries, list):
        raise ListingError("no list")
    files: list[RemoteFile] = []
    ignored: list[str] = []
    for entry in entries:
        name, is_file = _name_of(entry), entry.get("type") == "file"
        if is_file and _is_plain(name) and not is_unfinished(name):
            files.append(_file_of(entry, f"{folder}/{name}"))
        else:
            ignored.append(safe_text(name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")))
    return Listing(files=tuple(sorted(files, key=lambda file: file.path)), ignored=tuple(sorted(ignored)))


def file_of_headers(path: str, headers: httpx.Headers) -> RemoteFile:
    """The file that an answer to HEAD describes. Raises ListingError when it lacks size or time."""
    entry = {"size": headers.get("content-length"), "mtime": headers.get("last-modified")}
    if entry["size"] is not None and entry["size"].isdecimal():
        return _file_of({**entry, "size": int(entry["size"])}, path)
    raise ListingError("the server tells no Content-Length")


def _name_of(entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise ListingError("an entry has no name")
    return name


def _is_plain(name: str) -> bool:
    """Whether a name stays in its folder, and is made of bytes that a URL can carry."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        return False
    try:
        name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _file_of(entry: dict[str, Any], path: str) -> RemoteFile:
    size, said = entry.get("size"), entry.get("mtime")
    if not isinstance(size, int) or size < 0:
        raise ListingError(f"no size of {safe_text(path)}")
    try:
        modified_at = parsedate_to_datetime(str(said))
    except ValueError as error:
        raise ListingError(f"no time of change of {safe_text(path)}") from error
    zoned = modified_at if modified_at.tzinfo else modified_at.replace(tzinfo=UTC)
    return RemoteFile(path=path, size=size, modified_at=zoned.astimezone(UTC))


def may_pass(error: Exception) -> bool:
    """Whether trying again in a moment may help: a busy server, or a line that broke after it stood."""
    if isinstance(error, RefusedError):
        return error.status in _REPEATED
    never_stood = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
    return isinstance(error, httpx.TransportError) and not isinstance(error, never_stood)


def explained(error: Exception) -> tuple[str, str, BaseException]:
    """What happened, what to do, and the cause: by it a collect tells a missing or locked file from a broken line."""
    if isinstance(error, RefusedError):
        return str(error), _advice_on(error), _cause_of(error)
    if isinstance(error, ListingError):
        advice = "In nginx: `autoindex on; autoindex_format json;` for the branches' folders 请开启 JSON 目录列表."
        return f"not understood 无法识别: {error}", advice, error
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in _causes(error)):
        return str(error), _CERTIFICATE, error
    return f"{type(error).__name__} {error}".strip(), _LINE, error


def _advice_on(refused: RefusedError) -> str:
    if 300 <= refused.status < 400:
        return _REDIRECT
    if refused.status in _REPEATED:
        return _BUSY
    return _ADVICE.get(refused.status, _OTHER)


def _cause_of(refused: RefusedError) -> BaseException:
    if refused.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return FileNotFoundError(str(refused))
    if refused.status == HTTPStatus.FORBIDDEN:
        return PermissionError(str(refused))
    return refused


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _origin_of(location: str) -> str:
    """Host and path of a redirect, without what may be secret in it."""
    try:
        url = httpx.URL(location)
    except httpx.InvalidURL:
        return "?"
    return safe_text(f"{url.scheme}://{url.netloc.decode('ascii')}{url.path}" if url.host else url.path)
