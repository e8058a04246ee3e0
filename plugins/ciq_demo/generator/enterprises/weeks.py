"""The weeks of the generator's time, and how the assessments of a year crowd into some of them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from ciq_demo.generator import workdays

_MONTHS = (4, 4, 14, 60, 70, 18, 14, 6, 40, 12, 8, 10)
"""Weight of a week by its month: assessments crowd into spring, and into September before the stock is taken."""


@lru_cache(maxsize=4)
def week_ends(first: date, last: date) -> tuple[date, ...]:
    """The business dates of the weekly files within a time."""
    return tuple(day for day in workdays.all_days(first, last) if workdays.ends_week(day))


def busy(week_end: date) -> int:
    """How many assessments a week has beside others."""
    return _MONTHS[week_end.month - 1]


@lru_cache(maxsize=64)
def workdays_of(week_end: date) -> list[date]:
    """The workdays of a week within the year of its end."""
    monday = week_end - timedelta(days=week_end.weekday())
    days = workdays.all_days(max(monday, date(week_end.year, 1, 1)), week_end)
    return [day for day in days if workdays.is_workday(day)]
