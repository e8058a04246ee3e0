"""The year's workbooks of laboratories and audits add up to what the review published."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from ciq_demo.generator import Generator
from ciq_demo.generator.returns.standards import standard
from ciq_demo.generator.returns.year import month_end, plan_year

Cells = dict[str, str]
MONTH_ENDS = [date(2009, 12, 31), *map(month_end, range(1, 14))]


def told(generator: Generator, feed: str) -> dict[str, list[Cells]]:
    """Record type -> its rows of all months, in order of delivery."""
    found: dict[str, list[Cells]] = {sheet.name: [] for sheet in generator.formats[feed].sheets}
    for day in MONTH_ENDS:
        for (code, _), sheets in sorted(generator.returns(day).items()):
            if code == feed:
                for name, frame in sheets.items():
                    found[name] += frame.to_dict("records")
    return found


def newest(rows: list[Cells], *key: str) -> list[Cells]:
    return list({tuple(row[name] for name in key): row for row in rows}.values())


@pytest.fixture(scope="module")
def laboratories(generator: Generator) -> dict[str, list[Cells]]:
    return told(generator, "F14")


@pytest.fixture(scope="module")
def audits(generator: Generator) -> dict[str, list[Cells]]:
    return told(generator, "F15")


def test_laboratories_do_in_2010_what_the_review_says(laboratories: dict[str, list[Cells]]) -> None:
    checks, issues = laboratories["self_check"], newest(laboratories["issue"], "issue_no")
    assert len({row["lab_code"] for row in checks if row["check_date"].startswith("2010")}) == 62
    assert len([row for row in issues if row["found_date"].startswith("2010")]) == 244
    assert sum(int(row["issues_found"]) for row in checks) == 244
    assert len(newest(laboratories["research_project"], "project_no")) == 72
    assert len(laboratories["lab_document"]) == 132
    assert Counter(row["recognition_code"] for row in laboratories["recognition"]) == {
        "PROV_PUBLIC_PLATFORM": 2,
        "CBTL": 1,
        "AOAC": 1,
        "CNAS": 3,
    }
    assert [row["lab_code"] for row in laboratories["recognition"] if row["recognition_code"] == "CBTL"] == ["JSL10001"]


def test_the_library_counts_standards_once_and_entries_each(laboratories: dict[str, list[Cells]]) -> None:
    entries = laboratories["standard_event"]
    assert Counter(row["std_event"] for row in entries) == {
        "COLLECTED": 24_216,
        "CONFIRMED_VALID": 2_736,
        "MAINTAINED": 4_321,
        "HOLDING_ADDED": 7_301,
    }
    assert len({row["event_no"] for row in entries}) == len(entries)
    assert len({standard(number) for number in range(1, 24_181)}) == 24_180


def test_what_is_found_is_put_right_afterwards(laboratories: dict[str, list[Cells]]) -> None:
    rectified = [row for row in laboratories["issue"] if row["rectified_date"]]
    assert 200 < len(rectified) < 244
    assert all(row["op"] == "U" and row["rectified_date"] > row["found_date"] for row in rectified)


def test_audits_are_those_of_the_review(audits: dict[str, list[Cells]]) -> None:
    scopes = audits["audit_scope"]
    assert Counter((row["audit_type"], row["unit_level"]) for row in scopes) == {
        ("INTERNAL", "HQ_DEPT"): 16,
        ("INTERNAL", "BRANCH"): 6,
        ("EXTERNAL", "BRANCH"): 6,
        ("EXTERNAL", "HQ_DEPT"): 6,
        ("PERFORMANCE_PILOT", "BRANCH"): 2,
    }
    pilots = {row["unit_code"] for row in scopes if row["audit_type"] == "PERFORMANCE_PILOT"}
    assert pilots == {"320400", "321000"}
    internal = {row["audit_no"] for row in scopes if row["audit_type"] == "INTERNAL"}
    assert {row["audit_no"] for row in audits["assignment"]} == internal
    assert len({row["auditor_id"] for row in audits["assignment"]}) == 27
    raised = newest(audits["nonconformity"], "nc_no")
    assert len(raised) == 46
    assert {row["audit_no"] for row in raised} <= internal
    assert {row["status"] for row in raised} == {"VERIFIED"}
    assert [row["topic"] for row in audits["external_inspection"]].count("SANITARY_TREATMENT") == 1


def test_every_branch_sends_both_workbooks_each_month(generator: Generator) -> None:
    for day in MONTH_ENDS:
        senders = {key for key in generator.returns(day) if key[0] in ("F14", "F15")}
        assert senders >= {(feed, org) for feed in ("F14", "F15") for org in generator.branches}
    assert not [key for key in generator.returns(date(2010, 6, 29)) if key[0] in ("F14", "F15")]


def test_a_plan_is_exact_and_few_records_are_spread_over_the_months() -> None:
    slots = plan_year(7, {"A": 4, "B": 2, "C": 1})
    assert Counter(slot.org for slot in slots) == {"A": 4, "B": 2, "C": 1}
    assert len({slot.month_end for slot in slots}) > 3
    assert [slot.number for slot in slots] == list(range(1, 8))
    only_may = (0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    assert {slot.month_end for slot in plan_year(5, {"A": 1}, only_may)} == {date(2010, 5, 31)}
