"""Take persons out of a rejected row: quarantine shows no name that the accepted rows do not show.

In a broken record a name may stand in any cell. So a feed that tells of persons shows a cell of a broken record only
where the cell has its column's own form, which no name has: a number, a date, a code. All else is `***`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from ciq.contracts.model import ENVELOPE, MASK, Column, RecordType
from ciq.contracts.predicates import BLANKS, lexical_form
from ciq.loading.decode import CODECS, DELIMITERS
from ciq.loading.formats import Reading
from ciq.loading.records import Record

_RECORD_ID = r"[A-Za-z0-9_.:-]{1,64}"
_CODE = r"[A-Za-z0-9_]{1,24}"
"""Of a column with a code list: a code that is not in the list is shown, it is what the sender must correct."""

_OF_A_PERSON = re.compile(r"[0-9]{17}[0-9Xx]|(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
"""A citizen's number or a mobile telephone number: the names that have the form of a code."""


def redact(raw: bytes, record_type: RecordType, *, encoding: str, delimiter: str, has_tail: bool) -> bytes:
    """The record with `***` in the cells that might tell of a person; the same bytes where no column of the feed does.

    A record that has not exactly its columns (and the file's empty last cell, `has_tail`) may have moved its cells: it
    keeps its first cells, see `shown_start`. The bytes as received are in landing.
    """
    if not record_type.pseudonymised:
        return raw
    codec, separator = CODECS[encoding], DELIMITERS[delimiter]
    text = raw.decode(codec, errors="replace")
    body = text.rstrip("\r\n")
    names = [column.name for column in record_type.file_columns]
    cells = _cells(body, separator)
    if cells is None or len(cells) != len(names) + has_tail or any(cells[len(names) :]):
        kept = shown_start(dict(zip(names, body.split(separator), strict=False)), record_type)
        redacted = separator.join([*kept.values(), MASK])
    else:
        record = dict(zip(names, cells, strict=False))
        shown = shown_cells(record, record_type)
        if shown == record:
            return raw
        redacted = _line([*shown.values(), *cells[len(names) :]], separator)
    return (redacted + text[len(body) :]).encode(codec, errors="replace")


def redact_cells(record: Record, record_type: RecordType, reading: Reading) -> bytes:
    """The same for a record of a form whose reader tells the cells apart: fixed width, XML, sheets."""
    if not record_type.pseudonymised:
        return record.raw
    names = [column.name for column in record_type.file_columns]
    cells = dict(zip(names, record.cells, strict=False))
    if record.shape:
        return reading.write([*shown_start(cells, record_type).values(), MASK])
    shown = shown_cells(cells, record_type)
    return record.raw if shown == cells else reading.write(list(shown.values()))


def shown_cells(cells: Mapping[str, str], record_type: RecordType) -> dict[str, str]:
    """The cells of a record that has exactly its columns: what is not of its column's form is `***`."""
    if not record_type.pseudonymised:
        return dict(cells)
    return {name: cell if _is_shown(cell, record_type.column(name)) else MASK for name, cell in cells.items()}


def shown_start(cells: Mapping[str, str], record_type: RecordType) -> dict[str, str]:
    """The cells of a record of another shape: the first ones, up to one that is empty or not of its column's form.

    Nothing of a record whose envelope is not whole: it may be the end of another one, with a name in its first cell.
    """
    if not record_type.pseudonymised:
        return dict(cells)
    start: dict[str, str] = {}
    for column in record_type.file_columns:
        cell = cells.get(column.name, "")
        if not cell or not _is_shown(cell, column):
            break
        start[column.name] = cell
    return start if start.keys() >= set(ENVELOPE) else {}


def _is_shown(cell: str, column: Column) -> bool:
    value = cell.strip(BLANKS)
    if not value:
        return True
    return column.pseudonymise is None and not _OF_A_PERSON.search(value) and _has_form(value, column)


def _has_form(value: str, column: Column) -> bool:
    """Whether a cell looks like one of its column: by its type, its pattern or its codes."""
    if column.type == "text" and len(value) > (column.max_length or 0):
        return False
    form = _form(column)
    return form is not None and re.fullmatch(form, value) is not None


def _form(column: Column) -> str | None:
    """The pattern of the column's cells; None: it is free text, which has no form."""
    if column.type != "text":
        return lexical_form(column)
    if column.name == "record_id":
        return _RECORD_ID
    for rule in column.rules:
        if rule.code_list:
            return _CODE
        if rule.expectation == "expect_column_values_to_be_in_set":
            return "|".join(re.escape(value) for value in rule.kwargs["value_set"])
        if rule.expectation == "expect_column_values_to_match_regex":
            return str(rule.kwargs["regex"])
    return None


def _cells(body: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([body], delimiter=separator, strict=True), None)
    except csv.Error:  # an open quotation mark, a line end within
        pass
    try:
        rows = list(csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _line(cells: list[str], separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="").writerow(cells)
    return out.getvalue()
