"""Events of cases, returns and notices for tests: good rows with what a test says about them."""

from __future__ import annotations

from datetime import date

from support.bureau import GOOD


def penalty(case: int, seq: int, event_type: str, day: str, **cells: str) -> dict[str, str]:
    """An event of the penalty case 320100CF2010-`case`, on `day` (mm-dd of 2010)."""
    if event_type in {"DECIDED", "AMENDED"}:
        cells = {"fine_cny": "1000.00", "decision_no": f"2010-{case}", **cells}
    return _event("F10", penalty_no(case), seq, event_type, day, **cells)


def complaint(case: int, seq: int, event_type: str, day: str, **cells: str) -> dict[str, str]:
    """An event of the complaint 320100TS2010-`case`."""
    if event_type == "REJECTED":
        cells = {"not_accept_reason": "不属受理范围", **cells}
    return _event("F11", complaint_no(case), seq, event_type, day, **cells)


def review(case: int, seq: int, event_type: str, day: str, kind: str = "FY", **cells: str) -> dict[str, str]:
    """An event of the reconsideration (FY) or lawsuit (SS) 320100-`case`."""
    if event_type == "DECIDED":
        cells = {"outcome": "UPHELD", **cells}
    type_ = {"FY": "RECONSIDERATION", "SS": "LITIGATION"}[kind]
    return _event("F12", f"320100{kind}2010{case:05d}", seq, event_type, day, case_type=type_, **cells)


def penalty_no(case: int) -> str:
    return f"320100CF2010{case:05d}"


def complaint_no(case: int) -> str:
    return f"320100TS2010{case:05d}"


def _event(feed: str, case_no: str, seq: int, event_type: str, day: str, **cells: str) -> dict[str, str]:
    key = {"record_id": f"{case_no}-{seq}", "case_no": case_no, "event_seq": str(seq)}
    return {**GOOD[feed], **key, "event_type": event_type, "event_time": f"2010-{day} 09:00:00", **cells}


def taken_back(row: dict[str, str], version: int = 2) -> dict[str, str]:
    """A D row of an event, a return or a notice: the row as it was, and that it counts no longer."""
    return {**row, "op": "D", "version_no": str(version)}


def corrected(row: dict[str, str], version: int = 2, **cells: str) -> dict[str, str]:
    """A U row of it: the row whole, with other cells."""
    return {**row, "op": "U", "version_no": str(version), **cells}


def the(day: str) -> date:
    """mm-dd of 2010."""
    return date.fromisoformat(f"2010-{day}")
