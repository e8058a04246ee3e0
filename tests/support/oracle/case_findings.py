"""What rules of scope build find in events, returns and notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise

from support.oracle.cases import UNKNOWN, ZERO, Case, day_of, decision_of, is_transferred
from support.oracle.contract import feeds
from support.oracle.current import Current
from support.oracle.origin_certs import origin_findings
from support.oracle.reference import branch_above
from support.oracle.slices import Row
from support.oracle.versions import of_versions

Found = Iterator[tuple[str, Row, int]]
"""Rule, row concerned, event_seq (0: the case, return or notice)."""

_BEFORE_DECISION = "INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED"
_AFTER_DECISION = "SERVED EXECUTED AMENDED REVOKED CLOSED"
FOLLOWS: Mapping[str, Mapping[str, str]] = {
    "F10": {
        "": "FILED DECIDED",
        "FILED": _BEFORE_DECISION, "INVEST": _BEFORE_DECISION, "REVIEW": _BEFORE_DECISION,
        "NOTICE": _BEFORE_DECISION, "HEARING": _BEFORE_DECISION,
        "DECIDED": _AFTER_DECISION, "SERVED": _AFTER_DECISION, "EXECUTED": _AFTER_DECISION, "AMENDED": _AFTER_DECISION,
        "REVOKED": f"{_BEFORE_DECISION} CLOSED",
        "WITHDRAWN": "CLOSED", "TRANSFERRED": "CLOSED",
        "CLOSED": "SERVED EXECUTED AMENDED REVOKED",
    },
    "F11": {
        "": "RECEIVED",
        "RECEIVED": "ACCEPTED REJECTED ASSIGNED REPLIED",
        "ACCEPTED": "ASSIGNED REPLIED CLOSED",
        "ASSIGNED": "ACCEPTED REJECTED ASSIGNED REPLIED CLOSED",
        "REPLIED": "ASSIGNED REPLIED CLOSED",
        "REJECTED": "REPLIED CLOSED REOPENED",
        "CLOSED": "REOPENED",
        "REOPENED": "ACCEPTED REJECTED ASSIGNED REPLIED CLOSED",
    },
    "F12": {
        "": "FILED",
        "FILED": "ACCEPTED REJECTED WITHDRAWN",
        "ACCEPTED": "HEARING DECIDED WITHDRAWN",
        "HEARING": "HEARING DECIDED WITHDRAWN",
        "DECIDED": "CLOSED", "REJECTED": "CLOSED", "WITHDRAWN": "CLOSED",
        "CLOSED": "",
    },
}  # fmt: skip
"""The state machines: after an event, which ones may be next."""

OF_FACTS = {"F10-decision_no-reused", "F10-related-missing", "F10-decl_no-unknown", "F12-related-missing"}
"""Rules that compare cases as a whole: the finding tells no version of the event."""

FIRST_EVENTS = {
    "F10": ("filed-missing", "FILED"),
    "F11": ("received-missing", "RECEIVED"),
    "F12": ("filed-missing", "FILED"),
}


def case_findings(rows: Iterable[Row], state: Current, cases: Mapping[str, Case]) -> Found:
    """`cases`: of every feed, by number."""
    yield from _of_keys(rows, state)
    for case in cases.values():
        if not case.is_void:
            yield from _of_events(case)
            yield from _of_links(case, cases, state)
            yield from {"F10": _of_penalty, "F11": _of_complaint, "F12": _of_nothing}[case.feed](case)
    yield from _of_decision_numbers([case for case in cases.values() if case.feed == "F10" and not case.is_void])
    for record in state.records.get("F18", []):
        if not record.is_void and record.row.decl_no not in {None, *state.declarations}:
            yield "F18-decl_no-unknown", record.row, 0
    yield from origin_findings(state.records.get("F05", []))
    yield from _of_returns(state, [case for case in cases.values() if case.feed == "F12" and not case.is_void])


def item_of(row: Row) -> int:
    """The event, or 0 where there is one row only."""
    return int(row.event_seq) if row.feed in FOLLOWS else 0


def _of_keys(rows: Iterable[Row], state: Current) -> Found:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.rank, reverse=True):
        if row.feed not in {"F01", "F02", "F03"}:
            key = (getattr(row, column.name) for column in feeds()[row.feed].columns if column.key)
            groups[row.feed, *key].append(row)
    for group in groups.values():
        yield from of_versions(group, item_of)
        if all(row.is_void for row in group):
            yield f"{group[0].feed}-void-unknown", group[0], item_of(group[0])


def _of_events(case: Case) -> Found:
    feed, events = case.feed, case.standing
    before = 0
    for event in case.told:
        if event.event_seq > before + 1:
            yield f"{feed}-event_seq-gap", event, event.event_seq
        before = event.event_seq
    for earlier, later in pairwise(events):
        if later.event_time < earlier.event_time:
            yield f"{feed}-time-order", later, later.event_seq
    state = ""
    for event in events:
        if event.event_type not in FOLLOWS[feed][state].split():
            yield f"{feed}-state-order", event, event.event_seq
        state = event.event_type
    rule, kind = FIRST_EVENTS[feed]
    if case.first(kind) is None:
        yield f"{feed}-{rule}", events[0], 0


def _of_nothing(_: Case) -> Found:
    yield from ()


def _of_penalty(case: Case) -> Found:
    decision = decision_of(case.events)
    demanded = decision.fine_cny + decision.confiscation_cny if decision else ZERO
    if sum((event.paid_cny or ZERO for event in case.events), ZERO) > demanded:
        yield "F10-paid-exceeds", case.events[-1], 0


def _of_complaint(case: Case) -> Found:
    accepted = [event for event in case.events if event.event_type == "ACCEPTED"]
    answers = [event.event_type for event in case.events if event.event_type in {"ACCEPTED", "REJECTED"}]
    flag, due = case.latest("accept_flag"), case.latest("due_date")
    if (flag == "1" and not accepted) or (flag == "0" and answers[-1:] == ["ACCEPTED"]):
        yield "F11-accept_flag-differs", case.events[-1], 0
    if case.events[0].case_type == "CONSULTATION":
        yield from (("F11-consultation-accepted", event, event.event_seq) for event in accepted)
    if due is not None and case.closed_date is not None and case.closed_date > due:
        yield "F11-due-exceeded", case.events[-1], 0


def _of_links(case: Case, cases: Collection[str], state: Current) -> Found:
    """What names a case or a declaration that is not there."""
    named: dict[str, list[tuple[str, str, Collection[str]]]] = {
        "F10": [
            ("F10-related-missing", "related_case_no", cases),
            ("F10-decl_no-unknown", "decl_no", state.declarations),
        ],
        "F11": [("F11-root-missing", "root_case_no", cases)],
        "F12": [("F12-related-missing", "related_case_no", cases)],
    }
    for rule, column, there in named[case.feed]:
        if case.latest(column) not in {None, *there}:
            yield rule, case.events[-1], 0


def _of_decision_numbers(cases: Iterable[Case]) -> Found:
    """One number on several decided cases of a branch and year."""
    by_number: dict[tuple[object, ...], list[Case]] = defaultdict(list)
    for case in cases:
        decision = decision_of(case.events)
        if decision and not is_transferred(case.events):
            by_number[case.org_id, day_of(decision.row).year, case.latest("decision_no")].append(case)
    for same in by_number.values():
        if len(same) > 1:
            yield from (("F10-decision_no-reused", case.events[-1], 0) for case in same)


def _of_returns(state: Current, cases: Collection[Case]) -> Found:
    filed: dict[tuple[object, ...], int] = defaultdict(int)
    for case in cases:
        day = case.first("FILED")
        if day:
            filed[case.org_id, day.year, day.month, case.events[0].case_type] += 1
    for record in state.records.get("N12", []):
        row = record.row
        month = (branch_above(row.org_code, row.period_end) or UNKNOWN, row.period_end.year, row.period_end.month)
        counted = (filed[*month, "RECONSIDERATION"], filed[*month, "LITIGATION"])
        if not record.is_void and counted != (row.reconsiderations_filed, row.lawsuits_filed):
            yield "N12-count-differs", row, 0
