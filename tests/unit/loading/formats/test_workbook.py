"""Workbooks: the table below its title, cells as text, and what is no record told apart and told."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
import xlwt

from ciq.contracts.reading import read_contract
from ciq.loading.formats import Source, open_reading
from ciq.loading.formats.workbook import letters_of
from support.forms import (
    COLUMNS,
    DAY,
    NAMES,
    TYPED,
    Write,
    both_workbooks,
    read,
    reading_of,
    record_type,
    rezipped,
    unreadable,
    xlsx,
)
from support.post import CONTRACT, parcels, seals, workbook

ZH = tuple(zh for *_, zh in COLUMNS)
at = datetime.fromisoformat
READ = ("r1", "I", "1", "2010-06-08 09:30:15", "320100", "南京㛃堃镕电子", "2010-06-08", "1000.5")


def with_cell(name: str, value: object) -> tuple[Any, ...]:
    return tuple(value if column == name else cell for column, cell in zip(NAMES, TYPED, strict=True))


def cell_of(form: str, write: Write, name: str, value: object) -> str:
    [record] = read(write([NAMES, with_cell(name, value)]), form)
    assert record.shape is None
    return record.cells[NAMES.index(name)]


@both_workbooks
def test_a_table_is_found_below_its_title_under_either_name(form: str, write: Write) -> None:
    rows = [["江苏局月报"], [], [f" {zh[:1]}\n{zh[1:]} " for zh in ZH], TYPED, [], TYPED]
    reading = reading_of(write(rows), form)
    assert [(r.line, r.cells, r.shape) for r in reading.records()] == [(4, READ, None), (6, READ, None)]
    assert reading.left_out.detail(with_text=True) == ["证书!1 title: 江苏局月报"]
    assert next(iter(reading.records())).raw.decode() == "\t".join(READ)


@both_workbooks
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (320100210990001, "320100210990001"),
        (3.2010021099000123e17, "3.20100210990001E+17"),
        (110, "110"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (True, "TRUE"),
        ("0110", "0110"),
        ("１２３", "１２３"),
        (" 南京 ", " 南京 "),
        ("1,000.00", "1,000.00"),
    ],
)
def test_cells_are_what_excel_shows(form: str, write: Write, value: object, text: str) -> None:
    """A number of more than 15 digits has lost some: it stays in scientific notation, which no code's rule takes."""
    assert cell_of(form, write, "ent_name", value) == text


@both_workbooks
@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("day", DAY, "2010-06-08"),
        ("day", 40337, "2010-06-08"),
        ("day", "2010-06-08", "2010-06-08"),
        ("day", 20100608, "20100608"),
        ("day", "2010/6/8", "2010/6/8"),
        ("day", at("2010-06-08 12:00:00"), "2010-06-08 12:00:00"),
        ("day", 5, "5"),
        ("op_time", DAY, "2010-06-08 00:00:00"),
        ("op_time", 40337.5, "2010-06-08 12:00:00"),
        ("op_time", at("2010-06-08 23:59:59"), "2010-06-08 23:59:59"),
        ("amount", 40337, "40337"),
    ],
)
def test_days_are_read_whether_text_date_or_serial_number(
    form: str, write: Write, name: str, value: object, text: str
) -> None:
    assert cell_of(form, write, name, value) == text


def test_days_that_count_from_1904_are_read() -> None:
    serial = (DAY - at("1904-01-01")).days
    rows = [NAMES, TYPED, with_cell("day", serial)]
    for record in read(xlsx(rows, date_1904=True), "XLSX"):
        assert record.cells == READ
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("a")
    for place, (name, cell) in enumerate(zip(NAMES, READ, strict=True)):
        sheet.write(0, place, name)
        sheet.write(1, place, serial if name == "day" else cell)
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue(), "XLS")[0].cells == READ


@both_workbooks
def test_totals_and_footnotes_are_no_records_and_are_told(form: str, write: Write) -> None:
    total = ("小 计", None, None, None, None, None, None, 1000.5)
    later = (None, None, None, None, None, "合计：", None, 2001)
    note = ("注：本表数据截至月末",)
    reading = reading_of(write([NAMES, TYPED, total, TYPED, later, note, ("制表人：张三", "", "审核：王五")]), form)
    assert [r.line for r in reading.records()] == [2, 4]
    kinds = [(one.line, one.kind) for one in reading.left_out.listed]
    assert kinds == [(3, "total"), (5, "total"), (6, "note"), (7, "note")]
    assert "张三" in reading.left_out.detail(with_text=True)[-1]
    assert "张三" not in reading.left_out.detail(with_text=False)[-1]


