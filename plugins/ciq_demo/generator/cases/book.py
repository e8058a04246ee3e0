"""All cases of the generator's time, made once for a seed, and what is delivered of them on each day.

What happens at the frontier is made day by day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cached_property

import pandas as pd

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.complaints import complaint_rows, make_complaints
from ciq_demo.generator.cases.notices import FindLot, notice_rows
from ciq_demo.generator.cases.penalties import make_penalties, penalty_rows
from ciq_demo.generator.cases.reviews import make_reviews, return_rows, review_rows
from ciq_demo.generator.cases.rows import Row, frame_of
from ciq_demo.generator.formats import FeedFormat
from ciq_demo.generator.frontier.health import health_rows
from ciq_demo.generator.frontier.integrity import integrity_rows
from ciq_demo.generator.frontier.lots import finder
from ciq_demo.generator.frontier.pests import pest_rows
from ciq_demo.generator.frontier.samples import sample_rows
from ciq_demo.generator.plan import YearPlan
from ciq_demo.generator.reference import Reference

DAILY = ("F06", "F07", "F10", "F11", "F13")
"""Every branch delivers these on each workday, nil when there is nothing; the others only when there is something."""


class CaseBook:
    """The case feeds by day: a few thousand cases, made at the first question.

    `since` leaves out the cases begun before that day. Notices about lots ask `find_lot` for a number.
    """

    def __init__(
        self, seed: int, *, reference: Reference, plan: YearPlan, since: date | None, find_lot: FindLot
    ) -> None:
        self._seed = seed
        self._reference = reference
        self._plan = plan
        self._since = since or workdays.FIRST_DECLARED
        self._find_lot = find_lot
        self._find_number = finder(plan)

    def frames(self, day: date, formats: Mapping[str, FeedFormat]) -> dict[tuple[str, str], pd.DataFrame]:
        """Frames by (feed, sender) of one business date; those of a workday include the nil ones."""
        slices: dict[tuple[str, str], list[Row]] = defaultdict(list)
        if workdays.is_workday(day):
            slices.update({(feed, branch.org): [] for feed in DAILY for branch in self._reference.branches})
        for row in [
            *self._rows.get(day, []),
            *notice_rows(self._find_lot, day),
            *health_rows(self._seed, self._reference, day),
            *integrity_rows(self._seed, self._reference, day),
            *pest_rows(self._seed, self._reference, self._find_number, day),
            *sample_rows(self._seed, self._reference, self._find_number, day),
        ]:
            if row.begun >= self._since:
                slices[row.feed, row.sender].append(row)
        nil = {feed: frame_of([], formats[feed].columns) for feed in DAILY}
        return {
            key: frame_of(rows, formats[key[0]].columns) if rows else nil[key[0]]
            for key, rows in sorted(slices.items())
        }

    @cached_property
    def _rows(self) -> dict[date, list[Row]]:
        branches = self._reference.branches
        penalties = make_penalties(self._seed, self._reference, self._plan)
        reviews = make_reviews(penalties, branches)
        by_day: dict[date, list[Row]] = defaultdict(list)
        for rows in (
            penalty_rows(penalties, branches),
            complaint_rows(make_complaints(self._seed, branches)),
            review_rows(reviews, branches),
            return_rows(reviews, branches),
        ):
            for row in rows:
                by_day[row.day].append(row)
        return by_day
