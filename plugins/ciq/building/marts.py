"""The versioned marts, as the database has them."""

from __future__ import annotations

import psycopg
from psycopg import sql

TECHNICAL = ("row_digest", "known_from_no", "known_to_no")
"""Columns that the macro `versioned` appends to a mart's business columns."""

DIGEST = "sum(audit.half(row_digest, 0))"


def versioned_marts(connection: psycopg.Connection) -> list[str]:
    """Names of the versioned tables in schema marts, sorted."""
    rows = connection.execute(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " where c.relnamespace = 'marts'::regnamespace and c.relkind = 'r' and a.attname = 'known_from_no'"
        ' and not a.attisdropped order by c.relname collate "C"'
    ).fetchall()
    return [str(row[0]) for row in rows]


def mart_table(mart: str) -> sql.Identifier:
    """The mart as an SQL identifier."""
    return sql.Identifier("marts", mart)


def grain_columns(connection: psycopg.Connection, mart: str) -> list[str]:
    """The columns of the mart's grain, from the unique index that enforces it."""
    rows = connection.execute(
        "select a.attname from pg_index i cross join unnest(i.indkey) with ordinality as k(attnum, position)"
        " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum"
        " where i.indexrelid = to_regclass(%s) order by k.position",
        (f"marts.{mart}_grain",),
    ).fetchall()
    return [str(row[0]) for row in rows]


def business_columns(connection: psycopg.Connection, mart: str) -> list[str]:
    """The columns that row_digest covers, in their order."""
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
        " order by attnum",
        (f"marts.{mart}",),
    ).fetchall()
    return [str(row[0]) for row in rows if row[0] not in TECHNICAL]
