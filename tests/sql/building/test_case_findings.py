"""Findings on cases, returns and notices: each rule with a history that keeps it, and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from support.agreement import published_rows
from support.bureau import GOOD, Bureau
from support.hard_cases import Cells, corrected, decl, header, send
from support.history import WEDNESDAY, Step, load_and_build
from support.random_cases import taken_back

pytestmark = pytest.mark.slow

Finding = tuple[str, str, int]
MAY = date(2010, 5, 31)
OF_CASES = {"F10", "F11", "F12", "F18", "N12"}
GAPS = "case_no-gap"
"""The story's numbers are not given one after another: gaps have a story of their own (test_serials)."""
KINDS = {"F10": "CF", "F11": "TS", "F12": "FY"}


def number(feed: str, case: int) -> str:
    return f"320100{KINDS[feed]}2010{case:05d}"


def event(feed: str, case: int, seq: int, kind: str, day: str, **cells: str) -> Cells:
    """Event `seq` of a case, on a day of 2010."""
    own = {"case_no": number(feed, case), "event_seq": str(seq), "event_type": kind, "event_time": f"2010-{day} 10:00"}
    return {**GOOD[feed], "record_id": f"{feed}-{case}-{seq}", **own, **cells}


def decided(case: int, seq: int, day: str, *, no: str, fine: str = "500", **cells: str) -> Cells:
    return event("F10", case, seq, "DECIDED", day, decision_no=no, fine_cny=fine, **cells)


def notice(no: int, **cells: str) -> Cells:
    return {**GOOD["F18"], "notice_no": f"N-{no}", **cells}


def returned(org: str, filed: str = "0") -> Cells:
    return {**GOOD["N12"], "org_code": org, "period_end": str(MAY), "reconsiderations_filed": filed}


GOOD_LIVES: Sequence[Step] = (
    send("F01", [header(1)]),
    send(
        "F10",
        [
            event("F10", 1, 1, "FILED", "05-03", decl_no=decl(1)),
            event("F10", 1, 2, "INVEST", "05-04"),
            event("F10", 1, 3, "NOTICE", "05-10"),
            decided(1, 4, "05-20", no="1", confiscation_cny="100"),
            event("F10", 1, 5, "SERVED", "05-21"),
            event("F10", 1, 6, "EXECUTED", "05-24", paid_cny="600"),
            event("F10", 1, 7, "CLOSED", "05-25"),
            event("F10", 1, 8, "EXECUTED", "05-26"),
            event("F10", 2, 1, "FILED", "05-03", related_case_no=number("F10", 1)),
            decided(2, 2, "05-03", no="2"),
        ],
    ),
    send(
        "F11",
        [
            event("F11", 1, 1, "RECEIVED", "05-03", due_date="2010-06-01"),
            event("F11", 1, 2, "ACCEPTED", "05-04", accept_flag="1"),
            event("F11", 1, 3, "ASSIGNED", "05-04"),
            event("F11", 1, 4, "REPLIED", "05-20"),
            event("F11", 1, 5, "CLOSED", "05-21"),
            event("F11", 2, 1, "RECEIVED", "05-05", root_case_no=number("F11", 1)),
            event("F11", 3, 1, "RECEIVED", "05-05", case_type="CONSULTATION"),
            event("F11", 3, 2, "REPLIED", "05-05", case_type="CONSULTATION"),
        ],
    ),
    send(
        "F12",
        [
            event("F12", 1, 1, "FILED", "05-10", related_case_no=number("F10", 1)),
            event("F12", 1, 2, "ACCEPTED", "05-11"),
            event("F12", 1, 3, "DECIDED", "05-20", outcome="UPHELD"),
            event("F12", 1, 4, "CLOSED", "05-20"),
        ],
    ),
    send("N12", [returned("320100", "1")], day=MAY),
    send("F18", [notice(1, decl_no=decl(1)), notice(2)]),
)


def broken_lives(feed: str, first: str, second: str, end: str) -> list[Cells]:
    """Cases 11 to 17: what every feed of events may get wrong."""
    case_14 = event(feed, 14, 1, first, "06-02")
    return [
        event(feed, 11, 1, first, "06-02"),
        event(feed, 11, 2, end, "06-03"),
        event(feed, 12, 1, first, "06-02"),
        event(feed, 12, 3, second, "06-03"),
        event(feed, 13, 1, first, "06-04"),
        event(feed, 13, 2, second, "06-03"),
        case_14,
        case_14,
        corrected(event(feed, 15, 1, first, "06-02"), 2),
        taken_back(event(feed, 16, 1, first, "06-02"), 1),
    ]


