"""Keep what each rule found: per load for every rule, per delivery for the rules that it broke."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ciq.contracts.model import RecordType
from ciq.contracts.tables import candidate_table
from ciq.loading.accept import LoadContext
from ciq.loading.judge import Judgement

if TYPE_CHECKING:
    from ciq.quality.outcome import GateResult

UNCHECKED = "D-control_sum_unchecked"
"""No control sum can be checked where amounts cannot be read: that is told, with how many, and holds nothing."""

_INSERT = (
    "insert into audit.rule_result (load_id, delivery_id, rule_id, engine, suite_hash, rows_checked, rows_broken,"
    " success, detail) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def store_sql_results(connection: psycopg.Connection, context: LoadContext) -> None:
    """Results of the predicates: counts per delivery and rule from the rows' marks, totals per rule for the load."""
    for record_type in context.contract.record_types:
        _store_sql_results_of(connection, context, record_type)


def _store_sql_results_of(connection: psycopg.Connection, context: LoadContext, record_type: RecordType) -> None:
    table = candidate_table(record_type, context.load_id)
    engines = "case when m.rule like 'S-%%' then 'parser' else 'sql' end"
    connection.execute(
        sql.SQL(
            "insert into audit.rule_result (load_id, delivery_id, rule_id, engine, suite_hash, rows_checked,"
            " rows_broken, success) select %(load)s, m._delivery_id, m.rule, "
            + engines
            + ", %(rules)s, n.rows, count(*), false"
            " from (select _delivery_id, unnest(_broken || _warned) as rule from {table}) m"
            " join (select _delivery_id, count(*) as rows from {table} group by 1) n using (_delivery_id)"
            " group by m._delivery_id, m.rule, n.rows"
        ).format(table=table),
        {"load": context.load_id, "rules": context.rules_hash},
    )
    connection.execute(
        sql.SQL(
            "insert into audit.rule_result (load_id, rule_id, engine, suite_hash, rows_checked, rows_broken, success)"
            " select %(load)s, r.rule, " + engines.replace("m.rule", "r.rule") + ", %(rules)s,"
            " (select count(*) from {table}), coalesce(b.broken, 0), coalesce(b.broken, 0) = 0"
            " from unnest(%(ids)s::text[]) as r(rule) left join (select m.rule, count(*) as broken from"
            " (select unnest(_broken || _warned) as rule from {table}) m group by 1) b using (rule)"
        ).format(table=table),
        {
            "load": context.load_id,
            "rules": context.rules_hash,
            "ids": [rule.id for rule in record_type.row_rules],
        },
    )


def store_delivery_results(
    connection: psycopg.Connection, context: LoadContext, judgements: Iterable[Judgement]
) -> None:
    """Rules on whole deliveries that were broken, with what was expected and found; control sums not checked."""
    rows = [
        (
            context.load_id,
            judgement.delivery.delivery_id,
            rule,
            "parser",
            context.rules_hash,
            judgement.received,
            judgement.received,
            rule in judgement.released,
            Jsonb(dict(detail)),
        )
        for judgement in judgements
        for rule, detail in judgement.holds.items()
    ]
    rows += [
        (
            context.load_id,
            judgement.delivery.delivery_id,
            UNCHECKED,
            "parser",
            context.rules_hash,
            judgement.received,
            judgement.unread_amounts,
            False,
            Jsonb({"expected": str(judgement.delivery.control_sum), "found": "not checked 未核对"}),
        )
        for judgement in judgements
        if judgement.unread_amounts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def store_gate_results(connection: psycopg.Connection, context: LoadContext, gate: GateResult) -> None:
    """What Great Expectations found, one row per rule of the suite."""
    rows = [
        (
            context.load_id,
            None,
            outcome.rule_id,
            "gx",
            gate.suite_hash,
            outcome.rows_checked,
            outcome.rows_broken,
            outcome.success,
            Jsonb(dict(outcome.detail)),
        )
        for outcome in gate.all_outcomes
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
