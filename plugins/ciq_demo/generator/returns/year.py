"""A year's records by branch and month, so that their number comes out exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ciq_demo.generator import workdays
from ciq_demo.generator.randomness import Dice, largest_remainder, spread

YEAR = 2010
EVERY_MONTH = (1,) * 12


@dataclass(frozen=True)
class Slot:
    """A place for one record: who delivers it, with the workbook of which month, and its number in the year, from 1."""

    org: str
    month_end: date
    number: int

    def workday(self, dice: Dice) -> date:
        """Some workday of the month."""
        return dice.pick(_workdays(self.month_end))


@lru_cache(maxsize=24)
def _workdays(last: date) -> tuple[date, ...]:
    return tuple(day for day in workdays.all_days(last.replace(day=1), last) if workdays.is_workday(day))


def month_end(month: int, year: int = YEAR) -> date:
    """The last day of a month; month 13 is January of the next year."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def plan_year(total: int, weights: Mapping[str, int], months: tuple[int, ...] = EVERY_MONTH) -> list[Slot]:
    """Exactly `total` slots of the year in the order of months.

    `weights` share them out to senders by largest remainder, `months` (twelve weights) each sender's own to months;
    senders of a few records do not all have them in the same month.
    """
    shares = largest_remainder(total, list(weights.values()))
    counts: list[tuple[int, str, int]] = []
    for place, (org, share) in enumerate(zip(weights, shares, strict=True)):
        offset = (2 * place + 1) * sum(months) // (2 * len(weights))
        by_month = spread(share, months, offset=offset)
        counts += [(month, org, count) for month, count in enumerate(by_month, start=1)]
    places = [(month, org) for month, org, count in sorted(counts, key=lambda item: item[0]) for _ in range(count)]
    return [Slot(org, month_end(month), number) for number, (month, org) in enumerate(places, start=1)]
