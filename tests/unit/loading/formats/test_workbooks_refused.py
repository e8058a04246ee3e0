"""Files that bear the name of a workbook and are none, are damaged, or mean harm."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from ciq.contracts.reading import read_contract
from ciq.loading.decode import UnreadableFileError
from ciq.loading.formats import Source, open_reading
from support.forms import NAMES, TYPED, Write, both_workbooks, rezipped, unreadable, xls, xlsx
from support.post import CONTRACT

NOT_A_WORKBOOK = {
    "html": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
    "csv": b"record_id,op\r\n1,I\r\n",
    "xml spreadsheet": b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>',
    "nothing": b"",
    "zeros": b"\0" * 5000,
}


@pytest.mark.parametrize("form", ["XLS", "XLSX"])
@pytest.mark.parametrize("name", NOT_A_WORKBOOK)
def test_what_only_bears_the_name_of_a_workbook_is_named(form: str, name: str) -> None:
    rule, told = unreadable(NOT_A_WORKBOOK[name], form)
    assert rule == "D-format"
    expected = {"html": "HTML", "csv": "text", "xml spreadsheet": "XML", "nothing": "empty", "zeros": "no workbook"}
    assert expected[name] in str(told["found"])


def test_the_other_kind_of_workbook_is_named() -> None:
    assert "declare XLSX" in str(unreadable(xlsx([NAMES]), "XLS")[1]["found"])
    assert "declare XLS " in str(unreadable(xls([NAMES]), "XLSX")[1]["found"])


@both_workbooks
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_file_that_broke_off_is_damaged(form: str, write: Write, part: float) -> None:
    data = write([NAMES, *[TYPED] * 200])
    assert unreadable(data[: int(len(data) * part)], form)[0] == "D-format"


def test_a_zip_archive_without_a_workbook_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    assert unreadable(out.getvalue(), "XLSX")[0] == "D-format"


def test_an_entity_in_a_part_of_the_workbook_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]>'
    data = rezipped(xlsx([NAMES, TYPED]), "xl/workbook.xml", lambda text: text.replace(b"?>", b"?>" + bomb, 1))
    rule, told = unreadable(data, "XLSX")
    assert rule == "D-format"
    assert "DOCTYPE" in str(told["found"])


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself() -> None:
    data = rezipped(xlsx([NAMES]), "xl/styles.xml", lambda text: text + b" " * (300 << 20))
    rule, told = unreadable(data, "XLSX")
    assert rule == "D-size"
    assert "remove what is no data" in str(told["found"])


@pytest.mark.slow
def test_a_zip_bomb_that_lies_ends_in_the_limits_of_the_program(tmp_path: Path) -> None:
    """The sizes in the archive's directory are set to little; the content unpacks to more than the limit."""
    path = tmp_path / "bomb.xlsx"
    size = 1 << 30
    with zipfile.ZipFile(io.BytesIO(xlsx([NAMES]))) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            with new.open(name, "w") as part:
                part.write(old.read(name))
                for _ in range(size >> 24 if name == "xl/sharedStrings.xml" else 0):
                    part.write(b" " * (1 << 24))
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        true = archive.getinfo("xl/sharedStrings.xml").file_size.to_bytes(4, "little")
    data = data.replace(true, (1000).to_bytes(4, "little"))
    assert unreadable(data, "XLSX")[0] in ("D-format", "D-size")


@pytest.mark.parametrize("form", ["XLS", "XLSX"])
def test_two_cells_far_apart_end_the_program_and_not_the_loader(form: str) -> None:
    """The library lays out every cell between them, which ends its process for want of memory."""
    out = io.BytesIO()
    if form == "XLS":
        book = xlwt.Workbook()
        sheet = book.add_sheet("a")
        sheet.write(0, 0, "x")
        sheet.write(65_535, 255, "y")
        book.save(out)
    else:
        with xlsxwriter.Workbook(out) as wide:
            sheet = wide.add_worksheet("a")
            sheet.write(0, 0, "x")
            sheet.write(1_048_575, 16_383, "y")
    rule, told = unreadable(out.getvalue(), form)
    assert rule == "D-size"
    assert "far from the table" in str(told["found"])


def test_a_damaged_file_of_several_record_types_is_refused_for_each() -> None:
    contract = read_contract(CONTRACT)
    source = Source(file=io.BytesIO(b"PK\x03\x04 and then nothing"), encoding="UTF-8", form="XLSX")
    for one in contract.record_types:
        with pytest.raises(UnreadableFileError) as caught:
            list(open_reading(source, contract, one).records())
        assert caught.value.rule == "D-format"
