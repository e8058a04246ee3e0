"""The figures of the demo's summary, read as the auditor reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from ciq.database import connect
from ciq.settings import Settings

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class DayLedger:
    """One business date: deliveries, and where their rows are. received = accepted + quarantined + held."""

    business_date: date
    deliveries: int
    accepted: int
    held: int
    unpaired: int
    rows_received: int
    rows_accepted: int
    rows_quarantined: int
    rows_held: int
    rows_waiting: int


@dataclass(frozen=True)
class OpenBranch:
    """A branch that keeps a business date provisional, with the feeds that are missing."""

    business_date: date
    org: str
    name_zh: str
    name_en: str
    missing_feeds: str


@dataclass(frozen=True)
class Correction:
    """A slice that was delivered again, with the rows of the first and of the last delivery."""

    feed: str
    business_date: date
    org: str
    name_zh: str
    name_en: str
    rows_before: int
    rows_after: int


@dataclass(frozen=True)
class Late:
    """Slices that were missing at an earlier publication and are there now."""

    business_date: date
    org: str
    name_zh: str
    name_en: str
    feeds: str
    missing_at: int
    rows_accepted: int


@dataclass(frozen=True)
class Held:
    """A delivery that was held as a whole, or that could not be paired, and why."""

    feed: str | None
    business_date: date | None
    org: str | None
    name_zh: str | None
    name_en: str | None
    file: str
    rows_held: int
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class Quarantined:
    """A rule that rows broke, and how many of them are in quarantine for it."""

    rule: str
    message_zh: str
    message_en: str
    rows: int
    branches: int


@dataclass(frozen=True)
class Volume:
    """Lots and USD of one branch or direction over the published days."""

    code: str
    name_zh: str
    name_en: str
    lots: int
    lots_nonconforming: int
    value_usd: Decimal


@dataclass(frozen=True)
class Bridge:
    """Lots of one business date, from received to reported, and what the reported ones are worth."""

    business_date: date
    received: int
    held: int
    superseded: int
    quarantined: int
    waiting: int
    void: int
    outside: int
    in_progress: int
    reported: int
    usd_reported: Decimal


@dataclass(frozen=True)
class Figures:
    """Everything that the summary shows of the warehouse."""

    publication_no: int
    days: list[DayLedger]
    bridge: list[Bridge]
    open_branches: list[OpenBranch]
    corrections: list[Correction]
    late: list[Late]
    held: list[Held]
    quarantined: list[Quarantined]
    directions: list[Volume]
    branches: list[Volume]
    revised: dict[str, tuple[tuple[int, Decimal], tuple[int, Decimal]]]
    """Branch of a correction -> (lots, USD) at the first publication, and now."""


def read_figures(settings: Settings, *, first: date, last: date) -> Figures:
    """Read everything at one moment, for the business dates `first` to `last`.

    Raises psycopg.Error when the warehouse cannot be read.
    """
    days = {"first": first, "last": last}
    with connect(settings, "auditor", application="demo summary") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        promoted = connection.execute("select audit.promoted_no()").fetchone()
        corrections = _rows(connection, Correction, _CORRECTIONS, days)
        return Figures(
            publication_no=promoted[0] if promoted else 0,
            days=_rows(connection, DayLedger, _DAYS, days),
            bridge=_rows(connection, Bridge, _BRIDGE, days),
            open_branches=_rows(connection, OpenBranch, _OPEN, days),
            corrections=corrections,
            late=_late(connection, days),
            held=_rows(connection, Held, _HELD, days),
            quarantined=_rows(connection, Quarantined, _QUARANTINED, days),
            directions=_rows(connection, Volume, _DIRECTIONS, days),
            branches=_rows(connection, Volume, _BRANCHES, days),
            revised={item.org: _revised(connection, item) for item in corrections},
        )


def _rows(connection: psycopg.Connection, shape: type[_Row], query: str, values: dict[str, Any]) -> list[_Row]:
    with connection.cursor(row_factory=class_row(shape)) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


@contextmanager
def _as_of(connection: psycopg.Connection, number: int) -> Iterator[None]:
    connection.execute("select set_config('ciq.as_of', %s, false)", [str(number)])
    yield
    connection.execute("select set_config('ciq.as_of', '', false)")


def _late(connection: psycopg.Connection, days: dict[str, Any]) -> list[Late]:
    found: dict[tuple[date, str], Late] = {}
    promoted = connection.execute("select publication_no from audit.publication order by 1").fetchall()
    for (number,) in promoted[:-1]:
        with _as_of(connection, number):
            missing = connection.execute(_MISSING.encode(), days).fetchall()
        for business_date, org, feeds in missing:
            values = {"day": business_date, "org": org, "feeds": feeds, "number": number}
            for late in _rows(connection, Late, _ARRIVED, values):
                found.setdefault((late.business_date, late.org), late)
    return list(found.values())


def _revised(connection: psycopg.Connection, correction: Correction) -> tuple[tuple[int, Decimal], tuple[int, Decimal]]:
    values = {"day": correction.business_date, "org": correction.org}
    with _as_of(connection, 1):
        before = connection.execute(_BRANCH_DAY.encode(), values).fetchone()
    now = connection.execute(_BRANCH_DAY.encode(), values).fetchone()
    assert before is not None
    assert now is not None
    return (before[0], before[1]), (now[0], now[1])


_DAYS = """
select d.business_date, count(*) as deliveries,
    count(*) filter (where v.verdict = 'accepted') as accepted,
    count(*) filter (where v.verdict = 'held') as held,
    count(*) filter (where d.pairing <> 'paired') as unpaired,
    coalesce(sum(v.rows_received), 0)::bigint as rows_received,
    coalesce(sum(v.rows_accepted), 0)::bigint as rows_accepted,
    coalesce(sum(v.rows_quarantined), 0)::bigint as rows_quarantined,
    coalesce(sum(v.rows_held), 0)::bigint as rows_held,
    coalesce((select sum(c.rows_waiting) from published.fct_coverage c
        where c.business_date = d.business_date), 0)::bigint as rows_waiting
