"""What the gate says of a load: one outcome per rule, in a form that audit.rule_result keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ciq.quality.suite import Expectation

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

SAMPLE = 20
"""Values and lines kept per rule: a result is a report; the store of broken rows is quarantine."""

_LONGEST = 100
"""Characters kept of a cell."""


@dataclass(frozen=True, kw_only=True)
class RuleOutcome:
    """What GX says of one rule over the load. `deliveries`: delivery id -> rows that break it.

    `detail` is JSON: GX's own results without the cells of personal columns, at most a few values and lines of each.
    """

    rule_id: str
    severity: str
    rows_checked: int
    rows_broken: int
    success: bool
    deliveries: Mapping[int, int]
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """Outcomes of one load, to be stored in audit.rule_result with engine 'gx' and the suite's hash."""

    suite_hash: str
    outcomes: tuple[RuleOutcome, ...]
    limit: RuleOutcome | None = None

    @property
    def disagrees(self) -> Mapping[int, tuple[str, ...]]:
        """Delivery id -> critical rules that GX found broken in rows which the predicates passed."""
        found: dict[int, list[str]] = defaultdict(list)
        for outcome in self.outcomes:
            if outcome.severity == "critical":
                for delivery_id in outcome.deliveries:
                    found[delivery_id].append(outcome.rule_id)
        return {delivery_id: tuple(rules) for delivery_id, rules in sorted(found.items())}

    @property
    def over_limit(self) -> frozenset[int]:
        """Deliveries with more broken records than their contract's reject limit allows."""
        return frozenset(self.limit.deliveries if self.limit else ())

    @property
    def all_outcomes(self) -> tuple[RuleOutcome, ...]:
        """Those of the rules and that of the reject limit."""
        return (*self.outcomes, *([self.limit] if self.limit else []))


def as_stored(expectation: Expectation, failure: ExpectationValidationResult | None, rows: int) -> dict[str, Any]:
    """GX's result of one expectation as JSON, bounded in size and without the cells of personal columns.

    A result that passed was asked for as a boolean: its counts are known without GX.
    """
    kwargs = {name: _short_set(value, expectation.code_list) for name, value in expectation.kwargs.items()}
    conditions = [f"{c.column} {c.operator} {', '.join(c.values)}" for c in expectation.conditions]
    return {
        "success": failure is None,
        "expectation_config": {
            "type": expectation.type,
            "kwargs": kwargs,
            "meta": {"rule": expectation.rule_id, "when": conditions},
            "severity": expectation.severity,
        },
        "result": _counts(expectation, failure, rows),
    }


def _counts(expectation: Expectation, failure: ExpectationValidationResult | None, rows: int) -> dict[str, Any]:
    if failure is None:
        return {"element_count": rows, "unexpected_count": 0, "unexpected_percent": 0.0}
    kept = ("element_count", "unexpected_count", "unexpected_percent", "missing_count", "missing_percent")
    counts = {name: failure.result[name] for name in kept if name in failure.result}
    if expectation.personal:
        return {**counts, "partial_unexpected_list": []}
    values = failure.result.get("partial_unexpected_list", [])[:SAMPLE]
    return {**counts, "partial_unexpected_list": [_short(value) for value in values]}


def _short(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _short_set(value: Any, code_list: str | None) -> Any:
    return [f"{code_list}: {len(value)} codes"] if code_list and isinstance(value, list) else value