@both_workbooks
def test_a_record_whose_first_cell_reads_like_a_total_stays_a_record(form: str, write: Write) -> None:
    assert len(read(write([NAMES, with_cell("record_id", "合计")]), form)) == 1


def test_the_words_of_totals_stand_in_the_contract() -> None:
    rows = [NAMES, TYPED, ("全省", None, None, None, None, None, None, 7)]
    assert len(read(xlsx(rows), "XLSX")) == 2
    assert len(read(xlsx(rows), "XLSX", totals=("全省",))) == 1


@both_workbooks
def test_a_cell_beside_the_table_breaks_its_row(form: str, write: Write) -> None:
    records = read(write([NAMES, [*TYPED, None, "?"], TYPED, [None, *TYPED[1:]]]), form)
    assert [r.shape for r in records] == ["S-fields", None, None]


def merged_xlsx(*areas: str, head: int = 1) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("证书")
        sheet.write_row(head - 1, 0, NAMES)
        for number in range(head, head + 4):
            sheet.write_row(number, 0, TYPED)
        for area in areas:
            sheet.merge_range(area, "r9")
    return out.getvalue()


def test_a_merged_cell_breaks_each_row_that_it_touches() -> None:
    shapes = [r.shape for r in read(merged_xlsx("A3:A4"), "XLSX")]
    assert shapes == [None, "S-merged", "S-merged", None]
    assert [r.shape for r in read(merged_xlsx("E2:F2"), "XLSX")] == ["S-merged", None, None, None]
    assert [r.shape for r in read(merged_xlsx("A1:H1", head=2), "XLSX")] == [None] * 4


def test_a_merged_cell_of_an_xls_breaks_its_rows_too() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for place, name in enumerate(NAMES):
        sheet.write(0, place, name)
    sheet.write_merge(1, 2, 0, 0, "r1")
    for place in range(1, 8):
        sheet.write(1, place, READ[place])
        sheet.write(2, place, READ[place])
    out = io.BytesIO()
    book.save(out)
    assert [r.shape for r in read(out.getvalue(), "XLS")] == ["S-merged", "S-merged"]


def test_a_header_of_two_rows_is_read_through_its_merged_cells() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("证书")
        for place, name in enumerate(ZH[:6]):
            sheet.merge_range(1, place, 2, place, name)
        sheet.merge_range(1, 6, 1, 7, "签发")
        sheet.write_row(2, 6, ZH[6:])
        sheet.write_row(3, 0, TYPED)
    reading = reading_of(out.getvalue(), "XLSX")
    assert [(r.line, r.cells) for r in reading.records()] == [(4, READ)]


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_an_error_value_is_no_empty_cell(error: str) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("证书")
        for number, row in enumerate([NAMES, TYPED, TYPED]):
            sheet.write_row(number, 0, row)
        sheet.write_formula("F3", "=A1", None, error)
    good, bad = read(out.getvalue(), "XLSX")
    assert (good.shape, bad.shape) == (None, "S-cell_error")
    assert error in bad.raw.decode()


def test_a_formula_counts_with_the_value_that_excel_computed() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("证书")
        sheet.write_row(0, 0, NAMES)
        sheet.write_row(1, 0, TYPED)
        sheet.write_formula("H2", "=1+1", None, 2)
    assert read(out.getvalue(), "XLSX")[0].cells[-1] == "2"


@pytest.mark.parametrize("value", [b"", b"<v/>", b"<v></v>"])
def test_a_formula_that_nobody_computed_is_no_empty_cell(value: bytes) -> None:
    bare = xlsx([NAMES, TYPED])
    changed = rezipped(bare, "xl/worksheets/sheet1.xml", lambda text: text.replace(
        b'<c r="H2"><v>1000.5</v></c>', b'<c r="H2"><f>SUM(A1:A9)</f>' + value + b"</c>"))  # fmt: skip
    [record] = read(changed, "XLSX")
    assert record.shape == "S-cell_error"
    assert "未计算" in record.raw.decode()


def test_a_text_that_excel_computed_to_be_empty_is_an_empty_cell() -> None:
    changed = rezipped(xlsx([NAMES, TYPED]), "xl/worksheets/sheet1.xml", lambda text: text.replace(
        b'<c r="H2"><v>1000.5</v></c>', b'<c r="H2" t="str"><f>IF(A1=1,1,"")</f><v></v></c>'))  # fmt: skip
    [record] = read(changed, "XLSX")
    assert (record.shape, record.cells[-1]) == (None, "")


