"""All rows of F09, made once for a seed, and the workbooks of each week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cached_property

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import Row, frame_of
from ciq_demo.generator.enterprises.assessments import FEED, assessment_rows
from ciq_demo.generator.enterprises.honours import honour_rows
from ciq_demo.generator.formats import FeedFormat
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.returns.rows import Sheets

_Slices = Mapping[tuple[date, str], list[Row]]


class EnterpriseBook:
    """The weekly workbooks of F09. `since` leaves out the records begun before that day."""

    def __init__(self, seed: int, *, reference: Reference, since: date | None) -> None:
        self._seed = seed
        self._reference = reference
        self._since = since or workdays.FIRST_DECLARED

    def workbooks(self, day: date, formats: Mapping[str, FeedFormat]) -> dict[tuple[str, str], Sheets]:
        """Sheets by (feed, sender) of one business date: every branch has both on the last workday of each week."""
        if not workdays.ends_week(day):
            return {}
        return {
            (FEED, branch.org): {
                sheet.name: frame_of(self._rows[sheet.name].get((day, branch.org), []), sheet.columns)
                for sheet in formats[FEED].sheets
            }
            for branch in self._reference.branches
        }

    @cached_property
    def _rows(self) -> dict[str, _Slices]:
        """Record type -> (business date, sender) -> rows."""
        made = {"ent_class": assessment_rows, "honor": honour_rows}
        return {name: self._by_slice(list(rows(self._seed, self._reference))) for name, rows in made.items()}

    def _by_slice(self, rows: list[Row]) -> _Slices:
        slices: dict[tuple[date, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row.begun >= self._since:
                slices[row.day, row.sender].append(row)
        return slices