from audit.delivery d left join audit.delivery_verdict v using (delivery_id)
where d.business_date between %(first)s and %(last)s
group by d.business_date order by d.business_date
"""
_BRIDGE = """
select business_date, sum(lots_received)::bigint as received, sum(lots_held)::bigint as held,
    sum(lots_superseded)::bigint as superseded, sum(lots_quarantined)::bigint as quarantined,
    sum(lots_waiting)::bigint as waiting, sum(lots_void)::bigint as void, sum(lots_outside)::bigint as outside,
    sum(lots_in_progress)::bigint as in_progress, sum(lots_reported)::bigint as reported,
    sum(usd_reported) as usd_reported
from published.bridge_received_to_reported
where business_date between %(first)s and %(last)s
group by business_date order by business_date
"""
_OPEN = """
select s.business_date, s.org_code as org, o.name_zh, o.name_en, s.missing_feeds
from published.fct_day_status s join ref.org_period o on o.org_code = s.org_code
    and o.valid_from <= s.business_date and s.business_date < o.valid_to
where s.completeness <> 'final' and s.business_date between %(first)s and %(last)s
order by s.business_date, s.org_code
"""
_CORRECTIONS = """
with accepted as (
    select feed_code, org_code, business_date, rows,
        row_number() over (slice order by place) as rank_no, count(*) over slice as versions
    from (select distinct on (delivery_id) * from audit.slice_version order by delivery_id, slice_version_id desc) x
    where business_date between %(first)s and %(last)s
    window slice as (partition by feed_code, org_code, business_date)
)
select a.feed_code as feed, a.business_date, a.org_code as org, o.name_zh, o.name_en,
    min(a.rows) filter (where rank_no = 1) as rows_before, min(a.rows) filter (where rank_no = versions) as rows_after
