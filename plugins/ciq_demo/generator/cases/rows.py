"""What the case feeds have in common: a row that some sender delivers on some day, and how its envelope looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pandas as pd

HEADQUARTERS = "320000"
"""Delivers what reaches the hotline 12365, and warnings; never due."""


@dataclass(frozen=True)
class Row:
    """A row of one delivery. `begun` is the day of the case's first row: what a cut-over leaves out goes by it."""

    feed: str
    sender: str
    day: date
    begun: date
    cells: dict[str, str]


def envelope(feed: str, key: str, *, op: str = "I", version: int = 1, recorded: datetime, org: str) -> dict[str, str]:
    """The five cells that begin every row; `key` names the record within the feed."""
    return {
        "record_id": f"{feed}-{key}-{version}",
        "op": op,
        "version_no": str(version),
        "op_time": stamp(recorded),
        "org_code": org,
    }


def stamp(moment: datetime) -> str:
    """yyyy-MM-dd HH:mm:ss"""
    return moment.isoformat(sep=" ")


def at(day: date, second: int) -> datetime:
    """A moment by its day and second of the day."""
    return datetime.combine(day, time()) + timedelta(seconds=second)


def money(cents: int) -> str:
    """An amount with two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"


def frame_of(rows: Sequence[Row], columns: Sequence[str]) -> pd.DataFrame:
    """Rows of one delivery as text cells, in the order of recording; cells that are not given are empty.

    Raises KeyError for a cell that the contract has no column for.
    """
    ordered = sorted((row.cells for row in rows), key=lambda cells: (cells["op_time"], cells["record_id"]))
    unknown = {name for cells in ordered for name in cells} - set(columns)
    if unknown:
        raise KeyError(f"columns that the contract does not have: {sorted(unknown)}")
    block = [[cells.get(name, "") for name in columns] for cells in ordered]
    return pd.DataFrame(block, columns=list(columns), dtype=object)


def known(cells: Mapping[str, str | None]) -> dict[str, str]:
    """The cells that have a value."""
    return {name: cell for name, cell in cells.items() if cell}
