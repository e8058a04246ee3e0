"""The exchange's web server in a thread of the test, over TLS on a real port, that can be told to misbehave."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from ciq.transports.base import Endpoint
from ciq_demo.certificates import make_certificates
from ciq_demo.https_app import ExchangeApp, bearer_access

TOKEN = "ciq.a-token-for-tests"
OUTBOX = "320100/outbox"
CONTENT = hashlib.shake_256(b"a file").digest(300_000)
NO_PAUSES = (0.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with one request."""

    status: int | None = None
    """Answer this, with `headers`, in place of what was asked."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of the answer: added, replaced, or removed where empty."""
    body: bytes | None = None
    cut_after: int | None = None
    """Close the connection after so many bytes of the body."""
    ignores_range: bool = False
    first: Callable[[], object] | None = None
    """What happens before the request is looked at."""


@dataclass
class Web:
    """A running server. `faults` are used up one a request; `asked` holds what was asked (method, path, headers)."""

    root: Path
    ca_file: Path
    port: int = 0
    faults: deque[Fault] = field(default_factory=deque)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def endpoint(self, **changes: Any) -> Endpoint:
        values: dict[str, Any] = {"root": "/", "password": TOKEN, "ca_file": self.ca_file, "timeout_s": 10.0, **changes}
        return Endpoint(**{"name": "web", "kind": "https", "host": "127.0.0.1", "port": self.port, **values})

    def fail(self, *faults: Fault) -> None:
        self.faults.extend(faults)

    def reset(self) -> None:
        self.faults.clear()
        self.asked.clear()


@contextmanager
def serving(root: Path, certificates: Path) -> Iterator[Web]:
    """Serve a folder until the block ends."""
    make_certificates(certificates)
    web = Web(root, certificates / "ca.pem")
    good = ExchangeApp(
        root, bearer_access(lambda account: TOKEN.partition(".")[2] if account == "ciq" else None, "ciq")
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
        web.asked.append((scope["method"], scope["raw_path"].decode(), headers))
        fault = web.faults.popleft() if web.faults else Fault()
        if fault.first:
            fault.first()
        if fault.ignores_range:
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in (b"range", b"if-range")]
        answer = _own_answer(fault) if fault.status else good
        await answer(scope, receive, _spoiled(fault, send))

    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        ssl_certfile=certificates / "server.pem",
        ssl_keyfile=str(certificates / "server.key"),
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        web.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield web
        finally:
            server.should_exit = True
            thread.join()


class CutError(Exception):
    """Makes uvicorn drop the connection."""


def _own_answer(fault: Fault) -> Callable[..., Any]:
    body = fault.body if fault.body is not None else b"out of order"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        length = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": fault.status, "headers": length})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return app


def _spoiled(fault: Fault, send: Any) -> Any:
    left = fault.cut_after

    async def spoiled(message: dict[str, Any]) -> None:
        nonlocal left
        if message["type"] == "http.response.start":
            replaced = {name.lower().encode() for name in fault.headers}
            kept = [pair for pair in message["headers"] if pair[0].lower() not in replaced]
            added = [(name.encode(), value.encode()) for name, value in fault.headers.items() if value]
            message = {**message, "headers": [*kept, *added]}
        elif left is not None:
            body = message["body"][:left]
            left -= len(body)
            await send({**message, "body": body, "more_body": True})
            if left == 0:
                raise CutError
            return
        await send(message)

    return spoiled


def put(web: Web, content: bytes = CONTENT, name: str = "a.csv", *, age_s: int = 3600) -> str:
    """Put a file into the outbox, changed some time ago; returns its path."""
    path = web.root / OUTBOX / name
    path.write_bytes(content)
    changed = 1_276_000_000 - age_s
    os.utime(path, (changed, changed))
    return f"{OUTBOX}/{name}"
