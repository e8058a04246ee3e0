"""Workbooks, .xls and .xlsx: the sheet of a record type, its header below title rows, its rows without the totals."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, NoReturn

from ciq.contracts.model import ENVELOPE, Column
from ciq.loading import lookalike
from ciq.loading.decode import CODECS, UnreadableFileError
from ciq.loading.formats.base import (
    BAD_FORM,
    NO_TEMPLATE,
    TOO_LARGE,
    WORKBOOKS,
    XLS,
    XLSX,
    LeftOut,
    LeftOuts,
    Source,
    Wanted,
)
from ciq.loading.formats.sheet_cells import Cell, is_fault, text_of
from ciq.loading.records import (
    MAX_RECORD_BYTES,
    SHAPE_CELL_ERROR,
    SHAPE_FIELDS,
    SHAPE_MERGED,
    SHAPE_NUL,
    SHAPE_SIZE,
    Record,
)

MAX_BYTES = 32 << 20
MAX_UNPACKED_BYTES = 256 << 20
HEADER_WITHIN = 20
"""Rows from the top in which the header must stand."""

_PROGRAM = Path(__file__).with_name("workbook_child.py")
_DAMAGED = "it is damaged or incomplete 文件损坏或不完整"
_MARKS = {XLS: b"\xd0\xcf\x11\xe0", XLSX: b"PK\x03\x04"}


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
        with _sheets_of(self._source) as (sheets, rows):
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

    def _choose(self, sheets: Sequence[_Sheet]) -> _Sheet:
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

    def _finish(self, table: _Table | None, wanted: _Sheet, others: dict[str, int]) -> None:
        if table is None or not table.has_header:
            (table or _Table(self._columns, wanted)).fail()
        for title in table.titles:
            self.left_out.add(title)
        if self._wanted.record_type.section in (None, self._wanted.sections[0]):  # once for all record types
            for name, rows in others.items():
                if name.strip() not in self._wanted.sections:
                    self.left_out.add(LeftOut(0, "sheet", f"{rows} rows", name))


@dataclass(frozen=True)
class _Sheet:
    """A sheet as its workbook describes it; `merged`: ((row, column), (row, column)) from 0, both included."""

    name: str
    visible: bool
    merged: list[list[list[int]]]
    date1904: bool

    def is_merged(self, number: int) -> bool:
        """Whether a merged cell touches the row of that number (from 1)."""
        return any(first[0] < number <= last[0] + 1 for first, last in self.merged)

    def owner(self, row: int, column: int) -> tuple[int, int]:
        """The cell (from 0) whose value a cell shows: the first one of its merged area."""
        for first, last in self.merged:
            if first[0] <= row <= last[0] and first[1] <= column <= last[1]:
                return first[0], first[1]
        return row, column


class _Table:
    """A sheet's table: where its header stands, and which column each place holds.

    A header cell has the column's name or its Chinese name. A name may stand one or more rows higher, in a cell that is
    merged downwards, as where other columns have a heading of their own above them.
    """

    def __init__(self, columns: Sequence[Column], sheet: _Sheet) -> None:
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
        """The row as a total or a footnote, if it is one: it begins with such a word and has no envelope."""
        texts = [text_of(cell).strip() for cell in cells]
        first = next(filter(None, texts), "")
        envelope = {self.places[at] for at, column in enumerate(self._columns) if column.name in ENVELOPE[1:]}
        if any(texts[at] for at in envelope if at < len(texts)):
            return None
        word = _plain(first)
        text = " ".join(filter(None, texts))
        if word.startswith(tuple(map(_plain, source.layout.totals))):
            return LeftOut(number, "total", text, self.sheet.name)
        if word.startswith(tuple(map(_plain, source.layout.notes))):
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


@contextmanager
def _sheets_of(source: Source) -> Iterator[tuple[list[_Sheet], Iterator[tuple[_Sheet, int, list[Cell]]]]]:
    """The sheets of a workbook, and the rows of all of them: (sheet, number from 1, cells)."""
    with TemporaryFile() as content:
        content.write(_content(source))
        content.seek(0)
        with (
            TemporaryFile() as said,
            subprocess.Popen(
                [sys.executable, "-I", str(_PROGRAM)], stdin=content, stdout=subprocess.PIPE, stderr=said
            ) as program,
        ):
            try:
                assert program.stdout is not None
                first = program.stdout.readline()
                if not first:
                    _explain(program, said, source)
                sheets = [_Sheet(**sheet) for sheet in json.loads(first)]
                yield sheets, _rows(program.stdout, sheets)
                if program.stdout.read(1) or program.wait():
                    _explain(program, said, source)
            finally:
                program.kill()


def _rows(lines: IO[bytes], sheets: Sequence[_Sheet]) -> Iterator[tuple[_Sheet, int, list[Cell]]]:
    sheet = sheets[0]
    for line in lines:
        if not line.endswith(b"\n"):  # it was ended in the middle of a row: its status says why
            return
        value = json.loads(line)
        if isinstance(value, int):
            sheet = sheets[value]
        else:
            yield sheet, value[0], value[1]


def _explain(program: subprocess.Popen[bytes], said: BinaryIO, source: Source) -> NoReturn:
    """Why the program gave up, in the words of who made the file."""
    from ciq.loading.formats.workbook_child import NO_MEMORY, UNREADABLE

    status = program.wait()
    if 0 < status < NO_MEMORY:
        said.seek(0)
        words = said.read(400).decode(errors="replace") if status == UNREADABLE else _DAMAGED
        raise UnreadableFileError(BAD_FORM, expected=source.form, found=words)
    raise UnreadableFileError(
        TOO_LARGE,
        expected=f"a workbook that 1 GiB of memory and 2 minutes are enough for ({MAX_BYTES >> 20} MiB at most)",
        found="one that needs more: look for cells far from the table, or split it 请检查远离表格的单元格，或拆分文件",
    )


def _content(source: Source) -> bytes:
    """The bytes of a workbook that is what it is said to be. Raises UnreadableFileError (D-format, D-size)."""
    source.file.seek(0)
    content = source.file.read(MAX_BYTES + 1)
    if not content.startswith(_MARKS[source.form]):
        raise UnreadableFileError(BAD_FORM, expected=source.form, found=_what_it_is(content))
    if len(content) > MAX_BYTES:
        raise UnreadableFileError(
            TOO_LARGE, expected=f"at most {MAX_BYTES >> 20} MiB", found="a larger workbook: split it 请拆分文件"
        )
    if source.form == XLSX:
        _check_unpacked(source.file)
    return content


def _check_unpacked(file: BinaryIO) -> None:
    """What the archive says of its own size; one that lies meets the limits of the program that opens it."""
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        found = f"{_DAMAGED} ({error})"
        raise UnreadableFileError(BAD_FORM, expected=XLSX, found=found) from error
    if size > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(
            TOO_LARGE,
            expected=f"at most {MAX_UNPACKED_BYTES >> 20} MiB when unpacked",
            found=f"{size >> 20} MiB: remove what is no data, or split it 请删除无关内容或拆分文件",
        )


def _what_it_is(content: bytes) -> str:
    for form in WORKBOOKS:
        if content.startswith(_MARKS[form]):
            name = f".{form.lower()}"
            return f"an {form} workbook: name it {name} and declare {form} 请改扩展名为 {name} 并在清单中声明 {form}"
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")):
        return "an HTML table: open it in Excel and save it as a workbook 是 HTML 表格，请用 Excel 打开并另存为工作簿"
    if start.startswith(b"<?xml"):
        return "XML: save it as a workbook 是 XML 文件，请另存为工作簿"
    if not content:
        return lookalike.EMPTY
    if b"\0" in content[:4096]:
        return "no workbook that is known 无法识别的文件"
    return "text: declare its delimiter, or save it as a workbook 是文本文件，请声明分隔符或另存为工作簿"
