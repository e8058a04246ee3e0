"""A deployed warehouse to clone, and bureaus that deliver into clones of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest

from ciq.building import deploy
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from ciq_demo import postgres
from support.bureau import Bureau

TUESDAY, WEDNESDAY = date(2010, 6, 8), date(2010, 6, 9)


@pytest.fixture(scope="session")
def deployed(make_settings: Callable[..., Settings]) -> Settings:
    """Prepared and deployed: others are cloned from its database."""
    made = make_settings("e2e-template", first_day=TUESDAY, last_day=WEDNESDAY)
    prepare_database(made)
    deploy(made)
    return made


@pytest.fixture(scope="session")
def make_bureau(
    deployed: Settings, make_settings: Callable[..., Settings], pg: postgres.Server
) -> Callable[..., Bureau]:
    """make_bureau("name", of=other): a bureau with a warehouse of its own, as empty or as full as the other's."""

    def make(name: str, *, of: Bureau | None = None) -> Bureau:
        source = of.settings if of else deployed
        assert source.warehouse_url
        template = source.warehouse_url.rpartition("/")[2]
        end_sessions(pg, template)
        made = make_settings(f"e2e-{name}", template=template, first_day=TUESDAY, last_day=WEDNESDAY)
        for folder in ("landing", "inbox", "dbt"):
            if (source.home / folder).exists():
                shutil.copytree(source.home / folder, made.home / folder)
        return Bureau(made)

    return make


def end_sessions(pg: postgres.Server, database: str) -> None:
    """A database can be cloned when nobody is in it; the gate of a load keeps idle connections in this process."""
    with psycopg.connect(pg.url("postgres", postgres.SUPERUSER), autocommit=True) as superuser:
        superuser.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s", [database]
        )


def environment(settings: Settings) -> dict[str, str]:
    """What a command needs to know of this warehouse."""
    return {
        **os.environ,
        "CIQ_HOME": str(settings.home),
        "CIQ_WAREHOUSE_URL": str(settings.warehouse_url),
        "CIQ_FIRST_DAY": str(settings.first_day),
        "CIQ_LAST_DAY": str(settings.last_day),
    }


@pytest.fixture(scope="session")
def start_ciq() -> Callable[..., subprocess.Popen[str]]:
    """start_ciq(bureau, "load", "--all"): the command line in its own process, and in its own group of processes."""

    def start(bureau: Bureau, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("ciq")), *arguments],
            env=environment(bureau.settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture(scope="session")
def run_ciq(start_ciq: Callable[..., subprocess.Popen[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """run_ciq(bureau, "verify"): the same, to its end."""

    def run(bureau: Bureau, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = start_ciq(bureau, *arguments)
        output, errors = process.communicate(timeout=500)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    return run
