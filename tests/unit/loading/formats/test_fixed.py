"""Fixed width: cells by their places, in characters or in bytes as the contract says."""

from __future__ import annotations

import pytest

from support.forms import NAMES, ROW, read, reading_of, record_type, unreadable


def line(*cells: str, encoding: str = "GB18030", **layout: object) -> bytes:
    """A line with each cell padded to its place, made without the reader's own writer."""
    widths = (20, 1, 6, 19, 6, 40, 10, 14)
    unit = layout.get("unit", "characters")
    gap = " " * int(str(layout.get("gap", 0)))
    parts = []
    for cell, width, name in zip(cells, widths, NAMES, strict=True):
        room = width * 2 if unit == "bytes" and name in ("record_id", "op", "org_code", "ent_name") else width
        length = len(cell.encode("gb18030")) if unit == "bytes" else len(cell)
        parts.append(cell + " " * (room - length))
    return gap.join(parts).encode("gb18030" if encoding == "GB18030" else "utf-8")


@pytest.mark.parametrize("unit", ["characters", "bytes"])
@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_cells_are_found_by_their_places(unit: str, gap: int, end: bytes) -> None:
    data = end.join([_header(unit, gap), line(*ROW, unit=unit, gap=gap), b""])
    [record] = read(data, "FIXED", encoding="GB18030", unit=unit, gap=gap)
    assert (record.line, record.cells, record.shape) == (2, ROW, None)


def _header(unit: str, gap: int) -> bytes:
    """Names cut to their places, as SQL*Plus does."""
    room = [40 if unit == "bytes" else 20, 2 if unit == "bytes" else 1, 6, 19, 12 if unit == "bytes" else 6]
    room += [80 if unit == "bytes" else 40, 10, 14]
    return (b" " * gap).join(name[:width].ljust(width).encode() for name, width in zip(NAMES, room, strict=True))


def test_a_column_may_have_a_width_of_its_own() -> None:
    narrow = record_type(record_id=4, ent_name=8)
    [record] = read(b"r1  I1     2010-06-08 09:30:00320100abc     2010-06-081.00          \n", "FIXED", narrow,
                    header=False)  # fmt: skip
    assert record.cells == ("r1", "I", "1", "2010-06-08 09:30:00", "320100", "abc", "2010-06-08", "1.00")


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        (lambda text: text[:-1], "S-fields"),
        (lambda text: text[:60], "S-fields"),
        (lambda text: text + b"   ", None),
        (lambda text: text + b"  x", "S-fields"),
        (lambda text: text.replace(b"r1", b"r\x00"), "S-nul"),
        (lambda text: text.replace(b"r1", b"r\r"), "S-line_end"),
    ],
)
def test_a_line_of_another_length_or_with_a_control_character_breaks_alone(change, shape: str | None) -> None:
    good = line(*ROW)
    records = read(b"\n".join([good, change(good), good]), "FIXED", encoding="GB18030", header=False)
    assert [r.shape for r in records] == [None, shape, None]
    assert records[2].cells == ROW


def test_a_place_that_ends_within_a_character_breaks_the_record() -> None:
    good = line(*ROW, unit="bytes")
    name = "南京".encode("gb18030")
    at = good.index(name)
    filled = good[:at] + b"x" + name * 20 + good[at + 80 :]
    records = read(
        b"\n".join([good, filled[: len(good)], good]), "FIXED", encoding="GB18030", header=False, unit="bytes"
    )
    assert [r.shape for r in records] == [None, "S-fields", None]


def test_the_header_must_have_the_names_at_their_places() -> None:
    header = _header("characters", 0).replace(b"ent_name", b"ent_code")
    rule, told = unreadable(header + b"\n" + line(*ROW), "FIXED", encoding="GB18030")
    assert (rule, told) == ("D-header", {"line": 1, "column": 6, "expected": "ent_name", "found": "ent_code"})
    assert unreadable(b"", "FIXED")[0] == "D-header"


def test_without_a_header_an_empty_file_is_nil() -> None:
    assert read(b"", "FIXED", header=False) == []


@pytest.mark.parametrize(
    ("data", "encoding", "line_no"),
    [
        (line(*ROW) + b"\n" + line(*ROW).replace(b"r1", b"\xff\xff"), "GB18030", 2),
        (line(*ROW, encoding="UTF-8"), "GB18030", 1),
        (b"\xef\xbb\xbf" + line(*ROW), "GB18030", 1),
        (b"PK\x03\x04", "GB18030", 1),
    ],
)
def test_another_encoding_is_held_with_its_line(data: bytes, encoding: str, line_no: int) -> None:
    rule, told = unreadable(data, "FIXED", encoding=encoding, header=False)
    assert (rule, told["line"]) == ("D-encoding", line_no)


def test_what_is_written_for_quarantine_is_read_back() -> None:
    reading = reading_of(b"", "FIXED", encoding="GB18030", unit="bytes")
    [record] = read(reading.write(ROW), "FIXED", encoding="GB18030", unit="bytes", header=False)
    assert record.cells == ROW
