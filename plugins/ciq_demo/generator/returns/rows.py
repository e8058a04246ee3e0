"""What the returns have in common: a row of one sheet of a branch's workbook of a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from ciq_demo.generator.cases.rows import Row, at, envelope
from ciq_demo.generator.returns.year import month_end

_RECORDED = 9 * 3600

Sheets = dict[str, pd.DataFrame]
"""The rows of a workbook as text cells, by the names of the record types."""


@dataclass(frozen=True)
class Entry:
    """A row, and the record type (sheet) that it belongs to. Its `day` is the last day of a month."""

    sheet: str
    row: Row


def entry(
    feed: str,
    sheet: str,
    key: str,
    org: str,
    day: date,
    cells: dict[str, str],
    *,
    version: int = 1,
    begun: date | None = None,
) -> Entry:
    """What `org` recorded on a day, in its workbook of that month; `begun`: the day of the record's first version."""
    recorded = at(day, _RECORDED + 3600 * version)
    head = envelope(
        feed, f"{sheet}-{key}", op="I" if version == 1 else "U", version=version, recorded=recorded, org=org
    )
    return Entry(sheet, Row(feed, org, month_end(day.month, day.year), begun or day, head | cells))
