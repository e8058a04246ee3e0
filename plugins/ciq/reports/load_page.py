"""What the page of one load's quality shows: read from the ledger, nothing computed anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from ciq.plain import visible
from ciq.reports.rejects import Reject, RejectFilter, count_rejects, read_rejects

SAMPLE_ROWS = 100
LISTED_LOADS = 100


@dataclass(frozen=True, kw_only=True)
class LoadHead:
    """One load and the sums over its verdicts, in rows."""

    load_id: int
    run_ref: str
    feed_code: str
    feed_zh: str
    feed_en: str
    state: str
    software: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    first_day: str | None
    last_day: str | None
    deliveries: int
    deliveries_held: int
    received: int
    accepted: int
    quarantined: int
    held: int


@dataclass(frozen=True, kw_only=True)
class ValueLine:
    """Law 1 in one currency; `unreadable`: rows whose amount cannot be read."""

    currency: str
    received: Decimal
    accepted: Decimal
    quarantined: Decimal
    held: Decimal
    unreadable: int


@dataclass(frozen=True, kw_only=True)
class HoldReason:
    """One rule on a whole delivery. `released`: by a decision, so it does not hold it any more."""

    rule_id: str
    message_zh: str
    message_en: str
    expected: str
    found: str
    released: bool


@dataclass(frozen=True, kw_only=True)
class DeliveryLine:
    """One delivery as this load judged it. `standing`: whether that verdict is still the one in force."""

    delivery_id: int
    org_code: str
    org_zh: str
    org_en: str
    business_date: str
    seq: int
    data_name: str
    verdict: str
    standing: bool
    received: int
    accepted: int
    quarantined: int
    held: int
    reasons: tuple[HoldReason, ...]


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """One row rule: what the SQL predicates found in the rows received, and GX in the rows about to be accepted."""

    rule_id: str
    severity: str
    dimension: str | None
    field: str | None
    message_zh: str
    message_en: str
    sql_checked: int | None
    sql_broken: int | None
    gx_checked: int | None
    gx_broken: int | None
    deliveries: int

    @property
    def is_broken(self) -> bool:
        """Whether a row of the load broke it."""
        return bool(self.sql_broken or self.gx_broken)

    @property
    def disagrees(self) -> bool:
        """GX found a critical rule broken in rows that the predicates had passed."""
        return self.severity == "critical" and bool(self.gx_broken)


@dataclass(frozen=True, kw_only=True)
class LoadPage:
    """Everything on one load's page. `rejects`: of the first rows only; cells of personal columns are masked."""

    head: LoadHead
    values: tuple[ValueLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    rules: tuple[RuleLine, ...]
    suite_hash: str | None
    rules_hash: str | None
    rejects: tuple[Reject, ...]
    rejected_rows: int

    @property
    def broken_rules(self) -> tuple[RuleLine, ...]:
        """Rules that a row broke."""
        return tuple(rule for rule in self.rules if rule.is_broken)

    @property
    def kept_rules(self) -> tuple[RuleLine, ...]:
        """Rules that every row kept."""
        return tuple(rule for rule in self.rules if not rule.is_broken)


_HEADS = """
select l.load_id, l.run_ref, l.feed_code, coalesce(f.name_zh, l.feed_code) as feed_zh,
    coalesce(f.name_en, l.feed_code) as feed_en, l.state, l.software, l.started_at, l.finished_at, l.error,
    v.first_day, v.last_day, l.deliveries, coalesce(v.deliveries_held, 0) as deliveries_held,
    coalesce(v.received, 0) as received, coalesce(v.accepted, 0) as accepted,
    coalesce(v.quarantined, 0) as quarantined, coalesce(v.held, 0) as held
from audit.load l
left join ref.feed f using (feed_code)
left join lateral (
    select min(d.business_date)::text as first_day, max(d.business_date)::text as last_day,
        count(*) filter (where x.verdict = 'held') as deliveries_held, sum(x.rows_received)::bigint as received,
        sum(x.rows_accepted)::bigint as accepted, sum(x.rows_quarantined)::bigint as quarantined,
        sum(x.rows_held)::bigint as held
    from audit.verdict x join audit.delivery d using (delivery_id) where x.load_id = l.load_id
) v on true
"""


def read_loads(
    connection: psycopg.Connection, *, run_ref: str | None = None, load_ids: Sequence[int] = ()
) -> list[LoadHead]:
    """The newest loads, of one run or of these ids when given; newest first."""
    with connection.cursor(row_factory=class_row(LoadHead)) as cursor:
        return cursor.execute(
            _HEADS + " where (%(run)s::text is null or l.run_ref = %(run)s)"
            " and (%(ids)s::bigint[] = '{}' or l.load_id = any(%(ids)s)) order by l.load_id desc limit %(limit)s",
            {"run": run_ref, "ids": list(load_ids), "limit": LISTED_LOADS},
        ).fetchall()


def read_load_page(connection: psycopg.Connection, load_id: int, personal: Collection[str]) -> LoadPage | None:
    """The page of one load, or None when there is no such load. `personal`: columns whose cells are not shown."""
    heads = read_loads(connection, load_ids=[load_id]) if 0 < load_id < 1 << 63 else []
    if not heads:
        return None
    rules, suite_hash, rules_hash = _rules(connection, load_id)
    rejects, rejected_rows = _rejects(connection, load_id, personal)
    return LoadPage(
        head=heads[0],
        values=_values(connection, load_id),
        deliveries=_deliveries(connection, load_id),
        rules=rules,
        suite_hash=suite_hash,
        rules_hash=rules_hash,
        rejects=rejects,
        rejected_rows=rejected_rows,
    )


def _values(connection: psycopg.Connection, load_id: int) -> tuple[ValueLine, ...]:
    with connection.cursor(row_factory=class_row(ValueLine)) as cursor:
        rows = cursor.execute(
            "select currency, sum(received) as received, sum(accepted) as accepted, sum(quarantined) as quarantined,"
            " sum(held) as held, sum(rows_unreadable)::bigint as unreadable from audit.verdict_value"
            " where verdict_id in (select verdict_id from audit.verdict where load_id = %s)"
            " group by currency order by sum(received) desc, currency",
            (load_id,),
        ).fetchall()
    return tuple(rows)


def _deliveries(connection: psycopg.Connection, load_id: int) -> tuple[DeliveryLine, ...]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select v.delivery_id, d.org_code, coalesce(o.name_zh, '') as org_zh, coalesce(o.name_en, '') as org_en,"
            " d.business_date::text, d.seq, d.data_name, v.verdict, v.rows_received as received,"
            " v.rows_accepted as accepted, v.rows_quarantined as quarantined, v.rows_held as held,"
            " v.verdict_id = s.verdict_id as standing, v.hold_rules, v.hold_detail,"
            " coalesce(d.manifest -> '_problems', '[]') as problems"
            " from audit.verdict v join audit.delivery d using (delivery_id) join audit.delivery_verdict s"
            " using (delivery_id) left join ref.org_period o on o.org_code = d.org_code"
            " and o.valid_from <= d.business_date and d.business_date < o.valid_to where v.load_id = %s"
            " order by v.verdict = 'accepted', v.rows_quarantined desc, d.business_date, d.org_code, d.place",
            (load_id,),
        ).fetchall()
        messages = {r["rule_id"]: r for r in cursor.execute("select rule_id, message_zh, message_en from ref.rule")}
    return tuple(
        DeliveryLine(
            reasons=_reasons(row.pop("hold_rules"), row.pop("hold_detail"), row.pop("problems"), messages), **row
        )
        for row in rows
    )


