"""Verdicts on whole deliveries: what their manifest, their file and their broken rows say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from ciq.contracts.model import Contract, RecordType
from ciq.contracts.predicates import SET_INCOMPLETE
from ciq.contracts.tables import candidate_table
from ciq.loading.claim import Delivery
from ciq.loading.records import SHAPES
from ciq.loading.staging import Staged

SHAPE_RULES = sql.SQL("{}::text[]").format(sql.Literal(sorted(SHAPES)))
"""Of a row whose shape is broken the cells cannot be told apart: its amount counts as unreadable."""

LAST_YEAR = 2099
"""A business date after it is a mistyped one; it must not make a partition."""

Detail = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """received = accepted + quarantined + held."""

    received: int
    accepted: int
    quarantined: int
    held: int


@dataclass(kw_only=True)
class Judgement:
    """One delivery on its way to a verdict. `holds`: rule -> what was expected and what was found."""

    delivery: Delivery
    holds: dict[str, Detail] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    unread_amounts: int = 0
    """Records whose amount cannot be read. Where there are any, the control sum is not checked."""
    staged: bool = False
    source: Staged | None = None
    received: int = 0
    broken: int = 0
    """Records that break a critical rule themselves; `quarantined` adds those whose item set is incomplete."""
    quarantined: int = 0

    @property
    def open_holds(self) -> dict[str, Detail]:
        """The holds that nobody released."""
        return {rule: detail for rule, detail in self.holds.items() if rule not in self.released}

    @property
    def rows(self) -> Rows:
        """Law 1 in rows. A file that was not opened counts with the rows that its manifest declares."""
        received = self.received if self.staged else (self.delivery.rows_declared or 0)
        if not self.accepted:
            return Rows(received=received, accepted=0, quarantined=0, held=received)
        return Rows(received=received, accepted=received - self.quarantined, quarantined=self.quarantined, held=0)

    @property
    def accepted(self) -> bool:
        """Whether nothing holds the delivery."""
        return not self.open_holds


def judge_manifest(delivery: Delivery, contract: Contract | None) -> dict[str, Detail]:
    """What can be said before the file is opened."""
    holds: dict[str, Detail] = {}
    manifest = delivery.manifest
    if contract is None:
        holds["D-feed"] = {"expected": "a contract in force", "found": f"{delivery.feed_code} {delivery.business_date}"}
    if delivery.manifest_broken:  # what such a manifest says of the file is no reason to hold it, only noise
        return holds | {
            "D-manifest": {"expected": "a manifest that keeps its rules", "found": delivery.manifest_broken}
        }
    if delivery.status != "2":
        holds["D-status"] = {"expected": "2", "found": delivery.status}
    if delivery.business_date.year > LAST_YEAR:
        holds["D-business_date"] = {"expected": f"at most {LAST_YEAR}-12-31", "found": str(delivery.business_date)}
    if delivery.report_time and delivery.report_time.date() < delivery.business_date:
        holds["D-report_time"] = {"expected": f">= {delivery.business_date}", "found": str(delivery.report_time)}
    if manifest.get("sha256") != delivery.data_sha256:
        holds["D-hash"] = {"expected": manifest.get("sha256"), "found": delivery.data_sha256}
    if str(manifest.get("bytes")) != str(delivery.data_bytes):
        holds["D-bytes"] = {"expected": manifest.get("bytes"), "found": delivery.data_bytes}
    return holds


def release_rows(connection: psycopg.Connection, record_type: RecordType, load_id: int) -> None:
    """Take the rules that a named person released on single rows off those rows.

    A line may be there in each section of a file; the rule says of which record type the row is.
    """
    connection.execute(
        sql.SQL(
            "update {table} c set _released = x.rules,"
            " _broken = array(select unnest(c._broken) except select unnest(x.rules))"
            " from (select delivery_id, line_no, array_agg(distinct rule_id order by rule_id) as rules"
            " from audit.decision join ref.rule using (rule_id)"
            " where kind = 'release_row' and releasable and line_no is not null and rule_id = any({rules}::text[])"
            " group by 1, 2) x"
            " where x.delivery_id = c._delivery_id and x.line_no = c._line_no and c._broken && x.rules"
        ).format(
            table=candidate_table(record_type, load_id),
            rules=sql.Literal([rule.id for rule in record_type.row_rules]),
        )
    )


def judge_rows_of(
    connection: psycopg.Connection, contract: Contract, load_id: int, judgements: Sequence[Judgement]
) -> None:
    """Counts, totals and the reject limit of every staged delivery, over all its record types, in one query."""
    counts = _count(connection, contract, load_id)
    for judgement in judgements:
        if judgement.staged:
            _judge_counts(judgement, counts.get(judgement.delivery.delivery_id, _Counts()), contract)


@dataclass(frozen=True, kw_only=True)
class _Counts:
    """Of one delivery. `total`: of the amounts that can be read; `unreadable`: records whose amount cannot be."""

    delivery_id: int = 0
    received: int = 0
    quarantined: int = 0
    broken: int = 0
    total: Decimal = Decimal(0)
    unreadable: int = 0


def _count(connection: psycopg.Connection, contract: Contract, load_id: int) -> dict[int, _Counts]:
    rows = sql.SQL(" union all ").join(_countable(record_type, load_id) for record_type in contract.record_types)
    statement = sql.SQL(
        "select delivery_id, count(*) as received, count(*) filter (where is_quarantined) as quarantined,"
        " count(*) filter (where is_broken) as broken, coalesce(sum(amount), 0) as total,"
        " count(*) filter (where is_unreadable) as unreadable from ({rows}) rows group by 1"
    ).format(rows=rows)
    with connection.cursor(row_factory=class_row(_Counts)) as cursor:
        return {counts.delivery_id: counts for counts in cursor.execute(statement)}


def _countable(record_type: RecordType, load_id: int) -> sql.Composed:
    """The rows of a record type with what is counted of them; those that add to no control sum have no amount."""
    column = record_type.control_sum
    has_amount = sql.SQL("true") if column else sql.SQL("false")
    return sql.SQL(
        "select _delivery_id as delivery_id, _broken <> '{{}}' as is_quarantined,"
        " _broken <> '{{}}' and _broken <> array[{set_rule}] as is_broken,"
        " case when not _broken && {shape} then {amount} end as amount,"
        " {has_amount} and _broken && ({shape} || {unreadable}::text) as is_unreadable from {table}"
    ).format(
        set_rule=sql.Literal(record_type.rule_id(SET_INCOMPLETE)),
        shape=SHAPE_RULES,
        amount=sql.Identifier(column) if column else sql.SQL("null::numeric"),
        has_amount=has_amount,
        unreadable=sql.Literal(record_type.rule_id(f"{column}-type")),
        table=candidate_table(record_type, load_id),
    )


def _judge_counts(judgement: Judgement, counts: _Counts, contract: Contract) -> None:
    delivery = judgement.delivery
    judgement.received = counts.received
    judgement.broken = counts.broken
    judgement.quarantined = counts.quarantined
    if delivery.rows_declared != judgement.received:
        judgement.holds["D-row_count"] = {"expected": delivery.rows_declared, "found": judgement.received}
    if contract.has_control_sum and delivery.control_sum is not None:
        judgement.unread_amounts = counts.unreadable
        if counts.total != delivery.control_sum and not judgement.unread_amounts:
            judgement.holds["D-control_sum"] = {"expected": str(delivery.control_sum), "found": str(counts.total)}
    if not contract.reject_limit.allows(broken=judgement.broken, received=judgement.received):
        limit = contract.reject_limit
        judgement.holds["D-reject_limit"] = {
            "expected": f"at most {max(limit.rows, int(limit.share * judgement.received))}",
            "found": judgement.broken,
        }


def apply_decisions(connection: psycopg.Connection, judgements: Sequence[Judgement]) -> None:
    """Releases take holds off where the rule allows it; a rejection holds for good."""
    ids = [judgement.delivery.delivery_id for judgement in judgements]
    rows = connection.execute(
        "select d.delivery_id, d.kind, d.rule_id, d.decided_by, d.reason from audit.decision d"
        " left join ref.rule r using (rule_id) where d.delivery_id = any(%s)"
        " and (d.kind = 'reject_hold' or (d.kind = 'release_hold' and r.releasable)) order by d.decision_id",
        (ids,),
    ).fetchall()
    by_id = {judgement.delivery.delivery_id: judgement for judgement in judgements}
    for delivery_id, kind, rule_id, decided_by, reason in rows:
        judgement = by_id[delivery_id]
        if kind == "reject_hold":
            judgement.holds["D-rejected"] = {"by": decided_by, "reason": reason, "rule": rule_id}
        else:
            judgement.released.add(rule_id)
