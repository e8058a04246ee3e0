"""Acceptance: ods rows, slice versions, verdicts, quarantine, queue and log of one load, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import product

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ciq.contracts.model import Contract, RecordType
from ciq.contracts.tables import candidate_table, digest_columns, ods_table, row_digest, slice_digest
from ciq.errors import LoadError, Place
from ciq.ledger.events import append_event
from ciq.ledger.layouts import keep_layout
from ciq.ledger.rejects import settle_rejects
from ciq.ledger.seals import seals_of
from ciq.loading.judge import SHAPE_RULES, Judgement
from ciq.loading.rejects import RejectSource, quarantine_rows


@dataclass(frozen=True, kw_only=True)
class LoadContext:
    """What the steps of one load share."""

    contract: Contract
    load_id: int
    rules_hash: str


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Delivery id -> verdict id; delivery id -> (slice version, digest) where it was accepted."""

    verdicts: Mapping[int, int]
    slices: Mapping[int, tuple[int, str]]


def make_partitions(connection: psycopg.Connection, contract: Contract, judgements: Sequence[Judgement]) -> None:
    """Make the missing month partitions before the acceptance, so that its transaction takes no table lock."""
    days = [j.delivery.business_date for j in judgements if j.staged and j.accepted]
    months = sorted({date(day.year, day.month, 1) for day in days})
    for table, month in product([record_type.table for record_type in contract.record_types], months):
        there = connection.execute("select to_regclass(%s)", (f"ods.{table}_{month:%Y%m}",)).fetchone()
        if there is None or there[0] is None:
            connection.execute("select audit.make_month(%s, %s)", (table, month))


def accept(
    connection: psycopg.Connection,
    context: LoadContext,
    judgements: Sequence[Judgement],
    open_source: Callable[[Judgement], Iterator[RejectSource]],
) -> Accepted:
    """Write everything that the load decided, or nothing; the caller logs it last, in the same transaction.

    Raises LoadError when the staged rows are no longer those that were judged: UNLOGGED tables are empty after a crash.
    """
    opened = contextmanager(open_source)
    with connection.transaction():
        _recount(connection, context, judgements)
        verdicts = {j.delivery.delivery_id: _insert_verdict(connection, context, j) for j in judgements}
        _insert_values(connection, context, judgements, verdicts)
        slices = _insert_rows(connection, context, judgements, verdicts)
        for judgement in judgements:
            if judgement.staged and judgement.quarantined:
                verdict_id = verdicts[judgement.delivery.delivery_id]
                with opened(judgement) as source:
                    for record_type in context.contract.record_types:
                        quarantine_rows(connection, record_type, context.load_id, judgement, verdict_id, source)
        settle_rejects(connection, list(verdicts))
        _queue(connection, context, judgements)
    return Accepted(verdicts=verdicts, slices=slices)


def _recount(connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement]) -> None:
    staged = sql.SQL(" union all ").join(
        sql.SQL("select _delivery_id from {}").format(candidate_table(record_type, context.load_id))
        for record_type in context.contract.record_types
    )
    rows = connection.execute(sql.SQL("select _delivery_id, count(*) from ({}) rows group by 1").format(staged))
    found: dict[int, int] = dict(rows.fetchall())
    for judgement in judgements:
        delivery = judgement.delivery
        if judgement.staged and found.get(delivery.delivery_id, 0) != judgement.received:
            raise LoadError(
                "The staged rows are gone: the server was restarted during the load",
                place=Place(feed=delivery.feed_code, branch=delivery.org_code, business_date=delivery.business_date),
                advice="Run the load again; nothing was accepted.",
            )


