"""`ciq init` gives each mart its readers, refuses one that says nothing, and `ciq verify` names what others changed."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ciq.building import deploy
from ciq.database import connect, connect_login
from ciq.errors import BuildError, CiqError
from ciq.ledger.logins import known_passwords
from ciq.ledger.prepare import prepare_database
from ciq.ledger.readers import add_reader, list_readers, remove_reader
from ciq.settings import Settings
from ciq.verifying import verify
from ciq.verifying.rights import readers_as_logged, rights_as_deployed
from support.bureau import Bureau, rows_of
from support.history import load_and_build

pytestmark = pytest.mark.slow

READER = "ciq_reader_harbour"


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Iterator[Bureau]:
    made = make_bureau("rights")
    prepare_database(made.settings)
    add_reader(made.settings, "harbour", ["320100"])
    yield made
    remove_reader(made.settings, "harbour")


def said(bureau: Bureau) -> list[str]:
    """What `ciq verify` says of rights and readers."""
    with connect(bureau.settings, "auditor", autocommit=True) as connection:
        return [str(b) for check in (rights_as_deployed, readers_as_logged) for b in check(connection)]


@contextmanager
def done(bureau: Bureau, change: str, undo: str) -> Iterator[None]:
    """The owner does something, and sets it right afterwards."""
    with connect(bureau.settings, "owner", autocommit=True) as owner:
        owner.execute(change.encode())
        try:
            yield
        finally:
            owner.execute(undo.encode())


@pytest.mark.parametrize(
    ("change", "undo", "named"),
    [
        (
            "alter table marts.fct_volume disable row level security",
            "alter table marts.fct_volume enable row level security",
            "marts.fct_volume: its grants or its row security",
        ),
        (
            "alter policy branch on marts.fct_value using (true)",
            "alter policy branch on marts.fct_value using (known_from_no <= (select access.promoted_no())"
            " and org_id in (select own.org_code from access.own_branch as own))",
            "marts.fct_value: its grants or its row security",
        ),
        (
            "grant select on published.bridge_value to ciq_branch_reader",
            "revoke select on published.bridge_value from ciq_branch_reader",
            "published.bridge_value: its grants",
        ),
        (
            "grant select (decl_no) on marts.fct_finding to public",
            "revoke select (decl_no) on marts.fct_finding from public",
            "marts.fct_finding: its grants",
        ),
        ("create table marts.mine (x int)", "drop table marts.mine", "marts.mine: nobody deployed it"),
        (
            "alter function access.promoted_no() cost 7",
            "alter function access.promoted_no() cost 100",
            "access.promoted_no",
        ),
        (
            f"insert into access.reader_branch values ('{READER}', '320500')",
            "delete from access.reader_branch where org_code = '320500'",
            f"{READER}, branch 320500: no event lets it see this branch",
        ),
        (
            f"delete from access.reader_branch where role_name = '{READER}'",
            f"insert into access.reader_branch values ('{READER}', '320100')",
            f"{READER}, branch 320100: the log has it, the table has not",
        ),
        (
            f"grant ciq_bi_reader to {READER}",
            f"revoke ciq_bi_reader from {READER}",
            f"{READER}: it is also a member of ciq_bi_reader",
        ),
    ],
)
def test_what_was_changed_behind_the_back_is_named(bureau: Bureau, change: str, undo: str, named: str) -> None:
    assert said(bureau) == []
    with done(bureau, change, undo):
        (told,) = said(bureau)
    assert named in told
    assert said(bureau) == []


def test_readers_come_and_go_with_events(bureau: Bureau) -> None:
    settings = bureau.settings
    events = "select payload::jsonb ->> 'branches' as b from audit.event where kind = 'reader' and payload like %s"
    reader = add_reader(settings, "visitor", ["320500", "320200"])
    assert (reader.login, list(reader.branches)) == ("ciq_reader_visitor", ["320200", "320500"])
    add_reader(settings, "visitor", ["320500"])
    add_reader(settings, "visitor", ["320300"])
    assert {r.name: list(r.branches) for r in list_readers(settings)}["visitor"] == ["320200", "320300", "320500"]
    assert stat.S_IMODE(settings.roles_file.stat().st_mode) == 0o600
    with connect_login(settings, reader.login) as connection:
        assert connection.execute("select count(*) from access.own_branch").fetchone() == (3,)
    remove_reader(settings, "visitor")
    assert "visitor" not in {r.name for r in list_readers(settings)}
    assert reader.login not in known_passwords(settings.roles_file)
    with connect(settings, "owner") as connection:
        assert connection.execute("select from pg_roles where rolname = %s", (reader.login,)).fetchone() is None
    told = [json.loads(row["b"]) for row in bureau.fetch(events, "%ciq_reader_visitor%")]
    assert told == [["320200", "320500"], ["320200", "320300", "320500"], []], "no event where nothing changed"
    with pytest.raises(CiqError, match="There is no reader visitor"):
        remove_reader(settings, "visitor")


def test_branches_given_at_the_same_time_are_all_in_the_last_event(bureau: Bureau) -> None:
    settings = bureau.settings
    add_reader(settings, "twice", ["320100"])
    waiting = "select count(*) from pg_stat_activity where application_name = 'ciq reader' and wait_event_type = 'Lock'"
    with ThreadPoolExecutor() as pool:
        # Another session looks: within a transaction pg_stat_activity stays what it was when first asked.
        with connect(settings, "owner") as first, connect(settings, "owner", autocommit=True) as looking:
            first.execute("lock table access.reader_branch in share row exclusive mode")
            given = [pool.submit(add_reader, settings, "twice", [branch]) for branch in ("320200", "320500")]
            while looking.execute(waiting).fetchone() != (2,):
                assert not any(one.done() for one in given)
                time.sleep(0.1)
        for one in given:
            one.result()
    try:
        (last,) = bureau.fetch(
            "select payload::jsonb ->> 'branches' as b from audit.event where kind = 'reader'"
            " order by event_no desc limit 1"
        )
        assert json.loads(last["b"]) == ["320100", "320200", "320500"]
        assert said(bureau) == []
    finally:
        remove_reader(settings, "twice")


@pytest.mark.parametrize(
    ("name", "branch", "message"),
    [
        ("x", "320110", "320110 is no branch.*It belongs to 320100"),
        ("x", "999999", "999999 is no branch.*org.csv"),
        ("Suzhou", "320500", "cannot name a reader"),
        ('x"; drop', "320500", "cannot name a reader"),
    ],
)
def test_what_is_no_reader_is_refused(bureau: Bureau, name: str, branch: str, message: str) -> None:
    with pytest.raises(CiqError, match=message):
        add_reader(bureau.settings, name, [branch])
    assert [reader.name for reader in list_readers(bureau.settings)] == ["harbour"]


def test_the_command_line_of_readers(bureau: Bureau) -> None:
    own = {"CIQ_HOME": str(bureau.settings.home), "CIQ_WAREHOUSE_URL": str(bureau.settings.warehouse_url)}

    def run(*arguments: str, code: int = 0) -> str:
        command = [str(Path(sys.executable).with_name("ciq")), *arguments]
        ended = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=False)
        assert ended.returncode == code, ended.stderr
        return ended.stdout

    added = run("reader", "add", "clerk", "--branch", "320500", "--branch", "320582")
    url = run("reader", "url", "clerk").strip()
    password = known_passwords(bureau.settings.roles_file)["ciq_reader_clerk"]
    assert password not in added
    assert f"ciq_reader_clerk:{password}@" in url
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from fct_volume").fetchone() == (0,)
    assert json.loads(run("reader", "list", "--json"))[0]["branches"] == ["320500", "320582"]
    asked = run("query", "--reader", "clerk", "--csv", "select org_code from access.own_branch order by 1")
    assert asked.split() == ["org_code", "320500", "320582"]
    assert "320582" in run("reader", "list")
    run("reader", "remove", "clerk")
    run("reader", "url", "clerk", code=1)


def other_project(settings: Settings, folder: Path, model: str, old: str, new: str) -> Settings:
    """A copy of the dbt project in which one mart says something else about its readers."""
    shutil.copytree(settings.dbt_project, folder, ignore=shutil.ignore_patterns("target", "logs"))
    path = folder / "models" / "marts" / "core" / f"{model}.sql"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return settings.model_copy(update={"dbt_project": folder})


@pytest.mark.parametrize("says", ["", "'branch_column': 'sender_org', 'readers': 'all',", "'readers': 'everybody',"])
def test_a_mart_that_does_not_say_who_reads_it_is_not_deployed(bureau: Bureau, tmp_path: Path, says: str) -> None:
    spoiled = other_project(
        bureau.settings, tmp_path / "dbt", "fct_slice_finding", "'branch_column': 'sender_org',", says
    )
    with pytest.raises(BuildError, match=r"fct_slice_finding.* does not say who may read it"):
        deploy(spoiled)
    assert said(bureau) == [], "the former rights stand"


def test_a_mart_for_the_province_is_closed_to_branch_readers(bureau: Bureau, tmp_path: Path) -> None:
    """And so is each view over it; opening it again opens both."""

    def able(login: str) -> list[str]:
        with connect_login(bureau.settings, login) as connection:
            rows = connection.execute(
                "select name from unnest(array['marts.fct_slice_finding', 'published.fct_finding',"
                " 'marts.fct_finding']) name where has_table_privilege(name, 'select') order by 1"
            ).fetchall()
        return [str(row[0]) for row in rows]

    everything = ["marts.fct_finding", "marts.fct_slice_finding", "published.fct_finding"]
    closed = other_project(
        bureau.settings,
        tmp_path / "dbt",
        "fct_slice_finding",
        "'branch_column': 'sender_org',",
        "'readers': 'province',",
    )
    with connect(bureau.settings, "owner") as owner:  # what somebody added is gone after it, and not sealed
        owner.execute("create policy more on marts.fct_volume for select to ciq_branch_reader using (true)")
        owner.execute("grant select on marts.fct_slice_finding to public")
        owner.execute("create or replace view access.own_branch as select org_code from access.reader_branch")
    prepare_database(bureau.settings)
    deploy(closed)
    assert able(READER) == ["marts.fct_finding"]
    assert bureau.fetch("select from pg_policies where policyname = 'more'") == []
    (own,) = bureau.fetch(
        "select pg_get_viewdef('access.own_branch'::regclass) as says, reloptions from pg_class"
        " where oid = 'access.own_branch'::regclass"
    )
    assert "CURRENT_USER" in own["says"]
    assert own["reloptions"] == ["security_barrier=true"]
    assert able("ciq_bi_reader") == everything
    assert said(bureau) == []
    deploy(bureau.settings)
    assert able(READER) == able("ciq_bi_reader") == everything
    assert said(bureau) == []


def test_a_warehouse_of_before_is_brought_to_it(make_bureau: Callable[[str], Bureau]) -> None:
    """Filled and deployed when there was no row security: `ciq init` adds it, and no figure moves."""
    bureau = make_bureau("rights-before")
    settings = bureau.settings
    load_and_build(bureau, lambda b: b.deliver("F01", rows_of("F01", 3)), lambda b: b.deliver("F03", rows_of("F03", 2)))
    figures = "select count(*), sum(value_usd), sum(lots) from published.fct_inspection_lot"
    before = bureau.fetch(figures)
    with connect(settings, "owner") as owner:
        for (statement,) in owner.execute(_FORMER.encode()).fetchall():
            owner.execute(statement.encode())
        owner.execute("drop schema access cascade")
        owner.execute("delete from audit.migration where name like '0013%'")
    prepare_database(settings)
    deploy(settings)
    assert bureau.fetch(figures) == before
    assert [str(b) for check in verify(settings) for b in check.breaches] == []
    add_reader(settings, "upgraded", ["320100"])
    try:
        with connect_login(settings, "ciq_reader_upgraded") as connection:
            assert connection.execute("select count(*) from published.fct_inspection_lot").fetchone() == (3,)
    finally:
        remove_reader(settings, "upgraded")


_FORMER = """
select format('alter view %s reset (security_invoker)', c.oid::regclass) from pg_class c
where c.relnamespace = 'published'::regnamespace
union all
select format('revoke all on %s from ciq_branch_reader', c.oid::regclass) from pg_class c
where c.relnamespace in ('published'::regnamespace, 'marts'::regnamespace) and c.relkind in ('r', 'v')
union all
select format('alter table %s disable row level security', c.oid::regclass) from pg_class c
where c.relnamespace = 'marts'::regnamespace and c.relrowsecurity
union all
select format('drop policy %I on %s', p.polname, p.polrelid::regclass) from pg_policy p
"""
