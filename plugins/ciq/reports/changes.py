"""What changed between two publications, and which deliveries brought it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from ciq.building.totals import Movement, read_facts, read_movements
from ciq.ledger.publications import read_publication


@dataclass(frozen=True, kw_only=True)
class ChangedSlice:
    """A slice that another delivery stands for since. `came` None: it was withdrawn; `went` None: it is new."""

    publication_no: int
    promoted_at: datetime
    business_date: date
    org_code: str
    feed_code: str
    came: str | None
    came_rows: int | None
    went: str | None
    went_rows: int | None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """From the state after `before` to that of `after`."""

    before: int
    after: int
    slices: Sequence[ChangedSlice]
    moved: Sequence[Movement]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def read_changes(connection: psycopg.Connection, since: str | None, branch: str | None = None) -> Changes:
    """What changed since a publication number or a time; None: through the newest publication. `branch`: deliveries of
    that sender only.

    Reads one snapshot. Raises SettingsError for a number or time that cannot be read, or a number yet to come.
    """
    connection.execute("set transaction isolation level repeatable read")
    after = _number(connection, "select audit.promoted_no()")
    before = max(after - 1, 0) if since is None else read_publication(connection, since)
    with connection.cursor(row_factory=class_row(ChangedSlice)) as cursor:
        slices = cursor.execute(_SLICES, {"before": before, "after": after, "branch": branch}).fetchall()
    moved = read_movements(connection, read_facts(connection), before=before, after=after)
    return Changes(before=before, after=after, slices=slices, moved=moved)


def _number(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


_SLICES = """
with standing as (
    select p.feed_code, p.org_code, p.business_date, p.known_from_no, p.known_to_no, d.data_name, s.rows
    from audit.slice_publication p
    join audit.slice_version s using (slice_version_id)
    join audit.delivery d on d.delivery_id = s.delivery_id
),
came as (
    select * from standing
    where known_from_no > %(before)s and known_from_no <= %(after)s
        and (known_to_no is null or known_to_no > %(after)s)
),
went as (
    select * from standing
    where known_from_no <= %(before)s and known_to_no > %(before)s and known_to_no <= %(after)s
)
select p.publication_no, p.promoted_at, business_date, org_code, feed_code, came.data_name as came,
    came.rows as came_rows, went.data_name as went, went.rows as went_rows
from came
full join went using (feed_code, org_code, business_date)
join audit.publication p on p.publication_no = coalesce(came.known_from_no, went.known_to_no)
where %(branch)s::text is null or org_code = %(branch)s
order by p.publication_no, business_date, org_code, feed_code
"""
