"""Data files that are no delimited text: XML, fixed width, workbooks, as the contracts' `formats` ask for them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]

from ciq_demo.generator.formats import FeedFormat, FileFormat

ENDINGS = {"XML": "xml", "XLSX": "xlsx", "FIXED": "txt"}
"""Form -> ending of the file's name; all others are CSV."""

_EPOCH = datetime(2010, 1, 1, tzinfo=UTC)


def has_form(file_format: FileFormat) -> bool:
    """Whether files of this format are no delimited text."""
    return file_format.delimiter in ENDINGS


def ending_of(file_format: FileFormat) -> str:
    """The ending of the name of a data file, without a dot."""
    return ENDINGS.get(file_format.delimiter, "csv")


def encode_form(frame: pd.DataFrame, feed: FeedFormat, file_format: FileFormat) -> bytes:
    """The data file of a frame of text cells in the form that the format names. The same frame gives the same bytes."""
    match file_format.delimiter:
        case "XML":
            return _xml(frame, feed, file_format)
        case "FIXED":
            return _fixed(frame, feed, file_format)
    return _xlsx(frame, feed)


def _xml(frame: pd.DataFrame, feed: FeedFormat, file_format: FileFormat) -> bytes:
    """One element per row; it declares GB2312 as the field does, whatever it holds. Empty cells are left out."""
    declared = "GB2312" if file_format.codec.startswith("gb") else "UTF-8"
    parts = [f'<?xml version="1.0" encoding="{declared}"?>\n<{feed.feed}>\n']
    tags = [(f"<{name}>", f"</{name}>") for name in frame.columns]
    for row in frame.to_numpy(dtype=object).tolist():
        cells = "".join(f"{start}{escape(cell)}{end}" for (start, end), cell in zip(tags, row, strict=True) if cell)
        parts.append(f"<{feed.name}>{cells}</{feed.name}>\n")
    parts.append(f"</{feed.feed}>\n")
    return "".join(parts).encode(file_format.codec)


def _fixed(frame: pd.DataFrame, feed: FeedFormat, file_format: FileFormat) -> bytes:
    """A line per row, each cell filled up with blanks to its width in characters or bytes; wider cells spill."""
    codec = file_format.codec if file_format.unit == "bytes" else "utf-32-le"
    step = 1 if file_format.unit == "bytes" else 4
    rows = frame.to_numpy(dtype=object).tolist()
    if file_format.header:
        rows.insert(0, [name[:width] for name, width in zip(feed.columns, feed.widths(file_format), strict=True)])
    gap = " " * file_format.gap
    lines = [
        gap.join(
            cell + " " * (width - len(cell.encode(codec)) // step)
            for cell, width in zip(row, feed.widths(file_format), strict=True)
        )
        for row in rows
    ]
    return "".join(f"{line}\r\n" for line in lines).encode(file_format.codec)


def encode_sheets(sheets: Mapping[str, pd.DataFrame], feed: FeedFormat) -> bytes:
    """A workbook with a sheet for each record type of the feed, in the contract's order; `sheets` by their names.

    Cells are text. A record type without a frame has its title and header alone.
    """
    out = io.BytesIO()
    with _workbook(out) as book:
        for sheet in feed.sheets:
            table = sheets.get(sheet.name)
            rows = [] if table is None else table.to_numpy(dtype=object).tolist()
            _write_sheet(book.add_worksheet(sheet.section), sheet.title, sheet.headings, rows)
    return out.getvalue()


def _xlsx(frame: pd.DataFrame, feed: FeedFormat) -> bytes:
    """A workbook of one sheet, cells as text."""
    out = io.BytesIO()
    with _workbook(out) as book:
        rows = frame.to_numpy(dtype=object).tolist()
        _write_sheet(book.add_worksheet(feed.name), feed.title, feed.headings, rows)
    return out.getvalue()


def _workbook(out: io.BytesIO) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _EPOCH.replace(tzinfo=None)})
    return book


def _write_sheet(
    sheet: xlsxwriter.worksheet.Worksheet, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """A title, the header in Chinese, the rows as text, and the footnote of whoever filled it in."""
    sheet.merge_range(0, 0, 0, len(headings) - 1, title)
    sheet.write_row(1, 0, headings)
    for number, row in enumerate(rows, start=2):
        for place, cell in enumerate(row):
            if cell:
                sheet.write_string(number, place, cell)
    sheet.write_string(len(rows) + 2, 0, "填表人：统计科")
