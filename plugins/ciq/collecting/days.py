"""Close business dates: from then on what is due and not there is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from ciq.ledger.events import append_event


def close_day(connection: psycopg.Connection, business_date: date, *, run_ref: str) -> bool:
    """Close a day and queue it for the next build, in one transaction; False when it is closed already."""
    with connection.transaction():
        row = connection.execute(
            "insert into audit.closed_day (business_date, run_ref) values (%s, %s) on conflict do nothing"
            " returning business_date",
            (business_date, run_ref),
        ).fetchone()
        if row is None:
            return False
        connection.execute(
            "insert into audit.build_queue (entity, key, reason) values ('day', %s, 'day closed')",
            (business_date.isoformat(),),
        )
        append_event(connection, "day_closed", {"business_date": business_date, "run_ref": run_ref})
    return True


_PAST_CUT_OFF = """
day + 1 + (select max(cutoff) from ref.feed) <= clock_timestamp() at time zone 'Asia/Shanghai'
"""


def close_days(connection: psycopg.Connection, first: date, last: date, *, run_ref: str) -> int:
    """Close every day of a range (both ends included) whose cut-off has passed; returns how many were open."""
    days = connection.execute(
        f"select day from ref.calendar where day between %s and %s and {_PAST_CUT_OFF} order by day".encode(),
        (first, last),
    ).fetchall()
    return sum(close_day(connection, day, run_ref=run_ref) for (day,) in days)


def due_part(connection: psycopg.Connection, first: date, last: date) -> tuple[date, date]:
    """The part of a range that is due, both ends included; its first comes after its last when none is."""
    low, high = connection.execute(
        "select greatest(%s::date, first_day), least(%s::date, last_day) from ref.due_days", (first, last)
    ).fetchall()[0]
    return low, high


def close_delivered_days(connection: psycopg.Connection, *, run_ref: str) -> int:
    """Close every due day of which a delivery was accepted and whose cut-off has passed; returns how many were open.

    A function of what was accepted, whatever the order. A day of which nothing came is closed by its date.
    """
    days = connection.execute(
        "select day from ref.calendar cross join ref.due_days b"
        f" where {_PAST_CUT_OFF} and (b.first_day is null or day >= b.first_day)"
        " and (b.last_day is null or day <= b.last_day)"
        " and exists (select from audit.delivery d join audit.delivery_verdict v using (delivery_id)"
        "  where d.business_date = day and d.pairing = 'paired' and v.verdict = 'accepted')"
        " and not exists (select from audit.closed_day c where c.business_date = day) order by day".encode()
    ).fetchall()
    return sum(close_day(connection, day, run_ref=run_ref) for (day,) in days)


@dataclass(frozen=True, kw_only=True)
class FeedDay:
    """One feed on one business date, over all branches."""

    feed_code: str
    accepted: int
    held: int
    waiting: int
    """Deliveries registered and not judged."""
    unpaired: int
    """Files that make up no delivery and that nobody accounts for."""
    rows_accepted: int
    rows_quarantined: int
    rows_held: int
    missing: list[str]
    """Branches that are due and of which nothing that counts has come."""


def day_summary(connection: psycopg.Connection, business_date: date) -> list[FeedDay]:
    """What came of a business date, feed by feed; due feeds of which nothing came included."""
    with connection.cursor(row_factory=class_row(FeedDay)) as cursor:
        return cursor.execute(_SUMMARY, {"day": business_date}).fetchall()


_SUMMARY = """
with due as (
    select feed_code, org_code from ref.due where business_date = %(day)s
),
come as (
    select d.feed_code, d.org_code, d.pairing, v.verdict, v.rows_accepted, v.rows_quarantined, v.rows_held,
        u.delivery_id is not null and u.settled_how is null as is_unpaired
    from audit.delivery d left join audit.delivery_verdict v using (delivery_id)
    left join audit.unpaired_file u using (delivery_id)
    where d.business_date = %(day)s
),
missing as (
    select feed_code, array_agg(org_code order by org_code) as branches
    from due where not exists (
        select from come where come.feed_code = due.feed_code and come.org_code = due.org_code and verdict = 'accepted'
    )
    group by feed_code
),
counted as (
    select feed_code,
        count(*) filter (where verdict = 'accepted') as accepted,
        count(*) filter (where verdict = 'held') as held,
        count(*) filter (where pairing = 'paired' and verdict is null) as waiting,
        count(*) filter (where is_unpaired) as unpaired,
        coalesce(sum(rows_accepted), 0)::bigint as rows_accepted,
        coalesce(sum(rows_quarantined), 0)::bigint as rows_quarantined,
        coalesce(sum(rows_held), 0)::bigint as rows_held
    from come group by feed_code
)
select feed_code, coalesce(accepted, 0) as accepted, coalesce(held, 0) as held, coalesce(waiting, 0) as waiting,
    coalesce(unpaired, 0) as unpaired, coalesce(rows_accepted, 0) as rows_accepted,
    coalesce(rows_quarantined, 0) as rows_quarantined, coalesce(rows_held, 0) as rows_held,
    coalesce(branches, '{}') as missing
from counted full join missing using (feed_code)
order by feed_code
"""
