"""The embedded server: what it promises to whoever starts it, twice, after a crash, or beside another."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ciq.errors import CiqError
from ciq_demo import postgres
from ciq_demo.state import read_env, update_env


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ciq-embedded-") as folder:
        yield Path(folder)
        postgres.destroy(Path(folder))


def test_logins_databases_and_session_defaults(home: Path) -> None:
    server = postgres.start(home, throwaway=True)
    with psycopg.connect(server.url("ciq", "ciq_owner")) as connection:
        row = connection.execute(
            """select current_setting('timezone'), current_setting('datestyle'), current_setting('data_checksums'),
                      current_setting('server_encoding'), rolsuper, rolcreaterole,
                      pg_get_userbyid(datdba), '中' < 'a' collate "C"
               from pg_roles, pg_database where rolname = current_user and datname = current_database()"""
        ).fetchone()
    assert row == ("Asia/Shanghai", "ISO, YMD", "on", "UTF8", False, True, "ciq_owner", False)
    psycopg.connect(server.url("airflow", "airflow")).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "socket"])
def test_nobody_gets_in_without_the_password(home: Path, host: str) -> None:
    server = postgres.start(home, throwaway=True)
    where = str(server.socket_dir) if host == "socket" else host
    for login in ("postgres", "ciq_owner"):
        with pytest.raises(psycopg.OperationalError, match=r"password|fe_sendauth"):
            psycopg.connect(host=where, port=server.port, user=login, dbname="ciq", password="")
        right = server.password(login)
        psycopg.connect(host=where, port=server.port, user=login, dbname="ciq", password=right).close()


def test_second_start_finds_the_same_server(home: Path) -> None:
    first = postgres.start(home, throwaway=True)
    pid = _pid(first)
    assert postgres.start(home, throwaway=True) == first
    assert _pid(first) == pid
    assert postgres.status(home) == first


def test_it_outlives_the_process_that_started_it(home: Path) -> None:
    code = (
        f"from pathlib import Path; from ciq_demo import postgres; postgres.start(Path({str(home)!r}), throwaway=True)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, start_new_session=True)
    server = postgres.status(home)
    assert server is not None
    psycopg.connect(server.url("ciq", "ciq_owner")).close()


def test_a_taken_port_gives_way_to_another(home: Path) -> None:
    server = postgres.start(home, throwaway=True)
    postgres.stop(home)
    with socket.create_server(("127.0.0.1", server.port)):
        moved = postgres.start(home, throwaway=True)
        assert moved.port != server.port
        psycopg.connect(moved.url("ciq", "ciq_owner")).close()


def test_committed_rows_survive_kill_9_of_the_postmaster(home: Path) -> None:
    server = postgres.start(home, throwaway=True)
    with psycopg.connect(server.url("ciq", "ciq_owner")) as connection:
        connection.execute("create table kept as select generate_series(1, 1000) as n")
    os.kill(_pid(server), signal.SIGKILL)
    again = postgres.start(home, throwaway=True)
    with psycopg.connect(again.url("ciq", "ciq_owner")) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1000,)


def test_a_pid_file_whose_pid_is_anothers_is_no_running_server(home: Path) -> None:
    server = postgres.start(home, throwaway=True)
    os.kill(_pid(server), signal.SIGKILL)
    _wait_until_gone(_pid(server))
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        pid_file = server.data / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]))
        assert postgres.status(home) is None
        postgres.start(home, throwaway=True)
        assert bystander.poll() is None
    finally:
        bystander.communicate(b"\n")


def test_a_killed_first_start_leaves_nothing_that_a_second_trips_over(home: Path) -> None:
    server = postgres.start(home, throwaway=True)
    postgres.stop(home)
    server.data.rename(server.data.with_name("data.partial"))  # as if killed before the rename that ends initdb
    assert postgres.start(home, throwaway=True).data == server.data


def test_sixteen_is_there_too_and_data_keeps_its_version(home: Path) -> None:
    assert postgres.start(home, version=16, throwaway=True).version == 16
    postgres.stop(home)
    assert postgres.start(home, version=18, throwaway=True).version == 16


def test_an_unknown_version_is_refused_by_name(home: Path) -> None:
    with pytest.raises(CiqError, match="no embedded PostgreSQL 15"):
        postgres.start(home, version=15)


def test_variables_come_back_as_they_were_written(tmp_path: Path) -> None:
    value = "postgresql://o:it's \\ $HOME #1@h/d"
    update_env(tmp_path, {"CIQ_WAREHOUSE_URL": value, "CIQ_X": "1"})
    update_env(tmp_path, {"CIQ_X": None})
    assert read_env(tmp_path) == {"CIQ_WAREHOUSE_URL": value}
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


def _pid(server: postgres.Server) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n")[0])


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
