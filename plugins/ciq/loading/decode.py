"""From a landed file to COPY: strict decoding in chunks, the header, and the choice between the two readers."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ciq.loading import lookalike
from ciq.loading.quotes import are_well_quoted
from ciq.loading.records import MAX_RECORD_BYTES

CHUNK = 1 << 20  # not longer than a record may be: within a chunk no line can be too long
MAX_HEADER_BYTES = 1 << 16
_UTF8_BOM = b"\xef\xbb\xbf"

CODECS = {"GB18030": "gb18030", "GBK": "gb18030", "UTF-8": "utf-8", "UTF-8-SIG": "utf-8"}
"""Declared encoding -> codec. GB18030 contains GBK, and files that say GBK hold characters that only GB18030 has."""

DELIMITERS = {",": ",", ";": ";", "|": "|", "TAB": "\t"}


MAX_TEXT = 4000
"""Characters of a rejected row that are kept as text."""


class UnreadableFileError(Exception):
    """A whole file that cannot be judged row by row: the delivery is held by `rule`."""

    def __init__(self, rule: str, **detail: object) -> None:
        self.rule = rule
        self.detail = detail
        super().__init__(f"{rule}: {detail}")


class CarefulReadingNeededError(Exception):
    """Bare COPY would misread the file; it is to be read record by record."""


@dataclass(frozen=True)
class Header:
    """What the first line told: where the data begins, and whether each line ends in a delimiter."""

    data_offset: int
    has_tail: bool


def read_header(file: BinaryIO, *, encoding: str, delimiter: str, columns: tuple[str, ...]) -> Header:
    """Read the header from the start of the file and compare it with the contract's columns.

    Raises UnreadableFileError (D-encoding, D-header) with what was expected and what was found.
    """
    line = _header_line(file, encoding, columns)
    try:
        text = line.decode(CODECS[encoding]).removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        found = f"bytes {line[error.start : error.start + 8].hex(' ')} at offset {error.start}"
        raise UnreadableFileError("D-encoding", line=1, expected=encoding, found=found) from error
    if "\r" in text:
        raise UnreadableFileError("D-header", line=1, expected=columns[0], found=lookalike.LONE_CR)
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise UnreadableFileError("D-header", line=1, expected=columns[0], found=lookalike.OPEN_QUOTE) from error
    has_tail = len(cells) == len(columns) + 1 and not cells[-1].strip()
    names = [cell.strip().lower() for cell in (cells[:-1] if has_tail else cells)]
    if tuple(names) != columns:
        told = lookalike.told_by_header(text, columns, DELIMITERS)
        different = {"expected": columns[0], "found": told} if told else _first_difference(names, columns)
        raise UnreadableFileError("D-header", line=1, **different)
    header = Header(data_offset=file.tell(), has_tail=has_tail)
    utf8_line = None if CODECS[encoding] == "utf-8" else lookalike.utf8_line(file, first_line=2)
    if utf8_line:
        raise UnreadableFileError("D-encoding", line=utf8_line, expected=encoding, found=lookalike.UTF8_TEXT)
    return header


def _header_line(file: BinaryIO, encoding: str, columns: tuple[str, ...]) -> bytes:
    """The bytes of the first line, without a mark of the encoding."""
    start = file.read(4)
    bom = start.startswith(_UTF8_BOM)
    told = lookalike.UTF8_BOM if bom and CODECS[encoding] != "utf-8" else lookalike.told_by_start(start)
    if told:
        raise UnreadableFileError("D-encoding", line=1, expected=encoding, found=told)
    file.seek(3 if bom else 0)
    line = file.readline(MAX_HEADER_BYTES)
    if not line:
        raise UnreadableFileError("D-header", line=1, expected=columns[0], found=lookalike.EMPTY)
    if b"\0" in line:
        raise UnreadableFileError("D-encoding", line=1, expected=encoding, found=lookalike.NUL_IN_HEADER)
    if not line.endswith(b"\n") and len(line) >= MAX_HEADER_BYTES:
        found = lookalike.LONE_CR if b"\r" in line else lookalike.NO_LINE_END
        raise UnreadableFileError("D-header", line=1, expected=columns[0], found=found)
    return line


def _first_difference(names: list[str], columns: tuple[str, ...]) -> dict[str, object]:
    for position, expected in enumerate(columns, start=1):
        found = names[position - 1] if position <= len(names) else "(nothing)"
        if found != expected:
            return {"column": position, "expected": expected, "found": found[:80]}
    return {"column": len(columns) + 1, "expected": "(nothing)", "found": names[len(columns)][:80]}


class CopyStream:
    """The data of a file as UTF-8 chunks for COPY; `lines` counts the physical lines that went by."""

    def __init__(self, file: BinaryIO, header: Header, encoding: str, delimiter: str = ",") -> None:
        self._file = file
        self._delimiter = delimiter
        self._open = ""
        self._offset = header.data_offset
        self._decoder = codecs.getincrementaldecoder(CODECS[encoding])("strict")
        self.lines = 0

    def __iter__(self) -> Iterator[bytes]:
        """Raises CarefulReadingNeededError for what COPY would misread or choke on.

        That is NUL, a line `\\.`, undecodable bytes, a line longer than a record may be, and a stray quotation mark.
        """
        self._file.seek(self._offset)
        last = "\n"
        open_line = 0
        while chunk := self._file.read(CHUNK):
            head, _, rest = chunk.partition(b"\n")
            if open_line + len(head) > MAX_RECORD_BYTES:
                raise CarefulReadingNeededError
            open_line = len(rest) - rest.rfind(b"\n") - 1 if b"\n" in chunk else open_line + len(chunk)
            text = self._decode(chunk)
            if "\x00" in text or "\\." in text or (last == "\\" and text.startswith(".")):
                raise CarefulReadingNeededError
            self._look_for_stray_quotes(text)
            self.lines += text.count("\n")
            last = text[-1:] or last
            yield text.encode()
        self._decode(b"", final=True)
        self._look_for_stray_quotes("\n")
        if last != "\n":
            self.lines += 1

    def _look_for_stray_quotes(self, text: str) -> None:
        """Line by line: what the chunk before has left open is looked at with this one."""
        last_end = text.rfind("\n")
        if last_end < 0:
            self._open += text
            return
        if not are_well_quoted(self._open + text[: last_end + 1], self._delimiter):
            raise CarefulReadingNeededError
        self._open = text[last_end + 1 :]

    def _decode(self, chunk: bytes, *, final: bool = False) -> str:
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise CarefulReadingNeededError from error


def readable_text(raw: bytes, encoding: str) -> str:
    """The bytes of a rejected row for people: by the declared encoding as far as it goes, cut. `ciq verify` compares
    texts of every age with it: what it makes of the same bytes must not change."""
    return raw.decode(CODECS[encoding], errors="replace").replace("\x00", "␀").rstrip("\r\n")[:MAX_TEXT]
