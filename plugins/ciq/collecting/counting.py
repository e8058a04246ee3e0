"""What a file made by hand says of itself: encoding, separator, records, amounts, hash."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from ciq.contracts import Contract
from ciq.contracts.predicates import lexical_form
from ciq.loading.decode import CODECS, DELIMITERS, UnreadableFileError, read_header

_READ_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a file says of itself. `control_sum`: of the amounts that can be read; None when the feed has none."""

    encoding: str
    delimiter: str
    row_count: int
    control_sum: Decimal | None
    sha256: str
    bytes: int


def count(file: Path, contract: Contract, branch: str, encoding: str | None) -> Counted:
    """What a feed's file says of itself. `encoding` None: found out.

    Raises UnreadableFileError when it cannot be read by the contract, and OSError.
    """
    expected = contract.format_of(branch)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        found = encoding or _find_encoding(stream, expected.encoding)
        if found not in CODECS:
            raise UnreadableFileError("D-encoding", expected=sorted(CODECS), found=found)
        delimiter = _find_delimiter(stream, contract, found, expected.delimiter)
        row_count, total = _count_records(stream, contract, found, delimiter)
        return Counted(
            encoding=found,
            delimiter=delimiter,
            row_count=row_count,
            control_sum=total,
            sha256=digest,
            bytes=stream.seek(0, os.SEEK_END),
        )


def _find_encoding(stream: BinaryIO, expected: str) -> str:
    """UTF-8 shows itself: text in another encoding is hardly ever valid UTF-8. What is plain ASCII is as expected."""
    stream.seek(0)
    if stream.read(3) == codecs.BOM_UTF8:
        return "UTF-8-SIG"
    broken = {name for name in ("ascii", "utf-8", "gb18030") if not _decodes(stream, name)}
    if "ascii" not in broken:
        return "UTF-8" if expected == "UTF-8-SIG" else expected
    if "utf-8" not in broken:
        return "UTF-8"
    if "gb18030" not in broken:
        return "GB18030"
    raise UnreadableFileError("D-encoding", expected="UTF-8 or GB18030", found="neither")


def _decodes(stream: BinaryIO, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    stream.seek(0)
    try:
        while chunk := stream.read(_READ_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _find_delimiter(stream: BinaryIO, contract: Contract, encoding: str, expected: str) -> str:
    columns = tuple(column.name for column in contract.main.file_columns)
    ordered = sorted(DELIMITERS, key=lambda name: name != expected)
    failure: UnreadableFileError | None = None
    for name in ordered:
        stream.seek(0)
        try:
            read_header(stream, encoding=encoding, delimiter=DELIMITERS[name], columns=columns)
        except UnreadableFileError as error:
            failure = failure or error
        else:
            return name
    assert failure is not None
    raise failure


def _count_records(stream: BinaryIO, contract: Contract, encoding: str, delimiter: str) -> tuple[int, Decimal | None]:
    """Records after the header, and the sum of the amounts that can be read; None when the feed has none."""
    record_type = contract.main
    names = [column.name for column in record_type.file_columns]
    at = names.index(record_type.control_sum) if record_type.control_sum else None
    form = lexical_form(record_type.column(record_type.control_sum)) if record_type.control_sum else None
    total = Decimal(0)
    count = 0
    for cells in _records(stream, encoding, delimiter):
        count += 1
        cell = cells[at].strip() if at is not None and at < len(cells) else ""
        if form and re.fullmatch(form, cell, re.ASCII):
            total += Decimal(cell)
    return count, total if at is not None else None


def _records(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[list[str]]:
    stream.seek(0)
    codec = "utf-8-sig" if encoding.startswith("UTF-8") else CODECS[encoding]
    text = io.TextIOWrapper(stream, encoding=codec, errors="strict", newline="")
    reader = csv.reader(text, delimiter=DELIMITERS[delimiter], strict=True)
    last = 0
    try:
        for cells in reader:
            if cells and last:
                yield cells
            last = reader.line_num
    except UnicodeDecodeError as error:
        raise UnreadableFileError("D-encoding", line=last + 1, expected=encoding, found=str(error)[:200]) from error
    except csv.Error as error:
        said = "a quotation mark that is not closed 引号未闭合" if "end of data" in str(error) else str(error)[:200]
        raise UnreadableFileError("D-encoding", line=last + 1, expected="quoted CSV", found=said) from error
    finally:
        text.detach()
