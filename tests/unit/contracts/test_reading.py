"""Contracts are read whole, and what our compilers cannot do is refused with the file's name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from ciq.contracts import ContractSet, load_contracts
from ciq.contracts.drift import drifted_files
from ciq.contracts.model import ENVELOPE, RejectLimit
from ciq.contracts.predicates import judge_rows, lexical_form
from ciq.contracts.reading import parse_contract, validate_odcs
from ciq.errors import ContractError
from ciq.settings import PROJECT_ROOT, Settings

FOLDER = PROJECT_ROOT / "expectations"


@pytest.fixture(scope="module")
def contracts() -> ContractSet:
    return load_contracts(FOLDER)


def test_the_feeds_are_there(contracts: ContractSet) -> None:
    assert contracts.load_groups == {
        "cargo": ("F01", "F02", "F03", "F04", "F05"),
        "frontier": ("F06", "F07", "F08", "F13", "N08"),
        "enforcement": ("F10", "F11", "F12", "N12"),
        "notices": ("F18",),
        "returns": ("F09", "F14", "F15", "F16", "F17", "H01", "N01"),
    }
    assert contracts.manifest.main.key == ("feed_code", "org_code", "business_date", "seq")


def test_every_file_is_valid_odcs_and_nothing_compiled_has_drifted() -> None:
    assert drifted_files(Settings()) == []


def test_every_column_and_rule_speaks_both_languages(contracts: ContractSet) -> None:
    def has_chinese(text: str) -> bool:
        return any("\u4e00" <= char <= "\u9fff" for char in text)

    for record_type in (*contracts.manifest.record_types, *contracts.record_types):
        for column in record_type.columns:
            assert has_chinese(column.name_zh), column.name
            assert column.name_en.isascii(), column.name
        for rule in record_type.rules:
            assert has_chinese(rule.message_zh), rule.id
            assert not has_chinese(rule.message_en.replace(rule.column or "", "")), rule.id


def test_every_rule_of_every_feed_has_a_predicate(contracts: ContractSet) -> None:
    for record_type in contracts.record_types:
        statement = judge_rows(record_type, 1).as_string(None)
        for rule in record_type.row_rules:
            assert f"'{rule.id}'" in statement


def test_a_void_needs_envelope_and_key_only(contracts: ContractSet) -> None:
    for record_type in contracts.record_types:
        for rule in record_type.row_rules:
            always = rule.column in ENVELOPE or rule.column in record_type.key
            assert rule.content_only is (not always and not rule.when), rule.id


def test_the_version_in_force_is_the_newest_that_has_begun(contracts: ContractSet) -> None:
    assert contracts.effective("F01", date(2008, 12, 31)) is None
    assert contracts.effective("F99", date(2010, 6, 8)) is None
    text = (FOLDER / "f01_declaration.odcs.yaml").read_text(encoding="utf-8")
    newer = parse_contract(
        text.replace('"2009-01-01"', '"2010-07-01"').replace("version: 1.0.0", "version: 1.1.0"), name="x"
    )
    both = ContractSet((*contracts.contracts, newer))
    in_june, in_july = both.effective("F01", date(2010, 6, 30)), both.effective("F01", date(2010, 7, 1))
    assert in_june is not None and in_june.version == "1.0.0"  # noqa: PT018
    assert in_july is not None and in_july.version == "1.1.0"  # noqa: PT018


@pytest.mark.parametrize(
    ("received", "broken", "allowed"),
    [(10, 5, True), (10, 6, False), (1000, 50, True), (1000, 51, False), (0, 0, True)],
)
def test_the_reject_limit_is_a_share_with_a_floor(received: int, broken: int, allowed: bool) -> None:
    assert RejectLimit(share=0.05, rows=5).allows(broken=broken, received=received) is allowed


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("expect_column_values_to_be_between", "expect_column_values_to_be_increasing", "has no SQL predicate"),
        ('column_A: "business_date"', 'column_A: "busines_date"', "unknown columns"),
        ("id: F01-version_no-range", "id: F01-op-known", "repeat"),
        ("- name: record_id", "- name: row_id", "envelope"),
    ],
)
def test_what_the_compilers_cannot_do_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = (FOLDER / "f01_declaration.odcs.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "f01.odcs.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContractError, match=complaint) as caught:
        load_contracts(tmp_path)
    assert "f01.odcs.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [("{min_value: 1, max_value: 99}", "{min_value: 1, strict_max: true}"), ('"org"}', '"currency"}')],
)
def test_a_rule_that_no_manifest_can_be_asked_is_refused(old: str, new: str) -> None:
    text = (FOLDER / "f00_manifest.odcs.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ContractError, match="cannot be asked of a manifest"):
        parse_contract(text.replace(old, new), name="f00.odcs.yaml")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("maxLength: 64", "maxLength: 20", "pseudonymised"),
        ('"party_type": ["UNIT"]', '"party_kind": ["UNIT"]', "unknown columns"),
        ('calendar, value: "workday"', 'calendar, value: "fortnightly"', "Calendar fortnightly"),
    ],
)
def test_what_pseudonyms_and_calendars_demand(old: str, new: str, complaint: str) -> None:
    text = (FOLDER / "f10_penalty_event.odcs.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ContractError, match=complaint):
        parse_contract(text.replace(old, new), name="f10.odcs.yaml")


def test_an_unknown_key_is_no_odcs() -> None:
    document = yaml.safe_load((FOLDER / "f01_declaration.odcs.yaml").read_text(encoding="utf-8"))
    document["schema"][0]["properties"][0]["busynessName"] = "x"
    with pytest.raises(ContractError, match="busynessName"):
        validate_odcs(document, Path("f01.odcs.yaml"))


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="CIQ_CONTRACTS"):
        load_contracts(tmp_path)


def test_numbers_have_one_lexical_form(contracts: ContractSet) -> None:
    declaration = contracts.effective("F01", date(2010, 6, 8))
    assert declaration is not None
    assert lexical_form(declaration.main.column("total_value")) == r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$"
    assert lexical_form(declaration.main.column("applicant_name")) is None
