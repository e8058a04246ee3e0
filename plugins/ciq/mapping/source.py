"""A third party's file: its encoding, its separator and its header, told strictly by a mapping."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from ciq.errors import Place
from ciq.loading import lookalike
from ciq.loading.decode import DELIMITERS, MAX_HEADER_BYTES
from ciq.loading.records import Record, read_records
from ciq.mapping.model import SOURCE_CODECS, Mapping, MappingError, plain_name
from ciq.plain import visible

_CHUNK = 1 << 20
_STAND_IN = b"\x1a"
"""For a NUL byte, while a record is read again; one byte in every encoding."""
_SEP_LINE = re.compile(rb'\s*"?sep=(.)"?[,;\s]*', re.IGNORECASE)


@dataclass(frozen=True)
class RawHeader:
    """The first line that says something, as bytes; `offset` is where the records begin, `line` its number."""

    content: bytes
    line: int
    offset: int
    has_bom: bool
    separator: str | None
    """What a spreadsheet's line `sep=;` above the header says."""


@dataclass(frozen=True)
class Reading:
    """How a file is read under a mapping: `positions` of the columns that the mapping takes from it."""

    mapping: Mapping
    encoding: str
    delimiter: str
    header: RawHeader
    names: tuple[str, ...]
    positions: dict[str, int]
    has_tail: bool
    """Whether the header ends in a separator; then each record may."""

    @property
    def codec(self) -> str:
        """Python's name of the encoding."""
        return SOURCE_CODECS[self.encoding]

    @property
    def unknown(self) -> list[str]:
        """Named columns of the file that the mapping does not take."""
        taken = set(self.positions.values())
        return [name for at, name in enumerate(self.names) if name and at not in taken]


def without_nul_cells(record: Record, reading: Reading) -> Record:
    """The record with cells of NUL bytes alone as empty ones; as it is when it has a NUL within a text."""
    if _STAND_IN in record.raw:
        return record
    columns, separator = len(reading.names), DELIMITERS[reading.delimiter]
    again = read_records(
        io.BytesIO(record.raw.replace(b"\0", _STAND_IN)),
        encoding=reading.codec,
        delimiter=separator,
        columns=columns,
        has_tail=reading.has_tail,
        first_line=record.line,
    )
    read = next(again)
    stand_in = _STAND_IN.decode()
    cells = tuple("" if cell and not cell.strip(stand_in) else cell for cell in read.cells)
    if read.shape is not None or any(stand_in in cell for cell in cells):
        return record
    return Record(record.line, record.raw, cells, None)


def read_raw_header(stream: BinaryIO, place: Place) -> RawHeader:
    """The header's bytes. Raises MappingError for a file that is no text with lines."""
    stream.seek(0)
    start = stream.read(4)
    told = lookalike.told_by_start(start)
    if told:
        raise MappingError(f"The file is no CSV 不是 CSV 文件: {told}", place=place)
    has_bom = start.startswith(codecs.BOM_UTF8)
    stream.seek(len(codecs.BOM_UTF8) if has_bom else 0)
    separator: str | None = None
    number = 0
    while line := stream.readline(MAX_HEADER_BYTES):
        number += 1
        here = replace(place, line=number)
        if b"\0" in line:
            raise MappingError(f"The file is no CSV 不是 CSV 文件: {lookalike.NUL_IN_HEADER}", place=here)
        content = line.removesuffix(b"\n").removesuffix(b"\r")
        if b"\r" in content:
            raise MappingError(f"The file has no lines 无法分行: {lookalike.LONE_CR}", place=here)
        if not line.endswith(b"\n") and len(line) >= MAX_HEADER_BYTES:
            raise MappingError(f"The file has no lines 无法分行: {lookalike.NO_LINE_END}", place=here)
        match = _SEP_LINE.fullmatch(content) if separator is None else None
        if match or not content.strip():
            separator = match[1].decode("latin-1") if match else separator
            continue
        return RawHeader(content, number, stream.tell(), has_bom, separator)
    raise MappingError(
        "The file is empty 文件为空", place=place, advice="Send one with a header line at least 至少应有表头行."
    )


