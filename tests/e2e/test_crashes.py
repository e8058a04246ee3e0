"""Killed anywhere, then run again: what is published is the same as after one clean run."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import psycopg
import pytest

from ciq.building import build
from ciq.building.fingerprint import fingerprint
from ciq.verifying import verify
from ciq_demo import postgres
from support.bureau import Bureau
from support.hard_cases import TUESDAY_STEPS, WEDNESDAY_STEPS

pytestmark = pytest.mark.slow

StartCiq = Callable[..., subprocess.Popen[str]]
PATIENCE_S = 180
FIRST_OF_DBT = "intermediate.int_affected__declarations"


@pytest.fixture(scope="module")
def before(make_bureau: Callable[..., Bureau]) -> Bureau:
    """Tuesday is published; Wednesday's files stand in the senders' folders."""
    bureau = make_bureau("before")
    for step in TUESDAY_STEPS:
        step(bureau)
    bureau.load()
    build(bureau.settings, "test")
    for step in WEDNESDAY_STEPS[:-1]:
        step(bureau)
    return bureau


@pytest.fixture(scope="module")
def expected(
    before: Bureau, make_bureau: Callable[..., Bureau], run_ciq: Callable[..., subprocess.CompletedProcess[str]]
) -> dict[str, str]:
    """The fingerprint after one clean run."""
    bureau = make_bureau("clean", of=before)
    done = run_ciq(bureau, "load", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert promoted(bureau) == 2
    closed = bureau.fetch("select business_date::text as day from audit.closed_day order by 1")
    assert [row["day"] for row in closed] == ["2010-06-08", "2010-06-09"], "of both something was accepted"
    return fingerprint(bureau.settings)


def promoted(bureau: Bureau) -> int:
    (row,) = bureau.fetch("select audit.promoted_no() as number")
    return int(row["number"])


@contextmanager
def stuck_at(table: str, bureau: Bureau, pg: postgres.Server, start_ciq: StartCiq) -> Iterator[subprocess.Popen[str]]:
    """A whole run, waiting for us in front of its first row for `table`; in front of a mart, it is dbt that waits."""
    database = str(bureau.settings.warehouse_url).rpartition("/")[2]
    url = pg.url(database, postgres.SUPERUSER)
    with suppress(psycopg.OperationalError), psycopg.connect(url) as gate, psycopg.connect(url) as blocker:
        first = FIRST_OF_DBT if table.startswith("marts.") else table
        gate.execute(f"lock table {first} in share mode".encode())
        run = start_ciq(bureau, "load", "--all")
        try:
            wait_until_stuck(run, first, gate)
            if first != table:  # the builder undoes what others left in the marts: by now it has
                blocker.execute(f"lock table {table} in share mode".encode())
                gate.rollback()
                wait_until_stuck(run, table, blocker)
            yield run
        except BaseException:
            kill_group(run)
            raise


def wait_until_stuck(run: subprocess.Popen[str], table: str, blocker: psycopg.Connection) -> None:
    waiting = (
        "select 1 from pg_locks where not granted and relation in"
        " (select %(table)s::regclass union select inhrelid from pg_inherits where inhparent = %(table)s::regclass)"
    )
    deadline = time.monotonic() + PATIENCE_S
    while not blocker.execute(waiting, {"table": table}).fetchone():
        if run.poll() is not None:
            pytest.fail(f"the run never came to {table}: {run.communicate()}")
        assert time.monotonic() < deadline, f"the run did not come to {table}"
        time.sleep(0.1)


def kill_group(run: subprocess.Popen[str]) -> None:
    """The run and whatever it started."""
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()


def kill_dbt(run: subprocess.Popen[str]) -> None:
    """Only dbt; the builder sees it and ends by itself."""
    (dbt,) = psutil.Process(run.pid).children()
    dbt.kill()


def kill_builder(run: subprocess.Popen[str]) -> None:
    """Only the builder; its dbt goes on as an orphan."""
    run.kill()


def assert_ends_as_one_clean_run(
    bureau: Bureau, expected: dict[str, str], run_ciq: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    again = run_ciq(bureau, "load", "--all")
    assert again.returncode == 0, again.stdout + again.stderr
    assert promoted(bureau) == 2
    assert fingerprint(bureau.settings) == expected
    assert [str(breach) for check in verify(bureau.settings) for breach in check.breaches] == []
    assert bureau.fetch("select tablename from pg_tables where schemaname = 'raw'") == []


MOMENTS: dict[str, Callable[[subprocess.Popen[str]], None]] = {
    "audit.arrival": kill_group,
    "ods.f01_declaration": kill_group,
    "audit.verdict": kill_group,
    "audit.event": kill_group,
    "audit.build_key": kill_group,
    "marts.fct_inspection_lot": kill_dbt,
    "marts.fct_volume": kill_builder,
    "audit.publication": kill_group,
}
"""In the order of a run: each is killed further on than the one before."""


def test_a_run_killed_at_every_step_and_run_again(
    before: Bureau,
    expected: dict[str, str],
    make_bureau: Callable[..., Bureau],
    pg: postgres.Server,
    start_ciq: StartCiq,
    run_ciq: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    bureau = make_bureau("killed", of=before)
    published = fingerprint(bureau.settings)
    left: list[psutil.Process] = []
    for table, kill in MOMENTS.items():
        with stuck_at(table, bureau, pg, start_ciq) as run:
            left += psutil.Process(run.pid).children(recursive=True)
            kill(run)
        assert run.wait(PATIENCE_S) != 0
        assert promoted(bureau) == 1, f"killed at {table}"
    assert fingerprint(bureau.settings) == published
    assert_ends_as_one_clean_run(bureau, expected, run_ciq)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def test_postgres_killed_and_run_again(
    before: Bureau,
    expected: dict[str, str],
    make_bureau: Callable[..., Bureau],
    pg: postgres.Server,
    start_ciq: StartCiq,
    run_ciq: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """The postmaster dies by SIGKILL, in the middle of a load and of the promotion."""
    bureau = make_bureau("postgres-killed", of=before)
    published = fingerprint(bureau.settings)
    for table in ("ods.f02_goods", "audit.publication"):
        with stuck_at(table, bureau, pg, start_ciq) as run:
            os.kill(int((pg.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            assert run.wait(PATIENCE_S) != 0
        postgres.start(pg.home, version=pg.version, throwaway=True)
        assert fingerprint(bureau.settings) == published, f"killed at {table}"
    assert_ends_as_one_clean_run(bureau, expected, run_ciq)
