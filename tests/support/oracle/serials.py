"""Gaps in numbers that are given one after another: what was never sent, not accepted, or taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from support.oracle.calibres import Lot
from support.oracle.cases import Case
from support.oracle.current import Record
from support.oracle.slices import Row

RULES = {
    "F01": "F01-decl_no-gap", "F05": "F05-coo_no-gap", "F10": "F10-case_no-gap", "F11": "F11-case_no-gap",
    "F12": "F12-case_no-gap",
}  # fmt: skip
BEFORE_SERIAL = {"F01": 9, "F05": 9, "F10": 12, "F11": 12, "F12": 12}
"""Characters of the number that say organisation, kind and year."""


def serial_findings(
    lots: Mapping[str, Lot], cases: Mapping[str, Case], origin_certs: Iterable[Record]
) -> Iterator[tuple[str, Row, int]]:
    """Rule, the row that told of the number after the gap, and 0; by number; a case taken back whole has none."""
    numbers = {number: lot.header for number, lot in lots.items()}
    numbers |= {number: min(case.standing, key=_place) for number, case in cases.items() if not case.is_void}
    numbers |= {record.row.coo_no: record.row for record in origin_certs}
    series: dict[tuple[str, str], list[str]] = defaultdict(list)
    for number, row in numbers.items():
        series[row.feed, number[: BEFORE_SERIAL[row.feed]]].append(number)
    for (feed, prefix), members in series.items():
        for before, after in pairwise(sorted(members)):
            serials = [number.removeprefix(prefix) for number in (before, after)]
            if all(serial.isdecimal() for serial in serials) and int(serials[1]) - int(serials[0]) > 1:
                yield RULES[feed], numbers[after], 0


def _place(row: Row) -> tuple[object, ...]:
    return row.day, row.sender, row.line
