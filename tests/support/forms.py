"""Files of every form made by hand: a small record type, and writers that are not the generator's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
import xlwt

from ciq.contracts.model import Column, Contract, FileFormat, RecordType
from ciq.loading.decode import UnreadableFileError
from ciq.loading.formats import Reading, Source, open_reading
from ciq.loading.records import Record

COLUMNS = (
    ("record_id", "text", 20, "记录编号"),
    ("op", "text", 1, "操作"),
    ("version_no", "smallint", None, "版本号"),
    ("op_time", "timestamp", None, "操作时间"),
    ("org_code", "text", 6, "机构代码"),
    ("ent_name", "text", 40, "企业名称"),
    ("day", "date", None, "日期"),
    ("amount", "numeric(12,2)", None, "金额"),
)
NAMES = tuple(name for name, *_ in COLUMNS)
ROW = ("r1", "I", "1", "2010-06-08 09:30:00", "320100", "南京㛃堃镕电子", "2010-06-08", "1000.50")
DAY = datetime.fromisoformat("2010-06-08")
TYPED = ("r1", "I", 1, datetime.fromisoformat("2010-06-08 09:30:15"), "320100", "南京㛃堃镕电子", DAY, 1000.5)
"""A row of a workbook, its cells as Excel keeps them: clock times without a zone."""


def record_type(section: str | None = None, name: str = "cert", **widths: int) -> RecordType:
    """A record type of the columns above."""
    columns = tuple(
        Column(
            name=column,
            type=type_,
            required=False,
            name_zh=zh,
            name_en=column,
            description=column,
            max_length=length,
            width=widths.get(column),
        )
        for column, type_, length, zh in COLUMNS
    )
    return RecordType(
        feed_code="X01",
        name=name,
        mark="",
        table=f"x01_{name}",
        section=section,
        name_zh="证书",
        name_en="Certificate",
        grain="one certificate",
        columns=columns,
        table_rules=(),
    )


def reading_of(data: bytes, form: str, *types: RecordType, encoding: str = "UTF-8", **layout: Any) -> Reading:
    """The reading of the first of these record types in a file; one of the columns above where none is given."""
    chosen = types or (record_type(),)
    contract = Contract(
        feed_code="X01",
        id="x01",
        version="1.0.0",
        name_zh="证书",
        name_en="Certificates",
        purpose="",
        usage="",
        effective_from=date(2010, 1, 1),
        record_types=chosen,
        text_sha256="",
    )
    source = Source(file=io.BytesIO(data), encoding=encoding, form=form, layout=FileFormat(**layout))
    return open_reading(source, contract, chosen[0])


def read(data: bytes, form: str, *types: RecordType, **options: Any) -> list[Record]:
    """All its records."""
    return list(reading_of(data, form, *types, **options).records())


def xlsx(rows: Sequence[Sequence[Any]], *, sheet: str = "证书", **options: Any) -> bytes:
    """A workbook of one sheet; cells as XlsxWriter takes them, dates with a date's format."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss", **options}) as book:
        table = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            table.write_row(number, 0, row)
    return out.getvalue()


def xls(rows: Sequence[Sequence[Any]], *, sheet: str = "证书") -> bytes:
    """The same as Excel 97 wrote it."""
    book = xlwt.Workbook(encoding="utf-8")
    table = book.add_sheet(sheet)
    dated = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if hasattr(cell, "year"):
                table.write(number, place, cell, dated)
            elif cell is not None:
                table.write(number, place, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xml(
    *rows: Sequence[str],
    names: Sequence[str] = NAMES,
    name: str = "cert",
    encoding: str = "gb18030",
    declared: str = "GB2312",
) -> bytes:
    """A file of elements, written by hand; cells must be escaped already."""
    elements = "\n".join(
        f"<{name}>{''.join(f'<{n}>{c}</{n}>' for n, c in zip(names, row, strict=True) if c)}</{name}>" for row in rows
    )
    return f'<?xml version="1.0" encoding="{declared}"?>\n<certs>\n{elements}\n</certs>\n'.encode(encoding)


def unreadable(data: bytes, form: str, *types: RecordType, **options: Any) -> tuple[str, dict[str, object]]:
    """The rule that holds the file, with what is told."""
    try:
        found = read(data, form, *types, **options)
    except UnreadableFileError as error:
        return error.rule, dict(error.detail)
    raise AssertionError(f"it was read: {found[:3]}")


def rezipped(book: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """An XLSX workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    assert out.getvalue() != book
    return out.getvalue()


Write = Callable[[Sequence[Sequence[Any]]], bytes]
both_workbooks = pytest.mark.parametrize(("form", "write"), [("XLSX", xlsx), ("XLS", xls)], ids=["xlsx", "xls"])
"""Tries a test on both kinds of workbook, each with its writer."""
