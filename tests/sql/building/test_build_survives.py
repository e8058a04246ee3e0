"""A build that is killed, or that fails, leaves the former publication; the next one ends as a clean one would."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from ciq.building import build, deploy
from ciq.building.build import COMMAND
from ciq.building.dbt_run import run_dbt
from ciq.building.fingerprint import fingerprint
from ciq.building.freeze import freeze
from ciq.building.locks import building
from ciq.building.verify_marts import verify_marts
from ciq.database import connect
from ciq.errors import BuildError
from ciq.settings import Settings
from ciq_demo import postgres
from support.bureau import Bureau
from support.history import DELIVERIES, header, headers, load_and_build, one

pytestmark = pytest.mark.slow

BUILDER = "from ciq.building import build; from ciq.settings import Settings; build(Settings(), 'killed')"
READ = """select (select sum(value_usd_header) from published.fct_volume),
    (select sum(value_usd) from published.fct_value), (select sum(lots) from published.fct_volume)"""


@pytest.fixture(scope="module")
def halfway(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """One publication stands; the rest is loaded and waits in the queue. Its database is cloned by each test."""
    bureau = make_bureau("halfway")
    load_and_build(bureau, *DELIVERIES[:3])
    for step in DELIVERIES[3:]:
        step(bureau)
    bureau.load()
    with connect(bureau.settings, "loader", autocommit=True) as connection:
        # Great Expectations keeps its pool open, and a database in use cannot be cloned.
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and usename = current_user and pid <> pg_backend_pid()"
        )
    return bureau


@pytest.fixture(scope="module")
def clone(halfway: Bureau, make_settings: Callable[..., Settings]) -> Callable[[str], Bureau]:
    def make(name: str) -> Bureau:
        assert halfway.settings.warehouse_url
        made = make_settings(name, template=halfway.settings.warehouse_url.rpartition("/")[2])
        shutil.copytree(halfway.settings.home / "landing", made.home / "landing")
        with connect(made, "owner") as connection:
            # A sequence copied with its database is not in the log until it is set, and a crash would set it back.
            connection.execute("select setval('audit.build_build_id_seq', 1)")
        return Bureau(made)

    return make


@pytest.fixture
def waiting(clone: Callable[[str], Bureau], request: pytest.FixtureRequest) -> Bureau:
    return clone(request.node.nodeid)


@pytest.fixture(scope="module")
def expected(clone: Callable[[str], Bureau]) -> dict[str, str]:
    """The fingerprint after a build that nothing disturbed."""
    bureau = clone("clean")
    build(bureau.settings, "clean")
    return fingerprint(bureau.settings)


def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "CIQ_HOME": str(settings.home), "CIQ_WAREHOUSE_URL": str(settings.warehouse_url)}


@contextmanager
def stuck_builder(bureau: Bureau, table: str) -> Iterator[subprocess.Popen[bytes]]:
    """A builder whose dbt waits for us before it can write `table`."""
    newest = "select coalesce(max(build_id), 0) from audit.build where state = 'running'"
    before = one(bureau, "select coalesce(max(build_id), 0) from audit.build")
    builder = subprocess.Popen(
        [sys.executable, "-c", BUILDER], env=environment(bureau.settings), stderr=subprocess.PIPE
    )
    blocker = connect(bureau.settings, "dbt")
    try:
        # The builder first undoes what was left, and would wait for us itself.
        wait_until(lambda: bool(one(bureau, newest) > before))
        blocker.execute(f"lock table {table} in share mode")
        wait_until(lambda: is_waiting(bureau, table))
        yield builder
    finally:
        builder.kill()
        builder.wait()
        with suppress(psycopg.OperationalError):  # a test may have killed the server
            blocker.close()


def is_waiting(bureau: Bureau, table: str) -> bool:
    count = one(bureau, "select count(*) from pg_locks where relation = to_regclass(%s) and not granted", table)
    return bool(count)


def wait_until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def dbt_of(builder: subprocess.Popen[bytes]) -> psutil.Process:
    (child,) = psutil.Process(builder.pid).children()
    return child


def assert_former_state(bureau: Bureau) -> None:
    (row,) = bureau.fetch("select audit.promoted_no() as number, (select sum(lots) from published.fct_volume) as lots")
    assert row == {"number": 1, "lots": 5}


def assert_nothing_left(bureau: Bureau) -> None:
    """No row of an unpromoted number, no key, and every invariant holds."""
    assert one(bureau, "select count(*) from audit.build_key") == 0
    assert [str(breach) for check in verify_marts(bureau.settings) for breach in check.breaches] == []


@contextmanager
def reading(bureau: Bureau) -> Iterator[set[tuple[object, ...]]]:
    """A reader in a loop; yields what it has seen so far."""
    seen: set[tuple[object, ...]] = set()
    done = threading.Event()

    def read() -> None:
        with connect(bureau.settings, "bi_reader", autocommit=True) as connection:
            while not done.is_set():
                seen.add(connection.execute(READ).fetchone() or ())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        wait_until(lambda: bool(seen))
        yield seen
    finally:
        done.set()
        reader.join()


def test_killed_again_and_again(waiting: Bureau, expected: dict[str, str]) -> None:
    """dbt is killed in an intermediate and in a mart, then its builder, whose dbt goes on; a reader sees two states."""
    with reading(waiting) as seen:
        for table in ("intermediate.int_goods__current", "marts.fct_value"):
            with stuck_builder(waiting, table) as builder:
                dbt_of(builder).send_signal(signal.SIGKILL)
                assert_former_state(waiting)
        with stuck_builder(waiting, "marts.fct_goods_line") as builder:
            orphan = dbt_of(builder)
            builder.send_signal(signal.SIGKILL)
            builder.wait()
            assert orphan.is_running()
        # The orphan is cut off: what it writes after the next build has begun would be under no one's number.
        build(waiting.settings, "again")
        wait_until(lambda: len(seen) > 1)
    assert len(seen) == 2
    assert all(volume == value for volume, value, _ in seen)
    assert fingerprint(waiting.settings) == expected
    assert set(one(waiting, "select array_agg(state order by build_id) from audit.build")[1:-1]) <= {
        "failed",
        "abandoned",
    }
    with suppress(psutil.NoSuchProcess):
        orphan.wait(60)
    assert fingerprint(waiting.settings) == expected
    assert_nothing_left(waiting)


def test_postgres_killed(waiting: Bureau, expected: dict[str, str], pg: postgres.Server) -> None:
    """Unlogged intermediate tables are empty afterwards; they are made again."""
    with stuck_builder(waiting, "marts.fct_goods_line") as builder:
        postgres.stop(pg.home, immediately=True)
        postgres.start(pg.home, version=pg.version, throwaway=True)
        assert builder.wait(120) != 0
    assert_former_state(waiting)
    build(waiting.settings, "again")
    assert fingerprint(waiting.settings) == expected
    assert_nothing_left(waiting)


def spoiled(settings: Settings, folder: Path, model: str, old: str, new: str) -> Settings:
    """Settings with a copy of the project in which one model has a defect."""
    shutil.copytree(settings.dbt_project, folder, dirs_exist_ok=True)
    path = folder / "models" / "marts" / "core" / f"{model}.sql"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return settings.model_copy(update={"dbt_project": folder})


def test_a_defect_promotes_nothing_and_names_the_key(waiting: Bureau, expected: dict[str, str], tmp_path: Path) -> None:
    wrong = spoiled(
        waiting.settings, tmp_path / "wrong", "fct_volume", "sum(lots)::int as lots", "sum(lots)::int + 1 as lots"
    )
    with pytest.raises(BuildError, match=r"assert_each_lot_in_one_volume_row failed.*'stat_date': '2010-06-0"):
        build(wrong, "wrong")
    assert_former_state(waiting)
    assert one(waiting, "select count(*) from marts.fct_volume where known_from_no = 2 or known_to_no = 2") == 0
    assert one(waiting, "select count(*) > 0 from audit.build_key")

    call = "{{ versioned('fct_day_status') }}"
    rows = "(select * from fct_day_status union all select * from fct_day_status)"
    twice = f", twice as {rows} {call.replace('fct_day_status', 'twice')}"
    doubled = spoiled(waiting.settings, tmp_path / "doubled", "fct_day_status", call, twice)
    with pytest.raises(BuildError, match=r"fct_day_status failed.*Key \(business_date, org_code\)=\(2010-0"):
        build(doubled, "doubled")
    assert_former_state(waiting)

    build(waiting.settings, "mended")
    assert fingerprint(waiting.settings) == expected
    assert_nothing_left(waiting)


def test_running_dbt_twice_under_one_number_is_running_it_once(waiting: Bureau) -> None:
    """And what came between the two is in the second: rows opened or closed by the first are undone by the strategy."""
    with building(waiting.settings, application="test") as connection:
        first = freeze(connection, run_ref="test")
        assert first is not None
        run_dbt(waiting.settings, COMMAND, build_id=first.build_id)
        rows = "select decl_no, known_from_no, known_to_no, row_digest from marts.fct_inspection_lot order by 1, 2, 3"
        once = waiting.fetch(rows)
        run_dbt(waiting.settings, COMMAND, build_id=first.build_id)
        assert waiting.fetch(rows) == once
    waiting.deliver("F01", [*headers(1, 2, 3, 4), header(8)], seq=4)
    waiting.load()
    with building(waiting.settings, application="test") as connection:
        second = freeze(connection, run_ref="test")
        assert second is not None
        assert second.publication_no == first.publication_no
        run_dbt(waiting.settings, COMMAND, build_id=second.build_id)
    assert {row["decl_no"][-1] for row in waiting.fetch(rows) if row["known_to_no"] is None} == set("12348")


def test_deploying_again_keeps_data_grants_and_comments(waiting: Bureau) -> None:
    before = fingerprint(waiting.settings)
    state = (
        "select relname, relacl::text, obj_description(oid) from pg_class"
        " where relnamespace = 'published'::regnamespace"
    )
    views = sorted(map(repr, waiting.fetch(state)))
    deploy(waiting.settings)
    assert fingerprint(waiting.settings) == before
    assert sorted(map(repr, waiting.fetch(state))) == views
    assert one(waiting, "select count(*) > 0 from audit.build_queue"), "a deployment builds nothing"
    assert one(waiting, "select count(*) = 1 from audit.event where kind = 'views'"), "the same views are sealed once"


def test_unit_tests_of_the_models(deployed: Settings) -> None:
    steps = run_dbt(deployed, ("test", "--select", "test_type:unit"))
    assert len(steps) >= 8
    assert [step.message for step in steps if not step.is_well] == []


def test_nobody_builds_beside_a_build(waiting: Bureau) -> None:
    with building(waiting.settings, application="test") as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        with connect(waiting.settings, "loader", autocommit=True) as other:
            other.execute("set lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("select pg_advisory_lock(7300010)")
