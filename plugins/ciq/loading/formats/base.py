"""What every format has in common: a reading gives the records of one record type, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, Protocol

from ciq.contracts.model import FileFormat, RecordType
from ciq.loading.records import Record

FIXED, XML, XLS, XLSX = "FIXED", "XML", "XLS", "XLSX"
WORKBOOKS = (XLS, XLSX)

BAD_FORM = "D-format"
"""The file is not of the form that its manifest declares, or is damaged: none of it can be read."""

TOO_LARGE = "D-size"
"""The file, or one element of it, is larger than its form may be."""

NO_TEMPLATE = "D-header"
"""The file has not the columns, sheet or elements of the contract."""

LISTED = 50
"""Rows left out that are named one by one; the others are only counted."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data file, and how its manifest says it is written.

    `form`: what tells its cells apart, a delimiter's name or FIXED, XML, XLS, XLSX (F00.delimiter).
    `layout`: what the contract says of the sender's files: widths, header line, words of total rows.
    """

    file: BinaryIO
    encoding: str
    form: str
    layout: FileFormat = field(default_factory=FileFormat)


@dataclass(frozen=True)
class LeftOut:
    """A row, or a whole sheet, that is no record and was not read as one. `line` 0: a sheet."""

    line: int
    kind: Literal["title", "total", "note", "sheet"]
    text: str
    sheet: str


class LeftOuts:
    """What a reading left out: all are counted, the first ones are named."""

    def __init__(self) -> None:
        self.count = 0
        self.listed: list[LeftOut] = []

    def add(self, left_out: LeftOut) -> None:
        """Note one."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(left_out)

    def detail(self, *, with_text: bool) -> list[str]:
        """One line each for people. Without text where a feed tells of persons: one may stand in a footnote."""
        return [
            f"{one.sheet}!{one.line or ''} {one.kind}" + (f": {one.text[:80]}" if with_text else "")
            for one in self.listed
        ]


class Reading(Protocol):
    """The records of one record type in one file. Memory is bounded whatever the file holds."""

    left_out: LeftOuts
    """Filled while records are read."""

    def records(self) -> Iterator[Record]:
        """The records from the first on; may be asked again.

        Raises UnreadableFileError (D-encoding, D-header, D-format, D-size) with the line and what was found.
        """

    def write(self, cells: Sequence[str]) -> bytes:
        """A record of these cells as its file would have it: what a rejected row shows in place of its own bytes."""


@dataclass(frozen=True)
class Wanted:
    """The record type to be read, and its sisters: what stands in the same file and is read by itself."""

    record_type: RecordType
    sections: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the file's columns."""
        return tuple(column.name for column in self.record_type.file_columns)
