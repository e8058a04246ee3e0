"""What the published facts add up to, and by how much they moved between two publications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

from ciq.building.marts import mart_table, versioned_marts

ROWS = "rows"
"""Beside the additive measures of a fact: how many rows it has."""

Totals = dict[str, dict[str, str]]
"""Fact -> measure -> sum over all rows, as exact decimal text."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A versioned fact; its measures are the columns whose comment ends in [可加 additive]."""

    name: str
    measures: Sequence[str]
    day: str | None
    """The first column that is a date: the day by which movements are told."""
    parts: Sequence[str]
    """The versioned marts whose rows it shows: its own, and those that have no view of their own."""


@dataclass(frozen=True, kw_only=True)
class Movement:
    """By how much one measure of a fact changed on one day."""

    fact: str
    day: str | None
    measure: str
    change: str

    def as_json(self) -> dict[str, Any]:
        """For `--json` and the ledger."""
        return asdict(self)


def read_facts(connection: psycopg.Connection) -> list[Fact]:
    """Every fact of the published schema that is versioned."""
    rows = connection.execute(
        "select c.relname, array_agg(a.attname order by a.attnum)"
        "  filter (where col_description(c.oid, a.attnum) ~ '\\[可加'),"
        " (array_agg(a.attname order by a.attnum) filter (where a.atttypid = 'date'::regtype))[1]"
        " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " join pg_attribute kept on kept.attrelid = to_regclass('marts.' || c.relname) and kept.attname = a.attname"
        " where c.relnamespace = 'published'::regnamespace and c.relkind = 'v' and c.relname like 'fct\\_%'"
        ' group by c.relname order by c.relname collate "C"'
    ).fetchall()
    versioned = set(versioned_marts(connection))
    further = _further_parts(connection, versioned)
    return [
        Fact(name=name, measures=measures or (), day=day, parts=(name, *further.get(name, ())))
        for name, measures, day in rows
        if name in versioned
    ]


def _further_parts(connection: psycopg.Connection, versioned: set[str]) -> dict[str, list[str]]:
    """View -> the versioned marts that it reads and that no view shows under their own name."""
    rows = connection.execute(
        "select views.relname, array_agg(distinct marts.relname::text)"
        " from pg_rewrite rules join pg_class views on views.oid = rules.ev_class"
        " join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = rules.oid"
        "  and d.refclassid = 'pg_class'::regclass"
        " join pg_class marts on marts.oid = d.refobjid and marts.relnamespace = 'marts'::regnamespace"
        " where views.relnamespace = 'published'::regnamespace and marts.relname = any (%s)"
        "  and to_regclass('published.' || marts.relname) is null"
        " group by views.relname",
        (sorted(versioned),),
    ).fetchall()
    return {str(view): list(marts) for view, marts in rows}


def read_totals(connection: psycopg.Connection, facts: Iterable[Fact]) -> Totals:
    """Rows and measures of each fact at the promoted publication. Ask within one snapshot."""
    totals: Totals = {}
    for fact in facts:
        names = (ROWS, *fact.measures)
        row = connection.execute(
            sql.SQL("select {} from {}").format(
                sql.SQL(", ").join([sql.SQL("count(*)::numeric"), *map(_sum, fact.measures)]),
                sql.Identifier("published", fact.name),
            )
        ).fetchone()
        assert row is not None
        totals[fact.name] = {name: str(value) for name, value in zip(names, row, strict=True)}
    return totals


def _sum(measure: str) -> sql.Composed:
    return sql.SQL("coalesce(trim_scale(sum({})::numeric), 0)").format(sql.Identifier(measure))


def read_movements(connection: psycopg.Connection, facts: Iterable[Fact], *, before: int, after: int) -> list[Movement]:
    """What changed between two publications, by fact, day and measure; what nets to nothing is left out."""
    return [movement for fact in facts for movement in _moved(connection, fact, before, after)]


def _moved(connection: psycopg.Connection, fact: Fact, before: int, after: int) -> list[Movement]:
    names = (ROWS, *fact.measures)
    day = sql.Identifier(fact.day) if fact.day else sql.SQL("null::date")
    changes = [sql.SQL("sum(sign)::numeric")] + [
        sql.SQL("coalesce(trim_scale(sum(sign * {})::numeric), 0)").format(sql.Identifier(name))
        for name in fact.measures
    ]
    touched = sql.SQL(" union all ").join(
        sql.SQL(
            "select 1 as sign, {columns} from {table} where known_from_no > {before} and known_from_no <= {after}"
            " and (known_to_no is null or known_to_no > {after})"
            " union all select -1, {columns} from {table}"
            " where known_to_no > {before} and known_to_no <= {after} and known_from_no <= {before}"
        ).format(
            columns=sql.SQL(", ").join([sql.SQL("{} as day").format(day), *map(sql.Identifier, fact.measures)]),
            table=mart_table(part),
            before=sql.Literal(before),
            after=sql.Literal(after),
        )
        for part in fact.parts
    )
    rows = connection.execute(
        sql.SQL("select day::text, {changes} from ({touched}) touched group by day order by day").format(
            changes=sql.SQL(", ").join(changes), touched=touched
        )
    ).fetchall()
    return [
        Movement(fact=fact.name, day=row[0], measure=name, change=str(change))
        for row in rows
        for name, change in zip(names, row[1:], strict=True)
        if change
    ]
