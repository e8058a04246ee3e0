"""A rule that comes with a later release finds what it looks for in the days that were published before it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ciq.building import build, deploy
from ciq.building.requeue import queue_what_changed
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from support.agreement import published_rows
from support.bureau import Bureau, rows_of

pytestmark = pytest.mark.slow

RULE = "F05-coo_no-gap"


def of_the_release_before(settings: Settings, folder: Path) -> Settings:
    """Contracts and dbt project as if nobody had thought of the rule."""
    contracts, project = folder / "expectations", folder / "dbt"
    shutil.copytree(settings.contracts, contracts)
    shutil.copytree(settings.dbt_project, project, ignore=shutil.ignore_patterns("target", "logs"))
    contract, macro = contracts / "f05_origin_cert.odcs.yaml", project / "macros" / "numberings.sql"
    text = contract.read_text(encoding="utf-8")
    before, rule = text.split(f"      - id: {RULE}\n")
    contract.write_text(before + rule[rule.index("      - id: ") :], encoding="utf-8")
    lines = macro.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if f"'{RULE}'" not in line]
    assert len(kept) == len(lines) - 1
    macro.write_text("".join(kept), encoding="utf-8")
    return settings.model_copy(update={"contracts": contracts, "dbt_project": project})


def upgrade(settings: Settings) -> bool:
    """What `ciq init` does; whether it has queued what was published before."""
    prepare_database(settings)
    deploy(settings)
    return queue_what_changed(settings)


def gaps(settings: Settings, publication: int) -> list[str]:
    rows = published_rows(settings, "fct_finding", as_of=publication)
    return [row["key"] for row in rows if row["rule_id"] == RULE]


def test_init_and_build_find_it_in_the_days_of_before(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    now = make_settings("building-later-rule")
    older = of_the_release_before(now, tmp_path)
    assert upgrade(older) is False
    bureau = Bureau(older)
    first, _, third = rows_of("F05", 3)
    bureau.deliver("F05", [first, third])
    bureau.load()
    assert build(older, "test").publication_no == 1

    assert upgrade(now) is True
    assert build(now, "test").publication_no == 2
    assert gaps(now, 2) == [third["coo_no"]]
    assert gaps(now, 1) == [], "as it was known then"
