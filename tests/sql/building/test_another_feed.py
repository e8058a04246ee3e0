"""A nineteenth feed: a contract, a staging model and a fixture. Everything else follows from these."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ciq.building import build, deploy
from ciq.building.explain import explain
from ciq.contracts.drift import compiled_files
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import GOOD, Bureau
from support.hard_cases import Cells, corrected, void

pytestmark = pytest.mark.slow

FEED, TABLE = "F90", "f90_quarantine_garden"
MODEL = "stg_f90_quarantine_garden__plants"
STAGING = f"""with {MODEL} as (
    select * from {{{{ source('ods', '{TABLE}') }}}}
)

select * from {MODEL}
"""
META = f"""version: 2

models:
  - name: {MODEL}
    config: {{meta: {{record: {{feed: {FEED}, table: {TABLE}, entity: plant, key: interception_no}}}}}}
    description: "Grain: one delivered row of {FEED}. 一行一条。"
"""
"""All of the feed that is written by hand, beside its contract: that of F07 under other names."""


def with_feed(settings: Settings, folder: Path) -> Settings:
    """Contracts and dbt project, each with one feed more."""
    contracts, project = folder / "expectations", folder / "dbt"
    shutil.copytree(settings.contracts, contracts)
    shutil.copytree(settings.dbt_project, project, ignore=shutil.ignore_patterns("target", "logs"))
    text = (contracts / "f07_pest_interception.odcs.yaml").read_text(encoding="utf-8")
    for old, new in (("F07", FEED), ("f07_pest_interception", TABLE), ('"name": "interception"', '"name": "plant"')):
        assert old in text
        text = text.replace(old, new)
    (contracts / f"{TABLE}.odcs.yaml").write_text(text, encoding="utf-8")
    staging = project / "models" / "staging" / TABLE
    staging.mkdir()
    (staging / f"{MODEL}.sql").write_text(STAGING, encoding="utf-8")
    (staging / f"_{TABLE}__models.yml").write_text(META, encoding="utf-8")
    changed = settings.model_copy(update={"contracts": contracts, "dbt_project": project})
    (sources,) = (path for path in compiled_files(changed) if path.is_relative_to(project))
    sources.write_text(compiled_files(changed)[sources], encoding="utf-8")
    return changed


def plant(number: int, **cells: str) -> Cells:
    return {**GOOD["F07"], "record_id": f"r{number}", "interception_no": f"320100ZW2010{number:05d}", **cells}


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau], tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    settings = with_feed(make_bureau("another-feed").settings, tmp_path_factory.mktemp("another"))
    prepare_database(settings)
    deploy(settings)
    made = Bureau(settings)
    spoiled = plant(4, taxon="X")
    made.deliver(FEED, [plant(1), plant(2), plant(3), spoiled, corrected(plant(2), 3), plant(5)])
    made.deliver(FEED, [plant(1)], branch="320500", status="0")
    taken_back = {**void(plant(3), 2), "interception_no": plant(3)["interception_no"]}
    unknown = {**void(plant(9), 1), "interception_no": plant(9)["interception_no"]}
    made.deliver(FEED, [taken_back, unknown], branch="320200")
    report = made.load()
    assert (report.held, report.errors) == (1, [])
    assert build(settings, "test").publication_no == 1
    return made


def test_each_record_has_its_place_and_each_row_a_fate(bureau: Bureau) -> None:
    rows = published_rows(bureau.settings, "fct_record")
    assert {(row["key"][-1], row["version_no"], row["is_void"], row["records"]) for row in rows} == {
        ("1", 1, False, 1),
        ("2", 3, False, 1),
        ("3", 1, True, 0),
        ("5", 1, False, 1),
    }
    unused = published_rows(bureau.settings, "fct_unused_case_row")
    assert {(row["feed_code"], row["key"][-1], row["fate"]) for row in unused} == {
        (FEED, "2", "superseded"),
        (FEED, "3", "superseded"),
        (FEED, "9", "waiting"),
    }


def test_its_versions_are_looked_at(bureau: Bureau) -> None:
    found = {(row["rule_id"], row["entity"], row["key"][-1]) for row in published_rows(bureau.settings, "fct_finding")}
    assert found == {(f"{FEED}-version-gap", "plant", "2"), (f"{FEED}-void-unknown", "plant", "9")}


def test_it_is_explained_down_to_its_line(bureau: Bureau) -> None:
    found = explain(bureau.settings, "fct_record", {"key": plant(2)["interception_no"]})
    sources = {(source.role.partition(" (")[0], source.file, source.line) for source in found.sources}
    assert ("plant", f"{FEED}_320100_20100608_01.csv", 6) in sources
    assert (f"{plant(2)['interception_no']} superseded", f"{FEED}_320100_20100608_01.csv", 3) in sources


def test_it_is_quarantined_covered_and_verified(bureau: Bureau) -> None:
    rejected = bureau.fetch("select line_no, rule_ids from quarantine.rejected_row")
    assert [(row["line_no"], row["rule_ids"]) for row in rejected] == [(5, [f"{FEED}-taxon-known"])]
    coverage = {row["org_code"]: row for row in published_rows(bureau.settings, "fct_coverage")}
    assert (coverage["320100"]["rows_accepted"], coverage["320100"]["rows_quarantined"]) == (5, 1)
    assert coverage["320500"]["held"] == 1
    assert coverage["320200"]["rows_waiting"] == 1
    assert [str(breach) for check in verify(bureau.settings) for breach in check.breaches] == []
