"""All returns of the generator's time, made once for a seed, and the workbooks of each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import Row, frame_of
from ciq_demo.generator.formats import FeedFormat
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.returns import activities, audits, honours, laboratories, personnel
from ciq_demo.generator.returns.rows import Entry, Sheets

Make = Callable[[int, Reference], Iterator[Entry]]


def _activity_return(seed: int, reference: Reference) -> Iterator[Entry]:
    yield from activities.activity_entries(seed, reference)
    yield from honours.honour_entries(seed, reference)


MONTHLY: Mapping[str, Make] = {
    laboratories.FEED: laboratories.laboratory_entries,
    audits.FEED: audits.audit_entries,
    activities.FEED: _activity_return,
    personnel.FEED: personnel.personnel_entries,
}
"""For each feed that every branch delivers once a month, what makes its rows from the seed and the tables."""


class ReturnBook:
    """The feeds of MONTHLY. `since` leaves out the records begun before that day."""

    def __init__(self, seed: int, *, reference: Reference, since: date | None) -> None:
        self._seed = seed
        self._reference = reference
        self._since = since or workdays.FIRST_DECLARED

    def workbooks(self, day: date, formats: Mapping[str, FeedFormat]) -> dict[tuple[str, str], Sheets]:
        """Sheets by (feed, sender) of one business date, with all columns of the contract, those without rows included.

        Every branch has a workbook on the last day of each month, headquarters when there is something in it.
        """
        if not workdays.is_month_end(day):
            return {}
        slices: dict[tuple[str, str], dict[str, list[Row]]] = {
            (feed, branch.org): {} for feed in MONTHLY for branch in self._reference.branches
        }
        for entry in self._entries.get(day, []):
            if entry.row.begun >= self._since:
                slice_ = slices.setdefault((entry.row.feed, entry.row.sender), {})
                slice_.setdefault(entry.sheet, []).append(entry.row)
        return {
            (feed, org): {
                sheet.name: frame_of(rows.get(sheet.name, []), sheet.columns) for sheet in formats[feed].sheets
            }
            for (feed, org), rows in sorted(slices.items())
        }

    @cached_property
    def _entries(self) -> dict[date, list[Entry]]:
        by_day: dict[date, list[Entry]] = defaultdict(list)
        for make in MONTHLY.values():
            for entry in make(self._seed, self._reference):
                by_day[entry.row.day].append(entry)
        return by_day
