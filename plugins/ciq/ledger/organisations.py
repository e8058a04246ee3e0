"""Organisations in periods: what `org.csv` says, checked, and brought to ref.org.

A line of the file is one period of one organisation: valid_from <= day < valid_to, the last one open. Where an
organisation above it moves or is renamed meanwhile, ref.org holds the stretches in between as periods of their own, so
that its columns hold on every day of a row.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import psycopg

from ciq.errors import CiqError, Place

LEVELS = ("AQSIQ", "HQ", "BRANCH", "OFFICE")
FILE = "org.csv"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of `org.csv`. `valid_to`: the first day after, None while it is open."""

    number: int
    org_code: str
    parent_code: str | None
    level: str
    name_zh: str
    name_en: str
    seat_zh: str
    valid_from: date
    valid_to: date | None
    is_due: bool
    endpoint: str | None

    def covers(self, day: date) -> bool:
        """Whether the day lies in this period."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Above:
    """What stands above an organisation on a day; a change of any of it begins a new period."""

    path: str
    branch_code: str
    branch_zh: str
    branch_en: str
    hq_code: str


@dataclass(frozen=True)
class Period:
    """A row of ref.org."""

    line: Line
    above: Above
    valid_from: date
    valid_to: date | None


Lines = Mapping[str, Sequence[Line]]


def fill_organisations(connection: psycopg.Connection, path: Path) -> None:
    """Bring ref.org in line with the file, within the caller's transaction.

    Raises CiqError for a file that contradicts itself, and for one that no longer says what the warehouse knows: an
    organisation that is gone, or that begins later than it did.
    """
    lines = read_lines(path)
    _refuse_lost_history(connection, lines)
    connection.execute("delete from ref.org")
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [_row(period) for period in periods_of(lines)])


def read_lines(path: Path) -> Lines:
    """The file's lines by organisation, each organisation's in the order of time and without overlap or gap.

    Raises CiqError naming the line.
    """
    lines: dict[str, list[Line]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for cells in reader:
            line = _line(reader.line_num, cells)
            lines[line.org_code].append(line)
    for own in lines.values():
        own.sort(key=lambda line: line.valid_from)
        for before, after in pairwise(own):
            _refuse_bad_seam(before, after)
    return lines


def periods_of(lines: Lines) -> Iterator[Period]:
    """Every line, cut where something above it changes.

    Raises CiqError where on some day the organisation above is not there.
    """
    own = [line for group in lines.values() for line in group]
    seams = sorted({day for line in own for day in (line.valid_from, line.valid_to) if day})
    for line in own:
        days = [day for day in seams if line.covers(day)]
        stretches = [(day, _above(lines, line, day)) for day in days]
        begins = [stretches[0], *(b for a, b in pairwise(stretches) if a[1] != b[1])]
        ends = [*(day for day, _ in begins[1:]), line.valid_to]
        for (day, above), end in zip(begins, ends, strict=True):
            yield Period(line, above, day, end)


def line_on(lines: Iterable[Line], day: date) -> Line | None:
    """The period of one organisation that the day lies in."""
    return next((line for line in lines if line.covers(day)), None)


def _line(number: int, cells: Mapping[str, str]) -> Line:
    try:
        line = Line(
            number=number,
            org_code=cells["org_code"],
            parent_code=cells["parent_code"] or None,
            level=cells["level"],
            name_zh=cells["name_zh"],
            name_en=cells["name_en"],
            seat_zh=cells["seat_zh"],
            valid_from=date.fromisoformat(cells["valid_from"]),
            valid_to=date.fromisoformat(cells["valid_to"]) if cells["valid_to"] else None,
            is_due={"1": True, "0": False}[cells["is_due"]],
            endpoint=cells["endpoint"] or None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(
            number,
            None,
            f"此行无法读取 / This line cannot be read: {error!r}",
            "Dates are yyyy-mm-dd, is_due is 0 or 1, and every column is there.",
        ) from error
    if line.level not in LEVELS:
        raise _refused(
            number, line.org_code, f"未知层级 / Unknown level {line.level!r}", f"One of {', '.join(LEVELS)}."
        )
    if line.valid_to is not None and line.valid_to <= line.valid_from:
        raise _refused(
            number,
            line.org_code,
            f"有效期为空 / The period is empty: {line.valid_from} to {line.valid_to}",
            "valid_to is the first day on which it no longer holds.",
        )
    return line


def _refuse_bad_seam(before: Line, after: Line) -> None:
    if before.valid_to == after.valid_from:
        return
    end = "open" if before.valid_to is None else before.valid_to
    overlaps = before.valid_to is None or before.valid_to > after.valid_from
    what = "有效期重叠 / Periods overlap" if overlaps else "有效期有空档 / There is a gap between periods"
    raise _refused(
        after.number,
        after.org_code,
        f"{what}: {before.valid_from} to {end} (line {before.number}), then from {after.valid_from}",
        "valid_to of a period is valid_from of the next one.",
    )


def _above(lines: Lines, line: Line, day: date) -> Above:
    chain = [line]
    while chain[-1].parent_code is not None:
        code = chain[-1].parent_code
        above = line_on(lines.get(code, ()), day)
        if above is None or above in chain:
            what = "上级机构在该日不存在" if above is None else "上级机构成环"
            said = "is not there" if above is None else "is below it"
            raise _refused(
                chain[-1].number,
                chain[-1].org_code,
                f"{what} / On {day} the organisation above, {code}, {said}",
                "Give it another parent from that day on, in a line of its own, or end it.",
            )
        chain.append(above)
    branch = next((one for one in chain if one.level != "OFFICE"), chain[-1])
    return Above(
        path="/".join(one.org_code for one in reversed(chain)),
        branch_code=branch.org_code,
        branch_zh=branch.name_zh,
        branch_en=branch.name_en,
        hq_code=next((one.org_code for one in chain if one.level == "HQ"), "NONE"),
    )


def _refuse_lost_history(connection: psycopg.Connection, lines: Lines) -> None:
    known = connection.execute("select org_code, min(valid_from) from ref.org group by 1 order by 1").fetchall()
    for org_code, first_day in known:
        own = lines.get(org_code)
        if not own:
            raise CiqError(
                f"机构 {org_code} 已不在 {FILE} 中 / Organisation {org_code} is no longer in {FILE}",
                place=Place(branch=org_code, file=FILE),
                advice="End it with valid_to instead: what it once sent must stay explainable.",
            )
        if own[0].valid_from > first_day:
            raise _refused(
                own[0].number,
                org_code,
                f"{first_day} 至 {own[0].valid_from} 的有效期不见了 / "
                f"The period from {first_day} to {own[0].valid_from} is gone",
                "Keep the former line with a valid_to, and add the change as a line of its own.",
            )


def _refused(number: int, org_code: str | None, what: str, advice: str) -> CiqError:
    return CiqError(what, place=Place(branch=org_code, file=FILE, line=number), advice=advice)


_INSERT = """
insert into ref.org (org_code, parent_code, level, branch_code, name_zh, name_en, seat_zh, valid_from, valid_to, is_due,
    endpoint, path, hq_code)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _row(period: Period) -> tuple[object, ...]:
    line, above = period.line, period.above
    return (
        line.org_code,
        line.parent_code,
        line.level,
        above.branch_code,
        line.name_zh,
        line.name_en,
        line.seat_zh,
        period.valid_from,
        period.valid_to,
        line.is_due,
        line.endpoint,
        above.path,
        above.hq_code,
    )
