"""Keep what each rule found: per load for every rule, per delivery for the rules that it broke."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ciq.contracts.model import Contract, RecordType
from ciq.contracts.tables import candidate_table
from ciq.loading.accept import LoadContext
from ciq.loading.judge import Judgement
from ciq.loading.staging import Staged

if TYPE_CHECKING:
    from ciq.quality.outcome import GateResult

UNCHECKED = "D-control_sum_unchecked"
"""No control sum can be checked where amounts cannot be read: that is told, with how many, and holds nothing."""

LEFT_OUT = "D-left_out"
"""What a file holds beside its records (titles, totals, footnotes, other sheets) is told, so that nothing is lost."""

_INSERT = (
    "insert into audit.rule_result (load_id, delivery_id, rule_id, engine, suite_hash, rows_checked, rows_broken,"
    " success, detail) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def store_sql_results(connection: psycopg.Connection, context: LoadContext) -> None:
    """Results of the predicates: counts per delivery and rule from the rows' marks, totals per rule for the load."""
    record_types = context.contract.record_types
    connection.execute(
        sql.SQL(
            "insert into audit.rule_result (load_id, delivery_id, rule_id, engine, suite_hash, rows_checked,"
            " rows_broken, success) select %(load)s, m.delivery_id, m.rule,"
            " case when m.rule like 'S-%%' then 'parser' else 'sql' end, %(rules)s, sum(n.rows), sum(m.broken), false"
            " from (select record_type, delivery_id, rule, count(*) as broken from ({marks}) r"
            "  cross join unnest(rules) as b (rule) group by 1, 2, 3) m"
            " join (select record_type, delivery_id, count(*) as rows from ({marks}) r group by 1, 2) n"
            " using (record_type, delivery_id) group by m.delivery_id, m.rule"
        ).format(marks=sql.SQL(" union all ").join(_marks(one, context.load_id) for one in record_types)),
        {"load": context.load_id, "rules": context.rules_hash},
    )
    for record_type in record_types:
        connection.execute(
            sql.SQL(
                "insert into audit.rule_result (load_id, rule_id, engine, suite_hash, rows_checked, rows_broken,"
                " success) select %(load)s, r.rule, 'sql', %(rules)s, n.rows, coalesce(b.broken, 0),"
                " coalesce(b.broken, 0) = 0 from unnest(%(ids)s::text[]) as r (rule)"
                " cross join (select count(*) as rows from ({marks}) r) n"
                " left join (select rule, count(*) as broken from ({marks}) r"
                "  cross join unnest(rules) as b (rule) group by 1) b"
                " using (rule)"
            ).format(marks=_marks(record_type, context.load_id)),
            {
                "load": context.load_id,
                "rules": context.rules_hash,
                "ids": [rule.id for rule in record_type.row_rules],
            },
        )


def _marks(record_type: RecordType, load_id: int) -> sql.Composed:
    """One row per record with the rules that it broke."""
    return sql.SQL(
        "select {name} as record_type, _delivery_id as delivery_id, _broken || _warned as rules from {table}"
    ).format(name=sql.Literal(record_type.name), table=candidate_table(record_type, load_id))


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
    rows += [
        (
            context.load_id,
            judgement.delivery.delivery_id,
            LEFT_OUT,
            "parser",
            context.rules_hash,
            judgement.received,
            sum(left_out.count for left_out in judgement.source.left_out),
            True,
            Jsonb({"found": _left_out(judgement.source, context.contract)}),
        )
        for judgement in judgements
        if judgement.source and any(left_out.count for left_out in judgement.source.left_out)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def _left_out(staged: Staged, contract: Contract) -> list[str]:
    """Line by line, without the text where the feed tells of persons."""
    tells_of_persons = any(record_type.pseudonymised for record_type in contract.record_types)
    return [line for left_out in staged.left_out for line in left_out.detail(with_text=not tells_of_persons)]


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