@both_workbooks
@pytest.mark.parametrize(
    ("header", "told"),
    [
        (NAMES[:-1], {"column": "H", "expected": "amount 金额", "found": "(nothing)"}),
        ((*NAMES[:5], "ent_code", *NAMES[6:]), {"column": "F", "expected": "ent_name 企业名称", "found": "ent_code"}),
        ((*NAMES[:6], "amount", "day"), {"column": "G", "expected": "day 日期", "found": "amount"}),
        ((*NAMES, "remark"), {"column": "I", "expected": "(nothing)", "found": "remark"}),
    ],
    ids=["one too few", "renamed", "moved", "one too many"],
)
def test_another_template_is_held_with_what_differs(
    form: str, write: Write, header: Sequence[str], told: dict[str, object]
) -> None:
    rule, detail = unreadable(write([["标题"], header, TYPED]), form)
    assert rule == "D-header"
    assert detail == {"sheet": "证书", "line": 2, **told}


@both_workbooks
def test_an_empty_sheet_is_no_nil_file_and_a_header_alone_is(form: str, write: Write) -> None:
    rule, told = unreadable(write([]), form)
    assert rule == "D-header"
    assert "empty" in str(told["found"])
    assert read(write([NAMES]), form) == []


def book_of(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """Names that begin with an underscore are hidden."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name.removeprefix("_"))
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name.startswith("_"):
                sheet.hide()
    return out.getvalue()


def test_each_record_type_has_its_sheet_and_others_are_told_once() -> None:
    award = record_type("荣誉", name="award")
    cert = record_type("证书")
    data = book_of(证书=[NAMES, TYPED], 荣誉=[["x"], NAMES, TYPED, TYPED], 填表说明=[["一"], ["二"]])
    first, second = reading_of(data, "XLSX", cert, award), reading_of(data, "XLSX", award, cert)
    assert [r.line for r in first.records()] == [2]
    assert [r.line for r in second.records()] == [3, 4]
    assert first.left_out.detail(with_text=True) == ["填表说明! sheet: 2 rows"]


def test_the_only_visible_sheet_is_taken_and_a_hidden_one_is_told() -> None:
    data = book_of(Sheet1=[NAMES, TYPED], _codes=[["1"]])
    reading = reading_of(data, "XLSX")
    assert len(list(reading.records())) == 1
    assert reading.left_out.detail(with_text=True) == ["codes! sheet: 1 rows"]


def test_a_sheet_that_is_hidden_or_not_there_holds_the_file() -> None:
    cert = record_type("证书")
    rule, told = unreadable(book_of(a=[["x"]], _证书=[NAMES, TYPED]), "XLSX", cert)
    assert (rule, told["expected"]) == ("D-header", "证书")
    assert "hidden" in str(told["found"])
    rule, told = unreadable(book_of(a=[NAMES], b=[NAMES]), "XLSX", cert)
    assert (rule, told["found"]) == ("D-header", ["a", "b"])


def test_a_reader_that_stops_early_leaves_no_program_behind() -> None:
    records = reading_of(xlsx([NAMES, *[TYPED] * 20_000]), "XLSX").records()
    next(iter(records))
    records.close()  # type: ignore[attr-defined]


def test_columns_have_excels_letters() -> None:
    assert [letters_of(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_time_is_rounded_to_its_second() -> None:
    moment = at("2010-06-08 09:30:15") - timedelta(microseconds=1)
    assert cell_of("XLSX", xlsx, "op_time", moment) == "2010-06-08 09:30:15"


def test_record_types_of_one_file_are_read_side_by_side() -> None:
    """The workbook is opened once for all of them; each reads its own sheet from the top, again and again."""
    parcel, seal = read_contract(CONTRACT).record_types
    contract = read_contract(CONTRACT)
    data = workbook({"邮包": (parcel, parcels(3)), "封识": (seal, seals(3))})
    source = Source(file=io.BytesIO(data), encoding="UTF-8", form="XLSX")
    readings = [open_reading(source, contract, one) for one in (parcel, seal)]
    for _ in range(2):
        pairs = list(zip(*(reading.records() for reading in readings), strict=True))
        assert [(a.line, a.cells[0], b.line, b.cells[0]) for a, b in pairs] == [
            (2, "p1", 2, "s1"),
            (3, "p2", 3, "s2"),
            (4, "p3", 4, "s3"),
        ]
