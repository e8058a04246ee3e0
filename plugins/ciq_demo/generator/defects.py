"""Named defects: each a small function that spoils a delivery in one way, as it happens in the field.

Three kinds: `cells` spoil rows of the frame, `lines` the text before it is encoded (the manifest still fits), `files`
the finished delivery, bytes or manifest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pandas as pd

from ciq.errors import CiqError
from ciq_demo.generator.formats import FileFormat, Manifest
from ciq_demo.generator.randomness import Stream

MEGABYTE = 1 << 20


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


def spoil_frame(frame: pd.DataFrame, defect: Defect, *, feed: str, stream: Stream) -> pd.DataFrame:
    """A copy of `frame` with `defect.rows` cells spoiled, in rows with op I whose cell the defect really changes."""
    kind = CELLS[defect.name]
    column = kind.target(frame.columns)
    if column is None:
        raise CiqError(f"defect {defect.name!r} has no column in feed {feed}")
    condition, values = kind.only
    spoiled = frame.copy()
    position = spoiled.columns.get_loc(column)
    cells = zip(frame["op"].tolist(), frame[condition].tolist(), frame[column].tolist(), strict=True)
    rows = [
        index
        for index, (op, given, cell) in enumerate(cells)
        if op == "I" and given in values and cell and kind.spoil(cell) != cell
    ]
    if len(rows) < defect.rows:
        raise CiqError(f"defect {defect.name!r} finds only {len(rows)} rows in feed {feed}", advice="Ask for fewer.")
    order = stream.order(len(rows)).tolist()
    for index in sorted(rows[place] for place in order[: defect.rows]):
        spoiled.iat[index, position] = kind.spoil(spoiled.iat[index, position])
    return spoiled


def spoil_text(text: str, defect: Defect, *, stream: Stream) -> str:
    """The file's text with one line spoiled; line 0 is the header."""
    lines = text.split("\n")
    last = len(lines) - 1
    row = 1 + int(stream.below(1, max(last - 1, 1))[0]) if last > 1 else 0
    return "\n".join(LINES[defect.name](lines, row))


def spoil_file(draft: Draft, defect: Defect) -> Draft:
    """The delivery with its file or manifest spoiled."""
    return FILES[defect.name](draft)


# --- cells: the columns it can spoil, and what becomes of the cell ---------------------------------------------------

_AMOUNT = ("total_value", "goods_value", "nc_value_usd", "fine_cny")
_TIME = ("accept_time", "eval_time", "event_time", "op_time")
_NAME = ("applicant_name", "goods_name_cn", "insp_dept", "party_name", "subject", "authority")
_CODE = ("decl_type", "qty_unit", "insp_mode", "cause_code", "channel", "case_type", "product_group")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def _cell(name: str, *columns: str, only: tuple[str, tuple[str, ...]] = ("op", ("I",))) -> Callable[[Spoil], Spoil]:
    def register(function: Spoil) -> Spoil:
        CELLS[name] = CellDefect(columns, function, only)
        return function

    return register


@_cell("lost_zero_org", "org_code")
def _lost_zero_org(cell: str) -> str:
    """320100 arrives as 3201: a zero that a spreadsheet thought idle."""
    return cell.rstrip("0") or cell


@_cell("lost_zero_hs", "hs_code")
def _lost_zero_hs(cell: str) -> str:
    return cell.removeprefix("0")


@_cell("lost_zero_decl_no", "decl_no")
def _lost_zero_decl_no(cell: str) -> str:
    return cell.replace("0", "", 1)


@_cell("scientific_notation", "decl_no")
def _scientific_notation(cell: str) -> str:
    return f"{cell[0]}.{cell[1:4]}E+{len(cell) - 1}" if cell.isdigit() else cell


@_cell("customs_country_142", "trade_country", "origin_country")
def _customs_country_142(_cell_text: str) -> str:
    """142 is China for customs and nobody in ISO 3166."""
    return "142"


@_cell("customs_country_502", "trade_country", "origin_country")
def _customs_country_502(_cell_text: str) -> str:
    return "502"


