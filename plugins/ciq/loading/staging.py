"""Stage one delivery's records as text: bare COPY first, the careful reader where that is not safe."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import BinaryIO

import psycopg
from psycopg import sql

from ciq.contracts.model import Contract, RecordType
from ciq.contracts.tables import raw_table
from ciq.database import words_without_cells
from ciq.loading.decode import (
    CODECS,
    DELIMITERS,
    CarefulReadingNeededError,
    CopyStream,
    Header,
    UnreadableFileError,
    read_header,
)
from ciq.loading.records import UndecodableBytesError, read_records

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Staged:
    """What staging found: records in the file, and whether their line numbers follow from their order."""

    records: int
    header: Header
    careful: bool


def stage_delivery(
    connection: psycopg.Connection,
    *,
    contract: Contract,
    load_id: int,
    delivery_id: int,
    file: BinaryIO,
    encoding: str,
    delimiter: str,
) -> Staged:
    """Copy one data file into the load's raw table; `connection` is in autocommit.

    Raises UnreadableFileError (D-encoding, D-header); the raw table then holds nothing of this delivery.
    """
    record_type = contract.main
    columns = tuple(column.name for column in record_type.file_columns)
    separator = DELIMITERS[delimiter]
    header = read_header(file, encoding=encoding, delimiter=separator, columns=columns)
    try:
        with connection.transaction():
            _begin(connection, record_type, load_id, delivery_id)
            records = _copy_plain(connection, record_type, load_id, file, header, encoding, separator)
        return Staged(records, header, careful=False)
    except (CarefulReadingNeededError, psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as reason:
        said = words_without_cells(reason) if isinstance(reason, psycopg.Error) else str(reason)
        log.info("delivery %s is read record by record: %s", delivery_id, said or "bytes that COPY would misread")
    with connection.transaction():
        _begin(connection, record_type, load_id, delivery_id)
        records = _copy_carefully(connection, record_type, load_id, file, header, encoding, separator)
    return Staged(records, header, careful=True)


def _begin(connection: psycopg.Connection, record_type: RecordType, load_id: int, delivery_id: int) -> None:
    """Records of this COPY belong to the delivery and count from 1: defaults cost less than columns."""
    connection.execute(
        sql.SQL("alter table {} alter _delivery_id set default {}, alter _record_no restart").format(
            raw_table(record_type, load_id), sql.Literal(delivery_id)
        )
    )


def _copy_plain(
    connection: psycopg.Connection,
    record_type: RecordType,
    load_id: int,
    file: BinaryIO,
    header: Header,
    encoding: str,
    separator: str,
) -> int:
    names = [column.name for column in record_type.file_columns] + (["_tail"] if header.has_tail else [])
    stream = CopyStream(file, header, encoding, separator)
    statement = sql.SQL("copy {} ({}) from stdin (format csv, delimiter {}, encoding 'UTF8')").format(
        raw_table(record_type, load_id), sql.SQL(", ").join(map(sql.Identifier, names)), sql.Literal(separator)
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for chunk in stream:
                copy.write(chunk)
        if cursor.rowcount != stream.lines:  # a quoted line end: the record number no longer tells the line
            raise CarefulReadingNeededError(f"{stream.lines} lines hold {cursor.rowcount} records")
        return cursor.rowcount


def _copy_carefully(
    connection: psycopg.Connection,
    record_type: RecordType,
    load_id: int,
    file: BinaryIO,
    header: Header,
    encoding: str,
    separator: str,
) -> int:
    columns = [column.name for column in record_type.file_columns]
    width = len(columns)
    file.seek(header.data_offset)
    records = read_records(
        file, encoding=CODECS[encoding], delimiter=separator, columns=width, has_tail=header.has_tail
    )
    statement = sql.SQL("copy {} (_line_no, _shape, {}) from stdin").format(
        raw_table(record_type, load_id), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for record in records:
                cells = [cell[:2000] for cell in record.cells[:width]] if record.shape else list(record.cells)
                copy.write_row([record.line, record.shape, *cells, *([None] * (width - len(cells)))])
                count += 1
    except UndecodableBytesError as error:
        raise UnreadableFileError("D-encoding", line=error.line, expected=encoding, found=error.detail) from error
    return count