def _reasons(
    hold_rules: Sequence[str], detail: dict[str, Any], problems: list[dict[str, str]], messages: dict[str, Any]
) -> tuple[HoldReason, ...]:
    reasons = []
    if "D-manifest" in detail and problems:  # the faults themselves, instead of the names of their rules
        detail = {**detail, "D-manifest": {"found": "; ".join(map(_fault, problems))}}
    for rule_id in sorted({*hold_rules, *detail}):
        said = detail.get(rule_id) or {}
        known = messages.get(rule_id, {})
        rest = {name: value for name, value in said.items() if name not in ("expected", "found")}
        found = [_text(said["found"])] if "found" in said else []
        reasons.append(
            HoldReason(
                rule_id=rule_id,
                message_zh=known.get("message_zh", rule_id),
                message_en=known.get("message_en", rule_id),
                expected=_text(said.get("expected", "")),
                found="; ".join([*found, *(f"{name}: {_text(value)}" for name, value in rest.items())]),
                released=rule_id not in hold_rules,
            )
        )
    return tuple(reasons)


def _fault(problem: dict[str, str]) -> str:
    cell = f" ({problem['column']} = {problem.get('value', '')})" if "column" in problem else ""
    return f"{problem['message_en']} {problem['message_zh']}{cell}"


def _text(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = visible(text)
    return text if len(text) <= 300 else text[:300] + "…"


def _rules(connection: psycopg.Connection, load_id: int) -> tuple[tuple[RuleLine, ...], str | None, str | None]:
    with connection.cursor(row_factory=class_row(RuleLine)) as cursor:
        rows = cursor.execute(
            "select x.rule_id, coalesce(r.severity, 'critical') as severity, r.dimension, r.field,"
            " coalesce(r.message_zh, x.rule_id) as message_zh, coalesce(r.message_en, x.rule_id) as message_en,"
            " max(x.rows_checked) filter (where engine <> 'gx' and x.delivery_id is null) as sql_checked,"
            " coalesce(max(x.rows_broken) filter (where engine <> 'gx' and x.delivery_id is null),"
            "  sum(x.rows_broken) filter (where engine <> 'gx' and x.delivery_id is not null))::bigint as sql_broken,"
            " max(x.rows_checked) filter (where engine = 'gx') as gx_checked,"
            " max(x.rows_broken) filter (where engine = 'gx') as gx_broken,"
            " count(distinct x.delivery_id) as deliveries"
            " from audit.rule_result x left join ref.rule r using (rule_id)"
            " where x.load_id = %s and (x.rule_id not like 'D-%%' or r.severity = 'warning')"
            " group by x.rule_id, r.rule_id"
            " order by 8 desc nulls last, x.rule_id",
            (load_id,),
        ).fetchall()
    hashes = connection.execute(
        "select max(suite_hash) filter (where engine = 'gx'), max(suite_hash) filter (where engine <> 'gx')"
        " from audit.rule_result where load_id = %s",
        (load_id,),
    ).fetchone()
    suite_hash, rules_hash = hashes or (None, None)
    return tuple(rows), suite_hash, rules_hash


def _rejects(connection: psycopg.Connection, load_id: int, personal: Collection[str]) -> tuple[tuple[Reject, ...], int]:
    wanted = RejectFilter(load_id=load_id, state="all")
    found = read_rejects(connection, wanted, rows=SAMPLE_ROWS)
    masked = [Reject(**{**r.__dict__, "value": "•••"}) if r.value and r.field in personal else r for r in found]
    return tuple(masked), count_rejects(connection, wanted)
