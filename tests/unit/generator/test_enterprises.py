"""F09: classes and honours of 2010 are those of the review, whichever way the enterprises came to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pytest

from ciq_demo.generator import Generator, workdays
from ciq_demo.generator.names import enterprises

Cells = dict[str, str]
WEEKS = [day for day in workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_DECLARED) if workdays.ends_week(day)]


@pytest.fixture(scope="module")
def sheets(generator: Generator) -> dict[str, list[Cells]]:
    """Every row of each sheet, in the order of weeks."""
    rows: dict[str, list[Cells]] = defaultdict(list)
    for day in WEEKS:
        for (feed, _), workbook in generator.returns(day).items():
            if feed == "F09":
                for name, frame in workbook.items():
                    rows[name] += frame.to_dict("records")
    return rows


@pytest.fixture(scope="module")
def approved(sheets: dict[str, list[Cells]]) -> list[Cells]:
    """Approved assessments as they stand at the end of the year."""
    newest = {(cells["ent_code"], cells["assess_no"]): cells for cells in sheets["ent_class"]}
    return [cells for cells in newest.values() if cells["op"] != "D" and cells["status"] == "APPROVED"]


def best(approved: list[Cells], day: str) -> dict[str, str]:
    """Enterprise -> its own class on a day."""
    groups: dict[tuple[str, str], str] = {}
    for cells in sorted(approved, key=lambda cells: cells["effective_from"]):
        if cells["effective_from"] <= day:
            groups[cells["ent_code"], cells["product_group"]] = cells["class_code"]
    own: dict[str, str] = {}
    for (ent_code, _), class_code in groups.items():
        own[ent_code] = min(class_code, own.get(ent_code, "9"))
    return own


def test_flows_and_stocks_of_classes_are_those_of_the_review(approved: list[Cells]) -> None:
    flow = defaultdict(set)
    for cells in approved:
        if cells["approve_date"].startswith("2010"):
            flow[cells["class_code"]].add(cells["ent_code"])
    assert {name: len(ent_codes) for name, ent_codes in flow.items()} == {"1": 702, "2": 5_236, "3": 4_635}
    stock = [Counter(best(approved, day).values())["1"] for day in ("2009-12-31", "2010-12-31")]
    assert stock == [340, 702]


def test_entries_into_class_one_are_those_that_had_another_class_the_day_before(approved: list[Cells]) -> None:
    entered = {
        cells["ent_code"]
        for cells in approved
        if cells["class_code"] == "1" and cells["approve_date"].startswith("2010")
        and best([one for one in approved if one["ent_code"] == cells["ent_code"]],
                 str(date.fromisoformat(cells["approve_date"]))).get(cells["ent_code"]) != "1"
    }  # fmt: skip
    assert len(entered) == 362


def test_honours_are_those_of_the_review(sheets: dict[str, list[Cells]]) -> None:
    names = ("ent_code", "honor_code", "honor_level", "year")
    newest = {tuple(cells[name] for name in names): cells["op"] for cells in sheets["honor"]}
    standing = Counter(key[1:] for key, op in newest.items() if op != "D")
    assert standing == {
        ("QI", "NATIONAL", "2010"): 44,
        ("QI", "PROVINCIAL", "2010"): 186,
        ("BENCHMARK", "PROVINCIAL", "2010"): 126,
    }
    assert "D" in newest.values(), "some are taken back"


def test_assessments_crowd_into_a_few_months_and_some_fall_in_the_week_of_the_demo(
    sheets: dict[str, list[Cells]],
) -> None:
    months = Counter(cells["op_time"][:7] for cells in sheets["ent_class"] if cells["op_time"].startswith("2010"))
    assert sum(count for _, count in months.most_common(3)) > 0.6 * months.total()
    week = [cells for name in ("ent_class", "honor") for cells in sheets[name] if cells["op_time"][:10] == "2010-07-02"]
    assert len(week) > 100


def test_every_branch_has_a_workbook_on_the_last_workday_of_each_week_and_on_no_other_day(generator: Generator) -> None:
    def senders(day: date) -> list[str]:
        return [org for feed, org in generator.returns(day) if feed == "F09"]

    assert senders(date(2010, 6, 13)) == generator.branches, "a make-up Sunday ends its week"
    assert [senders(day) for day in (date(2010, 6, 11), date(2010, 7, 3))] == [[], []]


def test_the_further_enterprises_of_a_branch_begin_with_those_that_declare(generator: Generator) -> None:
    for branch in generator.reference.branches:
        further = branch.first_enterprises(len(branch.enterprises) + 5)
        assert further[:-5] == branch.enterprises
    assert enterprises(org="320100", prefix="南京", kinds=["toys"], count=2)[:1] == enterprises(
        org="320100", prefix="南京", kinds=["toys"], count=1
    )
