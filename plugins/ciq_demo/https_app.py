"""What a branch's web server does for the exchange: listings as nginx writes them, GET with ranges, PUT and MKCOL."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote_to_bytes

from anyio import Path as AsyncPath
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

Access = Callable[[str, str], bool]
"""Whether a token may use the folder of a branch ("" for the root)."""


class ExchangeApp:
    """An ASGI application over `<root>/<org6>/{outbox,inbox}`. Links are not followed."""

    def __init__(self, root: Path, may: Access) -> None:
        self._root = root.resolve()
        self._may = may

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        raw = scope["raw_path"].partition(b"?")[0]
        parts = [os.fsdecode(unquote_to_bytes(part)) for part in raw.split(b"/") if part]
        response = self._refusal(request, parts) or await self._answer(request, parts, is_folder=raw.endswith(b"/"))
        await response(scope, receive, send)

    def _refusal(self, request: Request, parts: list[str]) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not self._may(token, ""):
            return Response("no such token", 401, {"WWW-Authenticate": "Bearer"})
        if any(part in (".", "..") or "/" in part or "\0" in part for part in parts):
            return Response("no such path", 400)
        if not self._may(token, parts[0] if parts else ""):
            return Response("not this branch", 403)
        return None

    async def _answer(self, request: Request, parts: list[str], *, is_folder: bool) -> Response:
        target = self._root.joinpath(*parts)
        if target.resolve() != target:
            return Response("no such file", 404)
        if request.method in ("GET", "HEAD"):
            return await to_thread.run_sync(_listed if is_folder else _content, target)
        if request.method == "PUT":
            return await _put(target, request)
        if request.method == "MKCOL":
            return await to_thread.run_sync(_make_folder, target)
        return Response("not allowed", 405, {"Allow": "GET, HEAD, PUT, MKCOL"})


def bearer_access(tokens: Callable[[str], str | None], everywhere: str) -> Access:
    """Tokens look like `account.secret`: the account `everywhere` may use all folders, another one its own.

    `tokens` gives the secret of an account, or None.
    """

    def may(token: str, branch: str) -> bool:
        account, _, given = token.partition(".")
        wanted = tokens(account)
        known = wanted is not None and hmac.compare_digest(wanted.encode(), given.encode())
        return known and branch in ("", account) if account != everywhere else known

    return may


def _listed(folder: Path) -> Response:
    try:
        with os.scandir(folder) as entries:
            found = [_entry(entry) for entry in sorted(entries, key=lambda one: one.name) if entry.name[0] != "."]
    except OSError:
        return Response("no such folder", 404)
    # As nginx does: the bytes of a name, whatever their encoding.
    body = json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogateescape")
    return Response(body, media_type="application/json")


def _entry(entry: os.DirEntry[str]) -> dict[str, object]:
    info = entry.stat(follow_symlinks=False)
    described: dict[str, object] = {"name": entry.name, "mtime": formatdate(info.st_mtime, usegmt=True)}
    if stat.S_ISREG(info.st_mode):
        return {**described, "type": "file", "size": info.st_size}
    return {**described, "type": "directory" if stat.S_ISDIR(info.st_mode) else "other"}


def _content(path: Path) -> Response:
    try:
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode):
            return Response("no such file", 404)
        digest = base64.b64encode(_sha256(path, info.st_mtime_ns, info.st_size)).decode("ascii")
    except OSError:
        return Response("no such file", 404)
    headers = {"Repr-Digest": f"sha-256=:{digest}:"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream", stat_result=info)


@lru_cache(maxsize=4096)
def _sha256(path: Path, *_version: int) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


async def _put(target: Path, request: Request) -> Response:
    unfinished = AsyncPath(target.with_name(f".{secrets.token_hex(8)}.tmp"))
    if not await unfinished.parent.is_dir():
        return Response("no such folder", 409)
    try:
        async with await unfinished.open("wb") as stream:
            async for chunk in request.stream():
                await stream.write(chunk)
        await unfinished.replace(target)
    except ClientDisconnect:
        return Response("cut short", 400)
    finally:
        await unfinished.unlink(missing_ok=True)
    return Response(status_code=201)


def _make_folder(target: Path) -> Response:
    try:
        target.mkdir()
    except FileExistsError:
        return Response("it is there", 405)
    except FileNotFoundError:
        return Response("no such folder", 409)
    return Response(status_code=201)
