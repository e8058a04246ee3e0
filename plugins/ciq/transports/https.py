"""Files on a web server, over TLS and with a bearer token.

The server needs nothing but what a stock one has: folders listed as JSON (nginx: `autoindex_format json`), files by
GET, answers by PUT. A download that breaks off goes on where it stopped, and only on the same version of the file.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import NoReturn, Self, TypeVar
from urllib.parse import quote

import httpx

from ciq.errors import Place, TransportError
from ciq.transports.base import (
    CHUNK_BYTES,
    HTTPS_PORT,
    Content,
    Endpoint,
    FileChangedError,
    FileDamagedError,
    Listing,
    RemoteFile,
    chunks_of,
    safe_text,
)
from ciq.transports.https_answers import (
    ListingError,
    RefusedError,
    explained,
    file_of_headers,
    may_pass,
    read_listing,
)
from ciq.transports.https_download import ChangedError, CutShortError, DamagedError, Download

log = logging.getLogger(__name__)

PAUSES_S = (0.5, 2.0, 8.0)
"""How long to wait before each further try; there are no more tries than pauses."""
LARGEST_LISTING_BYTES = 32 << 20

_LONGEST_PAUSE_S = 30.0
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, RefusedError, ListingError)
_ZH = {"list": "列出", "look at": "查看", "read": "读取", "write": "写入"}

_Result = TypeVar("_Result")


class HttpsTransport:
    """One client, opened at the first call. Redirects are not followed, so that no other server gets the token."""

    def __init__(self, endpoint: Endpoint, *, pauses_s: tuple[float, ...] = PAUSES_S) -> None:
        self._endpoint = endpoint
        self._pauses_s = pauses_s
        self._opened: httpx.Client | None = None
        self._download: Download | None = None

    def list_files(self, folder: str) -> Listing:
        """List a folder. Raises TransportError."""

        def look() -> Listing:
            with self._answer("GET", f"{folder}/") as response:
                return read_listing(_whole(response), folder)

        return self._tried("list", folder, look)

    def stat(self, path: str) -> RemoteFile:
        """Look at one file again. Raises TransportError."""

        def look() -> RemoteFile:
            with self._answer("HEAD", path) as response:
                return file_of_headers(path, response.headers)

        return self._tried("look at", path, look)

    def read(self, path: str, *, offset: int = 0) -> Iterator[bytes]:
        """Yield the file from `offset` on, over as many answers as it takes.

        Raises FileChangedError when it is another version than at the beginning, FileDamagedError when it does not have
        the digest that the server sent, TransportError when it cannot be read.
        """
        download = self._download
        if download is None or (download.path, download.position) != (path, offset) or offset == 0:
            download = self._download = Download(path, offset)
        tries = 0
        while True:
            before = download.position
            try:
                yield from self._rest(download)
                download.check()
                return
            except ChangedError as error:
                raise self._other_file(FileChangedError, path, "it was changed meanwhile 读取期间被改动") from error
            except DamagedError as error:
                reason = "its SHA-256 is not the one that the server sent 与服务器给出的 SHA-256 不符"
                raise self._other_file(FileDamagedError, path, reason) from error
            except (*_FAILURES, CutShortError) as error:
                tries = 0 if download.position - before >= CHUNK_BYTES else tries
                self._pause_or_fail("read", path, error, tries)
                tries += 1
                log.warning(
                    "endpoint=%s file=%s: goes on at byte %d", self._endpoint.name, safe_text(path), download.position
                )

    def write(self, path: str, content: Content) -> None:
        """Put a file there by PUT, which servers make visible when it is whole. Raises TransportError."""
        start = 0 if isinstance(content, bytes) else content.tell()
        size = len(content) if isinstance(content, bytes) else content.seek(0, os.SEEK_END) - start

        def put() -> None:
            if not isinstance(content, bytes):
                content.seek(start)
            headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
            with self._answer("PUT", path, headers, chunks_of(content)):
                pass

        def put_into_folder() -> None:
            try:
                put()
            except RefusedError as error:
                if error.status not in (404, 409):
                    raise
                self._make_folders(path.rpartition("/")[0])
                put()

        self._tried("write", path, put_into_folder)

    def close(self) -> None:
        """End the connection; the next call opens it again, with the token as it is then."""
        if self._opened is not None:
            self._opened.close()
        self._opened = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rest(self, download: Download) -> Iterator[bytes]:
        with self._answer("GET", download.path, download.request_headers(), also=416) as response:
            known = download.accept(response.status_code, response.headers)
            if response.status_code != 416:
                yield from download.take(response.iter_raw(), known)

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        content: Iterator[bytes] | None = None,
        *,
        also: int = 0,
    ) -> Iterator[httpx.Response]:
        """An answer whose body is still to be read. Raises RefusedError unless it is a success, or of status `also`."""
        with self._client().stream(method, self._url(path), headers=headers, content=content) as response:
            if not response.is_success and response.status_code != also:
                raise RefusedError(response)
            if response.headers.get("content-encoding", "identity") != "identity":
                raise httpx.DecodingError("the server compresses, though it was asked not to 服务器擅自压缩")
            yield response

    def _make_folders(self, folder: str) -> None:
        done = ""
        for part in folder.split("/"):
            done = f"{done}{part}/"
            try:
                with self._answer("MKCOL", done, also=405):  # 405: it is there
                    pass
            except RefusedError as error:
                # The upper ones may belong to others; the last PUT says whether all is well.
                if error.status != 403:
                    raise

    def _tried(self, what: str, path: str, do: Callable[[], _Result]) -> _Result:
        tries = 0
        while True:
            try:
                return do()
            except _FAILURES as error:
                self._pause_or_fail(what, path, error, tries)
                tries += 1

    def _pause_or_fail(self, what: str, path: str, error: Exception, tries: int) -> None:
        if tries >= len(self._pauses_s) or not (may_pass(error) or isinstance(error, CutShortError)):
            self._fail(what, path, error)
        wanted = error.retry_after_s if isinstance(error, RefusedError) else 0.0
        time.sleep(max(self._pauses_s[tries], min(wanted, _LONGEST_PAUSE_S)))

    def _fail(self, what: str, path: str, error: Exception) -> NoReturn:
        reason, advice, cause = explained(error)
        raise TransportError(
            f"Endpoint {self._endpoint.name}: cannot {what} 无法{_ZH[what]} {self._url(path)}: {reason}",
            place=Place(file=None if what == "list" else safe_text(path.rpartition("/")[2])),
            advice=advice,
        ) from cause

    def _other_file(self, kind: type[TransportError], path: str, reason: str) -> TransportError:
        return kind(
            f"Endpoint {self._endpoint.name}: cannot read 无法读取 {self._url(path)}: {reason}",
            place=Place(file=safe_text(path.rpartition("/")[2])),
            advice="The next collect reads it from the start; if this comes again, ask the server's operator"
            " 下次从头读取, 若再出现请联系对方.",
        )

    def _url(self, path: str) -> str:
        endpoint = self._endpoint
        port = "" if endpoint.port == HTTPS_PORT else f":{endpoint.port}"
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        whole = f"{endpoint.root.strip('/')}/{path}".lstrip("/")
        return f"https://{host}{port}/{quote(whole.encode('utf-8', 'surrogateescape'))}"

    def _client(self) -> httpx.Client:
        if self._opened is None:
            self._opened = httpx.Client(
                headers={
                    "Authorization": f"Bearer {self._token()}",
                    # Compressed, the bytes would be others, and no offset would fit.
                    "Accept-Encoding": "identity",
                    "User-Agent": "ciq-warehouse",
                },
                verify=self._trusted(),
                timeout=self._endpoint.timeout_s,
                follow_redirects=False,
                trust_env=False,  # a proxy of the environment was not set for this endpoint
            )
        return self._opened

    def _token(self) -> str:
        token, source = self._endpoint.password, self._endpoint.token_file
        if token is None and source is not None:
            try:
                token = source.read_text(encoding="ascii", errors="replace").strip()
            except OSError as error:
                raise self._unset(
                    f"its token file {source} cannot be read 令牌文件无法读取: {error.strerror}"
                ) from error
        if not token or not _TOKEN.fullmatch(token):
            raise self._unset("it has no bearer token, or one that no header can carry 没有可用的令牌")
        return token

    def _trusted(self) -> ssl.SSLContext:
        source = self._endpoint.ca_file
        try:
            return ssl.create_default_context(cafile=source)
        except (OSError, ssl.SSLError) as error:
            raise self._unset(f"its ca_file {source} cannot be read 证书文件无法读取: {error.strerror}") from error

    def _unset(self, problem: str) -> TransportError:
        return TransportError(
            f"Endpoint {self._endpoint.name}: {problem}",
            advice="Set token_file and ca_file in CIQ_ENDPOINTS, or password and extra ca_file of the connection.",
        )


def _whole(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_LISTING_BYTES:
            raise ListingError(
                f"it is larger than {LARGEST_LISTING_BYTES >> 20} MiB: move old files away 目录过大, 请清理"
            )
    return bytes(body)
