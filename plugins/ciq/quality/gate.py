"""Run the suite of a contract over the candidate rows of a load: the gate before acceptance.

Passing rules cost one aggregate scan; which rows break a rule is asked only for rules that fail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from ciq.contracts.model import Contract
from ciq.contracts.predicates import SET_INCOMPLETE
from ciq.contracts.tables import candidate_table, raw_table
from ciq.quality.outcome import SAMPLE, GateResult, RuleOutcome, as_stored
from ciq.quality.session import INDEX_COLUMNS, AuditSession, open_session
from ciq.quality.suite import REJECT_LIMIT_RULE, CompiledSuite, Expectation, audited_rows, compile_suite, conditions_sql

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

_MARKS = "_marks"  # no record type is called so


def read_codes(connection: psycopg.Connection[Any]) -> dict[str, tuple[str, ...]]:
    """The code lists that rules name: those of ref.code, and `org` from ref.org."""
    rows = connection.execute(
        "select list_id, array_agg(code order by code) from ref.code group by list_id"
        " union all select 'org', array_agg(distinct org_code order by org_code) from ref.org"
    ).fetchall()
    return {str(list_id): tuple(values) for list_id, values in rows if values}


def audit_candidates(dsn: str, contract: Contract, load_id: int) -> GateResult:
    """Audit the rows of a load that the predicates passed, and the reject limit of each delivery.

    The load's tables are made by `ciq.contracts.tables`, and committed: GX logs in by itself with `dsn`, whose role
    reads them and ref and makes temporary tables. Writes nothing. Raises psycopg and GX errors as they come.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        suite = compile_suite(contract, read_codes(connection))
        rows, marks = {}, []
        for record_type in contract.record_types:
            candidate, raw = candidate_table(record_type, load_id), raw_table(record_type, load_id)
            query = audited_rows(record_type, candidate=candidate, raw=raw, accepted=True)
            rows[record_type.name] = query.as_string(connection)
            marks.append(
                sql.SQL("select _delivery_id, _broken <> '{{}}' and _broken <> array[{}] as broken from {}").format(
                    sql.Literal(record_type.rule_id(SET_INCOMPLETE)), candidate
                )
            )
        return run_suite(
            dsn, suite, rows_queries=rows, marks_query=sql.SQL(" union all ").join(marks).as_string(connection)
        )


def run_suite(
    dsn: str, suite: CompiledSuite, *, rows_queries: Mapping[str, str], marks_query: str | None = None
) -> GateResult:
    """Run `suite` over the rows of `rows_queries`: record type -> query (see `audited_rows`).

    `marks_query` gives one row (_delivery_id, broken) per record received; without it no reject limit is checked.
    """
    with open_session(dsn) as session:
        tables = {name: session.load(name, query) for name, query in rows_queries.items()}
        marks = session.load(_MARKS, marks_query) if marks_query else None
        session.seal()
        outcomes: list[RuleOutcome] = []
        for name, table in tables.items():
            expectations = [e for e in suite.expectations if e.record_type == name]
            failures = _failures(session, name, expectations)
            sizes = _domain_sizes(session, table, expectations)
            outcomes += (_outcome(session, group, failures, sizes) for group in _by_rule(expectations).values())
        limit = _reject_limit(session, marks, suite) if marks else None
    return GateResult(suite_hash=suite.hash, outcomes=tuple(outcomes), limit=limit)


def _by_rule(expectations: Sequence[Expectation]) -> dict[str, list[tuple[int, Expectation]]]:
    groups: dict[str, list[tuple[int, Expectation]]] = defaultdict(list)
    for index, expectation in enumerate(expectations):
        groups[expectation.rule_id].append((index, expectation))
    return groups


def _configuration(expectation: Expectation, index: int) -> ExpectationConfiguration:
    """The GX form of one expectation; `index` finds it again in the results."""
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.row_conditions import Column

    kwargs = dict(expectation.kwargs)
    row_condition: Any = None
    for condition in expectation.conditions:
        column = Column(condition.column)
        is_in = column.is_not_in if condition.operator == "!=" else column.is_in
        part = is_in(list(condition.values))
        row_condition = part if row_condition is None else row_condition & part
    if row_condition is not None:
        kwargs["row_condition"] = row_condition
    return ExpectationConfiguration(
        type=expectation.type,
        kwargs=kwargs,
        meta={"rule": expectation.rule_id, "index": index},
        severity=expectation.severity,  # type: ignore[arg-type]
    )


