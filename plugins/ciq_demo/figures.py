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
from ciq_demo import queries

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
class Revised:
    """What a branch's day came to, lots by stat_date and fines by decided date: (when first published, now)."""

    lots: tuple[int, int]
    usd: tuple[Decimal, Decimal]
    fines_cny: tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Casework:
    """Cases of the days shown, each by its own date; what was open at the last month's end; and who said zero."""

    penalties_filed: int
    penalties_decided: int
    penalties_closed: int
    fine_cny: Decimal
    confiscation_cny: Decimal
    paid_cny: Decimal
    complaints_accepted: int
    reports_accepted: int
    disputes_closed: int
    reconsiderations_filed: int
    lawsuits_filed: int
    notices: int
    month_end: date | None
    penalties_open: int
    disputes_open: int
    returns_due: int
    returns_received: int
    returns_of_zero: int
    nil_files: int


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
    revised: dict[tuple[date, str], Revised]
    """By business date and branch of a correction."""
    casework: Casework


def read_figures(settings: Settings, *, first: date, last: date) -> Figures:
    """Read everything at one moment, for the business dates `first` to `last`.

    Raises psycopg.Error when the warehouse cannot be read.
    """
    days = {"first": first, "last": last}
    with connect(settings, "auditor", application="demo summary") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        promoted = connection.execute("select audit.promoted_no()").fetchone()
        corrections = _rows(connection, Correction, queries.CORRECTIONS, days)
        return Figures(
            publication_no=promoted[0] if promoted else 0,
            days=_rows(connection, DayLedger, queries.DAYS, days),
            bridge=_rows(connection, Bridge, queries.BRIDGE, days),
            open_branches=_rows(connection, OpenBranch, queries.OPEN, days),
            corrections=corrections,
            late=_late(connection, days),
            held=_rows(connection, Held, queries.HELD, days),
            quarantined=_rows(connection, Quarantined, queries.QUARANTINED, days),
            directions=_rows(connection, Volume, queries.DIRECTIONS, days),
            branches=_rows(connection, Volume, queries.BRANCHES, days),
            revised={(item.business_date, item.org): _revised(connection, item) for item in corrections},
            casework=_rows(connection, Casework, queries.CASEWORK, days)[0],
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
            missing = connection.execute(queries.MISSING.encode(), days).fetchall()
        for business_date, org, feeds in missing:
            values = {"day": business_date, "org": org, "feeds": feeds, "number": number}
            for late in _rows(connection, Late, queries.ARRIVED, values):
                found.setdefault((late.business_date, late.org), late)
    return list(found.values())


def _revised(connection: psycopg.Connection, correction: Correction) -> Revised:
    values = {"day": correction.business_date, "org": correction.org, "feed": correction.feed}
    with _as_of(connection, _first_published(connection, values)):
        before = _branch_day(connection, values)
    now = _branch_day(connection, values)
    return Revised(lots=(before[0], now[0]), usd=(before[1], now[1]), fines_cny=(before[2], now[2]))


def _first_published(connection: psycopg.Connection, values: dict[str, Any]) -> int:
    """The first publication that has the slice, else the last one."""
    number = 0
    for (number,) in connection.execute("select publication_no from audit.publication order by 1").fetchall():
        with _as_of(connection, number):
            if connection.execute(queries.RECEIVED.encode(), values).fetchone():
                break
    return number


def _branch_day(connection: psycopg.Connection, values: dict[str, Any]) -> tuple[int, Decimal, Decimal]:
    row = connection.execute(queries.BRANCH_DAY.encode(), values).fetchone()
    assert row is not None
    return row[0], row[1], row[2]
