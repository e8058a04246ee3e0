"""Classes of enterprises follow from their assessments, in whatever order these come; honours stand beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ciq.building import build
from ciq.building.explain import explain
from ciq.reviewing import make_period, review
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import Bureau
from support.workbooks import GOOD, Sheets, send_sheets, send_xls

pytestmark = pytest.mark.slow

ADA, BOB, CAT, DAN, EVE = (f"32010000{number}" for number in (17, 25, 33, 41, 58))
"""Enterprises; EVE has DAN's organisation code."""
CODES = {ADA: "134762019", BOB: "12345618X", CAT: "A23456783", DAN: "111111117", EVE: "111111117"}
MAY, JUNE = date(2010, 5, 31), date(2010, 6, 30)


def assessment(number: int, ent_code: str, approved: str, effective: str, **cells: str) -> dict[str, str]:
    return {
        **GOOD["F09"]["ent_class"], "record_id": f"a{number}", "assess_no": f"320100PD2010{number:05d}",
        "ent_code": ent_code, "org_inst_code": CODES[ent_code], "op_time": f"{approved} 16:00:00",
        "approve_date": approved, "effective_from": effective, "effective_to": "", **cells,
    }  # fmt: skip


def honour(number: int, ent_code: str, code: str = "BENCHMARK", **cells: str) -> dict[str, str]:
    return {**GOOD["F09"]["honor"], "record_id": f"b{number}", "ent_code": ent_code, "honor_code": code, **cells}


PENDING = {"status": "DRAFT", "approve_date": "", "effective_from": "", "approver_org": "", "class_code": "1"}
BOBS = assessment(2, BOB, "2010-06-02", "2010-06-03", class_code="1", apply_date="2010-05-03", review_date="2010-05-24")
WEEKS: dict[date, Sheets] = {
    date(2010, 6, 4): {
        "ent_class": [
            assessment(1, ADA, "2010-05-31", "2010-06-01"),
            {**BOBS, **PENDING},
            assessment(3, CAT, "2010-05-20", "2010-05-21", class_code="1"),
        ],
        "honor": [honour(1, CAT), honour(2, ADA, "QI")],
    },
    date(2010, 6, 13): {
        "ent_class": [
            assessment(4, ADA, "2010-06-09", "2010-06-10", assess_type="UPGRADE", class_code="1", prev_class_code="2"),
            {**BOBS, "record_id": "a2-2", "op": "U", "version_no": "2"},
            assessment(5, CAT, "2010-06-09", "2010-06-10", product_group="TEXTILE"),
            assessment(6, DAN, "2010-06-09", "2010-06-10", assess_type="UPGRADE", class_code="1", prev_class_code="2"),
            assessment(7, EVE, "2010-06-09", "2010-06-10", class_code="3"),
        ],
        "honor": [{**honour(1, CAT), "op": "D", "version_no": "2"}],
    },
    date(2010, 7, 2): {},
}


def deliver(bureau: Bureau, day: date) -> None:
    (send_xls if day.day == 4 else send_sheets)(bureau, "F09", WEEKS[day], day=day)
    assert bureau.load().held == 0
    build(bureau.settings, "test")


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    bureau = make_bureau("ent_classes")
    for day in WEEKS:
        deliver(bureau, day)
    return bureau


def classes(bureau: Bureau, number: int | None = None) -> dict[str, tuple[Any, ...]]:
    """Assessment -> (class, the enterprise's own before, the group's before)."""
    rows = published_rows(bureau.settings, "fct_ent_class", as_of=number)
    return {
        row["assess_no"][-1]: (row["class_code"], row["prev_class_code"], row["prev_group_class_code"]) for row in rows
    }


def found(bureau: Bureau, number: int | None = None) -> set[tuple[str, str]]:
    rows = published_rows(bureau.settings, "fct_finding", as_of=number)
    return {(row["rule_id"], row["key"]) for row in rows}


def test_the_class_before_follows_from_the_history(story: Bureau) -> None:
    assert classes(story) == {
        "1": ("2", None, None),
        "2": ("1", None, None),
        "3": ("1", None, None),
        "4": ("1", "2", "2"),
        "5": ("2", "1", None),
        "6": ("1", None, None),
        "7": ("3", None, None),
    }


def test_periods_end_where_the_next_assessment_takes_effect(story: Bureau) -> None:
    rows = published_rows(story.settings, "dim_enterprise_class")
    of_ada = sorted((row["valid_from"], row["valid_to"], row["class_code"]) for row in rows if row["ent_code"] == ADA)
    assert of_ada == [
        (date(2010, 6, 1), date(2010, 6, 10), "2"),
        (date(2010, 6, 10), date(9999, 12, 31), "1"),
    ]


