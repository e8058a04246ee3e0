"""What of a feed and period is in no fact, from the coverage of its slices: at the publication that is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg

from ciq.indicators.period import Period
from ciq.reviewing.asking import as_sql


@dataclass(frozen=True)
class Open:
    """Rows of one feed in quarantine, held, or waiting; slices that were due and have no delivery published, and those
    that have one."""

    quarantined: int = 0
    held: int = 0
    waiting: int = 0
    missing: int = 0
    received: int = 0

    @property
    def rows(self) -> int:
        """Rows that may still be accepted."""
        return self.quarantined + self.held + self.waiting


COVERAGE = """(
    select coverage.*, coalesce(unvalued.rows_unvalued, 0) as rows_unvalued
    from published.fct_coverage as coverage
    left join (
        select feed_code, org_code, business_date, count(*) as rows_unvalued
        from audit.slice_publication as standing
        join audit.slice_version as versions using (slice_version_id, feed_code, org_code, business_date)
        join quarantine.rejected_row as rejected using (verdict_id, feed_code, org_code, business_date)
        where standing.known_from_no <= (select published.as_of_no())
            and (standing.known_to_no is null or standing.known_to_no > (select published.as_of_no()))
            and (rejected.amount is null or rejected.currency is null or rejected.currency <> 'USD' and not exists (
                select from ref.fx_rate as rates
                where rates.currency = rejected.currency and rates.day <= rejected.business_date
            ))
        group by 1, 2, 3
    ) as unvalued using (feed_code, org_code, business_date)
) as coverage"""
"""What `if_accepted` is asked of: fct_coverage, and of each slice the quarantined rows whose worth in USD is not known.
"""


def open_rows(connection: psycopg.Connection, period: Period) -> dict[str, Open]:
    """By feed, over the business dates of the period."""
    rows = connection.execute(
        "select feed_code, coalesce(sum(rows_quarantined), 0), coalesce(sum(rows_held), 0),"
        " coalesce(sum(rows_waiting), 0), coalesce(sum(missing), 0), coalesce(sum(received), 0)"
        " from published.fct_coverage"
        " where business_date between %s and %s group by feed_code",
        (period.first_day, period.last_day),
    ).fetchall()
    return {str(code): Open(*map(int, counts)) for code, *counts in rows}


def if_all_accepted(
    connection: psycopg.Connection, expression: str, feeds: Sequence[str], period: Period
) -> Decimal | None:
    """What an indicator's `if_accepted` comes to; 0 when nothing of its feeds was due or came."""
    row = connection.execute(
        as_sql(
            f"select count(*), {expression.replace('%', '%%')} from {COVERAGE}"
            " where feed_code = any (%s) and business_date between %s and %s"
        ),
        (list(feeds), period.first_day, period.last_day),
    ).fetchone()
    assert row is not None
    if row[0] == 0:
        return Decimal(0)
    return None if row[1] is None else Decimal(str(row[1]))
