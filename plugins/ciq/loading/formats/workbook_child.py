"""The program that opens a workbook, in a process of its own: `python -I workbook_child.py < book.xlsx`.

A workbook is read whole, and a small file may ask for more memory than a machine has (two cells far apart, a zip bomb):
calamine then ends its process. So it is this one, under limits, and not the loader's. It imports nothing of ours.

Standard output, one JSON value per line: the list of sheets ({name, visible, merged, date1904}), then for each sheet
its place in that list, and its rows as [number, cells]. A cell is null, text, a number, true or false, or a pair:
["d", date], ["t", time stamp], ["h", time of day], ["e", error value], ["f", formula that was never computed].
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import posixpath
import resource
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn
from xml.parsers import expat

import olefile  # type: ignore[import-untyped]
import python_calamine

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 120
UNREADABLE, NO_MEMORY = 3, 4

Cell = tuple[int, int]
Faults = dict[Cell, list[str]]
"""What calamine shows as an empty cell and is none: (row, column from 0) -> what to show instead."""


def main() -> None:
    """Read the workbook on standard input.

    Ends with status UNREADABLE and a line on standard error when it cannot be read, with NO_MEMORY when it needs too
    much, and by a signal when the library ends the process or the time is up.
    """
    for limit, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        with contextlib.suppress(ValueError, OSError):  # a system that does not know the limit
            resource.setrlimit(limit, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        date1904, faults = _look_into(content)
        with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
            _write(workbook, date1904, faults)
    except MemoryError:
        raise SystemExit(NO_MEMORY) from None
    except python_calamine.PasswordError:
        _give_up("it is protected by a password: save it without 受密码保护，请取消密码后另存")
    except (python_calamine.CalamineError, zipfile.BadZipFile, zipfile.LargeZipFile, expat.ExpatError) as error:
        _give_up(f"it is damaged or incomplete 文件损坏或不完整 ({type(error).__name__}: {str(error)[:120]})")
    except (KeyError, ValueError, OSError, struct.error, NotImplementedError, RuntimeError) as error:
        _give_up(f"it is no workbook that can be read 无法识别的工作簿 ({type(error).__name__}: {str(error)[:120]})")


def _give_up(said: str) -> NoReturn:
    sys.stderr.write(said)
    raise SystemExit(UNREADABLE)


def _write(workbook: python_calamine.CalamineWorkbook, date1904: bool, faults: Mapping[int, Faults]) -> None:
    sheets = []
    for place, metadata in enumerate(workbook.sheets_metadata):
        is_table = metadata.typ == python_calamine.SheetTypeEnum.WorkSheet
        merged = workbook.get_sheet_by_index(place).merged_cell_ranges if is_table else None
        visible = metadata.visible == python_calamine.SheetVisibleEnum.Visible
        sheets.append(
            {
                "name": metadata.name,
                "visible": visible and is_table,
                "merged": merged or [],
                "date1904": date1904,
            }
        )
    _put(sheets)
    for place, metadata in enumerate(workbook.sheets_metadata):
        if metadata.typ == python_calamine.SheetTypeEnum.WorkSheet:
            _put(place)
            for row in _rows(workbook.get_sheet_by_index(place), faults.get(place, {})):
                _put(row)


def _put(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")))
    sys.stdout.write("\n")


def _rows(sheet: python_calamine.CalamineSheet, faults: Faults) -> Iterator[tuple[int, list[Any]]]:
    """Rows with anything in them, numbered from 1 as Excel shows them, each from column A on."""
    by_row: dict[int, dict[int, list[str]]] = {}
    for (row, column), fault in faults.items():
        by_row.setdefault(row, {})[column] = fault
    left = [None] * (sheet.start[1] if sheet.start else 0)
    number = -1
    for number, values in enumerate(sheet.iter_rows()):
        cells: list[Any] = [*left, *map(_cell, values)]
        yield from _told(number, cells, by_row.pop(number, {}))
    for number, only in sorted(by_row.items()):
        yield from _told(number, [], only)


def _told(number: int, cells: list[Any], faults: Mapping[int, list[str]]) -> Iterator[tuple[int, list[Any]]]:
    for column, fault in faults.items():
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = fault
    while cells and cells[-1] is None:
        cells.pop()
    if cells:
        yield number + 1, cells


def _cell(value: object) -> object:
    match value:
        case "":
            return None
        case dt.datetime():
            return ["t", value.isoformat(sep=" ", timespec="microseconds")]
        case dt.date():
            return ["d", value.isoformat()]
        case dt.time():
            return ["h", value.isoformat(timespec="seconds")]
        case dt.timedelta():
            return ["h", str(value)]
    return value


def _look_into(content: bytes) -> tuple[bool, dict[int, Faults]]:
    """Whether days are counted from 1904, and per sheet the cells that calamine would show as empty ones."""
    if content.startswith(b"PK"):
        return _look_into_zip(zipfile.ZipFile(io.BytesIO(content)))
    with olefile.OleFileIO(content) as ole:
        stream = next(name for name in ("Workbook", "Book", "") if not name or ole.exists(name))
        if not stream:
            raise ValueError("it holds no sheets")
        return _look_into_biff(ole.openstream(stream).read())


_BOF, _EOF, _FORMULA, _BOOLERR, _DATEMODE, _BOUNDSHEET = 0x0809, 0x000A, 0x0006, 0x0205, 0x0022, 0x0085
_BIFF_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def _look_into_biff(stream: bytes) -> tuple[bool, dict[int, Faults]]:
    date1904 = False
    starts: list[int] = []
    faults: dict[int, Faults] = {}
    sheet: int | None = None
    for at, kind, body in _biff_records(stream):
        if kind == _BOF:
            sheet = starts.index(at) if at in starts else sheet
        elif kind == _BOUNDSHEET:
            starts.append(struct.unpack_from("<I", body)[0])
        elif kind == _DATEMODE:
            date1904 = body[:2] == b"\x01\x00"
        elif sheet is not None and (error := _biff_error(kind, body)):
            row, column = struct.unpack_from("<HH", body)
            faults.setdefault(sheet, {})[row, column] = ["e", error]
    return date1904, faults


def _biff_error(kind: int, body: bytes) -> str | None:
    if kind == _BOOLERR and len(body) >= 8 and body[7] == 1:
        return _BIFF_ERRORS.get(body[6], "#ERROR")
    if kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
        return _BIFF_ERRORS.get(body[8], "#ERROR")
    return None


def _biff_records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _look_into_zip(archive: zipfile.ZipFile) -> tuple[bool, dict[int, Faults]]:
    book = next((target for kind, target in _relations(archive, "").values() if kind == "officeDocument"), None)
    if book is None or book not in archive.namelist():
        raise ValueError("a zip archive without a workbook")
    parts = _relations(archive, book)
    read = _Book()
    _parse(archive.read(book), read)
    faults: dict[int, Faults] = {}
    for place, relation in enumerate(read.sheets):
        kind, part = parts.get(relation, ("", ""))
        if kind == "worksheet":
            content = archive.read(part)
            if b'"e"' in content or b"'e'" in content or b"f>" in content or b"<f" in content:
                sheet = _Sheet()
                _parse(content, sheet)
                faults[place] = sheet.faults
    return read.date1904, faults


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """id -> (last word of its type, path of the part)."""
    folder, name = posixpath.split(part)
    relations = _Relations()
    _parse(archive.read(posixpath.join(folder, "_rels", f"{name}.rels")), relations)
    return {
        id_: (kind.rpartition("/")[2], posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
        for id_, kind, target in relations.found
    }


class _Handler:
    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins; names are without their prefixes."""

    def end(self, name: str) -> None:
        """An element ends."""

    def characters(self, text: str) -> None:
        """Text within."""


