"""XML: one element for each record, one element in it for each cell. Streaming, without DTDs, in bounded memory.

The file is decoded here and not by the parser: files that declare GB2312 hold characters that only GB18030 has, and the
manifest decides (docs/adr/0011). So expat, which comes with Python, is given text and needs no table of encodings.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape

from ciq.loading import lookalike
from ciq.loading.decode import CODECS, UnreadableFileError
from ciq.loading.formats.base import BAD_FORM, NO_TEMPLATE, TOO_LARGE, LeftOuts, Source, Wanted
from ciq.loading.records import MAX_RECORD_BYTES, SHAPE_FIELDS, SHAPE_SIZE, Record, describe_undecodable

_CHUNK = 1 << 18
_MAX_TOKEN_BYTES = MAX_RECORD_BYTES
"""Bytes of one tag, comment or instruction: expat keeps it whole until it ends."""

_MAX_DEPTH = 16
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CHINESE = {"gb2312", "gbk", "gb18030", "cp936", "x-gbk"}
_UTF8_BOM = b"\xef\xbb\xbf"

EMPTY = "an empty file: even a nil file has its root element 文件为空，零报告也须有根元素"
DOCTYPE = "a DOCTYPE: send the XML without DTD and entities 含 DOCTYPE，请去除 DTD 与实体声明"


class XmlReading:
    """The elements of one record type: children of the root with the section's name.

    Their children are the cells, in any order; one that lacks is an empty cell. What has no place in a record (an
    unknown or repeated cell, an attribute, text between cells, a cell within a cell) breaks it (S-fields).
    """

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source = source
        self._wanted = wanted
        self.left_out = LeftOuts()

    def records(self) -> Iterator[Record]:
        """See Reading."""
        parser = _Parser(self._wanted, self._source.encoding)
        for text in _decoded(self._source.file, self._source.encoding):
            yield from parser.feed(text)
        yield from parser.feed("", final=True)

    def write(self, cells: Sequence[str]) -> bytes:
        """See Reading."""
        name = self._wanted.record_type.section or self._wanted.record_type.name
        text = "".join(
            f"<{column}>{escape(cell)}</{column}>"
            for column, cell in zip(self._wanted.columns, cells, strict=False)
            if cell
        )
        return f"<{name}>{text}</{name}>".encode(CODECS[self._source.encoding], errors="replace")


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The file's text in chunks. Raises UnreadableFileError (D-encoding, D-format)."""
    codec = CODECS[encoding]
    file.seek(0)
    start = file.read(64)
    bom = start.startswith(_UTF8_BOM)
    told = lookalike.UTF8_BOM if bom and codec != "utf-8" else None
    if told:
        raise UnreadableFileError("D-encoding", line=1, expected=encoding, found=told)
    if not start.removeprefix(_UTF8_BOM).lstrip().startswith(b"<"):
        found = lookalike.named_by_start(start) or ("text that is no XML 不是 XML" if start.strip() else EMPTY)
        raise UnreadableFileError(BAD_FORM, line=1, expected="XML", found=found)
    file.seek(3 if bom else 0)
    utf8_line = None if codec == "utf-8" else lookalike.utf8_line(file, first_line=1)
    if utf8_line:
        raise UnreadableFileError("D-encoding", line=utf8_line, expected=encoding, found=lookalike.UTF8_TEXT)
    file.seek(3 if bom else 0)
    decoder = codecs.getincrementaldecoder(codec)("strict")
    line = 1
    while True:
        chunk = file.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            found = describe_undecodable(error)
            raise UnreadableFileError("D-encoding", line=line, expected=encoding, found=found) from error
        line += text.count("\n")
        if text:
            yield text
        if not chunk:
            return


def declared_encoding(start: bytes) -> str | None:
    """GB18030 or UTF-8 as the XML declaration says; None: another one. `start`: the first bytes of a file."""
    found = _DECLARATION.match(start.removeprefix(_UTF8_BOM))
    said = found[1].decode("ascii").lower() if found else "utf-8"
    return "GB18030" if said in _CHINESE else "UTF-8" if said in ("utf-8", "utf8", "us-ascii") else None


