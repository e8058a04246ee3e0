"""Numbers of lots by the plan alone, so that no day's lots need be made for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ciq_demo.generator.plan import YearPlan

FindNumber = Callable[[int, date, int], str]
"""(position of the branch, day, place) -> number of a lot that it accepted on the day for entry; '' for none."""


def finder(plan: YearPlan) -> FindNumber:
    """A function that finds lots in the plan; other places find other lots of the day while there are any."""

    def find(index: int, day: date, place: int) -> str:
        desks = [desk for own in plan.of_day(day) if own.branch == index for desk in own.serials]
        entering = [desk for desk in desks if not desk.exit and desk.lots]
        if not entering:
            return ""
        desk = entering[place % len(entering)]
        return f"{desk.org}1{day.year % 100:02d}{desk.first + place * 7 % desk.lots:06d}"

    return find
