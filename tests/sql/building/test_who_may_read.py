"""What each login may read, write and execute; and that a branch reader sees its branches only, whatever it tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import psycopg
import pytest

from ciq.building import build
from ciq.building.build import COMMAND
from ciq.building.dbt_run import run_dbt
from ciq.building.freeze import freeze
from ciq.building.locks import building
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from support.bureau import Bureau
from support.hard_cases import evaluation, header, line, of
from support.logins import (
    BRANCHES,
    EVERYBODY,
    NANJING,
    SUZHOU,
    WUXI,
    World,
    add_branch_readers,
    remove_branch_readers,
)
from support.reads import OPEN_TO_BRANCHES, READS

pytestmark = pytest.mark.slow

LOTS = "select count(*), coalesce(sum(value_usd), 0) from {}.fct_inspection_lot"


def deliver(bureau: Bureau, branch: str, numbers: Sequence[int], *, seq: int = 1) -> None:
    """Whole lots of a branch; Nanjing's last one was inspected by an office of Suzhou."""
    own = [header(n, insp_org="320510") if n == 4 else of(branch, header(n)) for n in numbers]
    bureau.deliver("F01", own, branch=branch, seq=seq)
    bureau.deliver("F02", [of(branch, line(n)) for n in numbers], branch=branch, seq=seq)
    bureau.deliver("F03", [of(branch, evaluation(n)) for n in numbers], branch=branch, seq=seq)


@pytest.fixture(scope="module")
def world(make_bureau: Callable[[str], Bureau]) -> Iterator[World]:
    bureau = make_bureau("who-may-read")
    # A clone does not take over what the database of its template granted. Nothing is due, so each day is complete.
    prepare_database(bureau.settings.model_copy(update={"first_day": date(2011, 1, 1)}))
    add_branch_readers(bureau)
    for branch, numbers in ((NANJING, range(1, 5)), (SUZHOU, range(5, 8)), (WUXI, range(8, 10))):
        deliver(bureau, branch, numbers)
    assert bureau.load().held == 0
    assert build(bureau.settings, "test").publication_no == 1
    yield World(bureau)
    remove_branch_readers(bureau)


@pytest.mark.parametrize("relation", READS)
def test_who_reads(world: World, relation: str) -> None:
    able = {name for name in EVERYBODY if not world.refused(name, f"select * from {relation} limit 1")}
    assert able == READS[relation]


def test_each_published_view_says_who_reads_it(world: World) -> None:
    views = world.bureau.fetch("select relname from pg_class where relnamespace = 'published'::regnamespace")
    assert {f"published.{view['relname']}" for view in views} == {name for name in READS if name[:10] == "published."}


def test_each_mart_shows_a_branch_reader_rows_of_its_branches(world: World) -> None:
    """By its policy, whatever rows there are; those that are open to all branches are named."""
    policies = world.bureau.fetch(
        """select c.relname as mart, pg_get_expr(p.polqual, p.polrelid) ~ 'own_branch' as is_own
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'known_from_no'
        left join pg_policy p on p.polrelid = c.oid and p.polname = 'branch'
        where c.relnamespace = 'marts'::regnamespace and c.relkind = 'r'
            and has_table_privilege('ciq_branch_reader', c.oid, 'select')"""
    )
    assert len(policies) > len(OPEN_TO_BRANCHES)
    assert {one["mart"] for one in policies if not one["is_own"]} == OPEN_TO_BRANCHES


