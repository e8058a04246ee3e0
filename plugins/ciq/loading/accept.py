"""Acceptance: ods rows, slice versions, verdicts, quarantine, queue and log of one load, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ciq.contracts.model import Contract
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
    for month in sorted({date(day.year, day.month, 1) for day in days}):
        there = connection.execute("select to_regclass(%s)", (f"ods.{contract.id}_{month:%Y%m}",)).fetchone()
        if there is None or there[0] is None:
            connection.execute("select audit.make_month(%s, %s)", (contract.id, month))


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
                    quarantine_rows(connection, context.contract, context.load_id, judgement, verdict_id, source)
        settle_rejects(connection, list(verdicts))
        _queue(connection, context, judgements)
    return Accepted(verdicts=verdicts, slices=slices)


def _recount(connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement]) -> None:
    rows = connection.execute(
        sql.SQL("select _delivery_id, count(*) from {} group by 1").format(
            candidate_table(context.contract, context.load_id)
        )
    ).fetchall()
    found: dict[int, int] = dict(rows)
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
    contract = context.contract
    if contract.amount is None:
        return
    accepted = [j.delivery.delivery_id for j in judgements if j.accepted]
    connection.execute(
        sql.SQL(
            "insert into audit.verdict_value (verdict_id, currency, received, accepted, quarantined, held,"
            " rows_unreadable)"
            " select v.verdict_id, currency, total, case when ok then clean else 0 end,"
            " case when ok then total - clean else 0 end, case when ok then 0 else total end, unreadable from ("
            "  select _delivery_id, case when length({currency}) = 3 then {currency} else 'XXX' end as currency,"
            "  coalesce(sum({amount}) filter (where not _broken && {shape}), 0) as total,"
            "  coalesce(sum({amount}) filter (where _broken = '{{}}'), 0) as clean,"
            "  count(*) filter (where _broken && {shape} or {amount} is null) as unreadable,"
            "  _delivery_id = any({accepted}) as ok from {table} group by 1, 2) s"
            " join audit.verdict v on v.delivery_id = s._delivery_id and v.verdict_id = any({verdicts})"
        ).format(
            currency=sql.Identifier(contract.amount["currency"]),
            amount=sql.Identifier(contract.amount["value"]),
            shape=SHAPE_RULES,
            accepted=sql.SQL("{}::bigint[]").format(sql.Literal(accepted)),
            verdicts=sql.SQL("{}::bigint[]").format(sql.Literal(list(verdicts.values()))),
            table=candidate_table(contract, context.load_id),
        )
    )


def _insert_rows(
    connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement], verdicts: Mapping[int, int]
) -> dict[int, tuple[int, str]]:
    """The accepted rows and their slice versions; returns delivery id -> (slice version, digest)."""
    contract = context.contract
    accepted = [j for j in judgements if j.accepted]
    numbers = _slice_numbers(connection, len(accepted))
    slice_of = dict(zip((j.delivery.delivery_id for j in accepted), numbers, strict=True))
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in contract.columns)
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
            ods=ods_table(contract),
            names=names,
            prefixed=sql.SQL(", ").join(sql.Identifier("c", column.name) for column in contract.columns),
            digest=row_digest(digest_columns(contract), "s"),
            candidate=candidate_table(contract, context.load_id),
            deliveries=sql.Literal(list(slice_of)),
            numbers=sql.Literal(list(slice_of.values())),
        )
    )
    layout = keep_layout(connection, f"ods.{contract.id}", digest_columns(contract))
    digests = _digests(connection, contract, [j.delivery.business_date for j in accepted], numbers)
    slices = {}
    for judgement in accepted:
        delivery = judgement.delivery
        number = slice_of[delivery.delivery_id]
        rows, digest = digests.get(number, (0, "0:0"))
        connection.execute(
            "insert into audit.slice_version (slice_version_id, verdict_id, delivery_id, feed_code, org_code,"
            " business_date, place, rows, digest, layout) overriding system value"
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
                layout,
            ),
        )
        slices[delivery.delivery_id] = (number, digest)
    return slices


def _slice_numbers(connection: psycopg.Connection, count: int) -> list[int]:
    rows = connection.execute(
        "select nextval(pg_get_serial_sequence('audit.slice_version', 'slice_version_id')) from generate_series(1, %s)",
        (count,),
    ).fetchall()
    return [int(row[0]) for row in rows]


def _digests(
    connection: psycopg.Connection, contract: Contract, days: Sequence[date], numbers: Sequence[int]
) -> dict[int, tuple[int, str]]:
    if not numbers:
        return {}
    rows = connection.execute(
        sql.SQL(
            "select slice_version_id, count(*), {digest} from {ods} where business_date between %s and %s"
            " and slice_version_id = any(%s) group by 1"
        ).format(digest=slice_digest(sql.Identifier("row_digest")), ods=ods_table(contract)),
        (min(days), max(days), list(numbers)),
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def _queue(connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement]) -> None:
    """What the next build must look at: the slices, and the keys of rows that came, went or were rejected."""
    contract = context.contract
    ids = [j.delivery.delivery_id for j in judgements]
    connection.execute(
        "insert into audit.build_queue (entity, key, reason) select distinct 'slice',"
        " feed_code || '|' || org_code || '|' || business_date, 'delivery judged' from audit.delivery"
        " where delivery_id = any(%s)",
        (ids,),
    )
    if contract.entity is None:
        return
    entity, column = contract.entity
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
            ids=sql.SQL("{}::bigint[]").format(sql.Literal(ids)),
            entity=sql.Literal(entity),
            column=sql.Identifier(column),
            name=sql.Literal(column),
            ods=ods_table(contract),
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
