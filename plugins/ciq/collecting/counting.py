"""What a file made by hand says of itself: encoding, separator, records, amounts, hash."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from ciq.contracts import Contract, RecordType
from ciq.contracts.predicates import lexical_form
from ciq.loading.decode import CODECS, DELIMITERS, UnreadableFileError, read_header
from ciq.loading.formats import XLS, XLSX, XML, Source, form_of, open_reading, record_types_in
from ciq.loading.formats.xml_elements import declared_encoding

_READ_BYTES = 1 << 20
_START_BYTES = 1 << 10


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a file says of itself. `control_sum`: of the amounts that can be read; None when the feed has none.

    `delimiter` as manifests say it: a delimiter, or FIXED, XML, XLS, XLSX.
    """

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
    form = form_of(file.suffix.lstrip("."), expected.delimiter)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        found = encoding or _find_encoding(stream, form, expected.encoding)
        if found not in CODECS:
            raise UnreadableFileError("D-encoding", expected=sorted(CODECS), found=found)
        source = Source(file=stream, encoding=found, form=form, layout=expected)
        record_types = record_types_in(source, contract)
        if form in DELIMITERS:
            form = _find_delimiter(stream, contract, found, form)
            row_count, total = _count_lines(stream, contract, found, form)
        else:
            row_count, total = _count_records(source, contract, record_types)
        return Counted(
            encoding=found,
            delimiter=form,
            row_count=row_count,
            control_sum=total,
            sha256=digest,
            bytes=stream.seek(0, os.SEEK_END),
        )


def _find_encoding(stream: BinaryIO, form: str, expected: str) -> str:
    """UTF-8 shows itself: text in another encoding is hardly ever valid UTF-8. What is plain ASCII is as expected.

    XML says it itself; a workbook has one of its own, and rejected rows of it are shown in UTF-8.
    """
    if form in (XLS, XLSX):
        return "UTF-8"
    stream.seek(0)
    start = stream.read(_START_BYTES)
    if start.startswith(codecs.BOM_UTF8):
        return "UTF-8-SIG"
    if form == XML and (declared := declared_encoding(start)):
        return declared
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


def _count_lines(stream: BinaryIO, contract: Contract, encoding: str, delimiter: str) -> tuple[int, Decimal | None]:
    """Records after the header, and the sum of the amounts that can be read; None when the feed has none."""
    count, total = _add_up(contract.main, _records(stream, encoding, delimiter))
    return count, total if contract.has_control_sum else None


def _count_records(
    source: Source, contract: Contract, record_types: Iterable[RecordType]
) -> tuple[int, Decimal | None]:
    """The same over all record types of a file that is no delimited text."""
    count, total = 0, Decimal(0)
    for record_type in record_types:
        records = open_reading(source, contract, record_type).records()
        more, amount = _add_up(record_type, (record.cells for record in records))
        count, total = count + more, total + amount
    return count, total if contract.has_control_sum else None


def _add_up(record_type: RecordType, records: Iterable[Sequence[str]]) -> tuple[int, Decimal]:
    names = [column.name for column in record_type.file_columns]
    at = names.index(record_type.control_sum) if record_type.control_sum else None
    form = lexical_form(record_type.column(record_type.control_sum)) if record_type.control_sum else None
    total = Decimal(0)
    count = 0
    for cells in records:
        count += 1
        cell = cells[at].strip() if at is not None and at < len(cells) else ""
        if form and re.fullmatch(form, cell, re.ASCII):
            total += Decimal(cell)
    return count, total


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
