"""The plan: every slice of a range, what stands, and what a backfill would do about it. Read from the ledger alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from ciq.backfilling.request import Mode, Request

State = Literal["published", "nil", "held", "accepted", "registered", "missing"]
"""nil: published without rows. held: nothing stands, what came last is held. accepted: passed, waits for a build.
registered: in landing, not judged."""

Action = Literal["fetch", "load", "judge again", "build", "rebuild", "nothing"]


@dataclass(frozen=True, kw_only=True)
class PlannedSlice:
    """One feed of one branch on one business date."""

    business_date: date
    org_code: str
    feed_code: str
    state: State
    action: Action
    is_due: bool
    published_file: str | None
    """Data file of the published delivery."""
    deliveries: int
    to_judge: int
    """Deliveries without a verdict, or with a decision that came after it."""
    held: int
    rows: int
    """Rows published now."""
    rows_quarantined: int

    def as_json(self) -> dict[str, Any]:
        """For `--json` and the ledger."""
        return {**asdict(self), "business_date": self.business_date.isoformat()}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The slices in the order day, branch, feed."""

    slices: Sequence[PlannedSlice]

    @property
    def counts(self) -> dict[str, int]:
        """`state: action` -> slices, most frequent first."""
        return dict(Counter(f"{one.state}: {one.action}" for one in self.slices).most_common())

    @property
    def to_do(self) -> list[PlannedSlice]:
        """The slices of which something is to be done."""
        return [one for one in self.slices if one.action != "nothing"]

    @property
    def open_slices(self) -> list[str]:
        """Due and not published: `feed|branch|date`. None: the range is complete."""
        return [
            f"{one.feed_code}|{one.org_code}|{one.business_date}"
            for one in self.slices
            if one.is_due and one.state not in ("published", "nil")
        ]


_SELECT = """
with wanted as (
    select feed_code, org_code, business_date from ref.due where business_date between %(first)s and %(last)s
    union
    select feed_code, org_code, business_date from audit.delivery
    where pairing = 'paired' and business_date between %(first)s and %(last)s
),
delivered as (
    select
        d.feed_code, d.org_code, d.business_date, count(*) as deliveries,
        count(*) filter (
            where v.verdict_id is null or v.decisions_hash <> coalesce(x.decisions_hash, 'none')
        ) as to_judge,
        count(*) filter (where v.verdict = 'held') as held,
        count(*) filter (where v.verdict = 'accepted') as accepted
    from audit.delivery d
    left join audit.delivery_decisions x using (delivery_id)
    left join audit.delivery_verdict v using (delivery_id)
    where d.pairing = 'paired' and d.business_date between %(first)s and %(last)s
    group by 1, 2, 3
),
standing as (
    select p.feed_code, p.org_code, p.business_date, d.data_name, s.rows, v.rows_quarantined
    from audit.slice_publication p
    join audit.slice_version s using (slice_version_id)
    join audit.verdict v using (verdict_id)
    join audit.delivery d on d.delivery_id = s.delivery_id
    where p.business_date between %(first)s and %(last)s and p.known_from_no <= audit.promoted_no()
        and (p.known_to_no is null or p.known_to_no > audit.promoted_no())
),
queued as (
    select key from audit.build_queue where entity = 'slice'
    union
    select key from audit.build_key where entity = 'slice' and publication_no > audit.promoted_no()
)
select
    w.business_date, w.org_code, w.feed_code, s.data_name as published_file,
    exists (
        select from ref.due u
        where u.business_date between %(first)s and %(last)s
            and (u.feed_code, u.org_code, u.business_date) = (w.feed_code, w.org_code, w.business_date)
    ) as is_due,
    coalesce(d.deliveries, 0) as deliveries, coalesce(d.to_judge, 0) as to_judge, coalesce(d.held, 0) as held,
    coalesce(d.accepted, 0) as accepted, coalesce(s.rows, 0) as rows,
    coalesce(s.rows_quarantined, 0) as rows_quarantined, q.key is not null as is_queued
from wanted w
left join delivered d using (feed_code, org_code, business_date)
left join standing s using (feed_code, org_code, business_date)
left join queued q on q.key = w.feed_code || '|' || w.org_code || '|' || w.business_date
where (%(feeds)s::text[] = '{}' or w.feed_code = any(%(feeds)s))
    and (%(branches)s::text[] = '{}' or w.org_code = any(%(branches)s))
order by w.business_date, w.org_code, w.feed_code
"""


def make_plan(connection: psycopg.Connection, request: Request) -> Plan:
    """What stands of the range and what the mode would do. Changes nothing."""
    parameters = {
        "first": request.first,
        "last": request.last,
        "feeds": list(request.feeds),
        "branches": list(request.branches),
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SELECT, parameters).fetchall()
    return Plan(slices=[_planned(row, request.mode) for row in rows])


def _planned(row: dict[str, Any], mode: Mode) -> PlannedSlice:
    state = _state(row)
    action = _action(mode, state, row)
    return PlannedSlice(
        state=state, action=action, **{name: row[name] for name in row if name not in ("accepted", "is_queued")}
    )


def _state(row: dict[str, Any]) -> State:
    if row["published_file"] is not None:
        return "published" if row["rows"] else "nil"
    if row["accepted"] and (row["is_queued"] or not row["held"]):
        return "accepted"  # what passed, was built and stands no longer was withdrawn by one that is held
    if row["held"]:
        return "held"
    return "registered" if row["deliveries"] else "missing"


def _action(mode: Mode, state: State, row: dict[str, Any]) -> Action:
    if mode == "landing" and row["deliveries"]:
        return "judge again"
    if mode == "marts" and state in ("published", "nil"):
        return "rebuild"
    if mode != "marts" and row["to_judge"]:
        return "load"
    if row["is_queued"] or state == "accepted":
        return "build"
    return "fetch" if mode == "fetch" and state == "missing" else "nothing"
