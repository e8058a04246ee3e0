"""F18: the warnings and foreign notices that headquarters pass on, from the table `data/notices.csv`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import HEADQUARTERS, Row, at, envelope, known

_TABLE = Path(__file__).parents[1] / "data" / "notices.csv"
_SECOND = 11 * 3600
FindLot = Callable[[str, date, str], str]
"""(branch, day, kind of goods) -> number of an imported lot that the branch accepted on the day; '' for none."""


def notice_rows(find_lot: FindLot, day: date) -> Iterator[Row]:
    """The rows of one business date: notices issued on it, and some of the workday before put right."""
    for place, entry in enumerate(_table()):
        issued = date.fromisoformat(entry["issue_date"])
        again = entry["direction"] == "FOREIGN_NOTIFICATION" and place % 2 == 1
        if day != issued and not (again and day == workdays.workday_after(issued, 1)):
            continue
        op, version = ("I", 1) if day == issued else ("U", 2)
        notice = {name: cell for name, cell in entry.items() if name != "lot_kind"}
        if entry["lot_kind"]:
            accepted = workdays.workday_before(issued, 1)
            notice["decl_no"] = find_lot(entry["origin_org"], accepted, entry["lot_kind"])
        if again and version == 1:
            notice["origin_org"] = ""
        recorded = at(day, _SECOND + 60 * place)
        cells = envelope("F18", entry["notice_no"], op=op, version=version, recorded=recorded, org=HEADQUARTERS)
        yield Row("F18", HEADQUARTERS, day, issued, cells | known(notice))


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], ...]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
