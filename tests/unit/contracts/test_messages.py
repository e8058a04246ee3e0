"""What rules say to people: the cell that is in their file, and proper words."""

from __future__ import annotations

import re

from ciq.contracts import load_contracts
from ciq.settings import PROJECT_ROOT

CONTRACTS = load_contracts(PROJECT_ROOT / "expectations")


def test_each_rule_names_a_cell_of_the_file() -> None:
    for record_type in (*CONTRACTS.manifest.record_types, *CONTRACTS.record_types):
        cells = {column.name for column in record_type.file_columns} | {None}
        named = {rule.id: record_type.cell_of(rule) for rule in record_type.rules}
        assert {rule_id: cell for rule_id, cell in named.items() if cell not in cells} == {}
    (f01,) = (record_type for record_type in CONTRACTS.record_types if record_type.feed_code == "F01")
    (rule,) = (rule for rule in f01.rules if rule.id == "F01-decl_no-org")
    assert (rule.column, f01.cell_of(rule)) == ("decl_org", "decl_no")


def test_one_of_a_thing_is_no_plural() -> None:
    wrong = re.compile(r"\b1 (characters|digits|decimals)\b")
    assert [rule.id for rule in CONTRACTS.rules() if wrong.search(rule.message_en)] == []
    assert any("1 character" in rule.message_en for rule in CONTRACTS.rules())
