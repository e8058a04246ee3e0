"""What a login cannot make the warehouse's owner do, and what it cannot say in the log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from ciq.database import Role, connect
from ciq.ledger.prepare import prepare_database
from ciq.ledger.roles import make_roles
from ciq.settings import Settings

OURS = ("access", "audit", "published", "ref", "quarantine", "raw", "ods")


def test_definers_search_no_schema_of_the_caller_first(prepared: Settings) -> None:
    """A caller's own domain or table named like ours would otherwise run its code with the owner's rights."""
    with connect(prepared, "auditor") as connection:
        found = connection.execute(
            "select p.oid::regprocedure::text, p.proconfig from pg_proc p"
            " where p.pronamespace = any(%s::text[]::regnamespace[]) and p.prosecdef",
            (list(OURS),),
        ).fetchall()
    assert len(found) >= 4
    for name, settings in found:
        path = next((entry for entry in settings or [] if entry.startswith("search_path=")), "")
        assert path.startswith("search_path=pg_catalog"), name
        assert path.endswith(", pg_temp"), name


@pytest.mark.parametrize(
    ("role", "type_", "call"),
    [
        ("loader", "timestamptz", "select audit.append_event('verdict', '{}')"),
        ("loader", "date", "select audit.make_month('f01_declaration', '2010-07-01')"),
        ("engineer", "text", "select published.as_of_no()"),
    ],
)
def test_a_callers_domain_does_not_run_as_the_owner(prepared: Settings, role: Role, type_: str, call: str) -> None:
    with connect(prepared, role) as connection:
        connection.execute(
            f"create function pg_temp.is_mine(v pg_catalog.{type_}) returns boolean language plpgsql as $$ begin"
            " if current_user <> session_user then raise 'runs as %', current_user; end if; return true; end $$;"
            f"create domain pg_temp.{type_} as pg_catalog.{type_} check (pg_temp.is_mine(value))".encode()
        )
        connection.execute(call.encode())
        connection.rollback()


@pytest.mark.parametrize("role", ["auditor", "bi_reader"])
def test_readers_make_nothing(prepared: Settings, role: Role) -> None:
    with connect(prepared, "owner") as connection:  # a clone does not take over what its template granted
        make_roles(connection, prepared.roles_file)
    with connect(prepared, role) as connection:
        connection.execute("set transaction read write")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create temp table mine (x int)")


@pytest.mark.parametrize("payload", ['{"kind": "x"}', '{"delivery_id": 1, "subjects": [["D-status", null]]}'])
def test_a_decision_on_no_delivery_is_not_logged(prepared: Settings, payload: str) -> None:
    """The log forgets nothing, and who writes receipts would stumble over it for ever."""
    with connect(prepared, "engineer") as connection, pytest.raises(psycopg.errors.InvalidParameterValue):
        connection.execute("select audit.append_event('decision', %s)", (payload,))


def test_two_preparations_at_once_wait_for_each_other(prepared: Settings) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(prepare_database, [prepared, prepared])) == [[], []]
