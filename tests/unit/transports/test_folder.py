"""The local folder as a transport."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ciq.errors import SettingsError, TransportError
from ciq.transports.base import Endpoint, open_transport, safe_text
from ciq.transports.folder import FolderTransport


@pytest.fixture
def folder(tmp_path: Path) -> FolderTransport:
    (tmp_path / "320100" / "outbox").mkdir(parents=True)
    return FolderTransport(Endpoint(name="here", kind="folder", root=str(tmp_path)))


def test_what_is_written_can_be_listed_and_read_from_any_offset(folder: FolderTransport) -> None:
    folder.write("320100/outbox/a.csv", b"0123456789")
    (file,) = folder.list_files("320100/outbox").files
    assert (file.name, file.size) == ("a.csv", 10)
    assert folder.stat(file.path) == file
    assert b"".join(folder.read(file.path)) == b"0123456789"
    assert b"".join(folder.read(file.path, offset=7)) == b"789"


def test_writing_replaces_whole_files_and_makes_folders(folder: FolderTransport, tmp_path: Path) -> None:
    folder.write("320200/inbox/a.json", b"old")
    folder.write("320200/inbox/a.json", b"new")
    assert [path.name for path in (tmp_path / "320200" / "inbox").iterdir()] == ["a.json"]
    assert (tmp_path / "320200" / "inbox" / "a.json").read_bytes() == b"new"


def test_a_file_swapped_for_a_link_is_not_followed(folder: FolderTransport, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "320100" / "outbox" / "a.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(TransportError, match=r"a\.csv"):
        list(folder.read("320100/outbox/a.csv"))


def test_a_folder_that_is_not_there_is_named(folder: FolderTransport) -> None:
    with pytest.raises(TransportError, match="here: cannot list 320900/outbox"):
        folder.list_files("320900/outbox")


def test_the_time_of_change_keeps_its_microseconds(folder: FolderTransport, tmp_path: Path) -> None:
    path = tmp_path / "320100" / "outbox" / "a.csv"
    path.write_bytes(b"")
    os.utime(path, ns=(0, 1_276_000_000_123_456_789))
    assert folder.stat("320100/outbox/a.csv").modified_at.microsecond == 123456


def test_urls_become_endpoints() -> None:
    url = "sftp://ci%20q:p%40ss@10.0.0.1:2222/in?host_key=ssh-ed25519%20AAAA%2Bb%2F%3D&key_file=/k"
    endpoint = Endpoint.from_url("exchange", url)
    assert (endpoint.kind, endpoint.host, endpoint.port, endpoint.root) == ("sftp", "10.0.0.1", 2222, "/in")
    assert (endpoint.user, endpoint.password, str(endpoint.key_file)) == ("ci q", "p@ss", "/k")
    assert endpoint.host_key == "ssh-ed25519 AAAA+b/="
    assert "p@ss" not in repr(endpoint)
    # A key pasted as it is: its plus signs read as blanks.
    pasted = Endpoint.from_url("exchange", "sftp://u@h/?host_key=ssh-rsa AAAA+b/c+d=")
    assert pasted.host_key == "ssh-rsa AAAA+b/c+d="
    assert Endpoint.from_url("disk", "file:///srv/in%20box").root == "/srv/in box"
    assert isinstance(open_transport(Endpoint.from_url("disk", "file:///srv")), FolderTransport)


@pytest.mark.parametrize("url", ["ftp://h/p", "/srv/inbox", "sftp:///nohost", ""])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="Endpoint odd"):
        Endpoint.from_url("odd", url)


def test_names_are_shown_safely_and_stay_different() -> None:
    names = ["plain.csv", "南京.csv", "a\nb", "a\\nb", "a\udcffb", "a\\xffb", "x" * 300, "x" * 301, "\u202e", "\x00"]
    shown = [safe_text(name) for name in names]
    assert shown[:2] == names[:2]
    assert len(set(shown)) == len(names)
    assert all(text.isprintable() and len(text) < 230 for text in shown)