@_cell("customs_currency", "currency")
def _customs_currency(_cell_text: str) -> str:
    """502 is the US dollar for customs."""
    return "502"


@_cell("unknown_code", *_CODE)
def _unknown_code(_cell_text: str) -> str:
    return "X9"


@_cell("unknown_result", "result", only=("eval_seq", ("1", "2")))
def _unknown_result(_cell_text: str) -> str:
    return "合格"


@_cell("nan", *_AMOUNT)
def _nan(_cell_text: str) -> str:
    return "NaN"


@_cell("today", *_TIME)
def _today(_cell_text: str) -> str:
    """PostgreSQL would read it as the day of loading."""
    return "today"


@_cell("full_width_digits", "total_value", "goods_value", "eval_seq", "event_seq")
def _full_width_digits(cell: str) -> str:
    return cell.translate(_FULL_WIDTH)


@_cell("thousands_separators", *_AMOUNT)
def _thousands_separators(cell: str) -> str:
    whole, _, fraction = cell.partition(".")
    return f"{int(whole):,}.{fraction}"


@_cell("missing_nc_category", "nc_category", only=("result", ("N",)))
def _missing_nc_category(_cell_text: str) -> str:
    return ""


@_cell("backslash_dot", *_NAME)
def _backslash_dot(_cell_text: str) -> str:
    r"""\. ends the data of an old COPY."""
    return "\\."


