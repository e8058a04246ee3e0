"""A third party's file, line by line, into the file of a feed: line N of the one is line N of the other."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, TextIO

from ciq.contracts import Column, Contract
from ciq.errors import Place
from ciq.loading.decode import DELIMITERS
from ciq.loading.records import SHAPE_NUL, Record, read_records
from ciq.mapping.cells import clean, fill, read_moment, restore_fraction, restore_zeros, whole
from ciq.mapping.model import ColumnMapping, MappingError
from ciq.mapping.source import Reading, without_nul_cells
from ciq.plain import visible

_SHOWN = 3
_FEW = 5
"""So many unusable records are passed on whatever their share; they end in quarantine."""

NOTES = {
    "shape": ("records that cannot be told apart into the header's cells, passed on as they are", "记录格数与表头不符"),
    "date": ("dates in none of the mapping's styles, passed on as they are", "日期不符合任何格式"),
    "doubtful": ("references whose lost digits cannot be told, marked and kept out", "编号丢失的数字无法确定"),
    "collision": ("references that become that of another line, marked and kept out", "补零后与另一行编号相同"),
    "repeated": ("references that came before in the same file, passed on", "编号在文件中重复"),
    "word": ("words that the mapping's `map` lacks, passed on as they are", "映射未列出的取值"),
    "default": ("words that the mapping's `map` lacks, read as its default", "按默认值处理的取值"),
    "zeros": (
        "codes whose zeros at the beginning were restored: the file lost them, check it",
        "已补回前导零的编码, 请核对源文件",
    ),
    "nul": ("records with cells of NUL bytes, read as empty", "含 NUL 字节单元格的记录, 按空值处理"),
    "restored": ("references whose zeros were restored", "已补回末尾零的编号"),
}
"""What a conversion may have to say, the worst first."""


@dataclass
class Note:
    """How often something was met, and the first places."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, line: int, found: str) -> None:
        """Count it; keep the first few."""
        self.count += 1
        if len(self.examples) < _SHOWN:
            self.examples.append(f"line 行 {line} {visible(found)[:80]!r}")


@dataclass
class Converted:
    """What became of a file: its records, and what is to be said of them."""

    reading: Reading
    records: int = 0
    blank_lines: int = 0
    unusable: int = 0
    notes: dict[str, Note] = field(default_factory=dict)

    def note(self, kind: str, line: int, found: str) -> None:
        """Remember one thing of NOTES."""
        self.notes.setdefault(kind, Note()).add(line, found)

    def lines(self) -> Iterator[str]:
        """The report for people, a line each."""
        reading = self.reading
        yield (
            f"mapping 映射 {reading.mapping.name} {reading.mapping.version}: {self.records} records 条记录,"
            f" {self.records - self.unusable} of them mapped 已映射,"
            f" {reading.encoding}, separator 分隔符 {reading.delimiter}, header in line 表头行 {reading.header.line}"
        )
        if reading.unknown:
            yield f"columns not taken 未采用的列: {', '.join(visible(name)[:40] for name in reading.unknown[:30])}"
        absent = [
            name for name, spec in reading.mapping.columns.items() if spec.names and name not in reading.positions
        ]
        if absent:
            yield f"columns left empty 留空的列: {', '.join(absent)}"
        if self.blank_lines:
            yield f"blank lines 空行: {self.blank_lines}"
        for kind, (english, chinese) in NOTES.items():
            if note := self.notes.get(kind):
                yield f"{note.count} {english} {chinese}: {', '.join(note.examples)}"


def convert(
    source: BinaryIO,
    target: TextIO,
    reading: Reading,
    contract: Contract,
    *,
    branch: str,
    business_date: date,
    place: Place,
) -> Converted:
    """Write the mapped file. A record that cannot be mapped is passed on so that the contract's rules keep it out.

    Raises MappingError when more than half of the records (and more than five) cannot be used: another style's file.
    """
    columns = contract.main.file_columns
    done = Converted(reading)
    mapper = _Mapper(done, columns, {"branch": branch, "business_date": business_date.isoformat()})
    mapped, raw = (
        csv.writer(target, lineterminator="\n"),
        csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL),
    )
    mapped.writerow([column.name for column in columns])
    source.seek(reading.header.offset)
    written, read = 1, reading.header.line
    separator, width = DELIMITERS[reading.delimiter], len(reading.names)
    records = read_records(
        source,
        encoding=reading.codec,
        delimiter=separator,
        columns=width,
        has_tail=reading.has_tail,
        first_line=read + 1,
    )
    for record in records:
        # Blank lines, and those that a cell with line ends took, become blank lines: no records, but lines.
        target.write("\n" * (record.line - written - 1))
        done.blank_lines += record.line - read - 1
        done.records += 1
        text = record.raw.decode(reading.codec, "replace").removesuffix("\n").removesuffix("\r")
        read = written = record.line + text.count("\n")
        if record.shape == SHAPE_NUL and reading.mapping.nul == "blank":
            record = without_nul_cells(record, reading)  # noqa: PLW2901 - the record as it is meant
            if record.shape is None:
                done.note("nul", record.line, text)
        if record.shape is None:
            mapped.writerow(mapper.row(record))
            written = record.line
        else:  # one cell alone breaks the shape of every feed (S-fields), and keeps the text
            raw.writerow([text])
            done.unusable += 1
            done.note("shape", record.line, f"{record.shape}, {len(record.cells)} of 共 {width}: {text}")
    _refuse_another_style(done, place)
    return done


