"""Put broken rows into quarantine with their bytes: one pass over the landed file for the lines that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ciq.contracts.model import MASK, Contract, RecordType
from ciq.contracts.tables import candidate_table, raw_table
from ciq.loading.decode import readable_text
from ciq.loading.formats import Reading, Source, open_reading
from ciq.loading.formats.delimited import DelimitedReading
from ciq.loading.judge import SHAPE_RULES, Judgement
from ciq.loading.records import SHAPES, Record
from ciq.loading.redact import redact, redact_cells, shown_cells, shown_start
from ciq.loading.staging import Staged

BATCH = 1000
CELL_LIMIT = 200
"""Characters of a broken cell that are kept beside the bytes."""


@dataclass(frozen=True)
class RejectSource:
    """Where a delivery's bytes are and how they were read."""

    source: Source
    contract: Contract
    staged: Staged


def quarantine_rows(
    connection: psycopg.Connection,
    record_type: RecordType,
    load_id: int,
    judgement: Judgement,
    verdict_id: int,
    source: RejectSource,
) -> int:
    """Copy the broken rows of one delivery and record type to quarantine.rejected_row; returns how many."""
    wanted_bytes = _wanted_bytes(record_type, source)
    delivery = judgement.delivery
    rules = {rule.id: record_type.cell_of(rule) for rule in record_type.rules}
    count = 0
    for batch in _batches(connection, record_type, load_id, delivery.delivery_id):
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in batch:
                raw = wanted_bytes(row["_record_no"])
                cells, key = cells_and_key(row, record_type, rules)
                copy.write_row(
                    (
                        verdict_id,
                        delivery.delivery_id,
                        delivery.feed_code,
                        delivery.org_code,
                        delivery.business_date,
                        row["_record_no"],
                        row["_line_no"],
                        record_type.section,
                        row["_broken"],
                        Jsonb(cells),
                        Jsonb(key),
                        row["amount"],
                        row["currency"],
                        raw,
                        readable_text(raw, source.source.encoding),
                    )
                )
                count += 1
    return count


_COPY = (
    "copy quarantine.rejected_row (verdict_id, delivery_id, feed_code, org_code, business_date, record_no, line_no,"
    " section, rule_ids, cells, key, amount, currency, raw, raw_text) from stdin"
)


def _batches(
    connection: psycopg.Connection, record_type: RecordType, load_id: int, delivery_id: int
) -> Iterator[list[dict[str, Any]]]:
    """Broken rows in record order, some at a time; cells cut so that a 1 MB cell does not travel.

    One query and a cursor on the server: the staging tables have no index, and asking anew for each batch would read
    them whole each time. Call it in a transaction.
    """
    amount = record_type.amount or {}
    statement = sql.SQL(
        "select c._record_no, c._line_no, c._broken,"
        " case when not c._broken && {shape} then {amount} end as amount,"
        " case when not c._broken && {shape} then {currency} end as currency,"
        " (select jsonb_object_agg(k, left(v, {limit})) from jsonb_each_text(to_jsonb(r)) x(k, v)"
        "  where v <> '') as cells"
        " from {candidate} c join {raw} r on r._delivery_id = c._delivery_id and r._record_no = c._record_no"
        " where c._delivery_id = {delivery} and c._broken <> '{{}}' order by c._record_no"
    ).format(
        shape=SHAPE_RULES,
        amount=sql.Identifier("c", amount["value"]) if amount else sql.SQL("null::numeric"),
        currency=sql.Identifier("c", amount["currency"]) if amount else sql.SQL("null::text"),
        limit=sql.Literal(CELL_LIMIT),
        candidate=candidate_table(record_type, load_id),
        raw=raw_table(record_type, load_id),
        delivery=sql.Literal(delivery_id),
    )
    with connection.cursor(name="rejects", row_factory=dict_row) as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(BATCH):
            yield rows


def cells_and_key(
    row: Mapping[str, Any], record_type: RecordType, rules: Mapping[str, str | None]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """The cells that broke a rule, and what tells the row from others; no cell that might tell of a person.

    `row`: its `cells` (column -> text, without empty ones) and the rules `_broken`; `rules`: rule -> column. A cell
    that is not shown is `***`; it tells no row from another, so the key goes without it.
    """
    received = row["cells"] or {}
    cells = {column.name: received[column.name] for column in record_type.file_columns if column.name in received}
    moved = SHAPES & set(row["_broken"])
    shown = shown_start(cells, record_type) if moved else shown_cells(cells, record_type)
    columns = [rules.get(rule) for rule in row["_broken"]]
    names = ("record_id", "version_no", *record_type.key)
    return (
        {column: shown.get(column) for column in columns if column},
        {name: shown[name].strip()[:80] for name in names if shown.get(name, MASK) != MASK},
    )


def _wanted_bytes(record_type: RecordType, source: RejectSource) -> Callable[[int], bytes]:
    """Hands out the bytes of records, without persons, in ascending order of their number; reads the file once."""
    reading = open_reading(source.source, source.contract, record_type)
    show = _redaction(record_type, reading)
    records = enumerate(_as_staged(reading, source.staged), start=source.staged.firsts[record_type.name])

    def bytes_of(record_no: int) -> bytes:
        return next((show(record) for number, record in records if number == record_no), b"")

    return bytes_of


def _redaction(record_type: RecordType, reading: Reading) -> Callable[[Record], bytes]:
    if not isinstance(reading, DelimitedReading):
        return lambda record: redact_cells(record, record_type, reading)
    has_tail = reading.header().has_tail
    source = reading.source
    return lambda record: redact(
        record.raw, record_type, encoding=source.encoding, delimiter=source.form, has_tail=has_tail
    )


def _as_staged(reading: Reading, staged: Staged) -> Iterator[Record]:
    if staged.is_plain and isinstance(reading, DelimitedReading):
        return reading.lines()
    return reading.records()