def _insert_verdict(connection: psycopg.Connection, context: LoadContext, judgement: Judgement) -> int:
    delivery, rows = judgement.delivery, judgement.rows
    row = connection.execute(
        "insert into audit.verdict (delivery_id, load_id, rules_hash, decisions_hash, verdict, hold_rules, hold_detail,"
        " rows_received, rows_accepted, rows_quarantined, rows_held)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning verdict_id",
        (
            delivery.delivery_id,
            context.load_id,
            context.rules_hash,
            delivery.decisions_hash,
            "accepted" if judgement.accepted else "held",
            sorted(judgement.open_holds),
            Jsonb({rule: dict(detail) for rule, detail in judgement.holds.items()}),
            rows.received,
            rows.accepted,
            rows.quarantined,
            rows.held,
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def _insert_values(
    connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement], verdicts: Mapping[int, int]
) -> None:
    """Law 1 in value, per currency as received; XXX (ISO 4217: no currency) where it cannot be read."""
    valued = [record_type for record_type in context.contract.record_types if record_type.amount]
    if not valued:
        return
    accepted = [j.delivery.delivery_id for j in judgements if j.accepted]
    connection.execute(
        sql.SQL(
            "insert into audit.verdict_value (verdict_id, currency, received, accepted, quarantined, held,"
            " rows_unreadable)"
            " select v.verdict_id, currency, total, case when ok then clean else 0 end,"
            " case when ok then total - clean else 0 end, case when ok then 0 else total end, unreadable from ("
            "  select delivery_id, currency, coalesce(sum(amount) filter (where is_whole), 0) as total,"
            "  coalesce(sum(amount) filter (where is_clean), 0) as clean,"
            "  count(*) filter (where not is_whole or amount is null) as unreadable,"
            "  delivery_id = any({accepted}) as ok from ({rows}) rows group by 1, 2) s"
            " join audit.verdict v on v.delivery_id = s.delivery_id and v.verdict_id = any({verdicts})"
        ).format(
            rows=sql.SQL(" union all ").join(_amounts(record_type, context.load_id) for record_type in valued),
            accepted=sql.SQL("{}::bigint[]").format(sql.Literal(accepted)),
            verdicts=sql.SQL("{}::bigint[]").format(sql.Literal(list(verdicts.values()))),
        )
    )


def _amounts(record_type: RecordType, load_id: int) -> sql.Composed:
    """One row (delivery, currency, amount) per record; `is_whole`: its cells can be told apart."""
    assert record_type.amount is not None
    return sql.SQL(
        "select _delivery_id as delivery_id,"
        " case when length({currency}) = 3 then {currency} else 'XXX' end as currency, {amount} as amount,"
        " not _broken && {shape} as is_whole, _broken = '{{}}' as is_clean from {table}"
    ).format(
        currency=sql.Identifier(record_type.amount["currency"]),
        amount=sql.Identifier(record_type.amount["value"]),
        shape=SHAPE_RULES,
        table=candidate_table(record_type, load_id),
    )


def _insert_rows(
    connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement], verdicts: Mapping[int, int]
) -> dict[int, tuple[int, str]]:
    """The accepted rows and their slice versions; returns delivery id -> (slice version, digest)."""
    contract = context.contract
    accepted = [j for j in judgements if j.accepted]
    numbers = _slice_numbers(connection, len(accepted))
    slice_of = dict(zip((j.delivery.delivery_id for j in accepted), numbers, strict=True))
    layouts = []
    for record_type in contract.record_types:
        _insert_rows_of(connection, record_type, context.load_id, slice_of)
        layouts.append(keep_layout(connection, f"ods.{record_type.table}", digest_columns(record_type)))
    digests = _digests(connection, contract, [j.delivery.business_date for j in accepted], numbers)
    slices = {}
    for judgement in accepted:
        delivery = judgement.delivery
        number = slice_of[delivery.delivery_id]
        rows, digest = digests.get(number, (0, "0:0"))
        connection.execute(
            "insert into audit.slice_version (slice_version_id, verdict_id, delivery_id, feed_code, org_code,"
            " business_date, place, rows, digest, layouts) overriding system value"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                number,
                verdicts[delivery.delivery_id],
                delivery.delivery_id,
                delivery.feed_code,
                delivery.org_code,
                delivery.business_date,
                delivery.place,
                rows,
                digest,
                layouts,
            ),
        )
        slices[delivery.delivery_id] = (number, digest)
    return slices


def _insert_rows_of(
    connection: psycopg.Connection, record_type: RecordType, load_id: int, slice_of: Mapping[int, int]
) -> None:
    """The clean rows of one record type; `slice_of`: delivery -> its slice version, of those that are accepted."""
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in record_type.columns)
    connection.execute(
        sql.SQL(
            "insert into {ods} (slice_version_id, delivery_id, sender_org, business_date, record_no, line_no, {names},"
            " released_rules, row_digest)"
            " select s.*, {digest} from (select n.slice_version_id, c._delivery_id as delivery_id, c.sender_org,"
            " c.business_date, c._record_no as record_no, c._line_no as line_no, {prefixed},"
            " c._released as released_rules"
            " from {candidate} c join unnest({deliveries}::bigint[], {numbers}::bigint[])"
            " as n(delivery_id, slice_version_id)"
            " on n.delivery_id = c._delivery_id where c._broken = '{{}}') s"
        ).format(
            ods=ods_table(record_type),
            names=names,
            prefixed=sql.SQL(", ").join(sql.Identifier("c", column.name) for column in record_type.columns),
            digest=row_digest(record_type, digest_columns(record_type), "s"),
            candidate=candidate_table(record_type, load_id),
            deliveries=sql.Literal(list(slice_of)),
            numbers=sql.Literal(list(slice_of.values())),
        )
    )


