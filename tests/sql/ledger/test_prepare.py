"""`ciq init` on a real server: once, again, and what the roles may do afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable

import psycopg
import pytest

from ciq.contracts.drift import drifted_tables
from ciq.database import connect
from ciq.doctoring import Finding, examine
from ciq.ledger.events import append_event, first_broken_event
from ciq.ledger.logins import grant_reserved_connections
from ciq.ledger.prepare import prepare_database
from ciq.ledger.roles import ROLES, make_roles
from ciq.settings import Settings
from ciq_demo import postgres


def value(settings: Settings, query: str) -> object:
    with connect(settings, "auditor") as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_init_again_changes_nothing(prepared: Settings) -> None:
    # Where each row stands: an update that changes nothing would move it.
    places = "select md5(string_agg(ctid::text, ',' order by {})) from ref.{}"
    queries = [places.format("currency, day", "fx_rate"), places.format("list_id, code", "code")]
    before = [value(prepared, query) for query in queries], prepared.roles_file.read_bytes()
    assert prepare_database(prepared) == []
    assert ([value(prepared, query) for query in queries], prepared.roles_file.read_bytes()) == before


def test_no_role_is_superuser_and_secrets_are_private(prepared: Settings) -> None:
    powerful = "select count(*) from pg_roles where rolname = any(array['{}']) and (rolsuper or rolcreaterole)"
    assert value(prepared, powerful.format("', '".join(f"ciq_{name}" for name in ROLES))) == 0
    assert prepared.roles_file.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(prepared.roles_file.read_text())) == {f"ciq_{name}" for name in ROLES}


def test_the_tables_agree_with_the_contracts(prepared: Settings) -> None:
    assert drifted_tables(prepared) == []


@pytest.mark.parametrize(
    "statement", ["select * from ods.f01_declaration", "select * from audit.delivery", "create table x ()"]
)
def test_the_bi_reader_sees_published_only(prepared: Settings, statement: str) -> None:
    with connect(prepared, "bi_reader") as connection:
        connection.execute("set transaction read write")  # readers' sessions begin read only, as a default
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_an_event_cannot_be_written_past_the_chain(prepared: Settings) -> None:
    with connect(prepared, "loader") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("insert into audit.event values (1, now(), 'x', 'y', 'z', 'h')")


def test_a_changed_event_is_the_first_that_breaks_the_chain(
    make_settings: Callable[..., Settings], prepared: Settings
) -> None:
    assert prepared.warehouse_url
    settings = make_settings("event-chain", template=prepared.warehouse_url.rpartition("/")[2])
    with connect(settings, "loader") as connection:
        numbers = [append_event(connection, "test", {"number": n, "name": "张"}) for n in range(5)]
    with connect(settings, "owner") as connection:
        assert first_broken_event(connection) is None
        connection.execute("alter table audit.event disable trigger append_only")
        connection.execute(
            "update audit.event set payload = replace(payload, '张', '李') where event_no = %s", (numbers[2],)
        )
        assert first_broken_event(connection) == numbers[2]
        connection.rollback()
        connection.execute("alter table audit.event disable trigger append_only")
        connection.execute("delete from audit.event where event_no = %s", (numbers[1],))
        assert first_broken_event(connection) == numbers[2]


def test_reference_data_speaks_both_languages(prepared: Settings) -> None:
    assert value(prepared, "select name_zh from ref.code where list_id = 'country' and code = '840'") == "美国"
    assert value(prepared, "select name_zh from ref.code where list_id = 'currency' and code = 'USD'") == "美元"
    assert value(prepared, "select count(*) from ref.org where is_due") == 20
    assert value(prepared, "select branch_code from ref.org where org_code = '320110'") == "320100"
    assert (
        value(
            prepared, "select count(*) from ref.calendar where is_workday and day between '2010-01-01' and '2010-12-31'"
        )
        == 250
    )


def test_rates_are_usd_per_hundred_units(prepared: Settings) -> None:
    rate = "select usd_per_100 from ref.fx_rate where currency = '{}' and day = '2010-06-08'"
    assert 119 < float(str(value(prepared, rate.format("EUR")))) < 120
    assert 14.6 < float(str(value(prepared, rate.format("CNY")))) < 14.7
    assert value(prepared, rate.format("USD")) == 100


def test_passwords_do_not_reach_the_log_of_the_server(
    make_settings: Callable[..., Settings], template: str, pg: postgres.Server
) -> None:
    settings = make_settings("password-log", template=template)
    database = str(settings.warehouse_url).rpartition("/")[2]
    with psycopg.connect(pg.url("postgres", postgres.SUPERUSER), autocommit=True) as superuser:
        superuser.execute(f"alter database {database} set log_statement = 'all'".encode())
    with connect(settings, "owner") as connection:
        make_roles(connection, settings.roles_file)
    logged = pg.log.read_text(encoding="utf-8", errors="replace")
    assert 'role "ciq_loader" login password' in logged
    assert [role for role, password in json.loads(settings.roles_file.read_text()).items() if password in logged] == []
    with connect(settings, "loader"):
        """The password still opens."""


def test_a_forgotten_query_of_a_reader_ends(prepared: Settings) -> None:
    with connect(prepared, "owner") as connection:  # the setting belongs to a database and is not cloned with it
        make_roles(connection, prepared.roles_file)
    with connect(prepared, "bi_reader") as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("5min",)
        assert connection.execute("show idle_in_transaction_session_timeout").fetchone() == ("10min",)


@pytest.mark.parametrize(
    "statement",
    [
        "update ods.f01_declaration set total_value = 1",
        "delete from ods.f01_declaration",
        "truncate ods.f01_declaration",
        "alter table ods.f01_declaration add column x int",
        "create table ods.x ()",
    ],
)
def test_the_loader_adds_accepted_rows_and_does_nothing_else(prepared: Settings, statement: str) -> None:
    with connect(prepared, "loader") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def reserve(settings: Settings) -> Finding:
    (found,) = [finding for finding in examine(settings) if finding.what.startswith("reserved connections")]
    return found


def test_the_server_keeps_connections_for_those_who_work(pg: postgres.Server, prepared: Settings) -> None:
    assert reserve(prepared).well, reserve(prepared)
    assert reserve(prepared).found.startswith("20 kept")
    assert value(prepared, "select pg_has_role('ciq_bi_reader', 'pg_use_reserved_connections', 'member')") is False
    with psycopg.connect(pg.url("postgres", postgres.SUPERUSER), autocommit=True) as admin:
        admin.execute("revoke pg_use_reserved_connections from ciq_dbt granted by ciq_owner")
        try:
            found = reserve(prepared)
        finally:
            with connect(prepared, "owner", autocommit=True) as owner:
                grant_reserved_connections(owner, ["ciq_dbt"])
    assert (found.well, found.advice) == (False, "As a superuser: grant pg_use_reserved_connections to ciq_dbt.")
    assert reserve(prepared).well


def test_an_owner_that_may_not_grant_the_reserve_goes_on_without(pg: postgres.Server) -> None:
    with psycopg.connect(pg.url("postgres", postgres.SUPERUSER)) as admin:
        admin.execute("create role t_plain_owner createrole")
        admin.execute("set role t_plain_owner")
        admin.execute("create role t_plain_loader")
        grant_reserved_connections(admin, ["t_plain_loader"])
        row = admin.execute("select pg_has_role('t_plain_loader', 'pg_use_reserved_connections', 'member')").fetchone()
        assert row == (False,)
        admin.rollback()
