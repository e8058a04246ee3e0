"""GX and the SQL predicates must say the same of every row: the one audits the other, so a difference holds deliveries.

Each row is a delivery of its own here, so that GX's answer by delivery is an answer by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies

from ciq.contracts import Contract, ContractSet

FEEDS = (
    "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F11", "F12", "F13", "F14", "F15", "F16",
    "F17", "F18", "H01", "N01", "N08", "N12",
)  # fmt: skip

NASTY = (
    "", " ", "\t", "　", "\u00a0", "\u200b", "\r\n", "　1　", "0", "-0", "1", "+1", "-1", "007", "1.5", "1.", ".5",
    "1e5", "1E5", "3.201E+14", "NaN", "Infinity", "-infinity", "1_000", "1,000", "0x10", "１", "99999", "32767",
    "2009", "2011", "32768", "-32768", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
    "12345678901234.1234", "123456789012345.1", "1234567890123456.12", "12345678901234567.12", "0.12345",
    "0.123456789", "-0.01", "9999999999.99999999", "today", "now", "epoch", "20100608", "2010-06-08", "20100609",
    "2010-06-09", "2010-02-29", "20100230", "2010-6-8", "2010/06/08", "0001-01-01", "9999-12-31", "00000000",
    "10000-01-01", "2010-06-08 10:00", "2010-06-08T10:00:00", "2010-06-08 10:00:00", "2010-06-08 23:59:59",
    "2010-06-09 00:00:00", "2010-06-08 25:00:00", "2010-06-08 10:60", "2010-06-08 24:00:00", "2010-06-08 23:59:60",
    "2010-06-08 10:00:00.5", "2010-06-08 10:00:00+08", "2010-06-08  10:00", "I", "U", "D", "d", " D ", "I\n", "E",
    "N", "Q", "n", "01", "11", "99", "000", "156", "840", "USD", "usd", "EEK", "0", "9", "EVAL", "320100", "032010",
    "32010", "3201000017", "320100000X", "CNSHA", "cnsha", "CN", "8541402000", "7700000000", "0000000000",
    "8541402000101", "LMNPQRSVW./", "035", "320100210001234", "3201002100012345", "990100210001234",
    "３２０１００２１０００１２３４", "320100210001234\n", "DIRECT", "NULL", "null", "\\N", "\\", "'", '"', "''", "%",
    "%s", "%(x)s", "$1", "{batch}", "a:b", ":x", "::text", "--", "/*", "<script>alert(1)</script>", "=1+1", "é",
    "\U0001f600", "\ufeff1", "a\tb", "x" * 64, "x" * 65, "字" * 200, "字" * 201, "x" * 2001, "***", " *** ",
)  # fmt: skip
"""Each stands for a way to be wrong that PostgreSQL, Python or a spreadsheet would let pass."""

Good = dict[str, dict[str, str]]
Judge = Callable[[Contract, Sequence[dict[str, str]]], tuple[dict[str, set[int]], dict[str, set[int]]]]


def feed(contracts: ContractSet, code: str) -> Contract:
    return next(contract for contract in contracts.feeds if contract.feed_code == code)


def differences(
    contract: Contract, rows: Sequence[dict[str, str]], by_sql: dict[str, set[int]], by_gx: dict[str, set[int]]
) -> list[str]:
    assert set(by_sql) == set(by_gx), "a row rule is missing on one side"
    found = []
    for rule in contract.main.row_rules:
        for number in sorted(by_sql[rule.id] ^ by_gx[rule.id]):
            who = "SQL" if number in by_sql[rule.id] else "GX"
            row = rows[number - 1]
            found.append(f"{rule.id}: only {who} objects to {row.get(rule.column or '')!r} (op {row.get('op')!r})")
    return found


@pytest.mark.parametrize("code", FEEDS)
def test_a_good_row_breaks_no_rule(code: str, good: Good, contracts: ContractSet, judge_twice: Judge) -> None:
    by_sql, by_gx = judge_twice(feed(contracts, code), [good[code]])
    assert {rule for rule, rows in by_sql.items() if rows} == set()
    assert {rule for rule, rows in by_gx.items() if rows} == set()


@pytest.mark.slow
@pytest.mark.parametrize("code", FEEDS)
def test_every_nasty_cell_in_every_column(code: str, good: Good, contracts: ContractSet, judge_twice: Judge) -> None:
    """Also that the cells reach every rule: a rule that no row breaks was compared with nothing."""
    contract = feed(contracts, code)
    columns, rules = contract.main.file_columns, contract.main.row_rules
    rows = [good[code] | {column.name: cell} for column in columns for cell in NASTY]
    special = [{name: values[0] for name, values in rule.when.items()} for rule in rules if rule.when] or [{}]
    for cells in special:
        rows += [good[code] | {"op": "D"} | cells | {column.name: ""} for column in columns]
        rows += [good[code] | cells | {column.name: "x"} for column in columns]
    by_sql, by_gx = judge_twice(contract, rows)
    assert differences(contract, rows, by_sql, by_gx) == []
    assert {rule for rule, broken in by_sql.items() if not broken} == set()


def test_both_work_out_the_check_digit_of_an_organisation_code(
    good: Good, contracts: ContractSet, judge_twice: Judge
) -> None:
    right = ("12345618X", "A23456783", "000000000", "134762019")
    wrong = ("123456188", "a23456783", "A2345678X", "12345618x", "-23456780", "1234561", "134762019 0", "1３4762019")
    rows = [good["F09"] | {"org_inst_code": code} for code in (*right, *wrong)]
    for verdicts in judge_twice(feed(contracts, "F09"), rows):
        assert verdicts["F09-org_inst_code-check_digit"] == set(range(len(right) + 1, len(rows) + 1))


def rows_of(contract: Contract, good: dict[str, str]) -> strategies.SearchStrategy[list[dict[str, str]]]:
    cell = strategies.sampled_from(NASTY) | strategies.text(
        strategies.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12
    )
    names = strategies.sampled_from([column.name for column in contract.main.file_columns])
    changed: Any = strategies.dictionaries(names, cell, max_size=12)
    row = strategies.builds(lambda change, op: good | {"op": op} | change, changed,
                            strategies.sampled_from(("I", "U", "D")))  # fmt: skip
    return strategies.lists(row, min_size=100, max_size=300)


@pytest.mark.slow
@pytest.mark.parametrize("code", FEEDS)
def test_random_rows(code: str, good: Good, contracts: ContractSet, judge_twice: Judge) -> None:
    contract = feed(contracts, code)

    # No shrinking: an example is hundreds of rows in one batch, and a difference names its row.
    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(rows=rows_of(contract, good[code]))
    def check(rows: list[dict[str, str]]) -> None:
        assert differences(contract, rows, *judge_twice(contract, rows)) == []

    check()
