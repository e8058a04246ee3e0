"""The exchange's server as a client sees it: real logins, a host key to insist on, accounts in their folders."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from ciq.errors import CiqError
from ciq.settings import Settings
from ciq_demo import sftp
from ciq_demo.branches import delivering_branches
from ciq_demo.sftp import Exchange
from ciq_demo.state import free_port, secret


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    home = tmp_path_factory.mktemp("exchange-home")
    yield sftp.start(home, ["320100", "320200"])
    sftp.stop(home)


def _client(exchange: Exchange, account: str, password: str | None = None) -> paramiko.SFTPClient:
    kind, key = exchange.host_key.split()
    transport = paramiko.Transport(("127.0.0.1", exchange.port))
    transport.connect(username=account, password=password or exchange.password(account))
    assert transport.get_remote_server_key().get_name() == kind
    assert transport.get_remote_server_key().get_base64() == key
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    return client


def test_the_warehouse_sees_all_branches(exchange: Exchange) -> None:
    client = _client(exchange, "ciq")
    assert sorted(client.listdir("/")) == ["320100", "320200"]
    (exchange.root / "320100" / "outbox" / "a.csv").write_bytes(b"x")
    with client.open("/320100/outbox/a.csv") as file:
        assert file.read() == b"x"
    with client.open("/320100/inbox/receipt.json", "w") as file:
        file.write(b"{}")
    assert (exchange.root / "320100" / "inbox" / "receipt.json").read_bytes() == b"{}"


def test_a_branch_sees_its_own_folder_only(exchange: Exchange) -> None:
    client = _client(exchange, "320100")
    assert sorted(client.listdir("/")) == ["inbox", "outbox"]
    for path in ("/320200", "/../320200", "/../../sftp/host_key"):
        with pytest.raises(OSError, match="No such file"):
            client.stat(path)
    with pytest.raises(PermissionError):
        client.symlink("/etc/passwd", "/outbox/passwd")


@pytest.mark.parametrize("account", ["ciq", "320100", "root", "../320100", ""])
def test_a_wrong_password_does_not_get_in(exchange: Exchange, account: str) -> None:
    with pytest.raises(paramiko.SSHException):
        _client(exchange, account, "wrong")


def test_a_second_start_finds_the_same_server_and_its_key(exchange: Exchange) -> None:
    key = exchange.host_key
    again = sftp.start(exchange.home, ["320100", "320200", "320300"])
    assert again == exchange
    assert again.host_key == key
    assert sorted(_client(again, "320300").listdir("/")) == ["inbox", "outbox"]


def test_a_taken_port_gives_way_to_another(tmp_path: Path) -> None:
    first = sftp.start(tmp_path, ["320100"])
    sftp.stop(tmp_path)
    with socket.create_server(("127.0.0.1", first.port)):
        moved = sftp.start(tmp_path, ["320100"])
        assert moved.port != first.port
        _client(moved, "ciq").close()
    sftp.stop(tmp_path)


def test_another_server_on_the_port_is_not_taken_for_ours(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took the port after we had found it free: ours dies, and the one that answers has another host key."""
    monkeypatch.setattr(sftp, "free_port", lambda *_wanted: exchange.port)
    with pytest.raises(CiqError, match="sftp ended while starting") as caught:
        sftp.start(tmp_path, ["320100"])
    assert "address already in use" in str(caught.value)
    assert sftp.status(tmp_path) is None


def test_in_the_foreground_it_serves_every_branch_and_tells_airflow_how_to_reach_it(tmp_path: Path) -> None:
    """As docker-compose.yml runs it."""
    command = [sys.executable, "-m", "ciq_demo.sftp"]
    options = ["--home", str(tmp_path), "--port", str(free_port())]
    with subprocess.Popen([*command, "serve", "--all-branches", *options]) as server:
        try:
            while subprocess.run([*command, "answers", *options[2:]], check=False).returncode != 0:
                assert server.poll() is None
            said = subprocess.run([*command, "connection", *options], check=True, capture_output=True).stdout
        finally:
            server.terminate()
    connection = json.loads(said)["ciq_exchange"]
    assert connection["port"] == int(options[3])
    assert connection["password"] == secret(tmp_path, "sftp", "ciq")
    assert connection["extra"]["host_key"] == (tmp_path / "sftp" / "host_key.pub").read_text().strip()
    assert sorted(path.name for path in (tmp_path / "exchange").iterdir()) == sorted(delivering_branches(Settings()))