from accepted a join ref.org_period o on o.org_code = a.org_code
    and o.valid_from <= a.business_date and a.business_date < o.valid_to
where versions > 1
group by a.feed_code, a.business_date, a.org_code, o.name_zh, o.name_en
order by a.business_date, a.org_code, a.feed_code
"""
_MISSING = """
select business_date, org_code, array_agg(feed_code order by feed_code)
from published.fct_coverage
where missing = 1 and business_date between %(first)s and %(last)s
group by business_date, org_code
"""
_ARRIVED = """
select c.business_date, c.org_code as org, o.name_zh, o.name_en,
    string_agg(c.feed_code, ', ' order by c.feed_code) as feeds,
    %(number)s::int as missing_at, sum(c.rows_accepted)::bigint as rows_accepted
from published.fct_coverage c join ref.org_period o on o.org_code = c.org_code
    and o.valid_from <= c.business_date and c.business_date < o.valid_to
where c.business_date = %(day)s and c.org_code = %(org)s and c.feed_code = any(%(feeds)s) and c.received = 1
group by c.business_date, c.org_code, o.name_zh, o.name_en
"""
_HELD = """
select d.feed_code as feed, d.business_date, d.org_code as org, o.name_zh, o.name_en,
    coalesce(d.data_name, d.manifest_name, '?') as file, coalesce(v.rows_held, 0) as rows_held,
    coalesce((select string_agg(r.message_zh, '; ') from ref.rule r where r.rule_id = any(v.hold_rules)),
        array_to_string(v.hold_rules, ', '), d.pairing) as reason_zh,
    coalesce((select string_agg(r.message_en, '; ') from ref.rule r where r.rule_id = any(v.hold_rules)),
        array_to_string(v.hold_rules, ', '), d.pairing) as reason_en
from audit.delivery d
left join audit.delivery_verdict v using (delivery_id)
left join ref.org_period o on o.org_code = d.org_code
    and o.valid_from <= coalesce(d.business_date, d.registered_at::date)
    and coalesce(d.business_date, d.registered_at::date) < o.valid_to
where (v.verdict = 'held' or d.pairing <> 'paired')
    and (d.business_date is null or d.business_date between %(first)s and %(last)s)
order by d.business_date, d.org_code, d.feed_code
"""
_QUARANTINED = """
select rule as rule, coalesce(r.message_zh, '') as message_zh, coalesce(r.message_en, '') as message_en,
    count(*) as rows, count(distinct q.org_code) as branches
from quarantine.rejected_row q
cross join lateral unnest(q.rule_ids) as rule
left join ref.rule r on r.rule_id = rule
where q.state = 'open' and q.business_date between %(first)s and %(last)s
group by rule, r.message_zh, r.message_en
order by rows desc, rule
"""
_DIRECTIONS = """
select ie_flag as code, case ie_flag when 'I' then '进境' else '出境' end as name_zh,
    case ie_flag when 'I' then 'entry' else 'exit' end as name_en,
    sum(lots)::bigint as lots, sum(lots_nonconforming)::bigint as lots_nonconforming,
    sum(value_usd_header) as value_usd
from published.fct_volume where stat_date between %(first)s and %(last)s
group by ie_flag order by ie_flag
"""
_BRANCHES = """
select v.org_id as code, o.name_zh, o.name_en, sum(v.lots)::bigint as lots,
    sum(v.lots_nonconforming)::bigint as lots_nonconforming, sum(v.value_usd_header) as value_usd
from published.fct_volume v join ref.org_period o on o.org_code = v.org_id
    and o.valid_from <= v.stat_date and v.stat_date < o.valid_to
where v.stat_date between %(first)s and %(last)s
group by v.org_id, o.name_zh, o.name_en order by value_usd desc
"""
_BRANCH_DAY = """
select coalesce(sum(lots), 0)::bigint, coalesce(sum(value_usd_header), 0)
from published.fct_volume where stat_date = %(day)s and org_id = %(org)s
"""
