"""N01: the year before, of which no declaration was ever delivered: each branch's lots and value by month.

Made from this generator's own plan of 2010 and the growth that the review published, so that growth comes out to the
last digit. Shares of branches, months and directions are those of 2010.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from ciq_demo.generator import rates, workdays
from ciq_demo.generator.cases.rows import Row, at, envelope, frame_of, money
from ciq_demo.generator.generator import Generator
from ciq_demo.generator.plan import LANDBRIDGE_2010, LOTS_2010, VALUE_USD_CENTS_2010, DayPlan, YearPlan
from ciq_demo.generator.randomness import Ints, largest_remainder
from ciq_demo.generator.reference import Branch, Reference

FEED = "N01"
YEAR = 2009

LOTS_GREW, VALUE_GREW = 208, 315
"""In per mille, as the review published them."""
LANDBRIDGE_GREW = {False: (1_417, 4_100), True: (2_287, 10_144)}
"""Entries and exits by the land bridge from January to November: growth of lots and of value per ten thousand."""
FOOD_LOTS_GREW, FOOD_VALUE_GREW = 80, 120
"""Exports of food and agricultural products, in per mille. The review only says that they grew."""
_LAST_FOOD_CHAPTER = 24
_SECOND = 16 * 3600

_Part = tuple[int, int, bool]
"""Branch, month, whether exits."""


@dataclass(frozen=True)
class Sum:
    """What one row states: `topic` is a code of summary_topic.csv."""

    branch: int
    month: int
    topic: str
    exit: bool
    lots: int
    value_cents: int


def month_ends() -> list[date]:
    """The business dates of the summaries."""
    firsts = [date(YEAR, month, 1) for month in range(2, 13)] + [date(YEAR + 1, 1, 1)]
    return [first - timedelta(days=1) for first in firsts]


def summaries(generator: Generator) -> list[Sum]:
    """Every row of the year, zeros included: three topics of each branch and month; of food the exports only."""
    plan, reference = generator.plan, generator.reference
    lots, cents = _of_2010(plan, reference)
    parts = list(lots)
    totals = zip(
        parts,
        largest_remainder(_before(LOTS_2010, LOTS_GREW), [lots[part] for part in parts]),
        largest_remainder(_before(VALUE_USD_CENTS_2010, VALUE_GREW), [cents[part] for part in parts]),
        strict=True,
    )
    rows = [Sum(*part[:2], "TOTAL", part[2], count, value) for part, count, value in totals]
    rows += _landbridge(reference, lots)
    rows += _food(generator)
    return rows


def frames(generator: Generator) -> Iterator[tuple[date, str, pd.DataFrame]]:
    """Each delivery: business date, sender, its rows as text."""
    columns = generator.formats[FEED].columns
    by_slice: dict[tuple[int, int], list[Sum]] = defaultdict(list)
    for row in summaries(generator):
        by_slice[row.month, row.branch].append(row)
    for month, day in enumerate(month_ends(), start=1):
        for number, branch in enumerate(generator.reference.branches):
            rows = [_row(one, branch, day) for one in by_slice[month, number]]
            yield day, branch.org, frame_of(rows, columns)


def _row(stated: Sum, branch: Branch, day: date) -> Row:
    way = "E" if stated.exit else "I"
    key = f"{branch.org}-{day:%Y%m}-{stated.topic}-{way}"
    cells = {
        "period_end": day.isoformat(),
        "topic": stated.topic,
        "ie_flag": way,
        "lots": str(stated.lots),
        "value_usd": money(stated.value_cents),
    }
    return Row(FEED, branch.org, day, day, envelope(FEED, key, recorded=at(day, _SECOND), org=branch.org) | cells)


def _before(now: int, grew_per_mille: int) -> int:
    """What grew to `now`, to the nearest whole."""
    return (2 * now * 1000 + 1000 + grew_per_mille) // (2 * (1000 + grew_per_mille))


def _of_2010(plan: YearPlan, reference: Reference) -> tuple[dict[_Part, int], dict[_Part, int]]:
    """Weights of lots and of value by branch, month of the result and direction: a thousandfold, as permilles are."""
    lots: dict[_Part, int] = {
        (branch, month, leaves): 0
        for branch in range(len(reference.branches))
        for month in range(1, 13)
        for leaves in (False, True)
    }
    cents = dict(lots)
    for day in workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_DECLARED):
        for one in plan.of_day(day):
            exits = reference.branches[one.branch].exit_permille
            counted = sum(cell.lots for cell in one.cells if cell.in_2010)
            for month, count in _months(day, one):
                for leaves, share in ((True, exits), (False, 1000 - exits)):
                    lots[one.branch, month, leaves] += count * share
                    cents[one.branch, month, leaves] += one.value_cents * count // counted * share
    return lots, cents


def _months(day: date, plan: DayPlan) -> Iterator[tuple[int, int]]:
    for cell in plan.cells:
        if cell.in_2010:
            yield workdays.workday_after(day, cell.lag).month, cell.lots


def _landbridge(reference: Reference, lots: dict[_Part, int]) -> Iterator[Sum]:
    """The published growth compares January to November; December has an average month's more."""
    for leaves, (lots_2010, cents_2010) in LANDBRIDGE_2010.items():
        grew_lots, grew_value = LANDBRIDGE_GREW[leaves]
        eleven_months = (lots_2010 * 10_000 // (10_000 + grew_lots), cents_2010 * 10_000 // (10_000 + grew_value))
        for number, branch in enumerate(reference.branches):
            weights = [lots[number, month, leaves] for month in range(1, 12)]
            counts, values = (
                [*largest_remainder(total, weights), total // 11] if branch.is_at_landbridge else [0] * 12
                for total in eleven_months
            )
            for month in range(1, 13):
                yield Sum(number, month, "LANDBRIDGE", leaves, counts[month - 1], values[month - 1])


def _food(generator: Generator) -> Iterator[Sum]:
    """No sum of the plan: what the goods lines of the year add up to, lot by lot, so asking takes some seconds."""
    branches, goods = generator.reference.branches, generator.reference.goods
    is_food = np.array([int(good.hs_code[:2]) <= _LAST_FOOD_CHAPTER for good in goods])
    counts = np.zeros((len(branches), 13), dtype=np.int64)
    values = np.zeros_like(counts)
    for day in workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_DECLARED):
        book = generator.book(day)
        if book is None:
            continue
        lots, lines = book.lots, book.lines
        month = _months_of_2010(lots.result_day)
        wanted = lots.counts & (lots.leaves == 1) & (month > 0)
        np.add.at(counts, (lots.branch[wanted & is_food[lots.good]], month[wanted & is_food[lots.good]]), 1)
        food = wanted[lines.lot] & is_food[lines.good]
        lot = lines.lot[food]
        np.add.at(values, (lots.branch[lot], month[lot]), rates.to_usd_cents(lines.cents[food], lots.rate_e8[lot]))
    for number in range(len(branches)):
        for at_month in range(1, 13):
            count = _before(int(counts[number, at_month]), FOOD_LOTS_GREW)
            value = _before(int(values[number, at_month]), FOOD_VALUE_GREW)
            yield Sum(number, at_month, "FOOD_AGRI", exit=True, lots=count, value_cents=value)


def _months_of_2010(days: Ints) -> Ints:
    """The month of each day, 0 outside 2010."""
    ends = [workdays.number(date(2010, month, 1)) for month in range(1, 13)] + [workdays.number(date(2011, 1, 1))]
    return np.asarray(np.searchsorted(ends, days, side="right") % 13, dtype=np.int64)
