"""Cells of a sheet as the text that a delimited file would have: what Excel shows, and days written as dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ciq.contracts.model import Column

Cell = str | int | float | bool | list[str] | None
"""As the workbook's program writes it (workbook_child.py)."""

DIGITS = 15
"""Excel keeps that many digits of a number; of a longer number the last ones are lost, so it stays in scientific
notation, and the column's rule refuses it."""

UNCOMPUTED = "(formula not computed 公式未计算)"

_FIRST_SERIAL, _LAST_SERIAL = 61, 2_958_465
"""1900-03-01 and 9999-12-31. Before them Excel counts a day that never was; `20100608` as a number lies behind."""

_ZERO_1900, _ZERO_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  local time, as in the feeds


def is_fault(cell: Cell) -> bool:
    """Whether the cell holds an error value (#REF!), or a formula that nobody has computed."""
    return isinstance(cell, list) and cell[0] in "ef"


def text_of(cell: Cell, column: Column | None = None, *, date1904: bool = False) -> str:
    """The cell's text. In a column of days or times a bare number is a day's serial number."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, list):
        return _text_of_pair(cell, column)
    if isinstance(cell, int | float):
        if column is not None and column.type in ("date", "timestamp"):
            moment = _moment(cell, date1904=date1904)
            if moment is not None:
                return _time_text(moment, column)
        return number_text(cell)
    return cell


def number_text(number: float) -> str:
    """A number as Excel shows it in a wide cell: at most 15 digits, no exponent unless digits were lost."""
    text = f"{number:.{DIGITS}g}"
    if "e" not in text:
        return "0" if text == "-0" else text
    if abs(number) >= 10**DIGITS:
        return text.upper()
    return f"{Decimal(text):f}"


def _text_of_pair(pair: list[str], column: Column | None) -> str:
    kind, text = pair
    if kind == "t":
        return _time_text(datetime.fromisoformat(text), column)
    if kind == "d" and column is not None and column.type == "timestamp":
        return f"{text} 00:00:00"
    return UNCOMPUTED if kind == "f" else text


def _moment(serial: float, *, date1904: bool) -> datetime | None:
    if date1904 and 0 <= serial <= _LAST_SERIAL - 1462:
        return _ZERO_1904 + timedelta(days=serial)
    if not date1904 and _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        return _ZERO_1900 + timedelta(days=serial)
    return None


def _time_text(moment: datetime, column: Column | None) -> str:
    """To the second: Excel keeps a time as a fraction of a day, which is seldom whole. A day alone has no time."""
    whole = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    if column is not None and column.type == "date" and not (whole.hour or whole.minute or whole.second):
        return f"{whole:%Y-%m-%d}"
    return whole.isoformat(sep=" ")