class _Relations(_Handler):
    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            self.found.append((attributes["Id"], attributes["Type"], attributes["Target"]))


class _Book(_Handler):
    def __init__(self) -> None:
        self.date1904 = False
        self.sheets: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr":
            self.date1904 = attributes.get("date1904") in ("1", "true", "on")
        elif name == "sheet":
            self.sheets.append(attributes["id"])


class _Sheet(_Handler):
    """Error values, and formulas without a value: whoever wrote the file has not computed them."""

    def __init__(self) -> None:
        self.faults: Faults = {}
        self._row = self._column = -1
        self._type = ""
        self._has_formula = self._has_value = self._in_value = False
        self._value = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif name == "c":
            self._column = _column_of(attributes["r"]) if "r" in attributes else self._column + 1
            self._type = attributes.get("t", "")
            self._has_formula = self._has_value = False
            self._value = ""
        elif name == "f":
            self._has_formula = True
        elif name == "v":
            self._has_value = self._in_value = True

    def characters(self, text: str) -> None:
        if self._in_value:
            self._value += text

    def end(self, name: str) -> None:
        if name == "v":
            self._in_value = False
        elif name == "c":
            if self._type == "e":
                self.faults[self._row, self._column] = ["e", self._value or "#ERROR"]
            elif self._has_formula and not self._value and not (self._has_value and self._type == "str"):
                # Excel writes an empty value for a text that it computed to be empty; others, for what they did not.
                self.faults[self._row, self._column] = ["f", ""]


def _column_of(reference: str) -> int:
    column = 0
    for letter in reference.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    return column - 1


def _parse(content: bytes, handler: _Handler) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: handler.start(_local(name), _locals(attributes.items()))
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(content, True)  # noqa: FBT003  expat names no arguments


def _refuse_doctype(*_arguments: object) -> NoReturn:
    raise ValueError("a part of it has a DOCTYPE")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _locals(attributes: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {_local(name): value for name, value in attributes}


if __name__ == "__main__":
    main()
