"""The days of the feeds: workdays of China, seasons, and dates as small integers."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

EPOCH = date(2009, 9, 1)
"""Day 0: early enough for production dates of goods declared in December 2009."""
FIRST_DECLARED = date(2009, 12, 1)
LAST_DECLARED = date(2010, 12, 31)
LAST_EVALUATED = date(2011, 1, 31)
"""Lots declared late in 2010 are evaluated up to here."""

_MONTH = (92, 74, 104, 101, 100, 103, 101, 100, 107, 95, 108, 112)
"""Weight of each month's workdays in per cent of an average one."""
_PEAK_CAP = 178


def number(day: date) -> int:
    """Days since EPOCH."""
    return (day - EPOCH).days


def day_of(day_number: int) -> date:
    """The inverse of `number`."""
    return EPOCH + timedelta(days=day_number)


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Whether `day` is worked: shifted weekends count, holidays do not."""
    return bool(chinese_calendar.is_workday(day))


def is_month_end(day: date) -> bool:
    """Whether `day` is the last of its month."""
    return (day + timedelta(days=1)).day == 1


def ends_week(day: date) -> bool:
    """Whether `day` is the last workday of its ISO week."""
    return is_workday(day) and not any(map(is_workday, all_days(day, day + timedelta(days=7 - day.isoweekday()))[1:]))


@lru_cache(maxsize=8192)
def workday_after(day: date, steps: int) -> date:
    """The `steps`-th workday after `day`; `day` itself for 0, worked or not."""
    current = day
    while steps > 0:
        current += timedelta(days=1)
        steps -= is_workday(current)
    return current


@lru_cache(maxsize=8192)
def workday_before(day: date, steps: int) -> date:
    """The `steps`-th workday before `day`."""
    current = day
    while steps > 0:
        current -= timedelta(days=1)
        steps -= is_workday(current)
    return current


def all_days(first: date, last: date) -> list[date]:
    """Every calendar day from `first` to `last`, both included."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def season(day: date) -> int:
    """Weight of a workday in per cent: busy at the ends of months and before long holidays, at most 1.8x."""
    weight = _MONTH[day.month - 1]
    days_left = _workdays_left_in_month(day)
    if days_left < 2:
        weight = weight * (160 if day.month % 3 == 0 else 135) // 100
    elif days_left < 4:
        weight = weight * 115 // 100
    if _before_long_holiday(day):
        weight = weight * 140 // 100
    return min(weight, _PEAK_CAP)


def _workdays_left_in_month(day: date) -> int:
    left = 0
    current = day + timedelta(days=1)
    while current.month == day.month:
        left += is_workday(current)
        current += timedelta(days=1)
    return left


def _before_long_holiday(day: date) -> bool:
    """Whether five or more days without work begin within two workdays."""
    return any((workday_after(last, 1) - last).days >= 6 for last in (day, workday_after(day, 1)))