BROKEN: Sequence[Step] = (
    send(
        "F10",
        [
            *broken_lives("F10", "FILED", "INVEST", "CLOSED"),
            decided(17, 1, "06-02", no="17"),
            event("F10", 18, 1, "FILED", "06-02"),
            decided(18, 2, "06-02", no="1"),
            event("F10", 19, 1, "FILED", "06-02", related_case_no=number("F10", 99)),
            event("F10", 20, 1, "FILED", "06-02", decl_no=decl(99)),
            event("F10", 21, 1, "FILED", "06-02"),
            decided(21, 2, "06-02", no="21", fine="100", confiscation_cny="20"),
            event("F10", 21, 3, "EXECUTED", "06-03", paid_cny="120"),
            event("F10", 21, 4, "EXECUTED", "06-03", paid_cny="0.01"),
        ],
        day=WEDNESDAY,
    ),
    send(
        "F11",
        [
            *broken_lives("F11", "RECEIVED", "ACCEPTED", "CLOSED"),
            event("F11", 17, 1, "ASSIGNED", "06-02"),
            event("F11", 18, 1, "RECEIVED", "06-02", accept_flag="1"),
            event("F11", 19, 1, "RECEIVED", "06-02", case_type="CONSULTATION"),
            event("F11", 19, 2, "ACCEPTED", "06-02", case_type="CONSULTATION"),
            event("F11", 20, 1, "RECEIVED", "06-02", due_date="2010-06-03"),
            event("F11", 20, 2, "ACCEPTED", "06-02"),
            event("F11", 20, 3, "CLOSED", "06-04"),
            event("F11", 21, 1, "RECEIVED", "06-02", root_case_no=number("F11", 99)),
        ],
        day=WEDNESDAY,
    ),
    send(
        "F12",
        [
            *broken_lives("F12", "FILED", "ACCEPTED", "CLOSED"),
            event("F12", 17, 1, "ACCEPTED", "06-02"),
            event("F12", 18, 1, "FILED", "06-02", related_case_no=number("F10", 99)),
        ],
        day=WEDNESDAY,
    ),
    send("N12", [returned("320500", "1")], day=MAY, branch="320500"),
    send("N12", [returned("320200"), returned("320200")], day=MAY, branch="320200"),
    send("N12", [corrected(returned("320700"), 2)], day=MAY, branch="320700"),
    send("N12", [taken_back(returned("320300"), 1)], day=MAY, branch="320300"),
    send(
        "F18",
        [notice(11, decl_no=decl(99)), notice(12), notice(12), corrected(notice(13), 2), taken_back(notice(14), 1)],
        day=WEDNESDAY,
    ),
)
FOUND_OF_EVENTS = {
    (f"{feed}-{rule}", number(feed, case), item)
    for feed in KINDS
    for rule, case, item in (
        ("state-order", 11, 2),
        ("event_seq-gap", 12, 3),
        ("time-order", 13, 2),
        ("version-duplicate", 14, 1),
        ("version-gap", 15, 1),
        ("void-unknown", 16, 1),
    )
}
FOUND: set[Finding] = FOUND_OF_EVENTS | {
    ("F10-filed-missing", number("F10", 17), 0),
    ("F10-decision_no-reused", number("F10", 1), 0),
    ("F10-decision_no-reused", number("F10", 18), 0),
    ("F10-paid-exceeds", number("F10", 21), 0),
    ("F11-received-missing", number("F11", 17), 0),
    ("F11-state-order", number("F11", 17), 1),
    ("F11-accept_flag-differs", number("F11", 18), 0),
    ("F11-consultation-accepted", number("F11", 19), 2),
    ("F11-due-exceeded", number("F11", 20), 0),
    ("F12-filed-missing", number("F12", 17), 0),
    ("F12-state-order", number("F12", 17), 1),
    ("N12-version-duplicate", "320200", 0),
    ("N12-version-gap", "320700", 0),
    ("N12-void-unknown", "320300", 0),
    ("F18-version-duplicate", "N-12", 0),
    ("F18-version-gap", "N-13", 0),
    ("F18-void-unknown", "N-14", 0),
}
OPEN_ENDS: set[Finding] = {
    ("F10-related-missing", number("F10", 19), 0),
    ("F10-decl_no-unknown", number("F10", 20), 0),
    ("F11-root-missing", number("F11", 21), 0),
    ("F12-related-missing", number("F12", 18), 0),
    ("F18-decl_no-unknown", "N-11", 0),
    ("N12-count-differs", "320500", 0),
}
WHAT_WAS_NAMED: Sequence[Step] = (
    send("F01", [header(99)], branch="320700"),
    send("F10", [event("F10", 99, 1, "FILED", "05-03")], branch="320700"),
    send("F11", [event("F11", 99, 1, "RECEIVED", "05-03")], branch="320700"),
    send("F12", [event("F12", 99, 1, "FILED", "05-12", org_code="320500")], branch="320500"),
)
TAKEN_BACK: Sequence[Step] = (
    *(send(feed, [], day=WEDNESDAY, seq=2) for feed in ("F10", "F11", "F12", "F18")),
    *(send("N12", [], day=MAY, seq=2, branch=branch) for branch in ("320500", "320200", "320700", "320300")),
    send("F12", [], branch="320500", seq=2),
)


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Publications: good lives; broken ones beside them; what they named has come; the broken ones are taken back."""
    bureau = make_bureau("case-findings")
    for steps in (GOOD_LIVES, BROKEN, WHAT_WAS_NAMED, TAKEN_BACK):
        load_and_build(bureau, *steps)
    return bureau


def rows_at(bureau: Bureau, number: int) -> list[dict[str, Any]]:
    rows = published_rows(bureau.settings, "fct_finding", as_of=number)
    return [row for row in rows if row["feed_code"] in OF_CASES and not row["rule_id"].endswith(GAPS)]


def found_at(bureau: Bureau, number: int) -> set[Finding]:
    return {(row["rule_id"], row["key"], row["item_no"]) for row in rows_at(bureau, number)}


def test_good_lives_have_no_finding(story: Bureau) -> None:
    assert found_at(story, 1) == set()


def test_each_rule_finds_what_breaks_it_and_nothing_else(story: Bureau) -> None:
    assert found_at(story, 2) == FOUND | OPEN_ENDS
    rules = story.fetch("select rule_id, feed_code from ref.rule where scope = 'build'")
    found = {rule for rule, *_ in FOUND | OPEN_ENDS}
    of_cases = {row["rule_id"] for row in rules if row["feed_code"] in OF_CASES}
    assert {rule for rule in of_cases if not rule.endswith(GAPS)} == found


def test_a_finding_goes_when_what_was_named_comes_with_another_delivery(story: Bureau) -> None:
    assert found_at(story, 3) == FOUND


def test_findings_go_with_their_cause_and_leave_the_other_case(story: Bureau) -> None:
    assert found_at(story, 4) == set()


def test_a_finding_says_what_was_expected_and_names_the_line(story: Bureau) -> None:
    rows = rows_at(story, 2)
    said = {(row["rule_id"], row["key"]): (row["expected"], row["found"], row["line_no"]) for row in rows}
    assert all(expected and found and line for expected, found, line in said.values())
    assert all(row["message_zh"] and row["message_en"] and row["entity"] for row in rows)
    assert said["F10-state-order", number("F10", 11)] == (
        "INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED after FILED",
        "CLOSED",
        3,
    )
    assert said["F12-state-order", number("F12", 17)][0] == "FILED as the first event"
    assert said["F10-paid-exceeds", number("F10", 21)][:2] == ("at most 120.00", "120.01")
    assert said["F10-decision_no-reused", number("F10", 18)][1] == f"1 of {number('F10', 1)}"
    assert said["N12-count-differs", "320500"][:2] == (
        "0 reconsiderations, 0 lawsuits of F12",
        "1 reconsiderations, 0 lawsuits stated",
    )


def test_no_branch_reader_sees_a_finding_on_a_dispute(story: Bureau) -> None:
    rows = story.fetch(
        "select entity, bool_or(reader_org is not null) as seen from (table marts.fct_record_finding union all table"
        " marts.fct_link_finding) it group by 1"
    )
    assert {row["entity"]: row["seen"] for row in rows} == {
        "penalty_case": True,
        "dispute_case": False,
        "legal_return": True,
        "notice": True,
    }
