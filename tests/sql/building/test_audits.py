"""Audits of the quality system: scopes, nonconformities and auditors come from several branches and in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ciq.building import build
from ciq.building.explain import explain
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import Bureau
from support.workbooks import GOOD, send_sheets

pytestmark = pytest.mark.slow

AUDITS = GOOD["F15"]
MAY, JUNE, JULY = date(2010, 5, 31), date(2010, 6, 30), date(2010, 7, 31)
HEADQUARTERS = "320000"
Row = dict[str, Any]

SCOPE, RAISED = AUDITS["audit_scope"], AUDITS["nonconformity"]
OF_DEPARTMENT = {
    **SCOPE, "record_id": "a2", "org_code": HEADQUARTERS, "unit_level": "HQ_DEPT", "unit_code": "HQ-LEGAL",
    "audit_date": "2010-07-05",
}  # fmt: skip
VERIFIED = {
    **RAISED, "record_id": "b1-2", "op": "U", "version_no": "2", "status": "VERIFIED", "verified_date": "2010-06-04",
}  # fmt: skip
NOT_ON_RECORD = {**RAISED, "record_id": "b2", "nc_no": "NS2010-01-002", "unit_code": "320500"}
SENT = {**AUDITS["assignment"], "org_code": HEADQUARTERS}
TO_NOTHING = {**SENT, "record_id": "c2", "assignment_no": "NS2010-09-P1", "audit_no": "NS2010-09"}


def of_month(rows: list[Row], month: date) -> list[Row]:
    return [{**one, "op_time": f"{month} 09:00:00"} for one in rows]


def findings(bureau: Bureau) -> set[tuple[str, str]]:
    return {(one["rule_id"], one["key"]) for one in published_rows(bureau.settings, "fct_finding")}


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """In June headquarters sends auditors, and Nanjing tells what they found, but not yet that it was audited."""
    bureau = make_bureau("audits")
    send_sheets(bureau, "F15", {"nonconformity": of_month([RAISED, NOT_ON_RECORD], JUNE)}, day=JUNE)
    sent = {"assignment": of_month([SENT, TO_NOTHING], JUNE)}
    send_sheets(bureau, "F15", sent, day=JUNE, branch=HEADQUARTERS)
    assert bureau.load().held == 0
    build(bureau.settings, "test")
    return bureau


def test_what_lacks_its_scope_stands_without_type_and_is_told(story: Bureau) -> None:
    types = {one["nc_no"]: one["audit_type"] for one in published_rows(story.settings, "fct_audit_nc")}
    assert types == {"NS2010-01-001": None, "NS2010-01-002": None}
    assert findings(story) == {
        ("F15-nonconformity-audit-unknown", "NS2010-01-001"),
        ("F15-nonconformity-audit-unknown", "NS2010-01-002"),
        ("F15-assignment-audit-unknown", "NS2010-01-P1"),
        ("F15-assignment-audit-unknown", "NS2010-09-P1"),
    }


def test_an_auditor_is_a_pseudonym(story: Bureau) -> None:
    auditors = {one["auditor_id"] for one in published_rows(story.settings, "fct_audit_assignment")}
    assert len(auditors) == 1
    assert auditors.pop().startswith("P-")
    assert "JSNS0001" not in str(story.fetch("select * from ods.f15_assignment"))


def test_a_scope_that_comes_later_gives_them_their_audit(story: Bureau) -> None:
    send_sheets(story, "F15", {"audit_scope": of_month([SCOPE], JULY)}, day=JULY)
    of_headquarters = {"audit_scope": of_month([OF_DEPARTMENT], JULY)}
    send_sheets(story, "F15", of_headquarters, day=JULY, branch=HEADQUARTERS)
    story.load()
    build(story.settings, "test")
    ncs = {one["nc_no"]: one for one in published_rows(story.settings, "fct_audit_nc")}
    assert (ncs["NS2010-01-001"]["audit_type"], ncs["NS2010-01-001"]["audit_date"]) == ("INTERNAL", date(2010, 6, 7))
    (assignment,) = (
        one for one in published_rows(story.settings, "fct_audit_assignment") if one["audit_no"] == "NS2010-01"
    )
    assert assignment["audit_type"] == "INTERNAL"
    scopes = {
        (one["unit_level"], one["unit_code"], one["org_id"])
        for one in published_rows(story.settings, "fct_audit_scope")
    }
    assert {scope[:2] for scope in scopes} == {("BRANCH", "320100"), ("HQ_DEPT", "HQ-LEGAL")}
    assert findings(story) == {
        ("F15-nonconformity-audit-unknown", "NS2010-01-002"),
        ("F15-assignment-audit-unknown", "NS2010-09-P1"),
    }


def test_a_correction_that_was_verified_before_the_audit_is_told(story: Bureau) -> None:
    late = of_month([VERIFIED], date(2010, 8, 31))
    send_sheets(story, "F15", {"nonconformity": late}, day=date(2010, 8, 31))
    story.load()
    build(story.settings, "test")
    assert ("F15-nonconformity-verified-early", "NS2010-01-001") in findings(story)
    (nc,) = (one for one in published_rows(story.settings, "fct_audit_nc") if one["nc_no"] == "NS2010-01-001")
    assert (nc["status"], nc["nonconformities"], nc["nonconformities_verified"], nc["version_no"]) == (
        "VERIFIED",
        1,
        1,
        2,
    )
    told = explain(story.settings, "fct_audit_nc", {"nc_no": "NS2010-01-001"})
    assert {source.section for source in told.sources} == {"不符合项"}
    assert [str(breach) for check in verify(story.settings) for breach in check.breaches] == []


def test_units_are_those_that_exist(story: Bureau) -> None:
    rows = [
        {**SCOPE, "record_id": "x1", "unit_code": "HQ-LEGAL"},
        {**OF_DEPARTMENT, "record_id": "x2", "unit_code": "320100"},
        {**SCOPE, "record_id": "x3", "audit_type": "EXTERNAL", "audit_no": "WS2010-01"},
    ]
    send_sheets(story, "F15", {"audit_scope": of_month(rows, date(2010, 9, 30))}, day=date(2010, 9, 30))
    story.load()
    rejected = story.fetch("select line_no, rule_ids from quarantine.rejected_row order by line_no")
    assert [tuple(one.values()) for one in rejected] == [
        (2, ["F15-unit_code-branch"]),
        (3, ["F15-unit_code-department"]),
    ]
