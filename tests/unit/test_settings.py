"""Settings that cannot be read end in one message that names the variable, its value and what is expected."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ciq.errors import SettingsError
from ciq.settings import get_settings


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CIQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CIQ_HOME", str(tmp_path))
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CIQ_FIRST_DAY", "yesterday\x1b[31m", ["CIQ_FIRST_DAY", "yesterday", "\\x1b", "2010-06-08"]),
        ("CIQ_ENDPOINTS", "{", ["CIQ_ENDPOINTS", "JSON", "sftp://"]),
        ("CIQ_ENDPOINTS", "[1]", ["CIQ_ENDPOINTS", "[1]", "sftp://"]),
    ],
)
def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: list[str]) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        get_settings()
    assert [word for word in words if word not in str(caught.value)] == []
    assert "\x1b" not in str(caught.value)


def test_endpoints_that_cannot_be_used_are_shown_without_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIQ_ENDPOINTS", '["sftp://ciq:s3cret@h/", "https://:s3cret@h/"]')
    with pytest.raises(SettingsError, match="sftp://…") as caught:
        get_settings()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"CIQ_FIRST_DAY=2010-06-08\nwhat is this\n", ["line 行 2", "what is this"]),
        (b"CIQ_FIRST_DAY=2010-99-01\n", ["CIQ_FIRST_DAY", "2010-99-01", "env"]),
        (b"\xff\xfe", ["UTF-8"]),
    ],
)
def test_a_broken_file_of_settings_is_named(tmp_path: Path, content: bytes, words: list[str]) -> None:
    (tmp_path / "env").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        get_settings()
    assert [word for word in [str(tmp_path), *words] if word not in str(caught.value)] == []


def test_comments_exports_and_empty_variables_are_no_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "env").write_text("# a comment\n\nexport CIQ_FIRST_DAY='2010-06-08'\nCIQ_LAST_DAY=2010-06-09\n")
    monkeypatch.setenv("CIQ_LAST_DAY", "")
    settings = get_settings()
    assert (str(settings.first_day), str(settings.last_day)) == ("2010-06-08", "2010-06-09")


@pytest.mark.parametrize("url", ["garbage", "mysql://u:secret@h/x"])
def test_a_url_that_is_none_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", url)
    with pytest.raises(SettingsError, match="CIQ_WAREHOUSE_URL") as caught:
        get_settings().dsn("loader")
    assert "secret" not in str(caught.value)


def test_damaged_secrets_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", "postgresql://u:p@127.0.0.1:1/x")
    get_settings().roles_file.parent.mkdir()
    get_settings().roles_file.write_text("{}")
    with pytest.raises(SettingsError, match=r"roles\.json.*ciq_loader"):
        get_settings().dsn("loader")


def test_the_command_ends_in_a_message_on_a_terminal_without_chinese(tmp_path: Path) -> None:
    """Nothing listens on port 1; the message is written although the terminal knows ASCII only."""
    (tmp_path / "env").write_text("CIQ_WAREHOUSE_URL=postgresql://u:p@127.0.0.1:1/x\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "roles.json").write_text('{"ciq_auditor": "x"}')
    environment = {"PATH": "/usr/bin:/bin", "CIQ_HOME": str(tmp_path), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "ciq.cli", "status"],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