def _refuse_another_style(done: Converted, place: Place) -> None:
    if done.unusable <= max(_FEW, done.records / 2):
        return
    worst = next(kind for kind in NOTES if kind in done.notes)
    english, chinese = NOTES[worst]
    note = done.notes[worst]
    raise MappingError(
        f"{done.unusable} of {done.records} records cannot be used 多数记录无法使用: {english} {chinese}:"
        f" {', '.join(note.examples)}",
        place=place,
        advice=f"The file is of another style than mapping {done.reading.mapping.name}: name another one, or add one"
        " 文件属另一样式, 请换用或新增映射.",
    )


class _Mapper:
    """Maps one record after the other; remembers the references that it restored."""

    def __init__(self, done: Converted, columns: tuple[Column, ...], given: dict[str, str]) -> None:
        self._done = done
        self._columns = columns
        self._types = {column.name: column.type for column in columns}
        self._given = given
        self._specs = done.reading.mapping.columns
        self._maps = {
            name: {clean(word).casefold(): meant for word, meant in spec.values.items()}
            for name, spec in self._specs.items()
        }
        self._empty = {"", *(clean(word).casefold() for word in done.reading.mapping.empty)}
        self._seen: dict[str, dict[str, tuple[int, str]]] = {}

    def row(self, record: Record) -> list[str]:
        """The cells of the contract's columns."""
        before = self._kept_out()
        values = dict(self._given)
        for name, at in self._done.reading.positions.items():
            values[name] = self._cell(name, clean(record.cells[at]), record.line)
        cells = [self._value(column, values) for column in self._columns]
        self._done.unusable += self._kept_out() > before
        return cells

    def _kept_out(self) -> int:
        return sum(note.count for kind, note in self._done.notes.items() if kind in ("date", "doubtful", "collision"))

    def _value(self, column: Column, values: dict[str, str]) -> str:
        spec = self._specs.get(column.name)
        if spec is not None and spec.value is not None:
            return fill(spec.value, values)
        return values.get(column.name, "")

    def _cell(self, name: str, cell: str, line: int) -> str:
        spec = self._specs[name]
        if cell.casefold() in self._empty:
            return ""
        if spec.whole:
            cell = whole(cell)
        if spec.pad_zeros:
            return self._code(name, cell, spec.pad_zeros, line)
        if spec.pad_fraction:
            return self._reference(name, cell, spec.pad_fraction, line)
        if spec.lower:
            cell = cell.lower()
        if spec.values:
            return self._word(name, cell, spec, line)
        kind = self._types[name]
        return self._moment(cell, kind, line) if kind in ("date", "timestamp") else cell

    def _word(self, name: str, cell: str, spec: ColumnMapping, line: int) -> str:
        meant = self._maps[name].get(cell.casefold())
        if meant is not None:
            return meant
        self._done.note("word" if spec.default is None else "default", line, f"{name}: {cell}")
        return cell if spec.default is None else spec.default

    def _moment(self, cell: str, kind: str, line: int) -> str:
        moment = read_moment(cell, self._done.reading.mapping.dates)
        if moment is None:
            self._done.note("date", line, cell)
            return cell
        return moment.date().isoformat() if kind == "date" else f"{moment:%Y-%m-%d %H:%M:%S}"

    def _code(self, name: str, cell: str, digits: int, line: int) -> str:
        restored = restore_zeros(cell, digits)
        if restored != cell:
            self._done.note("zeros", line, f"{name}: {cell} = {restored}")
        return restored

    def _reference(self, name: str, cell: str, digits: int, line: int) -> str:
        """The restored reference. Where two texts become one reference, the later one is marked: nothing is merged."""
        restored = restore_fraction(cell, digits)
        if restored is None:
            self._done.note("doubtful", line, cell)
            return f"{cell} = ?"
        first, text = self._seen.setdefault(name, {}).setdefault(restored, (line, cell))
        if first != line and text != cell:
            self._done.note("collision", line, f"{cell} = {restored} = line 行 {first} {text}")
            return f"{cell} = {restored} = line {first}"
        if first != line:
            self._done.note("repeated", line, f"{restored} = line 行 {first}")
        elif restored != cell:
            self._done.note("restored", line, f"{cell} = {restored}")
        return restored
