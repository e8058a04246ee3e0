"""Named defects: each a small function that spoils a delivery in one way, as it happens in the field.

Three kinds: `cells` spoil rows of the frame, `lines` the text before it is encoded (the manifest still fits), `files`
the finished delivery, bytes or manifest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
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
    """`targets`: feed -> column; `only` = (column, value) that a row must have."""

    targets: dict[str, str]
    spoil: Spoil
    only: tuple[str, str]


LineDefect = Callable[[list[str], int], list[str]]
FileDefect = Callable[[Draft], Draft]

CELLS: dict[str, CellDefect] = {}
LINES: dict[str, LineDefect] = {}
FILES: dict[str, FileDefect] = {}


def defect_names() -> list[str]:
    """Every name that `Defect` takes."""
    return sorted(CELLS | LINES | FILES)


def spoil_frame(frame: pd.DataFrame, defect: Defect, *, feed: str, stream: Stream) -> pd.DataFrame:
    """A copy of `frame` with `defect.rows` cells spoiled, in rows with op I whose cell the defect really changes."""
    kind = CELLS[defect.name]
    if feed not in kind.targets:
        raise CiqError(f"defect {defect.name!r} has no column in feed {feed}")
    column = kind.targets[feed]
    condition, value = kind.only
    spoiled = frame.copy()
    position = spoiled.columns.get_loc(column)
    cells = zip(frame["op"].tolist(), frame[condition].tolist(), frame[column].tolist(), strict=True)
    rows = [
        index
        for index, (op, given, cell) in enumerate(cells)
        if op == "I" and given == value and cell and kind.spoil(cell) != cell
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


# --- cells: feed -> column, and what becomes of the cell ------------------------------------------------------------

_DECL_NO = {"F01": "decl_no", "F02": "decl_no", "F03": "decl_no"}
_ORG = {"F01": "org_code", "F02": "org_code", "F03": "org_code"}
_COUNTRY = {"F01": "trade_country", "F02": "origin_country"}
_AMOUNT = {"F01": "total_value", "F02": "goods_value", "F03": "nc_value_usd"}
_TIME = {"F01": "accept_time", "F02": "op_time", "F03": "eval_time"}
_NAME = {"F01": "applicant_name", "F02": "goods_name_cn", "F03": "insp_dept"}
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def _cell(name: str, targets: dict[str, str], *, only: tuple[str, str] = ("op", "I")) -> Callable[[Spoil], Spoil]:
    def register(function: Spoil) -> Spoil:
        CELLS[name] = CellDefect(targets, function, only)
        return function

    return register


@_cell("lost_zero_org", _ORG)
def _lost_zero_org(cell: str) -> str:
    """320100 arrives as 3201: a zero that a spreadsheet thought idle."""
    return cell.rstrip("0") or cell


@_cell("lost_zero_hs", {"F02": "hs_code"})
def _lost_zero_hs(cell: str) -> str:
    return cell.removeprefix("0")


@_cell("lost_zero_decl_no", _DECL_NO)
def _lost_zero_decl_no(cell: str) -> str:
    return cell.replace("0", "", 1)


@_cell("scientific_notation", _DECL_NO)
def _scientific_notation(cell: str) -> str:
    return f"{cell[0]}.{cell[1:4]}E+{len(cell) - 1}" if cell.isdigit() else cell


@_cell("customs_country_142", _COUNTRY)
def _customs_country_142(_cell_text: str) -> str:
    """142 is China for customs and nobody in ISO 3166."""
    return "142"


@_cell("customs_country_502", _COUNTRY)
def _customs_country_502(_cell_text: str) -> str:
    return "502"


@_cell("customs_currency", {"F01": "currency", "F02": "currency"})
def _customs_currency(_cell_text: str) -> str:
    """502 is the US dollar for customs."""
    return "502"


@_cell("unknown_code", {"F01": "decl_type", "F02": "qty_unit", "F03": "insp_mode"})
def _unknown_code(_cell_text: str) -> str:
    return "X9"


@_cell("unknown_result", {"F03": "result"})
def _unknown_result(_cell_text: str) -> str:
    return "合格"


@_cell("nan", _AMOUNT)
def _nan(_cell_text: str) -> str:
    return "NaN"


@_cell("today", _TIME)
def _today(_cell_text: str) -> str:
    """PostgreSQL would read it as the day of loading."""
    return "today"


@_cell("full_width_digits", _AMOUNT | {"F03": "eval_seq"})
def _full_width_digits(cell: str) -> str:
    return cell.translate(_FULL_WIDTH)


@_cell("thousands_separators", _AMOUNT)
def _thousands_separators(cell: str) -> str:
    whole, _, fraction = cell.partition(".")
    return f"{int(whole):,}.{fraction}"


@_cell("missing_nc_category", {"F03": "nc_category"}, only=("result", "N"))
def _missing_nc_category(_cell_text: str) -> str:
    return ""


@_cell("backslash_dot", _NAME)
def _backslash_dot(_cell_text: str) -> str:
    r"""\. ends the data of an old COPY."""
    return "\\."


@_cell("megabyte_cell", _NAME)
def _megabyte_cell(cell: str) -> str:
    return cell + "长" * (MEGABYTE // 2)


@_cell("nul_byte", _NAME)
def _nul_byte(cell: str) -> str:
    return f"{cell[:1]}\x00{cell[1:]}"


@_cell("embedded_newline", _NAME)
def _embedded_newline(cell: str) -> str:
    """Legal: the cell is quoted."""
    return f"{cell[:2]}\n{cell[2:]}"


@_cell("formula_text", _NAME)
def _formula_text(cell: str) -> str:
    """Legal in the data; must not come alive in an export."""
    return f"=cmd|'/C calc'!A0 {cell}"


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
    """A column under another name."""
    return _with_line(lines, 0, lines[0].replace("decl_no", "declaration_no", 1))


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
