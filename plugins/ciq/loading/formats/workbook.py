"""Workbooks, .xls and .xlsx: the sheet of a record type, its header below title rows, its rows without the totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NoReturn

from ciq.contracts.model import ENVELOPE, Column
from ciq.loading import lookalike
from ciq.loading.decode import CODECS, UnreadableFileError
from ciq.loading.formats.base import (
    NO_TEMPLATE,
    LeftOut,
    LeftOuts,
    Source,
    Wanted,
)
from ciq.loading.formats.sheet_cells import Cell, is_fault, text_of
from ciq.loading.formats.workbook_opening import Sheet, opened
from ciq.loading.records import (
    MAX_RECORD_BYTES,
    SHAPE_CELL_ERROR,
    SHAPE_FIELDS,
    SHAPE_MERGED,
    SHAPE_NUL,
    SHAPE_SIZE,
    Record,
)

HEADER_WITHIN = 20
"""Rows from the top in which the header must stand."""


class WorkbookReading:
    """The rows of the sheet that the record type names; without a name, of the only visible sheet that holds anything.

    Title rows, totals and footnotes are no records: they are told in `left_out`, as are sheets that nobody asked for.
    Every other row below the header is a record. A merged cell has its value in its first cell only, so a row that it
    touches is broken (S-merged): whether the others were meant to be filled down only the sender knows.
    """

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source = source
        self._wanted = wanted
        self._columns = wanted.record_type.file_columns
        self._codec = CODECS[source.encoding]
        self.left_out = LeftOuts()

    def records(self) -> Iterator[Record]:
        """See Reading."""
        self.left_out = LeftOuts()
        with opened(self._source, again=len(self._wanted.sections) > 1) as (sheets, rows):
            wanted = self._choose(sheets)
            table: _Table | None = None
            others: dict[str, int] = {}
            for sheet, number, cells in rows:
                if sheet is not wanted:
                    others[sheet.name] = others.get(sheet.name, 0) + 1
                    continue
                table = table or _Table(self._columns, sheet)
                if not table.has_header:
                    table.look_for_header(number, cells)
                    continue
                yield from self._record(table, number, cells)
        self._finish(table, wanted, others)

    def write(self, cells: Sequence[str]) -> bytes:
        """See Reading: cells with tabs between, as one copies them out of Excel."""
        return "\t".join(cells).encode(self._codec, errors="replace")

    def _choose(self, sheets: Sequence[Sheet]) -> Sheet:
        section = self._wanted.record_type.section
        visible = [sheet for sheet in sheets if sheet.visible]
        if section is None and len(visible) == 1:
            return visible[0]
        names = (section,) if section else (self._wanted.record_type.name, self._wanted.record_type.name_zh)
        for sheet in sheets:
            if sheet.name.strip() in names:
                if sheet.visible:
                    return sheet
                raise UnreadableFileError(
                    NO_TEMPLATE, expected=sheet.name, found="a hidden sheet: show it 工作表被隐藏，请取消隐藏"
                )
        expected = section or f"one sheet, or one named {' or '.join(names)}"
        raise UnreadableFileError(NO_TEMPLATE, expected=expected, found=[sheet.name for sheet in sheets])

    def _record(self, table: _Table, number: int, cells: list[Cell]) -> Iterator[Record]:
        left_out = table.told_apart(number, cells, self._source)
        if left_out is not None:
            self.left_out.add(left_out)
            return
        texts = [text_of(cell, table.column_at(at), date1904=table.sheet.date1904) for at, cell in enumerate(cells)]
        raw = self.write(texts)
        if len(raw) > MAX_RECORD_BYTES:
            yield Record(number, raw[:MAX_RECORD_BYTES], (), SHAPE_SIZE)
            return
        ordered = (texts[at].replace("\x00", "\ufffd") if at < len(texts) else "" for at in table.places)
        yield Record(number, raw, tuple(ordered), self._shape(table, number, cells, texts))

    def _shape(self, table: _Table, number: int, cells: list[Cell], texts: list[str]) -> str | None:
        if any("\x00" in text for text in texts):
            return SHAPE_NUL
        if any(is_fault(cell) for cell in cells):
            return SHAPE_CELL_ERROR
        if table.sheet.is_merged(number):
            return SHAPE_MERGED
        places = set(table.places)
        return SHAPE_FIELDS if any(text.strip() for at, text in enumerate(texts) if at not in places) else None

    def _finish(self, table: _Table | None, wanted: Sheet, others: dict[str, int]) -> None:
        if table is None or not table.has_header:
            (table or _Table(self._columns, wanted)).fail()
        for title in table.titles:
            self.left_out.add(title)
        if self._wanted.record_type.section in (None, self._wanted.sections[0]):  # once for all record types
            for name, rows in others.items():
                if name.strip() not in self._wanted.sections:
                    self.left_out.add(LeftOut(0, "sheet", f"{rows} rows", name))


class _Table:
    """A sheet's table: where its header stands, and which column each place holds.

    A header cell has the column's name or its Chinese name. A name may stand one or more rows higher, in a cell that is
    merged downwards, as where other columns have a heading of their own above them.
    """

    def __init__(self, columns: Sequence[Column], sheet: Sheet) -> None:
        self.sheet = sheet
        self.places: list[int] = []
        self.titles: list[LeftOut] = []
        self._columns = columns
        self._top: dict[int, list[Cell]] = {}
        self._best = (0, 0, list[str]())

    @property
    def has_header(self) -> bool:
        """Whether the header was found."""
        return bool(self.places)

    def column_at(self, place: int) -> Column | None:
        """The column that stands there."""
        return self._columns[self.places.index(place)] if place in self.places else None

    def look_for_header(self, number: int, cells: list[Cell]) -> None:
        """Take the row for the header if it has all columns in their order. Raises UnreadableFileError (D-header)."""
        if number > HEADER_WITHIN:
            self.fail()
        self._top[number] = cells
        width = max(map(len, self._top.values()))
        names = [_plain(self._shown(number, at)) for at in range(width)]
        places = [_place_of(column, names) for column in self._columns]
        matched = sum(place is not None for place in places)
        if matched > self._best[0]:
            self._best = (matched, number, names)
        if matched < len(self._columns):
            text = " ".join(filter(None, (text_of(cell).strip() for cell in cells)))
            self.titles.append(LeftOut(number, "title", text, self.sheet.name))
            return
        found = [place for place in places if place is not None]
        moved = next((at for at, ordered in zip(found, sorted(found), strict=True) if at != ordered), None)
        if moved is not None:
            place = sorted(found)[found.index(moved)]
            self._refuse(number, place, _both_names(self._columns[found.index(moved)]), names[place])
        unknown = next((at for at, name in enumerate(names) if name and at not in found), None)
        if unknown is not None:
            self._refuse(number, unknown, "(nothing)", names[unknown])
        self.places = found

    def told_apart(self, number: int, cells: list[Cell], source: Source) -> LeftOut | None:
        """The row as a total or a footnote, if it is one: it begins with such a word and has no envelope.

        A line of signatures (填表人：李四, 审核：王五) may stand in any cells, if each of them begins so.
        """
        texts = [text_of(cell).strip() for cell in cells]
        first = next(filter(None, texts), "")
        notes = tuple(map(_plain, source.layout.notes))
        if first and all(_plain(text).startswith(notes) for text in texts if text):
            return LeftOut(number, "note", " ".join(filter(None, texts)), self.sheet.name)
        envelope = {self.places[at] for at, column in enumerate(self._columns) if column.name in ENVELOPE[1:]}
        if any(texts[at] for at in envelope if at < len(texts)):
            return None
        word = _plain(first)
        text = " ".join(filter(None, texts))
        if word.startswith(tuple(map(_plain, source.layout.totals))):
            return LeftOut(number, "total", text, self.sheet.name)
        if word.startswith(notes):
            return LeftOut(number, "note", text, self.sheet.name)
        return None

    def fail(self) -> NoReturn:
        """Say what the template has and the best row has not."""
        _, number, names = self._best
        if not number:
            found = lookalike.EMPTY if not self._top else "no row with the columns' names 未找到表头"
            raise UnreadableFileError(NO_TEMPLATE, sheet=self.sheet.name, expected=self._columns[0].name, found=found)
        missing = next(at for at, column in enumerate(self._columns) if _place_of(column, names) is None)
        there = names[missing] if missing < len(names) else ""
        self._refuse(number, missing, _both_names(self._columns[missing]), there or "(nothing)")

    def _refuse(self, number: int, place: int, expected: str, found: str) -> NoReturn:
        raise UnreadableFileError(
            NO_TEMPLATE,
            sheet=self.sheet.name,
            line=number,
            column=letters_of(place),
            expected=expected,
            found=found[:80],
        )

    def _shown(self, number: int, place: int) -> str:
        row, column = self.sheet.owner(number - 1, place)
        if column != place:
            return ""
        cells = self._top.get(row + 1, [])
        return text_of(cells[place]) if place < len(cells) else ""


def letters_of(place: int) -> str:
    """A column's letters in Excel: A, B, ... Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _plain(name: str) -> str:
    """A heading without what only makes it look better: blanks, line ends, case."""
    return "".join(name.replace("\u3000", " ").replace("\u00a0", " ").split()).lower()


def _place_of(column: Column, names: Sequence[str]) -> int | None:
    known = (column.name, _plain(column.name_zh))
    places = [at for at, name in enumerate(names) if name in known]
    return places[0] if len(places) == 1 else None


def _both_names(column: Column) -> str:
    return f"{column.name} {column.name_zh}"
