"""How a workbook is opened: by calamine, in a process of its own (`workbook_child`), once for all its record types."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, BinaryIO, NoReturn
from weakref import WeakKeyDictionary

from ciq.loading import lookalike
from ciq.loading.decode import UnreadableFileError
from ciq.loading.formats.base import BAD_FORM, TOO_LARGE, WORKBOOKS, XLS, XLSX, Source
from ciq.loading.formats.sheet_cells import Cell

MAX_BYTES = 32 << 20
MAX_UNPACKED_BYTES = 256 << 20
_PROGRAM = Path(__file__).with_name("workbook_child.py")
_DAMAGED = "it is damaged or incomplete 文件损坏或不完整"
_MARKS = {XLS: b"\xd0\xcf\x11\xe0", XLSX: b"PK\x03\x04"}


@dataclass(frozen=True)
class Sheet:
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


Opened = tuple[list[Sheet], Iterator[tuple[Sheet, int, list[Cell]]]]
"""The sheets of a workbook, and the rows of all of them: (sheet, number from 1, cells)."""

_KEPT: WeakKeyDictionary[BinaryIO, IO[bytes]] = WeakKeyDictionary()
"""What the program said of files that are open: a workbook of nine record types is opened once, not nine times."""


@contextmanager
def opened(source: Source, *, again: bool) -> Iterator[Opened]:
    """The sheets of a workbook, and the rows of all of them: (sheet, number from 1, cells).

    `again`: the file will be read for other record types, too.
    """
    if not again:
        with _streamed(source) as streamed:
            yield streamed
        return
    if source.file not in _KEPT:
        _KEPT[source.file] = _said_of(source)
    with Path(_KEPT[source.file].name).open("rb") as lines:
        yield _parsed(lines, lines.readline())


def _parsed(lines: IO[bytes], first: bytes) -> Opened:
    sheets = [Sheet(**sheet) for sheet in json.loads(first)]
    return sheets, _rows(lines, sheets)


def _said_of(source: Source) -> IO[bytes]:
    """All that the program says of a workbook, in a file that goes with its last reader."""
    kept: IO[bytes] = NamedTemporaryFile()  # noqa: SIM115
    with TemporaryFile() as content, TemporaryFile() as said:
        content.write(_content(source))
        content.seek(0)
        with subprocess.Popen(
            [sys.executable, "-I", str(_PROGRAM)], stdin=content, stdout=kept, stderr=said
        ) as program:
            if program.wait():
                _explain(program, said, source)
    return kept


@contextmanager
def _streamed(source: Source) -> Iterator[Opened]:
    """Row by row while the program reads."""
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
                yield _parsed(program.stdout, first)
                if program.stdout.read(1) or program.wait():
                    _explain(program, said, source)
            finally:
                program.kill()


def _rows(lines: IO[bytes], sheets: Sequence[Sheet]) -> Iterator[tuple[Sheet, int, list[Cell]]]:
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