def _slice_numbers(connection: psycopg.Connection, count: int) -> list[int]:
    rows = connection.execute(
        "select nextval(pg_get_serial_sequence('audit.slice_version', 'slice_version_id')) from generate_series(1, %s)",
        (count,),
    ).fetchall()
    return [int(row[0]) for row in rows]


def _digests(
    connection: psycopg.Connection, contract: Contract, days: Sequence[date], numbers: Sequence[int]
) -> dict[int, tuple[int, str]]:
    """Slice version -> (rows, digest), over the tables of all its record types."""
    if not numbers:
        return {}
    rows = sql.SQL(" union all ").join(
        sql.SQL(
            "select slice_version_id, row_digest from {} where business_date between %(first)s and %(last)s"
            " and slice_version_id = any(%(numbers)s)"
        ).format(ods_table(record_type))
        for record_type in contract.record_types
    )
    found = connection.execute(
        sql.SQL("select slice_version_id, count(*), {digest} from ({rows}) rows group by 1").format(
            digest=slice_digest(sql.Identifier("row_digest")), rows=rows
        ),
        {"first": min(days), "last": max(days), "numbers": list(numbers)},
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in found}


def _queue(connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement]) -> None:
    """What the next build must look at: the slices, and the keys of rows that came, went or were rejected."""
    ids = [j.delivery.delivery_id for j in judgements]
    connection.execute(
        "insert into audit.build_queue (entity, key, reason) select distinct 'slice',"
        " feed_code || '|' || org_code || '|' || business_date, 'delivery judged' from audit.delivery"
        " where delivery_id = any(%s)",
        (ids,),
    )
    for record_type in context.contract.record_types:
        if record_type.entity is not None:
            _queue_keys(connection, record_type, *record_type.entity, ids)


def _queue_keys(
    connection: psycopg.Connection, record_type: RecordType, entity: str, column: str, ids: Sequence[int]
) -> None:
    connection.execute(
        sql.SQL(
            "with judged as (select distinct feed_code, org_code, business_date from audit.delivery"
            "  where delivery_id = any({ids})),"
            " versions as (select distinct v.slice_version_id, v.business_date from audit.slice_version v join judged"
            "  using (feed_code, org_code, business_date))"
            " insert into audit.build_queue (entity, key, reason) select {entity}, key, 'rows changed' from ("
            "  select o.{column} as key from {ods} o join versions v on o.slice_version_id = v.slice_version_id"
            "   and o.business_date = v.business_date"
            # All rejects of these slices: a delivery that comes or goes also settles those of the one before it.
            "  union select q.key ->> {name} from quarantine.rejected_row q join judged"
            "   using (feed_code, org_code, business_date)"
            " ) k where key is not null"
        ).format(
            ids=sql.SQL("{}::bigint[]").format(sql.Literal(list(ids))),
            entity=sql.Literal(entity),
            column=sql.Identifier(column),
            name=sql.Literal(column),
            ods=ods_table(record_type),
        )
    )


def log_verdicts(
    connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement], accepted: Accepted
) -> None:
    """One event per verdict. Called last in the transaction: the lock of the chain makes all other writers wait."""
    seals = seals_of(connection, list(accepted.verdicts.values()))
    for judgement in judgements:
        delivery = judgement.delivery
        verdict_id = accepted.verdicts[delivery.delivery_id]
        slice_version, digest = accepted.slices.get(delivery.delivery_id, (None, None))
        rows = judgement.rows
        append_event(
            connection,
            "verdict",
            {
                "verdict_id": verdict_id,
                "load_id": context.load_id,
                "delivery": delivery.place,
                "file": delivery.data_name,
                "feed": delivery.feed_code,
                "branch": delivery.org_code,
                "business_date": delivery.business_date,
                "verdict": "accepted" if judgement.accepted else "held",
                "holds": sorted(judgement.open_holds),
                "rules": context.rules_hash,
                "decisions": delivery.decisions_hash,
                "received": rows.received,
                "accepted": rows.accepted,
                "quarantined": rows.quarantined,
                "held": rows.held,
                "amounts": seals[verdict_id][0],
                "rejects": seals[verdict_id][1],
                "slice_version_id": slice_version,
                "digest": digest,
            },
        )
