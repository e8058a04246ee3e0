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
    return [Fact(name=name, measures=measures or (), day=day) for name, measures, day in rows if name in versioned]


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
    rows = connection.execute(
        sql.SQL(
            "select {day}::text, {changes} from (select 1 as sign, t.* from {table} t"
            " where known_from_no > {before} and known_from_no <= {after}"
            "  and (known_to_no is null or known_to_no > {after})"
            " union all select -1, t.* from {table} t"
            " where known_to_no > {before} and known_to_no <= {after} and known_from_no <= {before}) touched"
            " group by {day} order by {day}"
        ).format(
            day=day,
            changes=sql.SQL(", ").join(changes),
            table=mart_table(fact.name),
            before=sql.Literal(before),
            after=sql.Literal(after),
        )
    ).fetchall()
    return [
        Movement(fact=fact.name, day=row[0], measure=name, change=str(change))
        for row in rows
        for name, change in zip(names, row[1:], strict=True)
        if change
    ]
