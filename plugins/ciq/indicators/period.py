"""Make a query of a definition: for one period, with its values written out, so that what is shown is what is run."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ciq.indicators.model import Indicator

_PARAMETER = re.compile(r"'[^']*'|(?<![:\w]):([a-z_][a-z0-9_]*)")


@dataclass(frozen=True, kw_only=True)
class Period:
    """The year that is reviewed, up to a day of it; and the document that it is compared with, empty when none is."""

    year: int
    last_day: date
    document: str = ""

    @property
    def first_day(self) -> date:
        """The first day of the year."""
        return date(self.year, 1, 1)

    @property
    def is_whole(self) -> bool:
        """Whether the year is reviewed to its end: only then do published figures of the year bind."""
        return self.last_day == date(self.year, 12, 31)

    @property
    def year_before(self) -> Period:
        """The same days of the year before; of a month that is over, all of it, 29 February included."""
        following = self.last_day + timedelta(days=1)
        if (following.month, following.day) == (2, 29):
            following += timedelta(days=1)
        last_day = following.replace(year=following.year - 1) - timedelta(days=1)
        return replace(self, year=self.year - 1, last_day=last_day)


def bind(query: str, period: Period) -> str:
    """The query with the period's values in the place of `:year`, `:first_day`, `:last_day` and `:document`."""
    values = {
        "year": str(period.year),
        "first_day": f"date '{period.first_day}'",
        "last_day": f"date '{period.last_day}'",
        "document": "'{}'".format(period.document.replace("'", "''")),
    }
    return _PARAMETER.sub(lambda found: values[found.group(1)] if found.group(1) else found.group(), query)


def figure_query(measure: str, rows: str, period: Period) -> str:
    """SQL for one row with one column, `value`."""
    inner = "\n".join(f"    {line}".rstrip() for line in bind(rows, period).strip().splitlines())
    return f"select {bind(measure, period)} as value\nfrom (\n{inner}\n) as behind"


def rows_query(indicator: Indicator, period: Period) -> str | None:
    """SQL for the rows behind a figure; None for one without a query."""
    return bind(indicator.rows, period).strip() if indicator.rows else None
