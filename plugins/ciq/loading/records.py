"""Read a delimited file strictly, as bytes, one record at a time, with physical line numbers.

The careful way: used for a file that bare COPY refuses or that holds quoted line ends, and to fetch the bytes of single
records. Memory stays bounded whatever the file holds.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ciq.loading.quotes import is_well_quoted

MAX_RECORD_BYTES = 1 << 20
"""A longer record is rejected (S-size): no cell of a feed comes near it."""

MAX_RECORD_LINES = 200
"""A quotation mark open for more lines than this is a stray one."""

SHAPE_FIELDS, SHAPE_QUOTE, SHAPE_NUL = "S-fields", "S-quote", "S-nul"
SHAPE_SIZE, SHAPE_LINE_END = "S-size", "S-line_end"
SHAPE_MERGED, SHAPE_CELL_ERROR = "S-merged", "S-cell_error"
SHAPES = frozenset({SHAPE_FIELDS, SHAPE_QUOTE, SHAPE_NUL, SHAPE_SIZE, SHAPE_LINE_END, SHAPE_MERGED, SHAPE_CELL_ERROR})

csv.field_size_limit(MAX_RECORD_BYTES)


class UndecodableBytesError(Exception):
    """A byte sequence that the declared encoding does not have."""

    def __init__(self, line: int, detail: str) -> None:
        self.line = line
        self.detail = detail
        super().__init__(f"line {line}: {detail}")


@dataclass(frozen=True)
class Record:
    """One record: its cells as far as they can be told apart, and the rule its shape breaks, if any."""

    line: int
    raw: bytes
    cells: tuple[str, ...]
    shape: str | None


def read_lines(file: BinaryIO, first_line: int) -> Iterator[tuple[int, bytes, bool]]:
    """Physical lines with their numbers; (number, bytes with line end, whether it was cut at the size limit)."""
    number = first_line
    while line := file.readline(MAX_RECORD_BYTES + 1):
        cut = len(line) > MAX_RECORD_BYTES
        if cut:
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_RECORD_BYTES)
        yield number, line[:MAX_RECORD_BYTES], cut
        number += 1


def read_records(
    file: BinaryIO, *, encoding: str, delimiter: str, columns: int, has_tail: bool = True, first_line: int = 2
) -> Iterator[Record]:
    """The records of a file from its current position; `columns` cells each.

    `has_tail`: one empty cell more is the delimiter at the line's end. Where the header has none, such a cell tells of
    an unquoted delimiter that has moved the cells behind it.

    Blank lines are no records. Raises UndecodableBytesError at the first bytes that the encoding does not have.
    """
    lines = read_lines(file, first_line)
    pending: list[tuple[int, bytes, bool]] = []
    while True:
        number, line, cut = pending.pop(0) if pending else next(lines, (0, b"", False))
        if not line:
            return
        if cut:
            yield Record(number, line, (), SHAPE_SIZE)
            continue
        if not line.strip():
            continue
        if line.count(b'"') % 2 == 0:
            yield _parse(number, line, encoding, delimiter, columns, has_tail)
            continue
        gathered = _gather(line, lines, pending)
        whole = b"".join([line, *(text for _, text, _ in gathered)])
        record = _parse(number, whole, encoding, delimiter, columns, has_tail)
        if record.shape is None:
            yield record
            continue
        # The quotation mark is a stray one: this line alone is broken, the lines after it are read afresh.
        pending[:0] = gathered
        alone = _parse(number, line, encoding, delimiter, columns, has_tail)
        yield Record(number, line, alone.cells, SHAPE_QUOTE)


def _gather(
    line: bytes, lines: Iterator[tuple[int, bytes, bool]], pending: list[tuple[int, bytes, bool]]
) -> list[tuple[int, bytes, bool]]:
    """The lines that belong to a record whose quotation mark is open, up to the limits."""
    gathered: list[tuple[int, bytes, bool]] = []
    size, quotes = len(line), line.count(b'"')
    while quotes % 2 and len(gathered) < MAX_RECORD_LINES and size <= MAX_RECORD_BYTES:
        item = pending.pop(0) if pending else next(lines, None)
        if item is None:
            break
        gathered.append(item)
        size += len(item[1])
        quotes += item[1].count(b'"')
    return gathered


def _parse(number: int, raw: bytes, encoding: str, delimiter: str, columns: int, has_tail: bool) -> Record:
    if b"\x00" in raw:
        return Record(number, raw, _best_effort(raw, encoding, delimiter), SHAPE_NUL)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableBytesError(number + raw[: error.start].count(b"\n"), describe_undecodable(error)) from error
    text = text.removesuffix("\n").removesuffix("\r")
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        shape = SHAPE_LINE_END if "new-line" in str(error) else SHAPE_QUOTE
        return Record(number, raw, _best_effort(raw, encoding, delimiter), shape)
    if not is_well_quoted(text, delimiter):
        return Record(number, raw, _best_effort(raw, encoding, delimiter), SHAPE_QUOTE)
    if has_tail and len(cells) == columns + 1 and not cells[-1].strip():
        cells.pop()
    return Record(number, raw, tuple(cells), None if len(cells) == columns else SHAPE_FIELDS)


def _best_effort(raw: bytes, encoding: str, delimiter: str) -> tuple[str, ...]:
    """Cells of a record that has no good reading: only to show which record it may be."""
    text = raw.decode(encoding, errors="replace").replace("\x00", "\ufffd")
    return tuple(cell.strip('"\r\n ') for cell in text.split(delimiter))


def describe_undecodable(error: UnicodeDecodeError) -> str:
    """Which bytes the encoding lacks, and whether another one has them, in both languages."""
    found = error.object[error.start : error.start + 8].hex(" ")
    said = f"bytes {found} at offset {error.start} of the record are not {error.encoding} 该处字节不是 {error.encoding}"
    other = "gb18030" if error.encoding == "utf-8" else "utf-8"
    try:
        error.object.decode(other)
    except UnicodeDecodeError:
        return said
    return f"{said}; the record reads as {other}: declare it 该记录可按 {other} 读取，请如实声明"
