"""What the charts of a review show, from the facts at its publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import psycopg
from psycopg.rows import class_row

from ciq.reviewing.model import Review


@dataclass(frozen=True, kw_only=True)
class Month:
    """Lots by the month of their statistical date; penalties by the month of each step.

    None where no file of the month has come: nothing is known then, which is not zero.
    """

    month: date
    lots: int | None
    value_usd: Decimal | None
    filed: int | None
    decided: int | None
    closed: int | None


@dataclass(frozen=True, kw_only=True)
class Branch:
    """Lots of one statistical branch."""

    org_id: str
    name_zh: str
    name_en: str
    lots: int
    nonconforming: int
    value_usd: Decimal


@dataclass(frozen=True, kw_only=True)
class Series:
    """By month of the year, all of them up to the last day reviewed; and by branch, the largest first."""

    months: Sequence[Month]
    branches: Sequence[Branch]


_MONTHS = """
with months as (
    select generate_series(%(first)s::date, %(last)s::date, interval '1 month')::date as month
),
heard as (
    select distinct date_trunc('month', business_date)::date as month, feed_code from fct_coverage
    where received = 1 and feed_code in ('F03', 'F10') and business_date between %(first)s and %(last)s
),
volume as (
    select date_trunc('month', stat_date)::date as month, sum(lots) as lots, sum(value_usd_header) as value_usd
    from fct_volume where stat_date between %(first)s and %(last)s group by 1
),
steps as (
    select filed_date as day, cases_filed as filed, 0 as decided, 0 as closed from fct_penalties
    union all select decided_date, 0, cases_decided, 0 from fct_penalties
    union all select closed_date, 0, 0, cases_closed from fct_penalties
),
penalties as (
    select date_trunc('month', day)::date as month, sum(filed) as filed, sum(decided) as decided, sum(closed) as closed
    from steps where day between %(first)s and %(last)s group by 1
)
select months.month, coalesce(lots, lot_files.zero)::bigint as lots, coalesce(value_usd, lot_files.zero) as value_usd,
    coalesce(filed, case_files.zero)::bigint as filed, coalesce(decided, case_files.zero)::bigint as decided,
    coalesce(closed, case_files.zero)::bigint as closed
from months
left join (select month, 0 as zero from heard where feed_code = 'F03') as lot_files on lot_files.month = months.month
left join (select month, 0 as zero from heard where feed_code = 'F10') as case_files on case_files.month = months.month
left join volume on volume.month = months.month
left join penalties on penalties.month = months.month
order by months.month
"""

_BRANCHES = """
select volume.org_id, coalesce(orgs.name_zh, volume.org_id) as name_zh, coalesce(orgs.name_en, '') as name_en,
    sum(lots)::bigint as lots, sum(lots_nonconforming)::bigint as nonconforming,
    coalesce(sum(value_usd_header), 0) as value_usd
from fct_volume as volume
left join dim_org as orgs on orgs.org_code = volume.org_id and orgs.is_current
where stat_date between %(first)s and %(last)s
group by 1, 2, 3
order by lots desc, org_id
"""


def read_series(connection: psycopg.Connection, review: Review) -> Series:
    """Over the period of a review; `connection` reads its publication, with schema `published` in the search path."""
    period = {"first": date(review.year, 1, 1), "last": review.last_day}
    with connection.cursor(row_factory=class_row(Month)) as months:
        by_month = months.execute(_MONTHS, period).fetchall()
    with connection.cursor(row_factory=class_row(Branch)) as branches:
        return Series(months=by_month, branches=branches.execute(_BRANCHES, period).fetchall())
