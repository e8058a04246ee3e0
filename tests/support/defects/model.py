"""A good delivery, what becomes of it, and what that should end in."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from ciq.contracts.model import Contract, RecordType
from ciq.contracts.predicates import lexical_form

Section = Literal["file", "shape", "cell", "form", "manifest", "delivery", "history"]
Files = Mapping[str, bytes]
"""Name in the outbox -> content."""


@dataclass(frozen=True)
class Slot:
    """A slice that one trial has for itself; `number` is the first of its serial numbers."""

    branch: str
    day: date
    number: int


@dataclass(frozen=True)
class Draft:
    """A delivery in the making: what changes its rows or bytes keeps its manifest fitting, as its sender would."""

    contract: Contract
    manifest_columns: tuple[str, ...]
    slot: Slot
    rows: tuple[Mapping[str, str], ...]
    amounts: tuple[str, ...]
    """The amounts that the sender knows, row by row, whatever the cells say."""
    data: bytes = b""
    cells: Mapping[str, str] = field(default_factory=dict)
    """The manifest's."""
    records: int = 0
    ending: str = "csv"
    """Of the data file's name."""

    @property
    def feed(self) -> str:
        """The feed's code."""
        return self.contract.feed_code

    @property
    def record_type(self) -> RecordType:
        """The one that its rows are of."""
        return self.contract.main

    @property
    def columns(self) -> tuple[str, ...]:
        """The header."""
        return tuple(column.name for column in self.record_type.file_columns)

    @property
    def bad(self) -> int:
        """The row that is spoiled: not the first where there are several."""
        return min(1, len(self.rows) - 1)

    @property
    def stem(self) -> str:
        """The name of both files as it should be."""
        return f"{self.feed}_{self.slot.branch}_{self.slot.day:%Y%m%d}_{int(self.cells['seq']):02d}"

    @property
    def files(self) -> Files:
        """Data and manifest under their names."""
        return {f"{self.stem}.{self.ending}": self.data, f"{self.stem}.manifest.csv": self.manifest()}

    @property
    def text(self) -> str:
        """The data as text."""
        return self.data.decode("gb18030")

    def manifest(self, delimiter: str = ",") -> bytes:
        """The manifest's bytes."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerow(self.manifest_columns)
        writer.writerow([self.cells[name] for name in self.manifest_columns])
        return out.getvalue().encode()

    def with_rows(self, rows: tuple[Mapping[str, str], ...]) -> Draft:
        """With other records, written anew. A row beyond the known amounts has the last of them."""
        amounts = (*self.amounts, *self.amounts[-1:] * len(rows))[: len(rows)]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([row.get(name, "") for name in self.columns] for row in rows)
        draft = replace(self, rows=rows, amounts=amounts)
        sums = {"control_sum": draft._control_sum(), "row_count": str(len(rows))}
        return replace(draft, records=len(rows)).resealed(out.getvalue().encode("gb18030")).declared(**sums)

    def with_cells(self, **cells: str) -> Draft:
        """With these cells in the row that is spoiled."""
        rows = tuple({**row, **cells} if n == self.bad else row for n, row in enumerate(self.rows))
        return self.with_rows(rows)

    def with_cells_everywhere(self, **cells: str) -> Draft:
        """With these cells in every row."""
        return self.with_rows(tuple({**row, **cells} for row in self.rows))

    def with_lines(self, change: Callable[[list[str]], list[str]], *, more_records: int = 0) -> Draft:
        """With other lines of text, the header first; their last is empty."""
        draft = self.resealed("\n".join(change(self.text.split("\n"))).encode("gb18030"))
        records = self.records + more_records
        return replace(draft, records=records).declared(row_count=str(records))

    def with_bad_line(self, change: Callable[[str], str]) -> Draft:
        """With the text of the spoiled row changed."""
        at = self.bad + 1
        return self.with_lines(lambda lines: [*lines[:at], change(lines[at]), *lines[at + 1 :]])

    def resealed(self, data: bytes) -> Draft:
        """With other bytes that the manifest fits."""
        draft = replace(self, data=data)
        return draft.declared(sha256=hashlib.sha256(data).hexdigest(), bytes=str(len(data)))

    def encoded(self, codec: str, declared: str, *, mark: bytes = b"") -> Draft:
        """In another encoding."""
        return self.resealed(mark + self.text.encode(codec)).declared(encoding=declared)

    def declared(self, **cells: str) -> Draft:
        """With other cells in the manifest."""
        return replace(self, cells={**self.cells, **cells})

    def again(self, **cells: str) -> Draft:
        """The next delivery of the slice."""
        seq = int(self.cells["seq"]) + 1
        moved = self.declared(seq=str(seq), **cells)
        return moved.declared(file_name=f"{moved.stem}.{self.ending}", report_time=f"{self.slot.day} 20:{seq:02d}:00")

    def moved(self, *, day: date | None = None, branch: str | None = None) -> Draft:
        """Under another business date, or in another branch's name."""
        slot = replace(self.slot, day=day or self.slot.day, branch=branch or self.slot.branch)
        moved = replace(self, slot=slot).declared(
            business_date=str(slot.day), org_code=slot.branch, report_time=f"{slot.day} 20:00:00"
        )
        return moved.declared(file_name=f"{moved.stem}.{self.ending}")

    def _control_sum(self) -> str:
        column = self.record_type.control_sum
        if not column:
            return ""
        form = lexical_form(self.record_type.column(column)) or ""
        read = [
            cell if not cell or re.fullmatch(form, cell) else known
            for cell, known in zip((row.get(column, "") for row in self.rows), self.amounts, strict=True)
        ]
        return f"{sum(Decimal(cell or 0) for cell in read):.2f}"


