"""Files as the contracts want them: columns in order, encoding, delimiter and trailing delimiter of each branch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

CARGO_FEEDS = ("F01", "F02", "F03", "F04")
_CODECS = {"GB18030": "gb18030", "GBK": "gbk", "UTF-8": "utf-8", "UTF-8-SIG": "utf-8-sig"}
_REPORTERS = ("统计科01", "统计科02", "综合科01", "检务科01")


@dataclass(frozen=True)
class FileFormat:
    """How one branch writes one feed."""

    encoding: str
    delimiter: str
    """A delimiter, or FIXED, XML, XLSX (see `forms`)."""
    trailing_delimiter: bool
    unit: str = "characters"
    header: bool = True
    gap: int = 0

    @property
    def codec(self) -> str:
        """Python's name of the encoding."""
        return _CODECS[self.encoding]


@dataclass(frozen=True)
class ColumnPlaces:
    """How wide a column is in a file of fixed width."""

    characters: int
    bytes: int


@dataclass(frozen=True)
class SheetFormat:
    """One record type of a contract: `section` is the name of its sheet, `columns` are those of the file."""

    name: str
    section: str
    title: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    control_sum: str | None = None
    """The column that adds to the file's control sum."""


@dataclass(frozen=True)
class FeedFormat:
    """What a contract says about files: `columns` without derived ones, `control_sum` the column that is added up.

    Columns, headings and places are those of the first record type; `sheets` has all of them in the contract's order.
    """

    feed: str
    name: str
    """Of its records: an element, a sheet."""
    title: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    """The columns' Chinese names."""
    places: tuple[ColumnPlaces, ...]
    control_sum: str | None
    default: FileFormat
    branches: dict[str, FileFormat]
    sheets: tuple[SheetFormat, ...] = ()

    def widths(self, file_format: FileFormat) -> list[int]:
        """Places of each column in a file of fixed width."""
        return [places.bytes if file_format.unit == "bytes" else places.characters for places in self.places]

    def of(self, org: str) -> FileFormat:
        """The format of a branch."""
        return self.branches.get(org, self.default)


@dataclass(frozen=True)
class Manifest:
    """The row of a manifest, cell by cell in the contract's order."""

    cells: dict[str, str]

    def encode(self, columns: Sequence[str]) -> bytes:
        """UTF-8, a header and one row."""
        row = [_quoted(self.cells[name], ",") for name in columns]
        return f"{','.join(columns)}\n{','.join(row)}\n".encode()


@lru_cache(maxsize=4)
def load_formats(contracts: Path) -> dict[str, FeedFormat]:
    """Formats of all feeds by code; the manifest's columns are under F00."""
    found: dict[str, FeedFormat] = {}
    for path in sorted(contracts.glob("*.odcs.yaml")):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        properties = _properties(contract)
        feed = str(properties["feedCode"])
        found[feed] = _feed_format(feed, contract, properties)
    return found


