"""SFTP against a real server: the exchange of the demo."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from ciq.errors import TransportError
from ciq.transports.base import Endpoint
from ciq.transports.sftp import SftpTransport
from ciq_demo import sftp


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sftp.Exchange]:
    home = tmp_path_factory.mktemp("home")
    running = sftp.start(home, ["320100"])
    yield running
    sftp.stop(home)


@pytest.fixture
def endpoint(exchange: sftp.Exchange) -> Endpoint:
    return Endpoint.from_url("exchange", exchange.url)


@pytest.fixture
def transport(endpoint: Endpoint) -> Iterator[SftpTransport]:
    with SftpTransport(endpoint) as opened:
        yield opened


def refused(endpoint: Endpoint, **changes: object) -> TransportError:
    with pytest.raises(TransportError) as caught, SftpTransport(dataclasses.replace(endpoint, **changes)) as opened:
        opened.list_files("320100/outbox")
    return caught.value


def test_files_are_listed_and_read_from_any_offset(exchange: sftp.Exchange, transport: SftpTransport) -> None:
    content = os.urandom(10_000_001)
    (exchange.root / "320100" / "outbox" / "big.csv").write_bytes(content)
    file = next(file for file in transport.list_files("320100/outbox").files if file.name == "big.csv")
    assert file.size == len(content)
    assert transport.stat(file.path) == file
    assert b"".join(transport.read(file.path)) == content
    assert b"".join(transport.read(file.path, offset=9_999_999)) == content[9_999_999:]


def test_receipts_are_written_whole_and_replace_each_other(exchange: sftp.Exchange, transport: SftpTransport) -> None:
    transport.write("320100/inbox/new/a.json", b"old" * 100_000)
    transport.write("320100/inbox/new/a.json", b"new")
    folder = exchange.root / "320100" / "inbox" / "new"
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.json", b"new")]


def test_a_name_that_is_no_utf_8_hides_nothing(exchange: sftp.Exchange, transport: SftpTransport) -> None:
    folder = exchange.root / "320100" / "outbox" / "names"
    folder.mkdir()
    odd = os.fsencode(folder) + "/报检单.csv".encode("gb18030")
    Path(os.fsdecode(odd)).write_bytes(b"found")
    (folder / "plain.csv").write_bytes(b"")
    (folder / ".hidden").write_bytes(b"")
    (folder / "link.csv").symlink_to("/etc/passwd")
    listing = transport.list_files("320100/outbox/names")
    assert [file.name for file in listing.files if file.name == "plain.csv"]
    (other,) = (file for file in listing.files if file.name != "plain.csv")
    assert b"".join(transport.read(other.path)) == b"found"
    assert other.name.startswith(r"\xb1\xa8\xbc")
    assert ".hidden" in listing.ignored


def test_an_unknown_server_is_never_trusted(endpoint: Endpoint) -> None:
    assert "no host key" in str(refused(endpoint, host_key=None))
    assert "cannot be read" in str(refused(endpoint, host_key="ssh-ed25519 AAAAnonsense"))
    another = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    assert "another host key" in str(refused(endpoint, host_key=another))
    of_another_type = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    assert str(refused(endpoint, host_key=of_another_type))


@pytest.mark.parametrize("spelling", ["{type} {key}", "host.example {type} {key} comment", "{key}"])
def test_the_host_key_may_be_spelled_as_in_known_hosts(endpoint: Endpoint, spelling: str) -> None:
    kind, key = str(endpoint.host_key).split()[:2]
    spelled = dataclasses.replace(endpoint, host_key=spelling.format(type=kind, key=key))
    with SftpTransport(spelled) as opened:
        opened.list_files("320100/outbox")


def test_a_wrong_password_a_closed_port_and_a_missing_folder_are_told_apart(
    endpoint: Endpoint, transport: SftpTransport
) -> None:
    assert "Authentication failed" in str(refused(endpoint, password="wrong"))
    assert "cannot list" in str(refused(endpoint, port=1, timeout_s=2.0))
    with pytest.raises(TransportError, match="cannot list 999999/outbox") as caught:
        transport.list_files("999999/outbox")
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_after_a_broken_line_the_next_call_connects_again(
    endpoint: Endpoint, transport: SftpTransport, make_broken: Callable[[SftpTransport], None]
) -> None:
    transport.list_files("320100/outbox")
    make_broken(transport)
    with pytest.raises(TransportError):
        transport.list_files("320100/outbox")
    transport.list_files("320100/outbox")


@pytest.fixture
def make_broken() -> Callable[[SftpTransport], None]:
    def cut(transport: SftpTransport) -> None:
        """Close the socket under the session, as a line that goes down does."""
        assert transport._ssh is not None
        transport._ssh.get_transport().sock.close()

    return cut
