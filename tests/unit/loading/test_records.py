"""The careful reader: every record is found, with its line, whatever else the file holds."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciq.loading.records import MAX_RECORD_BYTES, Record, UndecodableBytesError, read_records


def read(data: bytes, columns: int = 3, encoding: str = "gb18030") -> list[Record]:
    return list(read_records(io.BytesIO(data), encoding=encoding, delimiter=",", columns=columns))


def test_plain_records_carry_their_line() -> None:
    records = read(b"a,b,c\nd,e,f\n")
    assert [(r.line, r.cells, r.shape) for r in records] == [(2, ("a", "b", "c"), None), (3, ("d", "e", "f"), None)]


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (b"a,b\n", "S-fields"),
        (b"a,b,c,d\n", "S-fields"),
        (b"a,b,c,d,\n", "S-fields"),
        (b'a,b"x,c\n', "S-quote"),
        (b'a,"b"x,c\n', "S-quote"),
        (b"a,b\x00,c\n", "S-nul"),
        (b"a,b\rx,c\n", "S-line_end"),
        (b"a," + b"x" * (MAX_RECORD_BYTES + 10) + b",c\n", "S-size"),
    ],
)
def test_a_broken_record_names_its_rule_and_spoils_no_other(data: bytes, shape: str) -> None:
    records = read(b"1,2,3\n" + data + b"4,5,6\n")
    assert [r.shape for r in records] == [None, shape, None]
    assert records[2].cells == ("4", "5", "6")
    assert records[2].line == 4


def test_one_empty_cell_more_is_the_trailing_delimiter() -> None:
    assert read(b"a,b,c,\n")[0].cells == ("a", "b", "c")


def test_a_quoted_line_end_belongs_to_its_record() -> None:
    records = read(b'a,"b\nb",c\nd,e,f\n')
    assert [(r.line, r.cells) for r in records] == [(2, ("a", "b\nb", "c")), (4, ("d", "e", "f"))]


def test_blank_lines_are_no_records() -> None:
    assert [r.line for r in read(b"a,b,c\n\n\r\nd,e,f\n")] == [2, 5]


def test_mixed_line_ends_are_read() -> None:
    assert [r.cells for r in read(b"a,b,c\r\nd,e,f\ng,h,i")] == [("a", "b", "c"), ("d", "e", "f"), ("g", "h", "i")]


def test_bytes_that_the_encoding_lacks_are_named_by_line() -> None:
    with pytest.raises(UndecodableBytesError) as caught:
        read(b"a,b,c\nd,\xff\xff,f\n")
    assert caught.value.line == 3


cell = st.text(alphabet=st.characters(codec="gb18030", exclude_characters="\x00\r"), max_size=12)


@given(st.lists(st.tuples(cell, cell, cell), max_size=20))
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    records = read(out.getvalue().encode("gb18030"))
    assert [r.cells for r in records] == rows
    assert all(r.shape is None for r in records)


@given(st.binary(max_size=400))
def test_any_bytes_end_in_records_or_in_a_named_line(data: bytes) -> None:
    """Nothing is lost: every byte but blank lines stands in the raw bytes of some record."""
    try:
        records = read(data)
    except UndecodableBytesError:
        return
    kept = b"".join(r.raw for r in records)
    assert kept.split() == data.split()


@pytest.mark.parametrize("last", [False, True], ids=["before others", "last of the file"])
@pytest.mark.parametrize("cell", ['14"', '5"x"y', '14""', ' "b"', '"b" ', '""b', '"b"x'])
def test_a_stray_quotation_mark_breaks_its_record_wherever_it_stands(cell: str, last: bool) -> None:
    records = read(f"a,{cell},c\n".encode() + (b"" if last else b"d,e,f\n"))
    assert [r.shape for r in records] == ["S-quote", *([] if last else [None])]


def test_without_a_tail_in_the_header_an_empty_cell_more_has_moved_the_others() -> None:
    file = io.BytesIO(b"a,b,\n")
    [record] = read_records(file, encoding="utf-8", delimiter=",", columns=2, has_tail=False)
    assert record.shape == "S-fields"