def _properties(node: dict[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in node.get("customProperties", [])}


def _feed_format(feed: str, contract: dict[str, Any], properties: dict[str, Any]) -> FeedFormat:
    table = contract["schema"][0]
    own = [column for column in table["properties"] if not column.get("transformLogic")]
    formats = properties.get("formats", {"default": {"encoding": "UTF-8", "delimiter": ","}})
    return FeedFormat(
        feed=feed,
        name=table["name"],
        title=str(properties["nameZh"]),
        columns=tuple(column["name"] for column in own),
        headings=tuple(_properties(column)["nameZh"] for column in own),
        places=tuple(map(_places, own)),
        control_sum=properties.get("controlSum"),
        default=_file_format(formats["default"]),
        branches={org: _file_format(entry) for org, entry in formats.get("branches", {}).items()},
        sheets=tuple(map(_sheet_format, contract["schema"])),
    )


def _sheet_format(table: dict[str, Any]) -> SheetFormat:
    properties = _properties(table)
    own = [column for column in table["properties"] if not column.get("transformLogic")]
    return SheetFormat(
        name=table["name"],
        section=str(properties.get("section", table["name"])),
        title=str(properties.get("nameZh", table["businessName"])),
        columns=tuple(column["name"] for column in own),
        headings=tuple(_properties(column)["nameZh"] for column in own),
        control_sum=properties.get("controlSum"),
    )


def _places(column: dict[str, Any]) -> ColumnPlaces:
    """As docs/feeds.md has it: the contract's width, else what the longest value needs."""
    width = _properties(column).get("width")
    if width is not None:
        return ColumnPlaces(width, width)
    type_ = column["physicalType"]
    if type_ == "text":
        longest = column["logicalTypeOptions"]["maxLength"]
        return ColumnPlaces(longest, 2 * longest)
    if type_.startswith("numeric"):
        width = int(type_[len("numeric(") :].partition(",")[0]) + 2
    else:
        width = {"date": 10, "timestamp": 19, "smallint": 6, "integer": 11, "bigint": 20}[type_]
    return ColumnPlaces(width, width)


def _file_format(entry: dict[str, Any]) -> FileFormat:
    return FileFormat(
        entry["encoding"],
        entry["delimiter"],
        bool(entry.get("trailingDelimiter", False)),
        unit=entry.get("unit", "characters"),
        header=bool(entry.get("header", True)),
        gap=int(entry.get("gap", 0)),
    )


def encode(frame: pd.DataFrame, file_format: FileFormat) -> bytes:
    """The data file of a frame of text cells; cells with delimiter, quote or line end are quoted."""
    return csv_text(frame, file_format).encode(file_format.codec)


def csv_text(frame: pd.DataFrame, file_format: FileFormat) -> str:
    """The data file before encoding: a header line and a line per row, each ended by a line feed."""
    delimiter = file_format.delimiter
    end = f"{delimiter}\n" if file_format.trailing_delimiter else "\n"
    header = delimiter.join(frame.columns)
    if not len(frame):
        return header + end
    values = frame.to_numpy(dtype=object)
    columns = [_column(values[:, position].tolist(), delimiter) for position in range(values.shape[1])]
    lines = map(delimiter.join, zip(*columns, strict=True))
    return header + end + end.join(lines) + end


def _column(cells: list[str], delimiter: str) -> list[str]:
    """Quote where needed; a column is searched as one string first, since hardly any needs it."""
    joined = "\x1f".join(cells)
    if not any(character in joined for character in (delimiter, '"', "\n", "\r")):
        return cells
    return [_quoted(cell, delimiter) for cell in cells]


def _quoted(cell: str, delimiter: str) -> str:
    if any(character in cell for character in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def control_sum(frame: pd.DataFrame, column: str | None) -> str:
    """Sum of an amount column over all rows, rows without an amount as 0; empty when the feed has none.

    Cells that are no amounts count as the sender meant them: without thousands separators, else as 0.
    """
    if column is None:
        return ""
    cents = sum(_cents(cell) for cell in frame[column].tolist() if cell)
    return f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _cents(cell: str) -> int:
    if cell.startswith("-"):
        return -_cents(cell[1:])
    whole, _, fraction = cell.replace(",", "").partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit():
        return 0
    return int(whole or "0") * 100 + int(f"{fraction:0<2}"[:2])


def make_manifest(
    *,
    feed: FeedFormat,
    org: str,
    day: date,
    seq: int,
    data: bytes,
    rows: int,
    total: str,
    report_time: datetime,
    ending: str = "csv",
) -> Manifest:
    """The manifest of an approved delivery (status 2) of `rows` records; `total` is its control sum."""
    name = file_stem(feed.feed, org, day, seq)
    roll = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    file_format = feed.of(org)
    return Manifest(
        {
            "feed_code": feed.feed,
            "org_code": org,
            "business_date": day.isoformat(),
            "seq": str(seq),
            "file_name": f"{name}.{ending}",
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": str(len(data)),
            "encoding": file_format.encoding,
            "delimiter": "TAB" if file_format.delimiter == "\t" else file_format.delimiter,
            "row_count": str(rows),
            "control_sum": total,
            "status": "2",
            "reporter": _REPORTERS[roll % len(_REPORTERS)],
            "auditor": f"审核{roll // 7 % 6 + 1:02d}",
            "report_time": f"{report_time:%Y-%m-%d %H:%M:%S}",
            "audit_time": f"{report_time - timedelta(minutes=3 + roll % 20):%Y-%m-%d %H:%M:%S}",
            "opinion": "同意报送" if rows else "当日无业务,零报送",
        }
    )


def file_stem(feed: str, org: str, day: date, seq: int) -> str:
    """{feed}_{org6}_{yyyymmdd}_{seq2}"""
    return f"{feed}_{org}_{day:%Y%m%d}_{seq:02d}"


def usual_report_time(feed: str, org: str, day: date) -> datetime:
    """Between 17:30 and 01:30 of the next day: before the cut-off at 02:00."""
    roll = int.from_bytes(hashlib.sha256(f"report|{feed}|{org}|{day}".encode()).digest()[:4], "big")
    return datetime.combine(day, time(17, 30)) + timedelta(seconds=roll % (8 * 3600))
