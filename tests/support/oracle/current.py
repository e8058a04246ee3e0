"""What is current: one row per declaration, its item set, its evaluations; and what became of every other row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date

from support.oracle.contract import feeds
from support.oracle.slices import Row


@dataclass
class Declaration:
    """A declaration whose record is there. `row` = its last I or U; `standing` = its last row of all."""

    row: Row
    standing: Row
    business_date: date
    lines: list[Row] = field(default_factory=list)
    evaluations: list[Row] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    """In the order of their numbers, void ones among them."""
    deleted: list[Row] = field(default_factory=list)
    """Lines and evaluations taken back by a D, as they were told last."""

    @property
    def is_void(self) -> bool:
        """Withdrawn by the last word on it."""
        return self.standing.is_void or self.standing.status == "VOID"

    @property
    def first(self) -> Row | None:
        """The evaluation that decides: the lowest that is not pending."""
        return next((row for row in self.evaluations if row.result != "P"), None)

    @property
    def final(self) -> Row | None:
        """The highest evaluation that is not pending."""
        return next((row for row in reversed(self.evaluations) if row.result != "P"), None)


@dataclass(frozen=True)
class Certificate:
    """A certificate whose record is there. `row` = its last I or U; `standing` = its last row of all."""

    row: Row
    standing: Row
    declaration: Declaration | None

    @property
    def is_void_itself(self) -> bool:
        """Taken back, or in state 2."""
        return self.standing.is_void or self.row.status == "2"

    @property
    def is_void(self) -> bool:
        """Void by itself, or with its lot."""
        return self.is_void_itself or (self.declaration is not None and self.declaration.is_void)


@dataclass(frozen=True)
class Record:
    """What stands by itself. `row` = its last I or U; `standing` = its last row of all."""

    row: Row
    standing: Row

    @property
    def is_void(self) -> bool:
        """Taken back by the last word on it."""
        return self.standing.is_void


@dataclass
class Current:
    """Declarations by number, and the fate of each row in force: by (feed, rank) superseded, void, waiting, current."""

    declarations: dict[str, Declaration]
    fates: dict[tuple[str, Hashable], str]
    records: dict[str, list[Record]]
    """Events, returns and notices by feed, in the order of their keys."""
    certificates: list[Certificate]
    """Those that wait for their declaration among them."""


def current(rows: Iterable[Row]) -> Current:
    """From the accepted rows of published deliveries."""
    by_feed: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_feed[row.feed].append(row)
    result = Current({}, {(row.feed, row.rank): "superseded" for found in by_feed.values() for row in found}, {}, [])
    _declarations(result, by_feed["F01"])
    _item_sets(result, by_feed["F02"])
    _evaluations(result, by_feed["F03"])
    _certificates(result, by_feed["F04"])
    for feed in by_feed.keys() - {"F01", "F02", "F03", "F04"}:
        result.records[feed] = _records(result, feed, by_feed[feed])
    return result


def _records(result: Current, feed: str, rows: list[Row]) -> list[Record]:
    names = [column.name for column in feeds()[feed].columns if column.key]
    found = []
    for _, group in sorted(_groups(rows, *names).items()):
        told = _last_told(group)
        if told is None:
            result.fates[feed, group[0].rank] = "waiting"
            continue
        found.append(Record(told, group[0]))
        is_void = group[0].is_void or (feed == "F05" and told.status == "2")
        result.fates[feed, group[0].rank] = "void" if is_void else "current"
    return found


def _groups(rows: Iterable[Row], *names: str) -> dict[tuple[object, ...], list[Row]]:
    """Rows by key, the last word first."""
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.rank, reverse=True):
        groups[tuple(getattr(row, name) for name in names)].append(row)
    return groups


def _declarations(result: Current, rows: list[Row]) -> None:
    for (decl_no,), group in _groups(rows, "decl_no").items():
        told = _last_told(group)
        if told is None:
            result.fates["F01", group[0].rank] = "waiting"
            continue
        found = Declaration(told, group[0], min(row.day for row in group))
        result.declarations[str(decl_no)] = found
        result.fates["F01", group[0].rank] = "void" if found.is_void else "current"


def _item_sets(result: Current, rows: list[Row]) -> None:
    lines = _groups(rows, "decl_no", "goods_no")
    told = {key: _last_told(group) for key, group in lines.items()}
    for (decl_no,), group in _groups(rows, "decl_no").items():
        counted = []
        for row in group:
            key = (decl_no, row.goods_no)
            if told[key] is not None:
                counted.append(row)
            elif row is lines[key][0]:
                result.fates["F02", row.rank] = "waiting"
        standing: dict[int, Row] = {}
        for row in counted:
            if row.rank[:3] == counted[0].rank[:3]:
                standing.setdefault(row.goods_no, row)
        for number in sorted(standing):
            _attach(result, standing[number], told[decl_no, number])


def _evaluations(result: Current, rows: list[Row]) -> None:
    groups = _groups(rows, "decl_no", "eval_seq")
    for key in sorted(groups):
        standing, told = groups[key][0], _last_told(groups[key])
        if told is None:
            result.fates["F03", standing.rank] = "waiting"
        else:
            _attach(result, standing, told)


def _certificates(result: Current, rows: list[Row]) -> None:
    for _, group in sorted(_groups(rows, "cert_no").items()):
        told = _last_told(group)
        if told is None:
            result.fates["F04", group[0].rank] = "waiting"
            continue
        found = Certificate(told, group[0], result.declarations.get(told.decl_no))
        result.certificates.append(found)
        if found.declaration is None:
            result.fates["F04", group[0].rank] = "waiting"
        else:
            result.fates["F04", group[0].rank] = "void" if found.is_void else "current"
            found.declaration.certificates.append(found)


def _last_told(group: list[Row]) -> Row | None:
    """The last row of a key that is no D."""
    return next((row for row in group if not row.is_void), None)


def _attach(result: Current, standing: Row, told: Row | None) -> None:
    """Give a declaration a line or an evaluation; without a declaration it waits, taken back or not."""
    assert told is not None
    declaration = result.declarations.get(standing.decl_no)
    if declaration is None:
        result.fates[standing.feed, standing.rank] = "waiting"
    elif standing.is_void:
        result.fates[standing.feed, standing.rank] = "void"
        declaration.deleted.append(told)
    else:
        result.fates[standing.feed, standing.rank] = "void" if declaration.is_void else "current"
        (declaration.lines if standing.feed == "F02" else declaration.evaluations).append(standing)
