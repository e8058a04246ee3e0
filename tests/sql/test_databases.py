"""`python -m ciq_demo.databases`, as docker-compose.yml runs it: owners and databases from URLs, again and again."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import quote

import psycopg
import pytest

from ciq_demo import postgres
from ciq_demo.databases import METADATA_VARIABLE, WAREHOUSE_VARIABLE


def _run(pg: postgres.Server, urls: dict[str, str]) -> subprocess.CompletedProcess[str]:
    server = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(pg.port),
        "PGUSER": "postgres",
        "PGPASSWORD": pg.password("postgres"),
    }
    return subprocess.run(
        [sys.executable, "-m", "ciq_demo.databases"],
        env={"PATH": os.environ["PATH"], **server, **urls},
        check=False,
        capture_output=True,
        text=True,
    )


def _urls(pg: postgres.Server, password: str) -> dict[str, str]:
    where = f"{quote(password, safe='')}@127.0.0.1:{pg.port}"
    return {
        WAREHOUSE_VARIABLE: f"postgresql://t_warehouse:{where}/t_warehouse",
        METADATA_VARIABLE: f"postgresql+psycopg2://t_metadata:{where}/t_metadata",
    }


def test_both_owners_get_in_and_a_new_password_replaces_the_old_one(pg: postgres.Server) -> None:
    for password in ("first", "p@ss/w:rd"):
        urls = _urls(pg, password)
        done = _run(pg, urls)
        assert (done.returncode, done.stdout) == (0, "databases 数据库: t_warehouse, t_metadata\n"), done.stderr
        with psycopg.connect(urls[WAREHOUSE_VARIABLE]) as connection:
            row = connection.execute(
                """select rolcreaterole, rolsuper, pg_get_userbyid(datdba), current_setting('timezone')
                   from pg_roles, pg_database where rolname = current_user and datname = current_database()"""
            ).fetchone()
        assert row == (True, False, "t_warehouse", "Asia/Shanghai")
        psycopg.connect(urls[METADATA_VARIABLE].replace("+psycopg2", "")).close()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(_urls(pg, "first")[WAREHOUSE_VARIABLE])


def test_the_passwords_are_in_no_statement(pg: postgres.Server) -> None:
    """The server keeps them as SCRAM verifiers, which is how they reach it: its log cannot hold them."""
    with psycopg.connect(pg.url("postgres", postgres.SUPERUSER), autocommit=True) as admin:
        admin.execute("alter system set log_statement = 'ddl'")
        admin.execute("select pg_reload_conf()")
        try:
            done = _run(pg, _urls(pg, "never-in-the-log"))
        finally:
            admin.execute("alter system reset log_statement")
            admin.execute("select pg_reload_conf()")
        row = admin.execute("select rolpassword from pg_authid where rolname = 't_warehouse'").fetchone()
    assert done.returncode == 0, done.stderr
    assert row is not None
    assert row[0].startswith("SCRAM-SHA-256$")
    logged = pg.log.read_text(encoding="utf-8")
    assert "t_warehouse" in logged
    assert "never-in-the-log" not in logged


def test_a_url_that_lacks_something_is_named_without_its_password(pg: postgres.Server) -> None:
    done = _run(pg, {WAREHOUSE_VARIABLE: "postgresql://owner:hidden@127.0.0.1"})
    assert done.returncode == 1
    assert "CIQ_WAREHOUSE_URL" in done.stderr
    assert "hidden" not in done.stderr
