"""The exchange's web server as a client sees it: tokens, accounts in their folders, nothing outside of them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ciq_demo import https_server
from ciq_demo.https_server import HttpsExchange


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsExchange]:
    home = tmp_path_factory.mktemp("exchange-home")
    running = https_server.start(home, ["320100", "320200"])
    (running.root / "320100" / "outbox" / "a.csv").write_bytes(b"0123456789")
    yield running
    https_server.stop(home)


def ask(exchange: HttpsExchange, method: str, path: str, *, token: str | None = None, **more: str) -> httpx.Response:
    """One request; `token` None: that of the warehouse."""
    token = exchange.token_file().read_text().strip() if token is None else token
    headers = {"Authorization": f"Bearer {token}", **more}
    with socket.create_connection(("127.0.0.1", exchange.port)) as plain:
        # By hand: a client would tidy up paths that lead out of the folder.
        context = ssl.create_default_context(cafile=exchange.ca_file)
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            secure.sendall("\r\n".join([*lines, "", ""]).encode())
            answer = b""
            while part := secure.recv(65536):
                answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return httpx.Response(int(head.split()[1]), content=body)


def test_the_warehouse_sees_all_branches_and_a_branch_its_own(exchange: HttpsExchange) -> None:
    (listed,) = ask(exchange, "GET", "/320100/outbox/").json()
    assert (listed["name"], listed["type"], listed["size"]) == ("a.csv", "file", 10)
    branch = exchange.token_file("320200").read_text().strip()
    asked = {
        path: ask(exchange, "GET", path, token=branch).status_code for path in ("/320200/outbox/", "/320100/outbox/")
    }
    assert asked == {"/320200/outbox/": 200, "/320100/outbox/": 403}


@pytest.mark.parametrize("token", ["", "wrong", "ciq.", "ciq.wrong", ".", "320100.", "../320100.x"])
def test_a_wrong_token_does_not_get_in(exchange: HttpsExchange, token: str) -> None:
    assert ask(exchange, "GET", "/320100/outbox/a.csv", token=token).status_code == 401


@pytest.mark.parametrize(
    "path", ["/../https/server.key", "/%2e%2e/https/server.key", "/..%2fhttps%2fserver.key", "/link"]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "MKCOL"])
def test_nothing_leads_out_of_the_folder(exchange: HttpsExchange, method: str, path: str) -> None:
    link = exchange.root / "link"
    if not link.is_symlink():
        link.symlink_to(exchange.home / "https" / "server.key")
    assert ask(exchange, method, path).status_code in (400, 404)
    assert "PRIVATE KEY" in (exchange.home / "https" / "server.key").read_text()


def test_ranges_are_answered(exchange: HttpsExchange) -> None:
    rest = ask(exchange, "GET", "/320100/outbox/a.csv", Range="bytes=7-")
    assert (rest.status_code, rest.content) == (206, b"789")
    assert ask(exchange, "GET", "/320100/outbox/a.csv", Range="bytes=11-").status_code == 416


def test_a_second_start_finds_the_same_server_with_new_branches(exchange: HttpsExchange) -> None:
    tokens, authority = exchange.token_file().read_text(), exchange.ca_file.read_text()
    again = https_server.start(exchange.home, ["320300"])
    assert (again, again.token_file().read_text(), again.ca_file.read_text()) == (exchange, tokens, authority)
    branch = again.token_file("320300").read_text().strip()
    assert ask(again, "GET", "/320300/inbox/", token=branch).json() == []


def test_a_taken_port_gives_way_to_another(tmp_path: Path) -> None:
    first = https_server.start(tmp_path, ["320100"])
    https_server.stop(tmp_path)
    with socket.create_server(("127.0.0.1", first.port)):
        moved = https_server.start(tmp_path, ["320100"])
        assert moved.port != first.port
        assert ask(moved, "GET", "/").status_code == 200
    https_server.stop(tmp_path)
