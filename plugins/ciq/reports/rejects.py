"""Rows in quarantine, one entry per rule that a row broke: read for lists, exports and return files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from ciq.plain import line_in

State = Literal["open", "released", "superseded", "all"]


@dataclass(frozen=True, kw_only=True)
class RejectFilter:
    """Which rejected rows. Dates are business dates, inclusive; what is empty or None does not restrict."""

    deliveries: Sequence[int] = ()
    load_id: int | None = None
    feed: str | None = None
    branch: str | None = None
    rule: str | None = None
    first: date | None = None
    last: date | None = None
    state: State = "open"


@dataclass(frozen=True, kw_only=True)
class Reject:
    """One rule that one row broke. `value`: the cell as received, None where the rule names no cell."""

    delivery_id: int
    feed_code: str
    org_code: str
    business_date: date
    file: str
    line: int
    section: str | None
    """The sheet or element that `line` counts in, where the file has several."""
    record_id: str
    state: str
    rule_id: str
    field: str | None
    value: str | None
    releasable: bool
    message_zh: str
    message_en: str
    raw_text: str

    @property
    def place(self) -> str:
        """Its line for people, with the section."""
        return line_in(self.section, self.line)

    def as_json(self) -> dict[str, Any]:
        """For programs: dates as text."""
        return {**self.__dict__, "business_date": self.business_date.isoformat()}


_WHERE = """
from quarantine.rejected_row q join audit.delivery d using (delivery_id)
where (%(deliveries)s::bigint[] = '{}' or q.delivery_id = any(%(deliveries)s))
    and (%(load_id)s::bigint is null
        or q.verdict_id in (select verdict_id from audit.verdict where load_id = %(load_id)s))
    and (%(feed)s::text is null or q.feed_code = %(feed)s)
    and (%(branch)s::text is null or q.org_code = %(branch)s)
    and (%(rule)s::text is null or %(rule)s = any(q.rule_ids))
    and (%(first)s::date is null or q.business_date >= %(first)s)
    and (%(last)s::date is null or q.business_date <= %(last)s)
    and (%(state)s = 'all' or q.state = %(state)s)
"""

_SELECT = (
    """
select q.delivery_id, q.feed_code, q.org_code, q.business_date, d.data_name as file, q.line_no as line, q.section,
    q.state,
    coalesce(q.key ->> 'record_id', '') as record_id, q.rule_ids, q.cells, q.raw_text
"""
    + _WHERE
    + " order by q.business_date, q.feed_code, q.org_code, q.delivery_id, q.record_no, q.rejected_row_id"
)


def count_rejects(connection: psycopg.Connection, wanted: RejectFilter) -> int:
    """Rows that the filter finds."""
    row = connection.execute("select count(*) " + _WHERE, _parameters(wanted)).fetchone()
    assert row is not None
    return int(row[0])


def read_rejects(connection: psycopg.Connection, wanted: RejectFilter, *, rows: int | None = None) -> Iterator[Reject]:
    """Rejects in the order of deliveries and lines, at most of `rows` rows; streamed, so that memory stays flat."""
    rules = _rules(connection)
    limit = f" limit {int(rows)}" if rows is not None else ""
    with connection.transaction(), connection.cursor("rejects", row_factory=dict_row) as cursor:
        cursor.itersize = 1000
        cursor.execute(_SELECT + limit, _parameters(wanted))
        for row in cursor:
            yield from _rejects(row, rules, wanted.rule)


def _parameters(wanted: RejectFilter) -> dict[str, Any]:
    return {**wanted.__dict__, "deliveries": list(wanted.deliveries)}


def _rules(connection: psycopg.Connection) -> dict[str, dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select rule_id, field, releasable, message_zh, message_en from ref.rule").fetchall()
    return {row["rule_id"]: row for row in rows}


def _rejects(row: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]], only: str | None) -> Iterator[Reject]:
    row = dict(row)
    rule_ids, cells = row.pop("rule_ids"), row.pop("cells")
    for rule_id in rule_ids:
        if only is not None and rule_id != only:
            continue
        rule = rules.get(rule_id) or rules.get(f"F00-{rule_id}", {})
        field = rule.get("field")
        yield Reject(
            rule_id=rule_id,
            field=field,
            value=cells.get(field) if field else None,
            releasable=bool(rule.get("releasable", False)),
            message_zh=rule.get("message_zh", rule_id),
            message_en=rule.get("message_en", rule_id),
            **row,
        )


def released_in_vain(connection: psycopg.Connection, delivery_id: int) -> list[tuple[str, list[str]]]:
    """Lines of a delivery that were released from some rule and are in quarantine still, with the rules left."""
    rows = connection.execute(
        "select q.section, q.line_no, q.rule_ids from quarantine.rejected_row q where q.delivery_id = %s"
        " and q.state = 'open' and exists (select from audit.decision d join quarantine.rejected_row before"
        "  on before.delivery_id = d.delivery_id and before.line_no = d.line_no and d.rule_id = any (before.rule_ids)"
        "  where d.kind = 'release_row' and before.delivery_id = q.delivery_id and before.record_no = q.record_no)"
        " order by q.record_no",
        (delivery_id,),
    ).fetchall()
    return [(line_in(section, line), list(rules)) for section, line, rules in rows]
