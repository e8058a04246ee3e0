"""The compiled suite, without a database and without Great Expectations."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from ciq.contracts import Contract, load_contracts
from ciq.errors import ContractError
from ciq.quality.suite import CompiledSuite, compile_suite, conditions_sql
from ciq.settings import PROJECT_ROOT

CODES = dict.fromkeys(("org", "country", "currency", "decl_type", "insp_mode", "nc_category", "disposal"), ("1", "2"))


@pytest.fixture
def contract() -> Contract:
    return next(c for c in load_contracts(PROJECT_ROOT / "expectations").feeds if c.feed_code == "F03")


@pytest.fixture
def suite(contract: Contract) -> CompiledSuite:
    return compile_suite(contract, CODES)


def test_every_row_rule_has_an_expectation(contract: Contract, suite: CompiledSuite) -> None:
    assert {e.rule_id for e in suite.expectations} == {rule.id for rule in contract.main.row_rules}


def test_conditions(suite: CompiledSuite) -> None:
    conditions = {e.rule_id: conditions_sql(e.conditions) for e in suite.expectations}
    assert conditions["F03-op-known"] == "true"
    assert conditions["F03-result-known"] == "\"op\" not in ('D')"
    assert conditions["F03-nc_item-given"] == "\"result\" in ('N')"


def test_personal_columns_are_marked(suite: CompiledSuite) -> None:
    assert {e.rule_id for e in suite.expectations if e.personal} == {"F03-inspector-required", "F03-inspector-type"}


def test_the_hash_changes_with_each_part(contract: Contract, suite: CompiledSuite) -> None:
    stricter = replace(contract.reject_limit, rows=1)
    assert compile_suite(replace(contract, reject_limit=stricter), CODES).hash != suite.hash
    narrower = replace(contract.main, columns=contract.main.columns[:-1])
    assert compile_suite(replace(contract, record_types=(narrower,)), CODES).hash != suite.hash
    assert compile_suite(contract, CODES | {"disposal": ("1", "2", "3")}).hash != suite.hash
    assert compile_suite(contract, dict(reversed(CODES.items()))).hash == suite.hash


def test_an_empty_code_list_is_an_error_not_a_verdict(contract: Contract) -> None:
    with pytest.raises(ContractError, match="disposal"):
        compile_suite(contract, CODES | {"disposal": ()})


@pytest.mark.parametrize("module", ["ciq.quality.gate", "ciq.quality.docs", "ciq.quality.decisions", "ciq.cli.app"])
def test_importing_costs_no_great_expectations(module: str) -> None:
    """It takes seconds, and every command and every parse of a DAG file would pay them."""
    heavy = "{'great_expectations', 'pandas', 'dbt'}"
    code = f"import sys, {module}; print(*sorted({heavy} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, ""), ended.stderr