def understand(stream: BinaryIO, mapping: Mapping, encoding: str | None, place: Place) -> Reading:
    """How the file is read under the mapping. `encoding` None: the first of the mapping's that it is valid in.

    Raises MappingError: no such encoding, a column that lacks or is there twice, two separators that would do.
    """
    header = read_raw_header(stream, place)
    chosen = _encoding_of(stream, mapping, encoding, header, place)
    readings = _fitting(mapping, header, chosen)
    if len(readings) != 1:
        raise _misfit(mapping, header, chosen, len(readings), replace(place, line=header.line))
    reading = readings[0]
    if reading.unknown and mapping.unknown_columns == "refuse":
        raise MappingError(
            f"The file has columns that mapping {mapping.name} does not know 有未知列: {_list(reading.unknown)}",
            place=replace(place, line=header.line),
            advice=f"Add them under columns, or say `unknown_columns: ignore` in mappings/{mapping.name}.yaml.",
        )
    return reading


def choose(stream: BinaryIO, mappings: Sequence[Mapping], encoding: str | None, place: Place) -> Mapping:
    """The one mapping that the header fits. Raises MappingError when there is none, or more than one."""
    header = read_raw_header(stream, place)
    here = replace(place, line=header.line)
    fits = [
        m for m in mappings if m.auto and any(_fitting(m, header, e) for e in ([encoding] if encoding else m.encodings))
    ]
    if len(fits) == 1:
        return fits[0]
    names = ", ".join(mapping.name for mapping in (fits or mappings)) or "none 无"
    if fits:
        raise MappingError(
            f"The header fits more than one mapping 表头符合多个映射: {names}",
            place=here,
            advice="Name one: --mapping NAME.",
        )
    for mapping in sorted(mappings, key=lambda one: -_matches(one, header)):
        if _matches(mapping, header) > 1:
            raise _misfit(mapping, header, encoding or mapping.encodings[0], 0, here)
    raise MappingError(
        f"The header fits no mapping 表头不符合任何映射: {visible(_shown(header.content))[:300]}",
        place=here,
        advice=f"Known 已有: {names}. A new style is a new YAML file: docs/feeds.md says how.",
    )


def _matches(mapping: Mapping, header: RawHeader) -> int:
    """How many of the mapping's columns the header has, under the separator that comes closest."""
    encoding = mapping.encodings[0]
    return max(len(_positions(mapping, _cells(header.content, encoding, one))) for one in _delimiters(mapping, header))


def _shown(content: bytes) -> str:
    """Bytes of no known encoding, for people."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def _encoding_of(stream: BinaryIO, mapping: Mapping, said: str | None, header: RawHeader, place: Place) -> str:
    candidates: list[str] = [said.upper()] if said else list(mapping.encodings)
    if candidates[0] not in SOURCE_CODECS:
        known = ", ".join(SOURCE_CODECS)
        raise MappingError(f"There is no encoding {said} 未知编码", place=place, advice=f"Known 可用: {known}.")
    if header.has_bom:
        candidates = [name for name in candidates if SOURCE_CODECS[name] == "utf-8"]
        if not candidates:
            raise MappingError(
                "The file says that it is UTF-8 (BOM) 文件带 UTF-8 BOM", place=place, advice="Say UTF-8-SIG."
            )
    failure: tuple[int, str] | None = None
    for name in candidates:
        found = _first_undecodable(stream, SOURCE_CODECS[name])
        if found is None:
            return name
        failure = failure or found
    assert failure is not None
    line, found_bytes = failure
    raise MappingError(
        f"The file is not {' or '.join(candidates)} 编码不符: bytes 字节 {found_bytes}",
        place=replace(place, line=line),
        advice="Say the encoding if you know it: --encoding CP1252 (many files from Windows), GB18030 (Chinese ones).",
    )


def _first_undecodable(stream: BinaryIO, codec: str) -> tuple[int, str] | None:
    """Line and bytes of the first that the codec does not have; None: the whole file is valid. In chunks of lines."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    stream.seek(0)
    line = 1
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n"), error.object[error.start : error.start + 4].hex(" ")
        line += text.count("\n")
        if not chunk:
            return None


