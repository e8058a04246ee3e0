"""The header, and what bare COPY is not trusted with."""

from __future__ import annotations

import io

import pytest

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
        (b"", "record_id", "an empty file: even a nil file has a header"),
        (b"record_id,operation,decl_no\n", "op", "operation"),
        (b"record_id,op\n", "decl_no", "(nothing)"),
        (b"record_id,op,decl_no,extra\n", "(nothing)", "extra"),
        (b"record_id;op;decl_no\n", "record_id", "record_id;op;decl_no"),
    ],
)
def test_a_header_that_differs_names_the_first_difference(data: bytes, expected: str, found: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        header(data)
    assert caught.value.rule == "D-header"
    assert caught.value.detail["expected"] == expected
    assert caught.value.detail["found"] == found


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
