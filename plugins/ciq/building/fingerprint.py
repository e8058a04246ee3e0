"""One hash per published table, over its business content only: equal for equal sets of deliveries and decisions."""

from __future__ import annotations

import hashlib

import psycopg
from psycopg import sql

from ciq.database import connect
from ciq.settings import Settings

NOT_BUSINESS = frozenset(
    {"slice_version_id", "delivery_id", "void_slice_version_id", "void_delivery_id", "record_no", "org_key"}
)
"""Numbers of the ledger and surrogate keys: they depend on the order in which things happened."""

_PREFIXES = ("fct_", "dim_", "agg_")


def fingerprint(settings: Settings) -> dict[str, str]:
    """Table name -> sha256 over the count and the sums of its rows' sha256, for every fact and dimension.

    Rows are canonical text: numbers without trailing zeros, ISO dates, null unlike the empty string. The audit views
    (bridge, balance) are history and not in it.
    """
    with connect(settings, "auditor", application="ciq fingerprint") as connection:
        return {table: _hash(connection, table, columns) for table, columns in _tables(connection).items()}


def _tables(connection: psycopg.Connection) -> dict[str, list[tuple[str, str]]]:
    rows = connection.execute(
        "select c.relname, a.attname, format_type(a.atttypid, null) from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relnamespace = 'published'::regnamespace and c.relkind = 'v'"
        ' order by c.relname collate "C", a.attname collate "C"'
    ).fetchall()
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, type_ in rows:
        if table.startswith(_PREFIXES) and column not in NOT_BUSINESS:
            tables.setdefault(table, []).append((column, type_))
    return tables


def _hash(connection: psycopg.Connection, table: str, columns: list[tuple[str, str]]) -> str:
    values = [
        sql.SQL("trim_scale({})" if type_ == "numeric" else "{}").format(sql.Identifier(column))
        for column, type_ in columns
    ]
    row = connection.execute(
        sql.SQL(
            "select count(*), coalesce(sum(audit.half(digest, 0)), 0), coalesce(sum(audit.half(digest, 1)), 0)"
            " from (select sha256(convert_to(row({values})::text, 'UTF8')) as digest from {table}) rows"
        ).format(values=sql.SQL(", ").join(values), table=sql.Identifier("published", table))
    ).fetchone()
    assert row is not None
    names = ",".join(column for column, _ in columns)
    return hashlib.sha256(f"{names}|{row[0]}|{row[1]}|{row[2]}".encode()).hexdigest()
