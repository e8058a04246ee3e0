"""Wood packaging against its lots, in whatever order both come; inspected later, corrected, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ciq.building import build
from ciq.building.explain import explain
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import GOOD, Bureau, rows_of

pytestmark = pytest.mark.slow

TUESDAY, WEDNESDAY = date(2010, 6, 8), date(2010, 6, 9)
PLAIN = {"inspected_flag": "0", "live_pest_flag": "0", "disposal": ""}


def number(lot: int) -> str:
    """As rows_of numbers the declarations of F01."""
    return f"3201002100{lot:05d}"


def package(lot: int, pack_seq: int = 1, **cells: str) -> dict[str, str]:
    key = {"record_id": f"k{lot}-{pack_seq}", "decl_no": number(lot), "pack_seq": str(pack_seq)}
    return {**GOOD["F08"], **key, **cells}


def published(bureau: Bureau) -> None:
    assert bureau.load().held == 0
    build(bureau.settings, "test")


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Tuesday: packages of three lots, of which none is there. Wednesday: two lots come; one package is inspected, one
    is taken back."""
    bureau = make_bureau("wood_packaging")
    unmarked = {"ippc_mark_flag": "0", "ippc_country": "", "producer_mark_no": "", "treatment": ""}
    bureau.deliver(
        "F08",
        [
            package(1),
            package(1, 2, **PLAIN, **unmarked, pack_type="DUNNAGE", pieces="3"),
            package(2, **PLAIN, ippc_country="", producer_mark_no=""),
            package(3, **PLAIN),
        ],
    )
    published(bureau)
    lots = rows_of("F01", 2)
    bureau.deliver("F01", [lots[0] | {"wood_pack_flag": "1"}, lots[1] | {"wood_pack_flag": "0"}], day=WEDNESDAY)
    later = {"op": "U", "version_no": "2", "inspected_flag": "1"}
    bureau.deliver(
        "F08",
        [
            package(1, 2, **(PLAIN | unmarked | later), pack_type="DUNNAGE", pieces="3"),
            package(3, op="D", version_no="2"),
        ],
        day=WEDNESDAY,
    )
    published(bureau)
    return bureau


def counts(bureau: Bureau, publication: int | None = None) -> dict[tuple[str, int], tuple[Any, ...]]:
    """(last digit of the lot, package) -> (packages, inspected, with pest, pieces)."""
    rows = published_rows(bureau.settings, "fct_wood_packaging", as_of=publication)
    return {
        (row["decl_no"][-1], row["pack_seq"]): (
            row["packages"], row["packages_inspected"], row["packages_with_pest"], row["pieces"],
        )
        for row in rows
    }  # fmt: skip


def findings(bureau: Bureau, publication: int | None = None) -> set[tuple[str, str, int]]:
    rows = published_rows(bureau.settings, "fct_finding", as_of=publication)
    return {(row["rule_id"], row["key"][-1], row["item_no"]) for row in rows if row["feed_code"] == "F08"}


def test_packages_are_shown_as_they_were_told_last(story: Bureau) -> None:
    assert counts(story, 1) == {
        ("1", 1): (1, 1, 1, 12),
        ("1", 2): (1, 0, 0, 3),
        ("2", 1): (1, 0, 0, 12),
        ("3", 1): (1, 0, 0, 12),
    }
    assert counts(story) == counts(story, 1) | {("1", 2): (1, 1, 0, 3), ("3", 1): (0, 0, 0, 12)}
    assert {row["org_id"] for row in published_rows(story.settings, "fct_wood_packaging")} == {"320100"}


def test_findings_follow_the_lots_whichever_comes_first(story: Bureau) -> None:
    unknown = {("F08-decl_no-unknown", lot, seq) for lot, seq in counts(story, 1)}
    assert findings(story, 1) == unknown | {("F08-mark-incomplete", "2", 1)}
    assert findings(story) == {("F08-wood_pack_flag-differs", "2", 1), ("F08-mark-incomplete", "2", 1)}
    (told,) = (row for row in published_rows(story.settings, "fct_finding") if row["rule_id"] == "F08-mark-incomplete")
    assert told["found"] == "without ippc_country, producer_mark_no"


def test_every_row_is_explained_and_balances(story: Bureau) -> None:
    told = explain(story.settings, "fct_wood_packaging", {"decl_no": number(1), "pack_seq": "2"})
    sources = {(source.role, source.file, source.line) for source in told.sources if source.feed_code == "F08"}
    assert ("wood_packaging 2", "F08_320100_20100609_01.csv", 2) in sources
    assert [str(breach) for check in verify(story.settings) for breach in check.breaches] == []


def test_what_a_row_contradicts_in_itself_is_judged_at_the_load(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("wood_packaging_rows")
    good = [package(lot, **PLAIN) for lot in range(4, 60)]
    bureau.deliver(
        "F08",
        [
            *good,
            package(1, inspected_flag="0"),
            package(2, pack_type="BAG"),
            package(3, treatment="XX"),
            package(60, disposal=""),
        ],
    )
    assert bureau.load().held == 0
    bureau.deliver("F01", rows_of("F01", 1))
    published(bureau)
    (lot,) = published_rows(bureau.settings, "fct_inspection_lot")
    assert lot["decl_no"] == number(1)
    assert not lot["has_open_quarantine"], "nothing of the lot itself is missing"
    rejected = bureau.fetch("select line_no, rule_ids from quarantine.rejected_row order by line_no")
    assert [(row["line_no"], row["rule_ids"]) for row in rejected] == [
        (len(good) + 2, ["F08-inspected_flag-pest"]),
        (len(good) + 3, ["F08-pack_type-known"]),
        (len(good) + 4, ["F08-treatment-known"]),
    ]