def _failures(
    session: AuditSession, batch: str, expectations: Sequence[Expectation]
) -> dict[int, ExpectationValidationResult]:
    """Index of each expectation that fails -> GX's full result of it, with the query that finds its rows.

    Raises RuntimeError for an expectation that could not be evaluated: a gate that cannot see must not open.
    """
    checked = session.validate(
        batch, [_configuration(e, index) for index, e in enumerate(expectations)], result_format="BOOLEAN_ONLY"
    )
    failed = sorted(_index(result) for result in checked if not result.success)
    if not failed:
        return {}
    conditioned = {c.column for index in failed for c in expectations[index].conditions}
    explained = session.validate(
        batch,
        [_configuration(expectations[index], index) for index in failed],
        result_format="BASIC",
        index_columns=(*INDEX_COLUMNS, *sorted(conditioned)),
    )
    for result in explained:
        if "unexpected_index_query" not in result.result:
            rule = expectations[_index(result)].rule_id
            raise RuntimeError(f"Great Expectations could not evaluate {rule}: {result.exception_info}")
    return {_index(result): result for result in explained}


def _index(result: ExpectationValidationResult) -> int:
    assert result.expectation_config is not None
    return int(result.expectation_config.meta["index"])


def _domain_sizes(session: AuditSession, table: str, expectations: Sequence[Expectation]) -> dict[str, int]:
    """Conditions as SQL -> rows that meet them."""
    conditions = sorted({conditions_sql(e.conditions) for e in expectations})
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in conditions)
    return dict(zip(conditions, session.fetch(f'select {counts} from "{table}"')[0], strict=True))


def _outcome(
    session: AuditSession,
    group: Sequence[tuple[int, Expectation]],
    failures: Mapping[int, ExpectationValidationResult],
    sizes: Mapping[str, int],
) -> RuleOutcome:
    """One rule's outcome over all its expectations. Rows that were released from the rule do not count."""
    first = group[0][1]
    found = [(expectation, failures[index]) for index, expectation in group if index in failures]
    broken = _broken_rows(session, first.rule_id, found)
    size = sizes[conditions_sql(first.conditions)]
    return RuleOutcome(
        rule_id=first.rule_id,
        severity=first.severity,
        rows_checked=size,
        rows_broken=sum(rows for rows, _ in broken.values()),
        success=not broken,
        deliveries={delivery_id: rows for delivery_id, (rows, _) in broken.items()},
        detail={
            "expectations": [as_stored(expectation, failures.get(index), size) for index, expectation in group],
            "lines": {str(delivery_id): lines for delivery_id, (_, lines) in list(broken.items())[:SAMPLE]},
        },
    )


def _broken_rows(
    session: AuditSession, rule_id: str, found: Sequence[tuple[Expectation, ExpectationValidationResult]]
) -> dict[int, tuple[int, list[int]]]:
    """Delivery id -> (rows that break the rule, some of their lines).

    GX counts within the row condition, but the query it hands out for the rows leaves the condition off.
    """
    if not found:
        return {}
    parts = [
        "select _delivery_id, _record_no, _line_no from ("
        + result.result["unexpected_index_query"].rstrip("; \n")
        + f") q where ({conditions_sql(expectation.conditions)}) and not ({_literal(rule_id)} = any(_released))"
        for expectation, result in found
    ]
    rows = session.fetch(
        f"select _delivery_id, count(*), (array_agg(_line_no order by _line_no))[1:{SAMPLE}]"
        f" from ({' union '.join(parts)}) b group by _delivery_id order by _delivery_id"
    )
    return {int(delivery_id): (int(count), list(lines)) for delivery_id, count, lines in rows}


def _literal(text: str) -> str:
    return sql.Literal(text).as_string(None)


def _reject_limit(session: AuditSession, marks: str, suite: CompiledSuite) -> RuleOutcome:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    checked = session.validate(
        _MARKS,
        [
            ExpectationConfiguration(
                type="unexpected_rows_expectation",
                kwargs={"unexpected_rows_query": suite.limit_query},
                meta={"rule": REJECT_LIMIT_RULE, "index": 0},
            )
        ],
        result_format="BASIC",
    )
    (result,) = checked
    if "observed_value" not in result.result:
        raise RuntimeError(f"Great Expectations could not evaluate {REJECT_LIMIT_RULE}: {result.exception_info}")
    over = session.fetch(suite.limit_query.replace("{batch}", marks)) if not result.success else []
    received, broken = session.fetch(f"select count(*), count(*) filter (where broken) from {marks}")[0]
    return RuleOutcome(
        rule_id=REJECT_LIMIT_RULE,
        severity="critical",
        rows_checked=received,
        rows_broken=broken,
        success=bool(result.success),
        deliveries={int(delivery_id): int(rows) for delivery_id, _, rows in over},
        detail={
            "expectations": [
                {
                    "success": bool(result.success),
                    "expectation_config": {
                        "type": "unexpected_rows_expectation",
                        "kwargs": {"unexpected_rows_query": suite.limit_query},
                        "meta": {"rule": REJECT_LIMIT_RULE},
                        "severity": "critical",
                    },
                    "result": {"observed_value": len(over)},
                }
            ],
            "over": [[int(d), int(r), int(b)] for d, r, b in over[:SAMPLE]],
        },
    )
