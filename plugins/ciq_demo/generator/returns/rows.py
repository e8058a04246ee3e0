"""What the returns have in common: a row of one sheet of a branch's workbook of a month."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ciq_demo.generator.cases.rows import Row

Sheets = dict[str, pd.DataFrame]
"""The rows of a workbook as text cells, by the names of the record types."""


@dataclass(frozen=True)
class Entry:
    """A row, and the record type (sheet) that it belongs to. Its `day` is the last day of a month."""

    sheet: str
    row: Row