def _fitting(mapping: Mapping, header: RawHeader, encoding: str) -> list[Reading]:
    """A reading for each separator under which the header has every column that must be there, once."""
    made = []
    for delimiter in _delimiters(mapping, header):
        names = _cells(header.content, encoding, delimiter)
        at = _positions(mapping, names)
        once = all(len(found) == 1 for found in at.values())
        if once and not _lacking(mapping, at) and not _strange(mapping, names):
            positions = {column: found[0] for column, found in at.items()}
            has_tail = not names[-1]
            kept = names[:-1] if has_tail else names
            made.append(Reading(mapping, encoding, delimiter, header, kept, positions, has_tail))
    return made


def _delimiters(mapping: Mapping, header: RawHeader) -> list[str]:
    said: list[str] = [name for name in mapping.delimiters if DELIMITERS[name] == header.separator]
    return said or list(mapping.delimiters)


def _cells(content: bytes, encoding: str, delimiter: str) -> tuple[str, ...]:
    """The header's names. Empty when it cannot be read."""
    try:
        text = content.decode(SOURCE_CODECS.get(encoding.upper(), "utf-8"))
        cells = next(csv.reader([text], delimiter=DELIMITERS[delimiter], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return ()
    names = [" ".join(cell.split()) for cell in cells]
    return tuple(names)


def _positions(mapping: Mapping, names: Sequence[str]) -> dict[str, list[int]]:
    """Column of the contract -> where the file has it; columns that it lacks are left out."""
    plain = [plain_name(name) for name in names]
    found = {}
    for column, spec in mapping.columns.items():
        accepted = set(map(plain_name, spec.names))
        at = [position for position, name in enumerate(plain) if name in accepted]
        if at:
            found[column] = at
    return found


def _lacking(mapping: Mapping, at: dict[str, list[int]]) -> list[str]:
    return [name for name, spec in mapping.columns.items() if spec.names and not spec.optional and name not in at]


def _strange(mapping: Mapping, names: Sequence[str]) -> list[str]:
    return [name for name in names if plain_name(name) in set(map(plain_name, mapping.unless))]


def _misfit(mapping: Mapping, header: RawHeader, encoding: str, fitting: int, place: Place) -> MappingError:
    """Why the header does not do, under the separator that comes closest."""
    if fitting:
        return MappingError(
            "The header can be read under two separators 表头可按两种分隔符读取",
            place=place,
            advice=f"Keep one under `delimiters` in mappings/{mapping.name}.yaml.",
        )
    tried = [_cells(header.content, encoding, delimiter) for delimiter in _delimiters(mapping, header)]
    names = max(tried, key=lambda cells: (len(_positions(mapping, cells)), len(cells)))
    at = _positions(mapping, names)
    twice = [f"{column}: {_list([names[i] for i in found])}" for column, found in at.items() if len(found) > 1]
    lacking = [f"{name} ({' / '.join(mapping.columns[name].names)})" for name in _lacking(mapping, at)]
    if lacking:
        what = f"columns lack 缺少列: {'; '.join(lacking)}"
    elif twice:
        what = f"columns are there twice 列重复: {'; '.join(twice)}"
    else:
        what = f"columns of another style 属另一样式的列: {_list(_strange(mapping, names))}"
    found_names = _list([name for name in names if name]) if names else lookalike.OPEN_QUOTE
    return MappingError(
        f"The header does not fit mapping {mapping.name} 表头与映射不符: {what}; found 实有: {found_names}",
        place=place,
        advice=f"Another style? Name another mapping, add the name under `from` in mappings/{mapping.name}.yaml,"
        " or correct the header.",
    )


def _list(names: Sequence[str]) -> str:
    shown = [visible(name)[:40] for name in names[:30]]
    return ", ".join(shown) + (f", … {len(names) - 30} more" if len(names) > 30 else "")
