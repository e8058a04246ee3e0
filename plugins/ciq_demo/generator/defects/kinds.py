"""What a named defect is: its three kinds, and how a function becomes one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ciq.errors import CiqError
from ciq_demo.generator.formats import FileFormat, Manifest


@dataclass(frozen=True)
class Defect:
    """A defect by name; `rows` = how many rows a cell defect spoils."""

    name: str
    rows: int = 1

    def __post_init__(self) -> None:
        if self.name not in CELLS | LINES | FILES:
            raise CiqError(f"no defect is named {self.name!r}", advice=f"Known: {', '.join(defect_names())}.")


@dataclass(frozen=True)
class Draft:
    """A delivery before it is written. Without `data` or `manifest` that file is not written."""

    feed: str
    org: str
    day: date
    seq: int
    rows: int
    data: bytes | None
    manifest: Manifest | None
    report_time: datetime
    delivered_on: date
    format: FileFormat
    events: tuple[str, ...] = field(default=())

    def declared(self, **cells: str) -> Draft:
        """With other cells in the manifest."""
        if self.manifest is None:
            return self
        return replace(self, manifest=Manifest(self.manifest.cells | cells))


Spoil = Callable[[str], str]


@dataclass(frozen=True)
class CellDefect:
    """It spoils the first of `columns` that a feed has; `only` = (column, values) of which a row must have one."""

    columns: tuple[str, ...]
    spoil: Spoil
    only: tuple[str, tuple[str, ...]]

    def target(self, feed_columns: Collection[str]) -> str | None:
        """The column that is spoiled in a feed with these columns; None when the defect does not fit the feed."""
        if self.only[0] not in feed_columns:
            return None
        return next((column for column in self.columns if column in feed_columns), None)


LineDefect = Callable[[list[str], int], list[str]]
FileDefect = Callable[[Draft], Draft]

CELLS: dict[str, CellDefect] = {}
LINES: dict[str, LineDefect] = {}
FILES: dict[str, FileDefect] = {}


def defect_names() -> list[str]:
    """Every name that `Defect` takes."""
    return sorted(CELLS | LINES | FILES)


def defects_of(feed_columns: Collection[str]) -> list[str]:
    """The names of the defects that a feed with these columns can have."""
    cells = [name for name, kind in CELLS.items() if kind.target(feed_columns) is not None]
    return sorted([*cells, *LINES, *FILES])


def cell_defect(
    name: str, *columns: str, only: tuple[str, tuple[str, ...]] = ("op", ("I",))
) -> Callable[[Spoil], Spoil]:
    """Register how a cell of one of these columns is spoiled, under a name."""

    def register(function: Spoil) -> Spoil:
        CELLS[name] = CellDefect(columns, function, only)
        return function

    return register


def line_defect(name: str) -> Callable[[LineDefect], LineDefect]:
    """Register how a line of the text is spoiled, under a name."""

    def register(function: LineDefect) -> LineDefect:
        LINES[name] = function
        return function

    return register


def file_defect(name: str) -> Callable[[FileDefect], FileDefect]:
    """Register how a finished delivery is spoiled, under a name."""

    def register(function: FileDefect) -> FileDefect:
        FILES[name] = function
        return function

    return register
