"""A contract with two record types: what is compiled from it, and what its record types may not share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ciq.contracts import ContractSet, load_contracts
from ciq.contracts.dbt_sources import render_sources
from ciq.contracts.dictionary import render_dictionary
from ciq.contracts.reading import read_contract
from ciq.contracts.tables import row_digest
from ciq.errors import ContractError
from ciq.mapping.reading import load_mapping, problems_of
from ciq.settings import PROJECT_ROOT
from support.post import CONTRACT


def test_what_a_contract_says_as_a_whole_holds_for_each_of_its_record_types() -> None:
    parcel, seal = read_contract(CONTRACT).record_types
    assert (parcel.table, parcel.prefix, parcel.section, parcel.name_en) == ("f90_parcel", "F90", "邮包", "Parcels")
    assert (seal.table, seal.prefix, seal.section, seal.name_en) == ("f90_seal", "F90-seal", "封识", "Seals")
    assert (parcel.entity, seal.entity) == (("parcel", "parcel_no"), ("seal", "parcel_no"))
    assert (parcel.control_sum, seal.control_sum) == ("amount", None)
    assert seal.key == ("parcel_no", "seal_no")


def test_only_later_record_types_have_their_name_in_ids_and_digests() -> None:
    parcel, seal = read_contract(CONTRACT).record_types
    assert {rule.id.rpartition("-")[0] for rule in parcel.rules if rule.column == "op"} == {"F90-op"}
    assert {rule.id.rpartition("-")[0] for rule in seal.rules if rule.column == "op"} == {"F90-seal-op"}
    digests = [row_digest(one, ["op"]).as_string(None) for one in (parcel, seal)]
    assert digests[0] == digests[1].replace("'-seal'", "''")


def test_no_mapping_makes_a_file_of_several_record_types() -> None:
    contract = read_contract(CONTRACT)
    mapping = load_mapping(PROJECT_ROOT / "expectations", "rasff_rich")
    several, *_ = problems_of(mapping, contract)
    assert "several record types" in several
    alone = replace(contract, record_types=contract.record_types[:1])
    assert not [problem for problem in problems_of(mapping, alone) if "several" in problem]


def test_each_record_type_is_a_source_and_a_chapter() -> None:
    contracts = ContractSet((*load_contracts(PROJECT_ROOT / "expectations").contracts, read_contract(CONTRACT)))
    sources, dictionary = render_sources(contracts), render_dictionary(contracts)
    assert [f"- name: {table}\n" in sources for table in ("f90_parcel", "f90_seal")] == [True, True]
    assert "### 封识 Seals\n\nGrain: one version of one seal" in dictionary
    assert "Section 分区: `封识`." in dictionary


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  - name: seal\n", "  - name: stamp\n", "must begin with F90-stamp-"),
        ("physicalName: f90_seal", "physicalName: f90_parcel", "Tables repeat"),
        ('value: "封识"}\n    properties', 'value: "邮包"}\n    properties', "Sections repeat"),
        (
            '      - {property: controlSum, value: "amount"}',
            '      - {property: controlSum, value: "worth"}',
            "controlSum",
        ),
        ("      - name: office\n", "      - name: seal\n", "called like columns"),
    ],
    ids=["rule ids", "tables", "sections", "control sum", "names"],
)
def test_what_two_record_types_may_not_share(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "f90.odcs.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContractError, match=complaint):
        load_contracts(tmp_path)
