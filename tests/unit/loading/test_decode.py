"""The header, and what bare COPY is not trusted with."""

from __future__ import annotations

import gzip
import io

import pytest

from ciq.loading import lookalike
from ciq.loading.decode import CarefulReadingNeededError, CopyStream, Header, UnreadableFileError, read_header

COLUMNS = ("record_id", "op", "decl_no")


def header(data: bytes, encoding: str = "GB18030") -> Header:
    return read_header(io.BytesIO(data), encoding=encoding, delimiter=",", columns=COLUMNS)


def test_a_trailing_delimiter_in_the_header_is_noticed() -> None:
    assert header(b"record_id,op,decl_no,\n1,I,2,\n") == Header(data_offset=22, has_tail=True)
    assert header(b"record_id,op,decl_no\r\n") == Header(data_offset=22, has_tail=False)


def test_a_bom_is_skipped_in_utf8_and_refused_elsewhere() -> None:
    data = b"\xef\xbb\xbfrecord_id,op,decl_no\n"
    assert header(data, "UTF-8-SIG").data_offset == len(data)
    with pytest.raises(UnreadableFileError) as caught:
        header(data)
    assert caught.value.rule == "D-encoding"


@pytest.mark.parametrize(
    ("data", "expected", "found"),
    [
        (b"", "record_id", lookalike.EMPTY),
        (b"record_id,op,decl_no\r1,I,2\r", "record_id", lookalike.LONE_CR),
        (b"record_id,op,decl_no\r" + b"1,I,2\r" * 20_000, "record_id", lookalike.LONE_CR),
        (b'"record_id,op,decl_no\n', "record_id", lookalike.OPEN_QUOTE),
        (b"record_id,operation,decl_no\n", "op", "operation"),
        (b"record_id,op\n", "decl_no", "(nothing)"),
        (b"record_id,op,decl_no,extra\n", "(nothing)", "extra"),
        (b"record_id;op;decl_no\n", "record_id", "columns separated by ;: declare it 以 ; 分隔，请在清单中声明"),
        (
            b"RECORD_ID\top\tdecl_no\t\n",
            "record_id",
            "columns separated by TAB: declare it 以 TAB 分隔，请在清单中声明",
        ),
        (b"<!DOCTYPE html>\n<html>", "record_id", lookalike.WEB_PAGE),
        (b'<?xml version="1.0" encoding="GBK"?>\n<certs>', "record_id", lookalike.XML),
    ],
)
def test_a_header_that_differs_names_the_first_difference(data: bytes, expected: str, found: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        header(data)
    assert caught.value.rule == "D-header"
    assert caught.value.detail["expected"] == expected
    assert caught.value.detail["found"] == found


@pytest.mark.parametrize(
    ("data", "encoding", "line", "found"),
    [
        ("record_id,op,decl_no\n".encode("utf-16"), "GB18030", 1, "UTF-16"),
        ("record_id,op,decl_no\n".encode("utf-16-le"), "UTF-8", 1, "UTF-16"),
        (gzip.compress(b"record_id,op,decl_no\n", mtime=0), "UTF-8", 1, "gzip"),
        (b"PK\x03\x04\x14\x00record_id,op,decl_no\n", "GB18030", 1, "xlsx"),
        ("record_id,op,\u5217\n".encode("gb18030"), "UTF-8", 1, "c1 d0"),
        ("record_id,op,decl_no\n1,I,2\n南京,进口,2\n".encode(), "GB18030", 3, "UTF-8"),
    ],
)
def test_what_is_no_csv_in_the_declared_encoding_is_told_by_its_name(
    data: bytes, encoding: str, line: int, found: str
) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        header(data, encoding)
    assert caught.value.rule == "D-encoding"
    assert caught.value.detail["line"] == line
    assert found in str(caught.value.detail["found"])


@pytest.mark.parametrize("name", ["联通", "南京㛃堃进出口有限公司", "Nanjing"])
def test_gb18030_is_not_taken_for_utf8(name: str) -> None:
    """The first of them reads as UTF-8 too."""
    assert header(f"record_id,op,decl_no\n{name},I,2\n".encode("gb18030") * 2).data_offset == 21


def stream(data: bytes, encoding: str = "GB18030") -> CopyStream:
    return CopyStream(io.BytesIO(data), Header(data_offset=0, has_tail=False), encoding)


def test_the_stream_is_utf8_and_counts_lines() -> None:
    copy = stream("镕,堃\n㛃,x".encode("gb18030"))
    assert b"".join(copy).decode() == "镕,堃\n㛃,x"
    assert copy.lines == 2


@pytest.mark.parametrize("data", [b"a\x00b\n", b"\\.\n", b"\xff\xff\n", b"a\n\x81"])
def test_what_copy_would_misread_goes_to_the_careful_reader(data: bytes) -> None:
    with pytest.raises(CarefulReadingNeededError):
        list(stream(data))
