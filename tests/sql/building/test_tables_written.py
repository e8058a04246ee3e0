"""How tables are written: in which order, with which indexes, and what is refused (ADR 0023)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from ciq.building import build, deploy
from ciq.database import connect
from ciq.errors import BuildError
from ciq.ledger.sealing import key_columns, static_dimensions
from ciq.settings import Settings
from ciq.verifying import verify
from support.bureau import DAY, Bureau, rows_of

pytestmark = pytest.mark.slow

INDEXES = "select indexname from pg_indexes where schemaname = 'marts' and tablename = 'fct_evaluation' order by 1"


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """With a day published."""
    made = make_bureau("tables-written")
    assert built(made, 0) == 1
    return made


def built(bureau: Bureau, day: int) -> int | None:
    """The publication of one more declaration and its evaluation."""
    stat_date = DAY + timedelta(days=day)
    for feed, times in (("F01", ("accept_time", "op_time")), ("F03", ("insp_end", "eval_time", "op_time"))):
        cells = dict.fromkeys(times, f"{stat_date} 10:00:00") | {"decl_no": f"32010021000000{day}"}
        cells |= {"decl_date": str(stat_date)} if feed == "F01" else {}
        bureau.deliver(feed, rows_of(feed, 1, **cells), day=stat_date)
    assert bureau.load().held == 0
    return build(bureau.settings, "test").publication_no


def as_owner(bureau: Bureau, change: str) -> None:
    with connect(bureau.settings, "owner", autocommit=True) as owner:
        owner.execute(change.encode())


def test_the_keys_by_which_a_mart_closes_rows_are_made_before_it(deployed: Settings) -> None:
    manifest = json.loads((deployed.home / "dbt" / "target" / "manifest.json").read_text(encoding="utf-8"))

    def ancestors(node: str) -> set[str]:
        parents = manifest["parent_map"].get(node, [])
        return set(parents).union(*map(ancestors, parents))

    marts = {
        node: model["config"]["meta"]["affected_by"]
        for node, model in manifest["nodes"].items()
        if model["config"]["materialized"] == "versioned"
    }
    assert len(marts) > 50
    assert [mart for mart, keys in marts.items() if f"model.ciq.{keys}" not in ancestors(mart)] == []


def test_a_static_dimension_has_its_indexes_and_names_its_rows_by_them(deployed: Settings) -> None:
    manifest = json.loads((deployed.home / "dbt" / "target" / "manifest.json").read_text(encoding="utf-8"))
    with connect(deployed, "owner") as connection:
        found = {
            name: key_columns(connection, name)
            for name in static_dimensions(connection)
            if manifest["nodes"][f"model.ciq.{name.partition('.')[2]}"]["config"].get("indexes")
        }
    assert found["marts.dim_code"] == ["list_id", "code"]
    for name, columns in found.items():
        config = manifest["nodes"][f"model.ciq.{name.partition('.')[2]}"]["config"]
        assert columns in [index["columns"] for index in config["indexes"] if index["unique"]], name


def test_a_grain_that_lost_its_index_is_told_and_has_it_again_after_a_build(bureau: Bureau) -> None:
    before = bureau.fetch(INDEXES)
    as_owner(bureau, "drop index marts.fct_evaluation_grain")
    told = " ".join(str(breach) for check in verify(bureau.settings) for breach in check.breaches)
    assert "fct_evaluation_grain is gone" in told
    assert built(bureau, 1) == 2
    assert bureau.fetch(INDEXES) == before
    assert [str(breach) for check in verify(bureau.settings) for breach in check.breaches] == []


def test_deploying_makes_an_index_that_a_mart_does_not_have_yet(bureau: Bureau) -> None:
    before = bureau.fetch(INDEXES)
    (one,) = [row["indexname"] for row in before if row["indexname"] == "fct_evaluation_decl_no"]
    as_owner(bureau, f"drop index marts.{one}")
    deploy(bureau.settings)
    assert bureau.fetch(INDEXES) == before


def test_only_a_deployment_makes_a_mart_and_in_the_place_of_nothing_else(bureau: Bureau) -> None:
    as_owner(bureau, "drop table marts.fct_lab_issue cascade")
    with pytest.raises(BuildError, match=r"fct_lab_issue.*is not deployed: run ciq init"):
        built(bureau, 2)
    as_owner(bureau, "create view marts.fct_lab_issue as select 1 as one")
    with pytest.raises(BuildError, match=r"fct_lab_issue.*is no table but a view"):
        deploy(bureau.settings)
    as_owner(bureau, "drop view marts.fct_lab_issue")
    deploy(bureau.settings)
    assert build(bureau.settings, "test").publication_no == 3