def test_the_stock_is_told_at_month_ends_that_have_come(story: Bureau) -> None:
    rows = published_rows(story.settings, "snap_ent_class")
    told = {(row["snapshot_date"], row["ent_code"]): (row["class_code"], row["product_groups"]) for row in rows}
    assert told == {
        (MAY, CAT): ("1", 1),
        (JUNE, ADA): ("1", 1),
        (JUNE, BOB): ("1", 1),
        (JUNE, CAT): ("1", 2),
        (JUNE, DAN): ("1", 1),
        (JUNE, EVE): ("3", 1),
    }
    assert {row["snapshot_date"] for row in published_rows(story.settings, "snap_ent_class", as_of=2)} == {MAY}


def test_each_enterprise_is_a_member_of_the_dimension(story: Bureau) -> None:
    """None of them declared a lot: their names are those of their assessments."""
    names = {row["ent_code"]: row["name_zh"] for row in published_rows(story.settings, "dim_enterprise")}
    assert names == dict.fromkeys(CODES, GOOD["F09"]["ent_class"]["ent_name"])


def test_what_does_not_fit_the_history_is_found(story: Bureau) -> None:
    assert found(story, 1) == {("F09-approval-pending", BOB)}
    assert found(story) == {
        ("F09-transition-illegal", DAN),
        ("F09-prev_class_code-differs", DAN),
        ("F09-enterprise-repeated", DAN),
        ("F09-enterprise-repeated", EVE),
    }


def test_an_honour_that_was_taken_back_stands_flagged(story: Bureau) -> None:
    rows = published_rows(story.settings, "fct_ent_honor")
    assert {(row["ent_code"], row["honor_code"], row["year"], row["is_void"], row["honors"]) for row in rows} == {
        (CAT, "BENCHMARK", 2010, True, 0),
        (ADA, "QI", 2010, False, 1),
    }
    sources = explain(story.settings, "fct_ent_honor", {"ent_code": CAT, "honor_code": "BENCHMARK"}).sources
    of_honours = {(source.role, source.file, source.line) for source in sources if source.section == "企业荣誉"}
    assert ("void BENCHMARK/PROVINCIAL/2010", "F09_320100_20100613_01.xlsx", 2) in of_honours
    assert ("taken back BENCHMARK/PROVINCIAL/2010", "F09_320100_20100604_01.xls", 3) in of_honours


def test_totals_and_footnotes_are_no_assessments(story: Bureau) -> None:
    (verdict, *_) = story.fetch("select rows_received, rows_accepted from audit.verdict order by verdict_id")
    assert verdict == {"rows_received": 5, "rows_accepted": 5}
    assert [str(breach) for check in verify(story.settings) for breach in check.breaches] == []


def test_order_of_arrival_says_nothing(story: Bureau, make_bureau: Callable[[str], Bureau]) -> None:
    other = make_bureau("ent_classes_backwards")
    for day in reversed(WEEKS):
        deliver(other, day)
    assert (classes(other), found(other)) == (classes(story), found(story))
    for table in ("dim_enterprise_class", "snap_ent_class"):
        told = [
            sorted(tuple(row.items()) for row in published_rows(bureau.settings, table)) for bureau in (story, other)
        ]
        assert told[0] == told[1]


def test_a_mistyped_organisation_code_is_kept_out_and_told_by_its_sheet(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("ent_codes")
    wrong = assessment(2, BOB, "2010-06-07", "2010-06-08", org_inst_code="123456789")
    send_sheets(bureau, "F09", {"ent_class": [assessment(1, ADA, "2010-06-07", "2010-06-08"), wrong]})
    assert bureau.load().held == 0
    rejected = bureau.fetch("select section, line_no, rule_ids from quarantine.rejected_row")
    assert rejected == [{"section": "企业分类评定", "line_no": 3, "rule_ids": ["F09-org_inst_code-check_digit"]}]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("dim_enterprise_class", {"ent_code": ADA, "class_code": "1"}),
        ("snap_ent_class", {"ent_code": ADA, "snapshot_date": str(JUNE)}),
        ("fct_ent_class", {"ent_code": ADA, "class_code": "1"}),
    ],
)
def test_a_class_leads_to_the_assessments_of_its_enterprise(story: Bureau, table: str, key: dict[str, str]) -> None:
    sources = explain(story.settings, table, key).sources
    assert {(source.file, source.section) for source in sources if source.role.startswith("ent_class")} == {
        ("F09_320100_20100604_01.xls", "企业分类评定"),
        ("F09_320100_20100613_01.xlsx", "企业分类评定"),
    }


def test_the_review_counts_classes_that_took_effect(make_bureau: Callable[[str], Bureau]) -> None:
    """Of two assessments that take effect on one day the one approved last counts; the other never held."""
    bureau = make_bureau("ent_counts")
    replaced = assessment(1, ADA, "2010-06-07", "2010-06-10", class_code="1")
    rows = [replaced, assessment(2, ADA, "2010-06-08", "2010-06-10"), {**BOBS, "record_id": "a3"}]
    send_sheets(bureau, "F09", {"ent_class": rows})
    assert bureau.load().held == 0
    build(bureau.settings, "test")
    told = review(bureau.settings, make_period(bureau.settings, 2010))
    figures = {one.indicator_id: one.derived for one in told.indicators}
    assert (figures[21], figures[22], figures[24]) == (1, 1, 1)
