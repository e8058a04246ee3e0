"""Rows of the facts on penalties, disputes, monthly returns, summaries and notices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from support.oracle.cases import UNKNOWN, ZERO, Case, Matter, day_of, decision_of, is_transferred
from support.oracle.current import Record
from support.oracle.reference import branch_above
from support.oracle.slices import Row

Rows = Iterable[dict[str, Any]]


def penalty_rows(cases: Iterable[Case], open_keys: Collection[str]) -> Rows:
    """fct_penalties."""
    for case in cases:
        filed, closed = case.first("FILED"), case.closed_date
        decision = decision_of(case.events)
        decided = day_of(decision.row) if decision else None
        own = not case.is_void and not is_transferred(case.events)
        sums = decision if own else None
        yield {
            "case_no": case.case_no, "org_id": case.org_id, "state": case.state,
            "filed_date": filed, "decided_date": decided, "closed_date": closed,
            "cases_filed": int(own and filed is not None), "cases_decided": int(own and decided is not None),
            "cases_closed": int(own and closed is not None), "is_transferred": is_transferred(case.events),
            "fine_cny": sums.fine_cny if sums else ZERO,
            "confiscation_cny": sums.confiscation_cny if sums else ZERO,
            "paid_cny": sum((event.paid_cny or ZERO for event in case.standing), ZERO),
            "days_filed_to_decided": _days(filed, decided), "days_decided_to_closed": _days(decided, closed),
            "is_void": case.is_void, "events": len(case.standing), "has_open_quarantine": case.case_no in open_keys,
            **{name: case.latest(name) for name in (
                "procedure", "party_type", "party_code", "party_name", "cause_code", "law_article", "decision_no",
                "decl_no", "related_case_no",
            )},
            "campaign_code": case.latest("campaign_code") or UNKNOWN, **_last_row(case),
        }  # fmt: skip


def _days(first: date | None, last: date | None) -> int | None:
    return (last - first).days if first and last else None


MEASURES = {
    "COMPLAINT": ("complaints_accepted", "ACCEPTED"),
    "REPORT": ("reports_accepted", "ACCEPTED"),
    "RECONSIDERATION": ("reconsiderations_filed", "FILED"),
    "LITIGATION": ("lawsuits_filed", "FILED"),
}
"""Kind of dispute -> what counts it, and from which event on. Consultations are counted by nothing."""


def _said(case: Case, name: str) -> Any:
    """The column, which only one of the feeds of disputes may have."""
    return case.latest(name) if name in case.events[0].values else None


def _last_row(case: Case) -> dict[str, Any]:
    """Where the last event was told."""
    return _source(case.events[-1])


def _source(row: Row) -> dict[str, Any]:
    return {"sender_org": row.sender, "business_date": row.day, "line_no": row.line}


def dispute_rows(matters: Iterable[Matter], open_keys: Collection[str]) -> Rows:
    """fct_disputes."""
    for matter in matters:
        lead, last = matter.lead, matter.last
        measure, event = MEASURES.get(lead.kind, ("", ""))
        counted = {name: int(name == measure and not matter.is_void and matter.first(event) is not None)
                   for name, _ in MEASURES.values()}  # fmt: skip
        yield {
            "matter_no": matter.matter_no, "case_kind": lead.kind, "org_id": lead.org_id, "state": last.state,
            "accepted_date": matter.first("ACCEPTED"), "filed_date": matter.first("FILED"),
            "closed_date": matter.closed_date, "is_closed": matter.closed_date is not None,
            "is_void": matter.is_void, "is_open": matter.is_open, **counted,
            "cases": 0 if matter.is_void else len(matter.telling),
            "events": sum(len(case.standing) for case in matter.cases),
            "has_open_quarantine": any(case.case_no in open_keys for case in matter.cases),
            "channel": _said(lead, "channel") or UNKNOWN, "target_type": _said(lead, "target_type") or UNKNOWN,
            **{name: _said(lead, name) for name in (
                "anonymous_flag", "subject", "outcome", "related_case_no", "authority", "assigned_org", "due_date",
            )},
            **_last_row(last),
        }  # fmt: skip


def milestone_rows(cases: Mapping[str, Case], matters: Iterable[Matter]) -> Rows:
    """fct_case_milestone."""
    matter_of = {case.case_no: matter.matter_no for matter in matters for case in matter.cases}
    for case in cases.values():
        for event in case.standing:
            yield {
                "case_no": case.case_no, "event_seq": event.event_seq, "case_kind": case.kind,
                "matter_no": matter_of.get(case.case_no, case.case_no), "milestone": event.event_type,
                "milestone_date": day_of(event), "org_id": case.org_id, "events": 1, **_source(event),
            }  # fmt: skip


def month_end_rows(cases: Iterable[Case], month_ends: Collection[date]) -> Rows:
    """fct_case_month_end."""
    for case in cases:
        for month_end in month_ends:
            then = case.as_of(month_end)
            if then is not None and then.is_open:
                begun = then.first("ACCEPTED" if case.feed == "F11" else "FILED")
                assert begun
                yield {
                    "case_no": case.case_no, "month_end": month_end, "state": then.state, "org_id": case.org_id,
                    "case_kind": case.kind, "begun_date": begun, "days_open": (month_end - begun).days,
                    "cases_open": 1,
                }  # fmt: skip


def dispute_month_rows(matters: Collection[Matter], month_ends: Collection[date]) -> Rows:
    """fct_dispute_months. Closed months only."""
    counted = [matter for matter in matters if _begun(matter)]
    sums: dict[tuple[str, str, date], Counter[str]] = defaultdict(Counter)
    for matter in counted:
        place = (matter.lead.org_id, matter.lead.kind)
        verb = "accepted" if matter.lead.feed == "F11" else "filed"
        for what, day in ((verb, _begun(matter)), ("closed", matter.closed_date)):
            if day and last_day_of(day) in month_ends:
                sums[*place, last_day_of(day)][what] += 1
        for month_end in month_ends:
            then = [case.as_of(month_end) for case in matter.cases]
            if any(case is not None and case.is_open for case in then):
                sums[*place, month_end]["open"] += 1
    for (org_id, kind, month_end), own in sums.items():
        yield {
            "org_id": org_id, "case_kind": kind, "month_end": month_end, "matters_accepted": own["accepted"],
            "matters_filed": own["filed"], "matters_closed": own["closed"],
            "matters_open": own["open"],
        }  # fmt: skip


def _begun(matter: Matter) -> date | None:
    """The day on which it counts as accepted or filed; None when it does not."""
    _, event = MEASURES.get(matter.lead.kind, ("", ""))
    return None if matter.is_void else matter.first(event)


def last_day_of(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def return_rows(records: Iterable[Record]) -> Rows:
    """fct_legal_return."""
    for record in records:
        row, void = record.row, record.is_void
        yield {
            "org_id": branch_above(row.org_code, row.period_end) or UNKNOWN, "month_end": row.period_end,
            "reconsiderations_filed": None if void else row.reconsiderations_filed,
            "lawsuits_filed": None if void else row.lawsuits_filed,
            "org_code": row.org_code, "returns": int(not void), "is_void": void, **_source(row),
        }  # fmt: skip


def summary_rows(records: Iterable[Record]) -> Rows:
    """fct_monthly_summary."""
    for record in records:
        row, void = record.row, record.is_void
        yield {
            "org_id": branch_above(row.org_code, row.period_end) or UNKNOWN, "month_end": row.period_end,
            "topic": row.topic, "ie_flag": row.ie_flag, "lots": None if void else row.lots,
            "value_usd": None if void else row.value_usd,
            "org_code": row.org_code, "is_void": void, **_source(row),
        }  # fmt: skip


def notice_rows(records: Iterable[Record]) -> Rows:
    """fct_notice."""
    names = ("notice_no", "direction", "issuer", "issue_date", "product_group", "hazard", "national_flag", "decl_no")
    for record in records:
        kept = {name: getattr(record.row, name) for name in names}
        yield kept | {"is_void": record.is_void, "notices": int(not record.is_void), **_source(record.row)}
