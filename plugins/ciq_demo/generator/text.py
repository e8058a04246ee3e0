"""Numbers to text cells, whole columns at a time. A column is an object array of str; an empty cell is ''."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from ciq_demo.generator import workdays
from ciq_demo.generator.randomness import Ints

Cells = np.ndarray
_DAYS = 560


def column(values: Sequence[str]) -> Cells:
    """A list of str as an object array."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


def look_up(values: Sequence[str], index: Ints) -> Cells:
    """values[index]."""
    return column(values)[index]


def constant(n: int, value: str = "") -> Cells:
    """`n` times the same cell."""
    return np.full(n, value, dtype=object)


def where(condition: np.ndarray, yes: Cells | str, no: Cells | str) -> Cells:
    """np.where that keeps objects."""
    return np.where(condition, np.asarray(yes, dtype=object), np.asarray(no, dtype=object))


@lru_cache(maxsize=1)
def _date_table() -> Cells:
    return column([workdays.day_of(number).isoformat() for number in range(_DAYS)])


@lru_cache(maxsize=1)
def _time_table() -> Cells:
    return column([f" {s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)])


def dates(days: Ints) -> Cells:
    """yyyy-MM-dd of day numbers."""
    return _date_table()[days]


def times(days: Ints, seconds: Ints) -> Cells:
    """yyyy-MM-dd HH:mm:ss of day numbers and seconds of the day (at most 23:59:59)."""
    return np.asarray(_date_table()[days] + _time_table()[np.minimum(seconds, 86_399)])


def money(cents: Ints) -> Cells:
    """Amounts with two decimals."""
    return column([f"{value // 100}.{value % 100:02d}" for value in cents.tolist()])


def decimal(values: Ints, places: int) -> Cells:
    """Numbers of 10**-places with all their decimals."""
    grain = 10**places
    return column([f"{value // grain}.{value % grain:0{places}d}" for value in values.tolist()])


def integer(values: Ints) -> Cells:
    """Whole numbers."""
    return column([str(value) for value in values.tolist()])


def padded(values: Ints, width: int) -> Cells:
    """Whole numbers with leading zeros."""
    return column([f"{value:0{width}d}" for value in values.tolist()])


def slice_of(salt: Ints, shift: int, bound: int) -> Ints:
    """A small number in [0, bound) out of the random bits of `salt`."""
    return (salt >> shift) % bound


def table(columns: dict[str, Cells], order: Sequence[str]) -> pd.DataFrame:
    """A frame of text cells in the contract's column order; columns that are not given are empty."""
    n = len(next(iter(columns.values())))
    empty = constant(n)
    unknown = set(columns) - set(order)
    if unknown:
        raise KeyError(f"columns that the contract does not have: {sorted(unknown)}")
    block = np.empty((len(order), n), dtype=object)
    for position, name in enumerate(order):
        block[position] = columns.get(name, empty)
    return pd.DataFrame(block.T, columns=list(order), dtype=object)