DOES = {
    "delete from marts.fct_volume where lots < 0": {"owner", "dbt"},
    "update marts.fct_volume set lots = lots where lots < 0": {"owner", "dbt"},
    "insert into marts.fct_volume select * from marts.fct_volume where lots < 0": {"owner", "dbt"},
    "delete from published.fct_day_status where feeds_due < 0": set(),
    "alter table marts.fct_volume disable row level security": {"owner", "dbt"},
    "drop policy branch on marts.fct_volume": {"owner", "dbt"},
    "create table public.mine (x int)": {"owner"},
    "create temp table mine (x int)": {"owner", "loader", "dbt", "engineer"},
    "create function pg_temp.mine() returns int language sql cost 0.0001 as 'select 1'": {
        "owner", "loader", "dbt", "engineer",
    },
    "insert into access.reader_branch values ('ciq_reader_nanjing', '320500')": {"owner"},
    "delete from access.reader_branch": {"owner"},
    "insert into ods.f01_declaration select * from ods.f01_declaration where false": {"owner", "loader"},
    "update ods.f01_declaration set op = op where false": {"owner"},
    "delete from audit.closed_day where false": {"owner"},
    "insert into audit.event select * from audit.event where false": {"owner"},
    "select audit.append_event('views', '{}')": {"owner", "loader"},
    "select audit.append_event('reader', '{}')": {"owner"},
    "select audit.make_month('f01_declaration', '2010-07-01')": {"owner", "loader"},
    "select published.as_of_no()": EVERYBODY,
    "select access.promoted_no()": {"owner", "dbt", "bi_reader", *BRANCHES},
    "select pg_read_file('postgresql.conf')": set(),
    "copy (select 1) to program 'true'": set(),
}  # fmt: skip


@pytest.mark.parametrize("statement", DOES)
def test_who_does(world: World, statement: str) -> None:
    """Without the sessions' read-only default, which anybody may switch off."""
    read_write = "set transaction read write"
    able = {name for name in EVERYBODY if not _cannot(world, name, read_write, statement)}
    assert able == DOES[statement]


def _cannot(world: World, name: str, *statements: str) -> bool:
    try:
        return world.refused(name, *statements)
    except psycopg.errors.ObjectNotInPrerequisiteState:  # a view that cannot be written to, whoever asks
        return True


@pytest.mark.parametrize("schema", ["published", "marts"])
def test_a_branch_reader_counts_its_lots_only(world: World, schema: str) -> None:
    """A lot counts for the branch above the office that inspected it, whoever sent it."""
    lots = LOTS.format(schema)
    usd = "1000.50"
    assert [(n, str(v / n)) for n, v in world.ask("nanjing", lots)] == [(3, usd)]  # type: ignore[operator]
    assert [(n, str(v / n)) for n, v in world.ask("south", lots)] == [(6, usd)]  # type: ignore[operator]
    seen = {name: {row[0] for row in world.ask(name, f"select org_id from {schema}.fct_volume")} for name in BRANCHES}
    assert seen == {"nanjing": {NANJING}, "south": {SUZHOU, WUXI}}


@pytest.mark.parametrize(
    "measure",
    [
        "count(*), sum(value_usd) from {}.fct_inspection_lot",
        "count(*), sum(net_weight_kg), sum(value_usd) from {}.fct_goods_line",
        "count(*), sum(evaluations) from {}.fct_evaluation",
        "sum(lots), sum(value_usd_header) from {}.fct_volume",
        "sum(value_usd), sum(goods_lines) from {}.fct_value",
        "sum(lots_containing), count(*) from {}.agg_commodity_lots",
    ],
)
@pytest.mark.parametrize("schema", ["published", "marts"])
def test_branch_readers_add_up_to_the_province(world: World, schema: str, measure: str) -> None:
    query = f"select {measure.format(schema)}"
    (whole,) = world.ask("bi_reader", query)
    assert whole == world.ask("auditor", query)[0]
    assert whole[0], "there is something to add up"
    parts = [world.ask(name, query)[0] for name in BRANCHES]
    assert tuple(sum(values) if any(values) else None for values in zip(*parts, strict=True)) == whole  # type: ignore[arg-type]


def test_completeness_is_told_of_another_senders_day_too(world: World) -> None:
    """The lot of Suzhou's office was sent by Nanjing: its completeness is that of Nanjing's day."""
    query = "select completeness from published.fct_inspection_lot where sender_org = '320100'"
    assert world.ask("south", query) == world.ask("bi_reader", f"{query} and org_id = '320500'") == [("final",)]


