"""XML files: strict, streaming, and hostile ones held with the line and what to do."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from ciq.loading.records import MAX_RECORD_BYTES
from support.forms import NAMES, ROW, read, reading_of, record_type, unreadable, xml

HEAD = b'<?xml version="1.0" encoding="GB2312"?>\n'


def certs(body: str, *, head: bytes = b"") -> bytes:
    return head + f"<certs>\n{body}\n</certs>".encode("gb18030")


def test_a_file_that_declares_gb2312_holds_characters_of_gb18030() -> None:
    [record] = read(xml(ROW), "XML", encoding="GB18030")
    assert record.cells == ROW
    assert record.line == 3
    assert record.raw.decode("gb18030").startswith("<cert><record_id>r1</record_id>")


@pytest.mark.parametrize("declared", ["GB2312", "gbk", "GB18030"])
def test_each_name_of_the_chinese_encodings_is_read_as_gb18030(declared: str) -> None:
    [record] = read(xml(ROW, declared=declared), "XML", encoding="GBK")
    assert record.cells[5] == "南京㛃堃镕电子"


def test_cells_come_in_any_order_and_those_that_lack_are_empty() -> None:
    [record] = read(certs("<cert><amount>1</amount><op>I</op><day/></cert>"), "XML")
    assert dict(zip(NAMES, record.cells, strict=True)) == {**dict.fromkeys(NAMES, ""), "amount": "1", "op": "I"}
    assert record.shape is None


def test_escapes_and_cdata_are_read() -> None:
    [record] = read(certs("<cert><ent_name>a&amp;b &#x4E2D;<![CDATA[<x>&]]></ent_name></cert>"), "XML")
    assert record.cells[5] == "a&b 中<x>&"
    assert record.raw == b"<cert><ent_name>a&amp;b &#x4E2D;<![CDATA[<x>&]]></ent_name></cert>"


def test_a_nil_file_has_its_root_element() -> None:
    assert read(b"<certs/>", "XML") == []
    assert read(xml(), "XML", encoding="GB18030") == []


@pytest.mark.parametrize(
    "record",
    [
        "<cert><op>I</op><op>U</op></cert>",
        "<cert><unknown>1</unknown></cert>",
        '<cert id="7"><op>I</op></cert>',
        '<cert><op code="1">I</op></cert>',
        "<cert>text<op>I</op></cert>",
        "<cert><op><b>I</b></op></cert>",
        "<cert><op>I<b/></op></cert>",
    ],
)
def test_what_has_no_place_in_a_record_breaks_it_and_no_other(record: str) -> None:
    records = read(certs(f"<cert><op>D</op></cert>\n{record}\n<cert/>"), "XML")
    assert [(r.line, r.shape) for r in records] == [(2, None), (3, "S-fields"), (4, None)]
    assert records[1].raw.decode() == record


def test_names_may_have_a_prefix_and_the_root_may_declare_namespaces() -> None:
    data = b'<x:certs xmlns:x="urn:coo" xmlns:xsi="urn:i" a="1"><x:cert><x:op xsi:nil="0">I</x:op></x:cert></x:certs>'
    [record] = read(data, "XML")
    assert (record.cells[1], record.shape) == ("I", None)


def test_each_record_type_reads_its_own_elements() -> None:
    cert, fee = record_type("cert"), record_type("fee", name="fee")
    data = certs("<cert><op>I</op></cert>\n<fee><op>U</op></fee>\n<cert><op>D</op></cert>")
    assert [(r.line, r.cells[1]) for r in read(data, "XML", cert, fee)] == [(2, "I"), (4, "D")]
    assert [(r.line, r.cells[1]) for r in read(data, "XML", fee, cert)] == [(3, "U")]


def test_an_element_that_no_record_type_knows_is_no_template_of_ours() -> None:
    rule, told = unreadable(certs("<cert/>\n<invoice/>"), "XML")
    assert (rule, told["line"], told["found"]) == ("D-header", 3, "<invoice>")


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><certs><cert><op>&b;</op></cert></certs>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><certs><cert><op>&a;</op></cert></certs>'
OUTSIDE_DTD = b'<!DOCTYPE certs SYSTEM "http://127.0.0.1/x.dtd"><certs/>'


@pytest.mark.parametrize("data", [BOMB, EXTERNAL, OUTSIDE_DTD, HEAD + BOMB], ids=["bomb", "external", "dtd", "head"])
def test_doctypes_are_refused_whatever_they_hold(data: bytes) -> None:
    rule, told = unreadable(data, "XML", encoding="GB18030" if data.startswith(HEAD) else "UTF-8")
    assert rule == "D-format"
    assert "DOCTYPE" in str(told["found"])


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        (b"<certs>\n" + b"<cert><op>I</op></cert>\n" * 1000 + b"<cert><op>I", 1002, "no element found"),
        (b"<certs>\n<cert><op>I</cert></certs>", 2, "mismatched tag"),
        (b"<certs>\n<cert><op>&nosuch;</op></cert></certs>", 2, "undefined entity"),
        (b"<certs>\n<cert><op>\x01</op></cert></certs>", 2, "not well-formed"),
        (b"<certs>\n<cert/></certs><certs/>", 2, "junk after document element"),
        (b"", 1, "empty"),
        (b"record_id,op\n1,I\n", 1, "no XML"),
        (b"PK\x03\x04 and so on", 1, "xlsx"),
        (b"<certs>\n<cert>" + b"<a>" * 50, 2, "deeper"),
    ],
)
def test_what_is_not_well_formed_is_held_with_its_line(data: bytes, line: int, found: str) -> None:
    rule, told = unreadable(data, "XML")
    assert (rule, told["line"]) == ("D-format", line)
    assert found in str(told["found"])


@pytest.mark.parametrize(
    ("data", "encoding", "line"),
    [
        (xml(ROW, encoding="utf-8", declared="UTF-8"), "GB18030", 3),
        (xml(ROW, encoding="utf-8", declared="GB2312"), "GB18030", 3),
        (xml(ROW), "UTF-8", 3),
        (b"\xef\xbb\xbf" + xml(ROW), "GB18030", 1),
        (b'<?xml version="1.0" encoding="UTF-8"?><certs><cert><op>I</op></cert></certs>', "GB18030", 1),
        (xml(ROW, declared="UTF-8")[:-20] + b"\xff\xff", "GB18030", 3),
    ],
)
def test_another_encoding_than_declared_is_held(data: bytes, encoding: str, line: int) -> None:
    rule, told = unreadable(data, "XML", encoding=encoding)
    assert (rule, told["line"]) == ("D-encoding", line)


def test_a_record_without_end_is_too_long_and_the_next_is_read() -> None:
    huge = "<cert>" + "<op>I</op>" * 200_000 + "</cert>"
    records = read(certs(f"{huge}\n<cert><op>D</op></cert>"), "XML")
    assert [(r.line, r.shape) for r in records] == [(2, "S-size"), (3, None)]
    assert len(records[0].raw) == MAX_RECORD_BYTES


@pytest.mark.parametrize("token", [b"<cert a='%s'/>", b"<!--%s-->", b"<?x %s?>", b"<cert %s=''/>"])
def test_a_tag_or_comment_without_end_is_refused_before_it_fills_memory(token: bytes) -> None:
    class Endless(io.RawIOBase):
        """A gigabyte of the same letter after the token's beginning."""

        def __init__(self) -> None:
            self.start, self.at = b"<certs>" + token.split(b"%s")[0], 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.at = offset
            return offset

        def read(self, size: int = -1) -> bytes:
            self.at += size
            return (self.start if self.at == size else b"") + b"x" * size if self.at < 1 << 30 else b""

    reading = reading_of(b"", "XML")
    reading._source = type(reading._source)(file=Endless(), encoding="UTF-8", form="XML")
    tracemalloc.start()
    try:
        with pytest.raises(Exception, match="D-size"):
            list(reading.records())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20


def test_memory_does_not_grow_with_the_number_of_records() -> None:
    data = io.BytesIO(xml(*[ROW] * 100_000))
    reading = reading_of(b"", "XML", encoding="GB18030")
    reading._source = type(reading._source)(file=data, encoding="GB18030", form="XML")
    tracemalloc.start()
    try:
        assert sum(1 for _ in reading.records()) == 100_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20