@dataclass(frozen=True, kw_only=True)
class Ends:
    """What a trial should end in. `states`: of its deliveries, in any order, as receipts call them."""

    states: tuple[str, ...] = ("accepted",)
    rules: frozenset[str] = frozenset()
    """What holds a delivery or quarantines rows."""
    optional: frozenset[str] = frozenset()
    """Rules that may be broken with them, where a feed has them."""
    any_rule: bool = False
    """Whether rows may break any further rule."""
    quarantined: int = 0
    findings: frozenset[str] = frozenset()
    any_finding: bool = False
    """Whether the build may find what follows from the defect besides."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What arrives: first `growing`, of which half is there while it is collected; then `first`, then `then`."""

    org: str
    ends: Ends
    records: int
    first: Files = field(default_factory=dict)
    then: Files = field(default_factory=dict)
    growing: Files = field(default_factory=dict)
    secret: str | None = None
    """What must not be found anywhere in the warehouse."""

    @property
    def names(self) -> set[str]:
        """The names of all files."""
        return {*self.first, *self.then, *self.growing}


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What one delivery, or a file that makes up none, of a trial ended in. Rules are ids."""

    state: str
    holds: frozenset[str]
    broken: frozenset[str]
    findings: frozenset[str]
    received: int
    accepted: int
    quarantined: int
    held: int
    told: Mapping[str, tuple[str, str]]
    """Rule -> message (zh, en), as the receipt tells it."""

    @property
    def rules(self) -> frozenset[str]:
        """What holds it, and what its rows broke."""
        return self.holds | self.broken


@dataclass(frozen=True)
class Defect:
    """One thing that can be wrong. `spoil` gives None where the feed cannot have it."""

    name: str
    section: Section
    zh: str
    en: str
    spoil: Callable[[Draft], Trial | None]


def arrives(draft: Draft, ends: Ends, files: Files | None = None, *, secret: str | None = None) -> Trial:
    """The trial of a delivery whose files arrive at once."""
    first = draft.files if files is None else files
    return Trial(org=draft.slot.branch, ends=ends, records=draft.records, first=first, secret=secret)


def accepted(draft: Draft, *findings: str, any_finding: bool = False) -> Trial:
    """It is accepted; the build finds this."""
    return arrives(draft, Ends(findings=frozenset(findings), any_finding=any_finding))


def quarantined(
    draft: Draft, *rules: str, rows: int = 1, optional: frozenset[str] = frozenset(), any_rule: bool = False
) -> Trial:
    """So many rows are quarantined by these rules; where the feed bears no broken row, they hold the delivery."""
    broken = frozenset(rules)
    if not draft.contract.reject_limit.allows(broken=rows, received=draft.records):
        broken |= {"D-reject_limit"}
        return arrives(draft, Ends(states=("held",), rules=broken, optional=optional, any_rule=any_rule))
    ends = Ends(states=("quarantined",), rules=broken, quarantined=rows, optional=optional, any_rule=any_rule)
    return arrives(draft, ends)


def held(draft: Draft, *rules: str, files: Files | None = None) -> Trial:
    """It is held by these rules."""
    return arrives(draft, Ends(states=("held",), rules=frozenset(rules)), files)
