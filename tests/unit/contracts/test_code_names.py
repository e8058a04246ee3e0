"""Every closed list of a feed has names in Chinese and English, where BI tools join them: in dim_code."""

from __future__ import annotations

import csv
import re
from collections import defaultdict

import pytest

from ciq.contracts import ContractSet, load_contracts
from ciq.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "expectations"
MODEL = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "dimensions" / "dim_code.sql"
WITHOUT_NAMES = ({"I", "U", "D"}, {"0", "1"})
"""What a row does to its record, and flags."""


@pytest.fixture(scope="module")
def contracts() -> ContractSet:
    return load_contracts(FOLDER)


@pytest.fixture(scope="module")
def lists() -> dict[str, dict[str, tuple[str, str]]]:
    """List -> code -> names, of the model and of the code lists' files."""
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    row = re.compile(r"\('(\w+)', '([^']+)', '([^']+)', '((?:[^']|'')+)'\)")
    for list_id, code, zh, en in row.findall(MODEL.read_text(encoding="utf-8")):
        assert code not in found[list_id], f"{list_id} names {code} twice"
        found[list_id][code] = (zh, en)
    for path in sorted((FOLDER / "code_lists").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                if "code" in line:
                    found[path.stem][line["code"]] = (line.get("name_zh", ""), line.get("name_en", ""))
    return found


def test_every_value_that_a_contract_spells_out_has_names(
    contracts: ContractSet, lists: dict[str, dict[str, tuple[str, str]]]
) -> None:
    nameless = {
        rule.rule_id: sorted(values)
        for contract in contracts.feeds
        for rule in contract.rules
        if (values := {str(value) for value in rule.kwargs.get("value_set", ())})
        and not any(values <= flags for flags in WITHOUT_NAMES)
        and not any(values <= set(names) for names in lists.values())
    }
    assert nameless == {}


def test_names_are_in_both_languages(lists: dict[str, dict[str, tuple[str, str]]]) -> None:
    wrong = [
        (list_id, code)
        for list_id, names in lists.items()
        for code, (zh, en) in names.items()
        if not re.search(r"[\u4e00-\u9fff]|^[A-Z]", zh) or not en
    ]
    assert wrong == []