def test_a_reader_sees_promoted_rows_only_while_a_build_runs(world: World) -> None:
    """Reading the marts themselves: all of the former publication, nothing of the next."""
    marts = ("fct_inspection_lot", "fct_volume", "dim_enterprise", "fct_day_status")
    state = " union all ".join(f"select '{m}', count(*), max(known_from_no) from marts.{m}" for m in marts)
    before = {name: sorted(world.ask(name, state)) for name in {"bi_reader", *BRANCHES}}
    deliver(world.bureau, NANJING, range(1, 3), seq=2)  # two lots are gone
    deliver(world.bureau, SUZHOU, [5, 6, 7, 10, 11], seq=2)
    world.bureau.load()
    with building(world.settings, application="test") as connection:
        frozen = freeze(connection, run_ref="test")
        assert frozen is not None
        assert all(step.is_well for step in run_dbt(world.settings, COMMAND, build_id=frozen.build_id))
    assert world.ask("auditor", "select max(known_from_no) from marts.fct_volume") == [(2,)], "it is half built"
    assert {name: sorted(world.ask(name, state)) for name in before} == before
    assert build(world.settings, "test").publication_no == 2
    assert world.ask("south", LOTS.format("published"))[0][0] == 7
    assert world.ask("nanjing", "select max(known_from_no) from marts.fct_volume") == [(2,)]
    as_of = "set ciq.as_of = '1'"
    with world.connect("south") as connection:
        connection.execute(as_of)
        former = connection.execute("select count(*) from published.fct_inspection_lot where org_id = '320500'")
        assert former.fetchone() == (4,), "Suzhou's own three, and Nanjing's lot at its office"


SEEN = "select string_agg(distinct org_id, ' ' order by org_id) from {}"
HARMLESS = (
    "set row_security = on",
    "set search_path = pg_temp, marts, published",
    "set ciq.as_of = '1'",
    "set ciq.build_id = '1'",
    "set ciq.branches = '320500'",
    "set default_transaction_read_only = off",
    "set enable_seqscan = off",
    "set role none",
    "reset all",
)
"""What a client may set and what changes nothing of what it sees."""


@pytest.mark.parametrize("setting", HARMLESS)
def test_no_setting_shows_more(world: World, setting: str) -> None:
    with world.connect("nanjing") as connection:
        connection.execute(setting.encode())
        for relation in ("published.fct_inspection_lot", "marts.fct_inspection_lot", "published.fct_value"):
            assert connection.execute(SEEN.format(relation).encode()).fetchone() == (NANJING,)


@pytest.mark.parametrize(
    "statement",
    [
        "set role ciq_bi_reader",
        "set role ciq_branch_reader",
        "set role ciq_reader_south",
        "set role ciq_dbt",
        "set session authorization ciq_reader_south",
        "alter role ciq_reader_nanjing bypassrls",
        "alter role ciq_reader_nanjing connection limit 1000",
        "grant ciq_bi_reader to ciq_reader_nanjing",
        "create view public.mine as select * from marts.fct_volume",
        "alter view published.fct_volume set (security_invoker = false)",
        "set session_replication_role = replica",
        "lock table marts.fct_volume",
        "select * from marts.fct_volume for update",
        "do $$ begin perform pg_terminate_backend(pid) from pg_stat_activity where usename = 'ciq_bi_reader'"
        " limit 1; perform lo_import('/etc/passwd'); end $$",
    ],
)
def test_a_branch_reader_becomes_nobody_else(world: World, statement: str) -> None:
    assert world.refused("nanjing", "set transaction read write", statement)


def test_row_security_cannot_be_switched_off(world: World) -> None:
    for relation in ("published.fct_inspection_lot", "marts.fct_inspection_lot"):
        assert world.refused("nanjing", "set row_security = off", f"select count(*) from {relation}")
    with world.connect("nanjing") as connection:
        connection.execute("set ciq.as_of = '99'")
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            connection.execute("select count(*) from published.fct_volume")


@pytest.mark.parametrize("relation", ["published.fct_inspection_lot", "marts.fct_inspection_lot"])
@pytest.mark.parametrize(
    "telltale",
    [
        "1 / (case org_id when '320500' then 0 else 1 end) = 1",
        "(case when org_id = '320100' then '1' else applicant_name end)::int = 1",
    ],
)
def test_a_condition_that_fails_or_tells_is_not_tried_on_rows_of_others(
    world: World, relation: str, telltale: str
) -> None:
    """Row security is a barrier: conditions of the query see only rows that passed it."""
    assert world.ask("nanjing", f"select count(*) > 0 from {relation} where {telltale}") == [(True,)]
    with pytest.raises((psycopg.errors.DivisionByZero, psycopg.errors.InvalidTextRepresentation)):
        world.ask("bi_reader", f"select count(*) from {relation} where {telltale}")


