"""Take persons out of the bytes of a rejected row: quarantine shows no name that the accepted rows do not show."""

from __future__ import annotations

import csv
import io

from ciq.contracts.model import ENVELOPE, Contract
from ciq.loading.decode import CODECS, DELIMITERS

MASK = "***"


def redact(raw: bytes, contract: Contract, *, encoding: str, delimiter: str, has_tail: bool) -> bytes:
    """The record with `***` in the cells that tell of a person; the same bytes where no column of the feed does.

    A record that has not exactly its columns (and the file's empty last cell, `has_tail`) may have moved its cells: it
    keeps its envelope only. The bytes as received are in landing.
    """
    if not contract.pseudonymised:
        return raw
    codec, separator = CODECS[encoding], DELIMITERS[delimiter]
    text = raw.decode(codec, errors="replace")
    body = text.rstrip("\r\n")
    cells = _cells(body, separator)
    columns = [column.name for column in contract.file_columns]
    if cells is None or len(cells) != len(columns) + has_tail or any(cells[len(columns) :]):
        kept = body.split(separator)[: len(ENVELOPE)]
        redacted = separator.join([*kept, MASK])
    else:
        masked = dict(zip(columns, cells, strict=False))
        for name in masked_columns(masked, contract):
            masked[name] = MASK
        redacted = _line([*masked.values(), *cells[len(columns) :]], separator)
    return (redacted + text[len(body) :]).encode(codec, errors="replace")


def masked_columns(cells: dict[str, str], contract: Contract) -> list[str]:
    """The columns of a record, given as text, that tell of a person and are not empty."""
    return [
        column.name
        for column in contract.pseudonymised
        if cells.get(column.name, "").strip() and not _is_kept(cells, column.pseudonymise or {})
    ]


def _is_kept(cells: dict[str, str], unless: object) -> bool:
    assert isinstance(unless, dict)
    return bool(unless) and all(cells.get(name, "").strip() in values for name, values in unless.items())


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