class _Parser:
    """Gathers the records out of expat's events; what is fed and belongs to no open record is forgotten."""

    def __init__(self, wanted: Wanted, encoding: str) -> None:
        self._section = wanted.record_type.section or wanted.record_type.name
        self._others = frozenset(wanted.sections) - {self._section}
        self._columns = frozenset(wanted.columns)
        self._order = wanted.columns
        self._encoding = encoding
        self._codec = CODECS[encoding]
        self._open: list[str] = []
        self._record: _Element | None = None
        self._done: list[Record] = []
        self._fed = 0
        self._text = bytearray()
        self._text_at = 0
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.XmlDeclHandler = self._declared
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters

    def feed(self, text: str, *, final: bool = False) -> list[Record]:
        """The records that this piece of the file completes."""
        data = text.encode()
        self._fed += len(data)
        self._text += data
        try:
            self._expat.Parse(data, final)
        except expat.ExpatError as error:
            found = f"{expat.ErrorString(error.code)} (column {error.offset + 1})"
            raise UnreadableFileError(BAD_FORM, line=error.lineno, expected="well-formed XML", found=found) from error
        self._forget()
        done, self._done = self._done, []
        return done

    def _forget(self) -> None:
        """Drop the text that no open record needs. Raises UnreadableFileError (D-size) for a token without end."""
        at = max(self._expat.CurrentByteIndex, 0)
        if self._fed - at > _MAX_TOKEN_BYTES:
            raise UnreadableFileError(
                TOO_LARGE,
                line=self._expat.CurrentLineNumber,
                expected=f"a tag or comment of at most {_MAX_TOKEN_BYTES} bytes",
                found="a longer one",
            )
        keep = at
        if self._record is not None:
            keep = self._record.start
            if at - keep > MAX_RECORD_BYTES and not self._record.too_long:
                self._record.too_long = bytes(self._text[keep - self._text_at :][:MAX_RECORD_BYTES])
            if self._record.too_long:
                keep = at
                self._record.cells.clear()
        del self._text[: keep - self._text_at]
        self._text_at = keep

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        """What the file says of itself must fit what its manifest says: UTF-8 read as GB18030 is other characters."""
        said = (encoding or "utf-8").lower()
        if (said in _CHINESE) != (self._codec == "gb18030"):
            self._fail("D-encoding", expected=self._encoding, found=f'encoding="{encoding or "UTF-8"}" in line 1')

    def _doctype(self, *_arguments: object) -> NoReturn:
        self._fail(BAD_FORM, expected="XML without DOCTYPE", found=DOCTYPE)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        depth, local = len(self._open), name.rpartition(":")[2]
        self._open.append(local)
        if depth > _MAX_DEPTH:
            self._fail(BAD_FORM, expected=f"elements at most {_MAX_DEPTH} deep", found="deeper ones")
        if depth == 1:
            if local == self._section:
                self._record = _Element(self._expat.CurrentLineNumber, self._expat.CurrentByteIndex)
            elif local not in self._others:
                expected = ", ".join(sorted({self._section, *self._others}))
                self._fail(NO_TEMPLATE, expected=expected, found=f"<{name[:80]}>")
        record = self._record
        if record is None:
            return
        record.has_content = depth > 1
        if any(not attribute.lower().startswith(("xml", "xsi:")) for attribute in attributes):
            record.fits = False
        if depth == 2:
            record.fits = record.fits and local in self._columns and local not in record.cells
            record.cells.setdefault(local, [])
        elif depth > 2:
            record.fits = False

    def _characters(self, text: str) -> None:
        record = self._record
        if record is None:
            if len(self._open) == 1 and text.strip():
                self._fail(NO_TEMPLATE, expected=f"<{self._section}>", found=f"text between the records: {text[:40]}")
            return
        record.has_content = True
        if len(self._open) == 3 and not record.too_long:
            record.cells[self._open[2]].append(text)
        elif text.strip():
            record.fits = False

    def _end(self, _name: str) -> None:
        self._open.pop()
        record = self._record
        if record is not None and len(self._open) == 1:
            self._record = None
            self._done.append(self._finished(record))

    def _finished(self, record: _Element) -> Record:
        if record.too_long:
            raw = record.too_long.decode(errors="ignore").encode(self._codec)
            return Record(record.line, raw, (), SHAPE_SIZE)
        start, end = record.start - self._text_at, self._expat.CurrentByteIndex - self._text_at
        if record.has_content or not self._text.endswith(b"/>", start, end):  # where `</...>` begins
            end = self._text.index(b">", end) + 1
        raw = bytes(self._text[start:end])
        cells = tuple("".join(record.cells.get(name, ())) for name in self._order)
        if len(raw) > MAX_RECORD_BYTES:
            cut = raw[:MAX_RECORD_BYTES].decode(errors="ignore")
            return Record(record.line, cut.encode(self._codec), (), SHAPE_SIZE)
        return Record(record.line, raw.decode().encode(self._codec), cells, None if record.fits else SHAPE_FIELDS)

    def _fail(self, rule: str, **detail: object) -> NoReturn:
        raise UnreadableFileError(rule, line=self._expat.CurrentLineNumber, **detail)


class _Element:
    """A record whose end has not come yet."""

    def __init__(self, line: int, start: int) -> None:
        self.line = line
        self.start = start
        self.cells: dict[str, list[str]] = {}
        self.fits = True
        self.has_content = False
        self.too_long = b""
