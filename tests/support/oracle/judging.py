"""Which records are broken: types, lengths, code lists and rules of a contract, applied to trimmed cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from support.oracle.contract import Column, Feed, Rule
from support.oracle.reference import codes

BLANKS = " \t\u3000"
INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


class HasCells(Protocol):
    """A record as the reader gives it."""

    @property
    def line(self) -> int: ...
    @property
    def cells(self) -> list[str]: ...
    @property
    def broken(self) -> bool: ...


@dataclass(frozen=True)
class Judged:
    """The records of one file; `values` are typed, None where blank or unreadable. `broken`: by itself."""

    lines: list[int]
    values: list[dict[str, Any]]
    broken: list[bool]
    in_broken_set: list[bool]
    amount_sum: Decimal | None

    @property
    def rejected(self) -> list[bool]:
        return [own or by_set for own, by_set in zip(self.broken, self.in_broken_set, strict=True)]


class _Invalid:
    """A cell that has no value of its type."""


INVALID = _Invalid()


def judge(feed: Feed, records: Sequence[HasCells], business_date: date) -> Judged:
    """Judge each record by itself, then item sets as a whole."""
    rows = [_typed(feed, record.cells) for record in records]
    broken = [record.broken or _is_broken(feed, row, business_date) for record, row in zip(records, rows, strict=True)]
    values = [{name: None if value is INVALID else value for name, value in row.items()} for row in rows]
    spoiled = [row for row, bad in zip(values, broken, strict=True) if bad and feed.is_set]
    sets = {(row.get("decl_no"), row.get("version_no")) for row in spoiled if row.get("decl_no") is not None}
    return Judged(
        lines=[record.line for record in records],
        values=values,
        broken=broken,
        in_broken_set=[not bad and _is_in(sets, row) for row, bad in zip(values, broken, strict=True)],
        amount_sum=_amount_sum(feed, records, rows),
    )


def _is_in(sets: set[tuple[Any, Any]], row: dict[str, Any]) -> bool:
    """Whether the row's item set has a broken row; one whose version cannot be read may be of any version."""
    decl_no = row.get("decl_no")
    return (decl_no, row.get("version_no")) in sets or (decl_no, None) in sets


def _amount_sum(feed: Feed, records: Sequence[HasCells], rows: list[dict[str, Any]]) -> Decimal | None:
    """None when an amount cannot be read."""
    if feed.amount is None or any(record.broken for record in records):
        return None
    amounts = [row[feed.amount] for row in rows]
    return None if INVALID in amounts else sum((a for a in amounts if a is not None), Decimal(0))


def _typed(feed: Feed, cells: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    own = [column for column in feed.columns if not column.derived]
    for column, cell in zip(own, cells, strict=False):
        row[column.name] = value_of(column.type, column.length, cell.strip(BLANKS))
    for column in feed.columns:
        if column.derived:
            row[column.name] = _derive(column.derived, row)
    return row


def _derive(logic: str, row: dict[str, Any]) -> Any:
    """Those that the contracts have."""
    if logic == "left(decl_no, 6)":
        source = row.get("decl_no")
        return source[:6] if isinstance(source, str) else None
    if logic in {"'CNY'::text", "'USD'::text"}:
        return logic[1:4]
    if logic == "coalesce(fine_cny, 0) + coalesce(confiscation_cny, 0)":
        amounts = (row.get("fine_cny"), row.get("confiscation_cny"))
        return sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))
    name, _, kind = logic.partition("::")
    assert kind == "date", logic
    source = row.get(name)
    return source.date() if isinstance(source, datetime) else None


@cache
def value_of(kind: str, length: int | None, text: str) -> Any:
    """The value of a trimmed cell; INVALID when it has none of that type."""
    if not text:
        return None
    if kind == "text":
        return text if length is None or len(text) <= length else INVALID
    if kind in INTEGERS:
        if not re.fullmatch(r"-?[0-9]+", text):
            return INVALID
        return int(text) if -INTEGERS[kind] <= int(text) < INTEGERS[kind] else INVALID
    if kind.startswith("numeric"):
        return _number(kind, text)
    return _time(kind, text)


def _number(kind: str, text: str) -> Any:
    precision, scale = map(int, re.findall(r"\d+", kind))
    match = re.fullmatch(r"-?([0-9]+)(?:\.([0-9]+))?", text)
    if not match or len(match[1].lstrip("0")) > precision - scale or len(match[2] or "") > scale:
        return INVALID
    return Decimal(text)


def _time(kind: str, text: str) -> Any:
    patterns = {
        "date": {r"\d{4}-\d\d-\d\d": "%Y-%m-%d", r"\d{8}": "%Y%m%d"},
        "timestamp": {
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d": "%Y-%m-%d %H:%M:%S",
            r"\d{4}-\d\d-\d\d \d\d:\d\d": "%Y-%m-%d %H:%M",
        },
    }[kind]
    for pattern, form in patterns.items():
        if re.fullmatch(pattern, text, re.ASCII) and not text.endswith((":60", ":61")):
            try:
                moment = datetime.strptime(text, form)  # noqa: DTZ007  local time, as in the feeds
            except ValueError:
                return INVALID
            return moment.date() if kind == "date" else moment
    return INVALID


def _is_broken(feed: Feed, row: dict[str, Any], business_date: date) -> bool:
    is_void = row.get("op") == "D"
    for column in feed.columns:
        applies = column.always_told or not is_void
        if applies and _has_no_value(column, row):
            return True
        if any(_breaks(rule, column, row, business_date) for rule in column.rules if applies or rule.when):
            return True
    return False


def _has_no_value(column: Column, row: dict[str, Any]) -> bool:
    value = row.get(column.name)
    return value is INVALID or (value is None and column.required)


def _breaks(rule: Rule, column: Column, row: dict[str, Any], business_date: date) -> bool:
    if any(row.get(name) not in values for name, values in rule.when.items()):
        return False
    if rule.kind == "expect_column_pair_values_a_to_be_greater_than_b":
        told = {**row, "business_date": business_date}
        high, low = told[rule.arguments["column_A"]], told[rule.arguments["column_B"]]
        assert rule.arguments["or_equal"]
        return _told(high) and _told(low) and high < low
    value = row.get(column.name)
    if rule.kind == "expect_column_values_to_not_be_null":
        return value is None
    return _told(value) and not _CHECKS[rule.kind](rule, value)


def _told(value: Any) -> bool:
    return value is not None and value is not INVALID


def _in_set(rule: Rule, value: Any) -> bool:
    return value in (codes(rule.code_list) if rule.code_list else rule.arguments["value_set"])


def _matches(rule: Rule, value: Any) -> bool:
    pattern = rule.arguments["regex"].removeprefix("^").removesuffix("$")
    return re.fullmatch(pattern, value) is not None


def _between(rule: Rule, value: Any) -> bool:
    low, high = rule.arguments.get("min_value"), rule.arguments.get("max_value")
    if rule.arguments.get("strict_min") and value == low:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _has_check_digit(rule: Rule, value: Any) -> bool:
    weights, digits, modulus = (rule.arguments[name] for name in ("weights", "digits", "modulus"))
    if len(value) != len(weights) + 1 or not set(value[:-1]) <= set(digits):
        return False
    weighted = sum(weight * digits.index(digit) for weight, digit in zip(weights, value, strict=False))
    return bool(value[-1] == rule.arguments["check_digits"][-weighted % modulus])


_CHECKS: dict[str, Callable[[Rule, Any], bool]] = {
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_match_regex": _matches,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_have_check_digit": _has_check_digit,
}