@_cell("megabyte_cell", *_NAME)
def _megabyte_cell(cell: str) -> str:
    return cell + "长" * (MEGABYTE // 2)


@_cell("nul_byte", *_NAME)
def _nul_byte(cell: str) -> str:
    return f"{cell[:1]}\x00{cell[1:]}"


@_cell("embedded_newline", *_NAME)
def _embedded_newline(cell: str) -> str:
    """Legal: the cell is quoted."""
    return f"{cell[:2]}\n{cell[2:]}"


@_cell("formula_text", *_NAME)
def _formula_text(cell: str) -> str:
    """Legal in the data; must not come alive in an export."""
    return f"=cmd|'/C calc'!A0 {cell}"


# Cases: cells that break a rule of the row, then states that only the events together show to be wrong.


@_cell("lost_zero_case_no", "case_no")
def _lost_zero_case_no(cell: str) -> str:
    """The serial without one of its leading zeros."""
    return cell[:-5] + cell[-5:].replace("0", "", 1)


@_cell("event_in_words", "event_type")
def _event_in_words(_cell_text: str) -> str:
    return "已处理"


@_cell("event_next_year", "event_time")
def _event_next_year(cell: str) -> str:
    """A wrong year: the event lies after the business date."""
    return f"{int(cell[:4]) + 1}{cell[4:]}"


@_cell("decision_unnumbered", "decision_no", only=("event_type", ("DECIDED", "AMENDED")))
def _decision_unnumbered(_cell_text: str) -> str:
    return ""


@_cell("fine_negative", "fine_cny", only=("event_type", ("DECIDED", "AMENDED")))
def _fine_negative(cell: str) -> str:
    return f"-{cell}"


@_cell("filed_lost", "event_type", only=("event_type", ("FILED",)))
def _filed_lost(_cell_text: str) -> str:
    """The case begins with something else."""
    return "INVEST"


@_cell("closed_before_decided", "event_type", only=("event_type", ("INVEST", "NOTICE", "DECIDED", "ACCEPTED")))
def _closed_before_decided(_cell_text: str) -> str:
    """Closed while its next events are still to come."""
    return "CLOSED"


@_cell("event_skipped", "event_seq")
def _event_skipped(cell: str) -> str:
    """A number is left out, so that the events have a gap."""
    return str(int(cell) + 10)


@_cell("decision_no_reused", "decision_no", only=("event_type", ("DECIDED",)))
def _decision_no_reused(cell: str) -> str:
    """The number of the branch's first decision of the year."""
    return re.sub("[0-9]{4}号", "0001号", cell)


@_cell("consultation_accepted", "case_type", only=("event_type", ("ACCEPTED",)))
def _consultation_accepted(_cell_text: str) -> str:
    """A consultation that is treated as a complaint."""
    return "CONSULTATION"


# --- lines: the text of the file, line by line ----------------------------------------------------------------------


def _line(name: str) -> Callable[[LineDefect], LineDefect]:
    def register(function: LineDefect) -> LineDefect:
        LINES[name] = function
        return function

    return register


def _with_line(lines: list[str], row: int, line: str) -> list[str]:
    return [*lines[:row], line, *lines[row + 1 :]]


@_line("ragged_row")
def _ragged_row(lines: list[str], row: int) -> list[str]:
    """A row that ends after its first cells."""
    return _with_line(lines, row, ",".join(lines[row].split(",")[:7]))


@_line("stray_quote")
def _stray_quote(lines: list[str], row: int) -> list[str]:
    """A quote in the middle of a cell that is not quoted."""
    return _with_line(lines, row, lines[row].replace(",", 'a"b,', 1))


@_line("lone_cr")
def _lone_cr(lines: list[str], row: int) -> list[str]:
    return _with_line(lines, row, lines[row].replace(",", "\r,", 1))


@_line("mixed_line_ends")
def _mixed_line_ends(lines: list[str], _row: int) -> list[str]:
    """Every other line ends with CR LF."""
    return [line + "\r" if number % 2 and line else line for number, line in enumerate(lines)]


@_line("blank_line")
def _blank_line(lines: list[str], row: int) -> list[str]:
    return [*lines[: row + 1], "", *lines[row + 1 :]]


@_line("header_changed")
def _header_changed(lines: list[str], _row: int) -> list[str]:
    """The first column after the envelope under another name."""
    names = lines[0].split(",")
    return _with_line(lines, 0, ",".join([*names[:5], f"{names[5]}_1", *names[6:]]))


# --- files: the finished delivery -----------------------------------------------------------------------------------


def _file(name: str) -> Callable[[FileDefect], FileDefect]:
    def register(function: FileDefect) -> FileDefect:
        FILES[name] = function
        return function

    return register


def _resealed(draft: Draft, data: bytes) -> Draft:
    """Other bytes whose manifest fits: the sender made the file like that."""
    return replace(draft, data=data).declared(sha256=hashlib.sha256(data).hexdigest(), bytes=str(len(data)))


@_file("truncated")
def _truncated(draft: Draft) -> Draft:
    """The transfer broke off: neither hash nor size fit."""
    return replace(draft, data=draft.data[: len(draft.data) * 3 // 5] if draft.data else draft.data)


@_file("wrong_encoding")
def _wrong_encoding(draft: Draft) -> Draft:
    """UTF-8 declared as GB18030, or the reverse."""
    if draft.data is None:
        return draft
    text = draft.data.decode(draft.format.codec)
    return _resealed(draft, text.encode("gb18030" if draft.format.encoding.startswith("UTF-8") else "utf-8"))


@_file("bom_in_gb18030")
def _bom_in_gb18030(draft: Draft) -> Draft:
    """The mark of UTF-8 before text in GB18030."""
    return _resealed(draft, b"\xef\xbb\xbf" + (draft.data or b""))


@_file("wrong_total")
def _wrong_total(draft: Draft) -> Draft:
    total = draft.manifest.cells["control_sum"] if draft.manifest else ""
    return draft.declared(control_sum=f"{int(total.partition('.')[0] or 0) + 1000}.00")


@_file("wrong_row_count")
def _wrong_row_count(draft: Draft) -> Draft:
    return draft.declared(row_count=str(draft.rows + 1))


def _status(code: str) -> FileDefect:
    def declare(draft: Draft) -> Draft:
        return draft.declared(status=code, opinion="退回修改" if code == "3" else "")

    return declare


for _code in ("0", "1", "3"):
    _file(f"status_{_code}")(_status(_code))


@_file("missing_manifest")
def _missing_manifest(draft: Draft) -> Draft:
    return replace(draft, manifest=None)


@_file("missing_data")
def _missing_data(draft: Draft) -> Draft:
    return replace(draft, data=None)
