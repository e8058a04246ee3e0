"""Seals on reference data and static dimensions: a digest per row, and their sums in the event log.

`ciq init` seals what it fills. A row that did not agree with its seal before, and that filling did not set right, stays
unsealed: `ciq verify` names it until somebody has looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from ciq.ledger.events import append_event
from ciq.ledger.layouts import columns_of


def _kind_of(relation: str) -> str:
    """The kind of event that seals a table: reference data by the owner, static dimensions by the loader."""
    return "reference" if relation.startswith("ref.") else "dimensions"


def reference_tables(connection: psycopg.Connection) -> list[str]:
    """Every table of schema ref, with its schema."""
    return _tables(connection, "ref", without="")


def static_dimensions(connection: psycopg.Connection) -> list[str]:
    """Every table of schema marts that has no versions, with its schema."""
    return _tables(connection, "marts", without="known_from_no")


def _tables(connection: psycopg.Connection, schema: str, *, without: str) -> list[str]:
    rows = connection.execute(
        "select c.relname from pg_class c where c.relnamespace = to_regnamespace(%s) and c.relkind = 'r'"
        " and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = %s)"
        ' order by c.relname collate "C"',
        (schema, without),
    ).fetchall()
    return [f"{schema}.{row[0]}" for row in rows]


def key_columns(connection: psycopg.Connection, relation: str) -> list[str]:
    """The columns that name a row: of the primary key, else of a unique index, else the first column."""
    rows = connection.execute(
        "select a.attname from (select indkey from pg_index where indrelid = to_regclass(%s) and indisunique"
        "  and indpred is null and indexprs is null order by indisprimary desc, indexrelid limit 1) i"
        " cross join unnest(i.indkey) with ordinality as k(attnum, position)"
        " join pg_attribute a on a.attrelid = to_regclass(%s) and a.attnum = k.attnum order by k.position",
        (relation, relation),
    ).fetchall()
    return [str(row[0]) for row in rows] or columns_of(connection, relation)[:1]


def rows_to_seal(connection: psycopg.Connection, relation: str) -> sql.Composed:
    """SQL for (relation, key, digest) of every row as it stands."""
    key = sql.SQL(", ").join(
        sql.SQL("{} || {}::text").format(sql.Literal(f"{name}="), sql.Identifier(name))
        for name in key_columns(connection, relation)
    )
    return sql.SQL(
        "select {relation}::text as relation, concat_ws(' ', {key}) as key,"
        " substring(sha256(convert_to(t::text, 'UTF8')) for 16) as digest from {table} t"
    ).format(relation=sql.Literal(relation), key=key, table=sql.Identifier(*relation.split(".")))


@contextmanager
def sealed_reference(connection: psycopg.Connection) -> Iterator[None]:
    """Seal the reference tables after the block has filled them; within the caller's transaction."""
    connection.execute(
        "create temp table doubtful (relation text, key text, digest bytea, stood boolean) on commit drop"
    )
    for relation in reference_tables(connection):
        if _shape_sealed(connection, relation) == columns_of(connection, relation):
            _note_doubtful(connection, relation)
    yield
    seal(connection, reference_tables(connection), doubtful=True)
    connection.execute("drop table doubtful")


def _note_doubtful(connection: psycopg.Connection, relation: str) -> None:
    connection.execute(
        sql.SQL(
            "with stands as ({stands}), sealed as (select * from audit.sealed_row where relation = {relation})"
            " insert into doubtful select *, true from (select * from stands except select * from sealed) altered"
            " union all select *, false from (select * from sealed except select * from stands) gone"
        ).format(stands=rows_to_seal(connection, relation), relation=sql.Literal(relation))
    )


def seal(connection: psycopg.Connection, relations: Sequence[str], *, doubtful: bool = False) -> list[str]:
    """Seal the rows as they stand; returns the relations whose seal is new, one event each.

    `doubtful`: rows in the temp table of that name keep the seal that they had, or none, unless they changed since.
    """
    renewed = []
    for relation in relations:
        shape = columns_of(connection, relation)
        _write_seals(connection, relation, doubtful=doubtful)
        rows, digest = sealed_total(connection, relation)
        payload = {"relation": relation, "columns": shape, "rows": rows, "digest": digest}
        if last_seal(connection, relation) != payload:
            append_event(connection, _kind_of(relation), payload)
            renewed.append(relation)
    return renewed


def _write_seals(connection: psycopg.Connection, relation: str, *, doubtful: bool) -> None:
    stands = rows_to_seal(connection, relation)
    wanted: sql.Composable = sql.SQL("select * from stands")
    if doubtful:
        wanted = sql.SQL(
            "select * from good union select relation, key, digest from doubtful where not stood and relation = {}"
            " and key not in (select key from good)"
        ).format(sql.Literal(relation))
    connection.execute(
        sql.SQL(
            "create temp table fresh on commit drop as with stands as ({}), good as (select * from stands {}) {}"
        ).format(
            stands,
            sql.SQL("except select relation, key, digest from doubtful where stood" if doubtful else ""),
            wanted,
        )
    )
    connection.execute(
        "delete from audit.sealed_row s where relation = %s and not exists (select from fresh f"
        " where (f.relation, f.key, f.digest) = (s.relation, s.key, s.digest))",
        (relation,),
    )
    connection.execute(
        "insert into audit.sealed_row select * from fresh except select * from audit.sealed_row where relation = %s",
        (relation,),
    )
    connection.execute("drop table fresh")


def sealed_total(connection: psycopg.Connection, relation: str) -> tuple[int, str]:
    """Count and digest of the seals of one table."""
    row = connection.execute(
        "select count(*), concat_ws(':', coalesce(sum(audit.half(d, 0)), 0), coalesce(sum(audit.half(d, 1)), 0)) from"
        " (select sha256(convert_to(key, 'UTF8') || digest) as d from audit.sealed_row where relation = %s) x",
        (relation,),
    ).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


def last_seal(connection: psycopg.Connection, relation: str) -> dict[str, object] | None:
    """What the log says of a table: relation, columns, rows and digest; None when it was never sealed.

    Reads only the kind of event that seals the table's schema: the loader may log `dimensions`, never `reference`.
    """
    row = connection.execute(
        "select payload::jsonb from audit.event where kind = %s"
        " and payload::jsonb ->> 'relation' = %s order by event_no desc limit 1",
        (_kind_of(relation), relation),
    ).fetchone()
    return dict(row[0]) if row else None


def _shape_sealed(connection: psycopg.Connection, relation: str) -> object:
    return (last_seal(connection, relation) or {}).get("columns")
