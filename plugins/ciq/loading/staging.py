"""Stage one delivery's records as text: bare COPY first, record by record where that is not safe or not possible."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from ciq.contracts.model import Contract, RecordType
from ciq.contracts.tables import raw_table
from ciq.database import words_without_cells
from ciq.loading.decode import CarefulReadingNeededError, CopyStream
from ciq.loading.formats import LeftOuts, Reading, Source, open_reading, record_types_in
from ciq.loading.formats.delimited import DelimitedReading

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What staging found, over all record types of the delivery.

    Records are numbered through the file, record type after record type; `firsts`: its name -> its first number.
    `is_plain`: COPY took the file as it is, so that its line N is record N - 1. `left_out`: per record type what stands
    in the file and is no record.
    """

    records: int
    firsts: Mapping[str, int]
    is_plain: bool = False
    left_out: Sequence[LeftOuts] = field(default_factory=tuple)


def stage_delivery(
    connection: psycopg.Connection, *, contract: Contract, load_id: int, delivery_id: int, source: Source
) -> Staged:
    """Copy one data file into the load's raw tables; `connection` is in autocommit.

    Raises UnreadableFileError (D-encoding, D-header, D-format, D-size); the raw tables then hold nothing of it.
    """
    readings = [(one, open_reading(source, contract, one)) for one in record_types_in(source, contract)]
    record_type, reading = readings[0]
    if isinstance(reading, DelimitedReading):
        try:
            with connection.transaction():
                _begin(connection, record_type, load_id, delivery_id, first=1)
                records = _copy_plain(connection, record_type, load_id, reading)
            return Staged(records=records, firsts={record_type.name: 1}, is_plain=True)
        except (CarefulReadingNeededError, psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as reason:
            said = words_without_cells(reason) if isinstance(reason, psycopg.Error) else str(reason)
            log.info("delivery %s is read record by record: %s", delivery_id, said or "bytes that COPY would misread")
    records, firsts = 0, {}
    with connection.transaction():
        for record_type, reading in readings:
            firsts[record_type.name] = records + 1
            _begin(connection, record_type, load_id, delivery_id, first=records + 1)
            records += _copy_carefully(connection, record_type, load_id, reading)
    return Staged(records=records, firsts=firsts, left_out=tuple(reading.left_out for _, reading in readings))


def _begin(
    connection: psycopg.Connection, record_type: RecordType, load_id: int, delivery_id: int, *, first: int
) -> None:
    """Records of this COPY belong to the delivery and count from `first`: defaults cost less than columns."""
    connection.execute(
        sql.SQL("alter table {} alter _delivery_id set default {}, alter _record_no restart with {}").format(
            raw_table(record_type, load_id), sql.Literal(delivery_id), sql.Literal(first)
        )
    )


def _copy_plain(
    connection: psycopg.Connection, record_type: RecordType, load_id: int, reading: DelimitedReading
) -> int:
    header = reading.header()
    names = [column.name for column in record_type.file_columns] + (["_tail"] if header.has_tail else [])
    stream = CopyStream(reading.source.file, header, reading.source.encoding, reading.separator)
    statement = sql.SQL("copy {} ({}) from stdin (format csv, delimiter {}, encoding 'UTF8')").format(
        raw_table(record_type, load_id), sql.SQL(", ").join(map(sql.Identifier, names)), sql.Literal(reading.separator)
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for chunk in stream:
                copy.write(chunk)
        if cursor.rowcount != stream.lines:  # a quoted line end: the record number no longer tells the line
            raise CarefulReadingNeededError(f"{stream.lines} lines hold {cursor.rowcount} records")
        return cursor.rowcount


def _copy_carefully(connection: psycopg.Connection, record_type: RecordType, load_id: int, reading: Reading) -> int:
    columns = [column.name for column in record_type.file_columns]
    width = len(columns)
    statement = sql.SQL("copy {} (_line_no, _shape, {}) from stdin").format(
        raw_table(record_type, load_id), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for record in reading.records():
            cells = [cell[:2000] for cell in record.cells[:width]] if record.shape else list(record.cells)
            copy.write_row([record.line, record.shape, *cells, *([None] * (width - len(cells)))])
            count += 1
    return count
