"""Undo what a build that was not promoted wrote to the marts."""

from __future__ import annotations

import psycopg
from psycopg import sql

from ciq.building.locks import FENCE
from ciq.building.marts import mart_table, versioned_marts
from ciq.database import connect
from ciq.settings import Settings

DBT_SESSION = "ciq dbt"
"""application_name of dbt's sessions: dbt_project/profiles.yml."""


def abandon_running_builds(connection: psycopg.Connection) -> list[int]:
    """Mark builds whose builder is gone; returns their ids. Call it with the build lock held.

    From here on their dbt, should it still run, fails at its next model.
    """
    rows = connection.execute(
        "update audit.build set state = 'abandoned', finished_at = clock_timestamp() where state = 'running'"
        " returning build_id"
    ).fetchall()
    return [int(row[0]) for row in rows]


def undo_marts(settings: Settings) -> int:
    """Delete the rows opened by the next number and reopen those that it closed; returns how many rows.

    Waits for models that are still writing. One transaction.
    """
    with connect(settings, "dbt", autocommit=True, application="ciq undo") as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = current_user and datname = current_database() and application_name = %s",
            (DBT_SESSION,),
        )
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (FENCE,))
            row = connection.execute("select audit.next_no()").fetchone()
            assert row is not None
            return sum(_undo(connection, mart, int(row[0])) for mart in versioned_marts(connection))


def _undo(connection: psycopg.Connection, mart: str, number: int) -> int:
    table = mart_table(mart)
    opened = connection.execute(sql.SQL("delete from {} where known_from_no = %s").format(table), (number,))
    closed = connection.execute(
        sql.SQL("update {} set known_to_no = null where known_to_no = %s").format(table), (number,)
    )
    return opened.rowcount + closed.rowcount