@pytest.mark.parametrize(
    "detour",
    [
        "select org_id from marts.fct_inspection_lot tablesample system (100)",
        "select org_id from marts.fct_inspection_lot where ctid >= '(0,0)'",
        "with rows as materialized (table published.fct_inspection_lot) select org_id from rows",
        "select org_id from published.fct_goods_line union all select org_id from marts.fct_value",
        "select org_code from published.fct_coverage",
        "select sender_org from marts.fct_finding union select sender_org from marts.fct_unused_row",
    ],
)
def test_no_detour_leads_to_rows_of_others(world: World, detour: str) -> None:
    assert {row[0] for row in world.ask("nanjing", detour)} <= {NANJING}


def test_the_catalogue_tells_nothing_of_the_values_of_others(world: World) -> None:
    with connect(world.settings, "owner", autocommit=True) as connection:
        connection.execute("analyze marts.fct_inspection_lot")
        assert connection.execute("select count(*) > 0 from pg_stats where schemaname = 'marts'").fetchone() == (True,)
        for name in {"bi_reader", *BRANCHES}:
            # What documents published is for all, and may be analysed meanwhile.
            values = (
                "select attname from pg_stats where schemaname = 'marts' and tablename like 'fct%'"
                " and tablename <> 'fct_published_claim'"
            )
            assert world.ask(name, values) == []
            shown = "select distinct query from pg_stat_activity where usename is distinct from current_user"
            assert {row[0] for row in world.ask(name, shown)} <= {"<insufficient privilege>", None, ""}
    assert world.refused("nanjing", "select * from pg_statistic")
    assert world.refused("nanjing", "select rolpassword from pg_authid")


def test_a_mapping_holds_from_the_next_statement_on(world: World) -> None:
    with world.connect("nanjing") as connection:
        connection.execute("commit")
        connection.autocommit = True
        mine = "select count(distinct org_id) from published.fct_inspection_lot"
        assert connection.execute(mine).fetchone() == (1,)
        with connect(world.settings, "owner") as owner:
            owner.execute("delete from access.reader_branch where role_name = 'ciq_reader_nanjing'")
        try:
            assert connection.execute(mine).fetchone() == (0,)
        finally:
            with connect(world.settings, "owner") as owner:
                owner.execute("insert into access.reader_branch values ('ciq_reader_nanjing', %s)", (NANJING,))


def test_plans_ask_once_who_reads_and_which_publication(world: World) -> None:
    """The branches are a hashed subplan and the numbers are asked once: nothing of it per row."""
    for name, hashed in (("nanjing", 1), ("bi_reader", 0)):
        plan = "\n".join(
            str(row[0])
            for row in world.ask(name, "explain select sum(lots) from published.fct_inspection_lot where is_counted")
        )
        assert plan.count("(hashed SubPlan") == hashed, plan
        conditions = [row for row in plan.splitlines() if "Filter: " in row or "Cond: " in row]
        assert any("known_from_no <= (InitPlan" in row for row in conditions), plan
        assert not any("_no()" in row for row in conditions), plan


def test_limits_of_readers(world: World) -> None:
    for name in {"bi_reader", *BRANCHES}:
        with world.connect(name) as connection:
            for setting, value in (
                ("statement_timeout", "5min"),
                ("idle_in_transaction_session_timeout", "10min"),
                ("idle_session_timeout", "8h"),
                ("default_transaction_read_only", "on"),
                ("search_path", "published"),
            ):
                assert connection.execute(f"show {setting}".encode()).fetchone() == (value,), (name, setting)
        login = f"ciq_reader_{name}" if name in BRANCHES else f"ciq_{name}"
        (limit,) = world.ask("owner", f"select rolconnlimit from pg_roles where rolname = '{login}'")
        assert limit == (5 if name in BRANCHES else 20,)


def test_a_login_beyond_its_connections_is_refused(world: World) -> None:
    prepare_database(world.settings.model_copy(update={"branch_reader_connections": 1}))
    try:
        with world.connect("south"), pytest.raises(psycopg.OperationalError, match="too many connections"):
            world.connect("south")
    finally:
        prepare_database(world.settings)
