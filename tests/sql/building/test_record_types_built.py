"""Two record types of one feed, two sheets of one workbook: each has records, fates, findings and lines of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ciq.building import build, deploy
from ciq.building.explain import explain
from ciq.contracts.drift import compiled_files
from ciq.errors import BuildError
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import Bureau
from support.post import Post, Row, contracts_with_parcels, parcels, seals

pytestmark = pytest.mark.slow

STAGING = """with {model} as (
    select * from {{{{ source('ods', '{table}') }}}}
)

select * from {model}
"""
META = """version: 2

models:
  - name: stg_f90_parcels__parcels
    config: {meta: {record: {feed: F90, table: f90_parcel, entity: parcel, key: parcel_no}}}
    description: "Grain: one delivered row of parcels. 一行一条。"
  - name: stg_f90_parcels__seals
    config: {meta: {record: {feed: F90, table: f90_seal, entity: seal, key: parcel_no, item: [seal_no], type: seal}}}
    description: "Grain: one delivered row of seals. 一行一条。"
"""


def with_sheets(settings: Settings, folder: Path, meta: str = META) -> Settings:
    """Contracts and dbt project with F90: its contract and two staging models."""
    contracts, project = contracts_with_parcels(folder), folder / "dbt"
    shutil.copytree(settings.dbt_project, project, ignore=shutil.ignore_patterns("target", "logs"))
    staging = project / "models" / "staging" / "f90_parcels"
    staging.mkdir()
    for model, table in (("stg_f90_parcels__parcels", "f90_parcel"), ("stg_f90_parcels__seals", "f90_seal")):
        (staging / f"{model}.sql").write_text(STAGING.format(model=model, table=table), encoding="utf-8")
    (staging / "_f90_parcels__models.yml").write_text(meta, encoding="utf-8")
    changed = settings.model_copy(update={"contracts": contracts, "dbt_project": project})
    (sources,) = (path for path in compiled_files(changed) if path.is_relative_to(project))
    sources.write_text(compiled_files(changed)[sources], encoding="utf-8")
    return changed


def again(row: Row, version: int, **cells: str) -> Row:
    return {**row, "record_id": f"{row['record_id']}v{version}", "op": "U", "version_no": str(version), **cells}


@pytest.fixture(scope="module")
def post(make_bureau: Callable[[str], Bureau], tmp_path_factory: pytest.TempPathFactory) -> Post:
    """Parcels 1 and 2, of which 2 was corrected; four seals on parcel 1: one corrected with a gap, one broken, one
    taken back; and a void of a seal on parcel 2 that nobody knows.
    """
    settings = with_sheets(make_bureau("two-sheets").settings, tmp_path_factory.mktemp("two-sheets"))
    prepare_database(settings)
    deploy(settings)
    made = Post(settings)
    one, two = parcels(2)
    first, second, third, fourth = seals(4)
    taken_back = {**again(fourth, 2), "op": "D"}
    unknown = {**again(first, 1), "op": "D", "record_id": "s9", "parcel_no": "P0002"}
    broken = {**third, "colour": "RED"}
    sealed = [first, second, again(second, 3, colour="blue"), broken, fourth, taken_back, unknown]
    made.send({"parcel": [one, two, again(two, 2)], "seal": sealed})
    report = made.load()
    assert (report.held, report.errors) == (0, [])
    assert build(settings, "test").publication_no == 1
    return made


def test_each_sheet_has_records_of_its_own(post: Post) -> None:
    rows = published_rows(post.settings, "fct_record")
    assert {(row["entity"], row["key"], row["item"], row["version_no"], row["is_void"]) for row in rows} == {
        ("parcel", "P0001", "", 1, False),
        ("parcel", "P0002", "", 2, False),
        ("seal", "P0001", "1", 1, False),
        ("seal", "P0001", "2", 3, False),
        ("seal", "P0001", "4", 1, True),
    }
    unused = published_rows(post.settings, "fct_unused_case_row")
    assert {(row["entity"], row["key"], row["item"], row["fate"]) for row in unused} == {
        ("parcel", "P0002", None, "superseded"),
        ("seal", "P0001", "2", "superseded"),
        ("seal", "P0001", "4", "superseded"),
        ("seal", "P0002", "1", "waiting"),
    }


def test_findings_bear_the_name_of_the_record_type(post: Post) -> None:
    found = {(row["rule_id"], row["entity"], row["key"]) for row in published_rows(post.settings, "fct_finding")}
    assert found == {("F90-seal-version-gap", "seal", "P0001"), ("F90-seal-void-unknown", "seal", "P0002")}


def test_a_line_is_told_by_its_sheet(post: Post) -> None:
    found = explain(post.settings, "fct_record", {"key": "P0001"})
    places = {(source.section, source.line, source.role.partition(" (")[0]) for source in found.sources}
    assert places == {
        ("邮包", 2, "parcel"),
        ("封识", 2, "seal 1"),
        ("封识", 3, "P0001 2 superseded"),
        ("封识", 4, "seal 2"),
        ("封识", 4, "finding F90-seal-version-gap"),
        ("封识", 5, "quarantined"),
        ("封识", 6, "P0001 4 superseded"),
        ("封识", 6, "taken back 4"),
        ("封识", 7, "void 4"),
    }


def test_every_row_of_both_sheets_has_a_fate(post: Post) -> None:
    (balance,) = published_rows(post.settings, "delivery_balance")
    counts = [balance[f"rows_{fate}"] for fate in ("accepted", "superseded", "void", "waiting", "current")]
    assert (counts, balance["is_balanced"]) == ([9, 3, 1, 1, 4], True)
    assert [str(breach) for check in verify(post.settings) for breach in check.breaches] == []


def test_a_correction_of_one_sheet_leaves_the_records_of_the_other(post: Post) -> None:
    """The same key in both: what is rebuilt of one entity takes nothing from the other."""
    before = [row for row in published_rows(post.settings, "fct_record") if row["entity"] == "parcel"]
    sheets = {"parcel": [parcels(3)[2]], "seal": [again(seals(1)[0], 2, colour="green")]}
    post.send(sheets, day=date(2010, 6, 9))
    post.load()
    assert build(post.settings, "test").publication_no == 2
    rows = published_rows(post.settings, "fct_record")
    assert [row for row in rows if row["entity"] == "parcel" and row["key"] != "P0003"] == before
    assert [row["version_no"] for row in rows if (row["entity"], row["item"]) == ("seal", "1")] == [2]


def test_two_record_types_may_not_share_an_entity(
    make_bureau: Callable[[str], Bureau], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing would tell a record of one from a record of the other."""
    shared = META.replace("entity: seal", "entity: parcel")
    settings = with_sheets(make_bureau("shared-entity").settings, tmp_path_factory.mktemp("shared"), shared)
    prepare_database(settings)
    with pytest.raises(BuildError, match="both call their records parcel"):
        deploy(settings)
