"""Certificates against their lots: what releases a lot, rows of fct_certificate, and what contradicts itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from support.oracle.calibres import CENT, UNKNOWN, Lot
from support.oracle.current import Certificate, Current
from support.oracle.reference import branch_above, is_workday, table
from support.oracle.slices import Row

Found = Iterator[tuple[str, Row, int]]
SECONDS = Decimal(3600)
OPEN_FROM, OPEN_TO = 8, 17


def release_rank(cert_type: str) -> int:
    """1: a clearance form; 2: what hands the lot on; 0: no release."""
    return int({row["code"]: row["releases"] for row in table("cert_type")}[cert_type])


def release_of(lot: Lot) -> Row | None:
    """The earliest clearance form that is not void; without one, the earliest of what hands the lot on."""
    rows = [it.row for it in lot.declaration.certificates if not it.is_void_itself and release_rank(it.row.cert_type)]
    return min(rows, key=lambda row: (release_rank(row.cert_type), row.issue_time, row.cert_no), default=None)


def hours_to_release(lot: Lot) -> Decimal | None:
    """Hours from acceptance to release, two decimals; None without a release, or where it comes first."""
    release = release_of(lot)
    if release is None or release.issue_time < lot.header.accept_time:
        return None
    seconds = Decimal(int((release.issue_time - lot.header.accept_time).total_seconds()))
    return (seconds / SECONDS).quantize(CENT, ROUND_HALF_UP)


def is_off_hours(row: Row) -> bool:
    """Issued outside the hours, or on a day of rest."""
    return not OPEN_FROM <= row.issue_time.hour <= OPEN_TO or not is_workday(row.issue_time.date())


def release_cells(lot: Lot) -> dict[str, Any]:
    """What fct_inspection_lot says of the release."""
    release = release_of(lot)
    return {
        "release_cert_no": release.cert_no if release else None,
        "release_time": release.issue_time if release else None,
        "hours_accept_to_release": hours_to_release(lot),
        "is_released_off_hours": is_off_hours(release) if release else None,
        "is_direct_release": lot.header.direct_release_mode not in {None, "NONE"},
        "certificates": sum(not it.is_void_itself for it in lot.declaration.certificates),
    }


def certificate_rows(lots: Iterable[Lot]) -> Iterator[dict[str, Any]]:
    """fct_certificate."""
    for lot in lots:
        release = release_of(lot)
        for it in lot.declaration.certificates:
            row, problems = it.row, _problems(it, lot)
            yield {
                "cert_no": row.cert_no, "decl_no": row.decl_no, "cert_type": row.cert_type,
                "ie_flag": lot.header.ie_flag, "issued_on": row.issue_time.date(), "stat_date": lot.stat_date,
                "org_id": branch_above(row.issue_org, row.issue_time.date()) or UNKNOWN, "issue_org": row.issue_org,
                "issue_time": row.issue_time, "valid_to": row.valid_to, "used_time": row.used_time,
                "hs_code": row.hs_code, "dest_country": row.dest_country or UNKNOWN, "status": row.status,
                "version_no": row.version_no, "direct_release_mode": lot.header.direct_release_mode or UNKNOWN,
                "is_release": release_rank(row.cert_type) > 0, "is_first_release": row is release,
                "is_issued_off_hours": is_off_hours(row), "is_void": it.is_void,
                "certificates": int(not it.is_void), "days_valid": _days(row),
                "is_used_expired": "F04-valid_to-expired" in problems,
                "has_other_hs_code": "F04-hs_code-differs" in problems,
                "has_other_country": "F04-dest_country-differs" in problems,
                "is_before_evaluation": "F04-release-early" in problems,
                "is_without_evaluation": "F04-release-unevaluated" in problems,
                "is_on_void_lot": "F04-void-certified" in problems,
                "sender_org": row.sender, "business_date": row.day, "line_no": row.line,
            }  # fmt: skip


def _days(row: Row) -> int | None:
    valid_to: date | None = row.valid_to
    return (valid_to - row.issue_time.date()).days if valid_to else None


def certificate_findings(rows: Iterable[Row], state: Current, lots: Mapping[str, Lot]) -> Found:
    """Against the lot, the other certificates of it, and what the number was told for before."""
    for it in state.certificates:
        if it.declaration is None:
            yield "F04-parent-missing", it.row, 0
    for lot in lots.values():
        for it in lot.declaration.certificates:
            yield from ((rule, it.row, 0) for rule in _problems(it, lot))
        if not lot.declaration.is_void:
            yield from _of_serials(lot)
    yield from _of_identity(rows)


def _problems(it: Certificate, lot: Lot) -> set[str]:
    """Nothing is held against a certificate that is void itself; against one of a void lot only that it is not."""
    row, header = it.row, lot.header
    if it.is_void_itself:
        return set()
    if lot.declaration.is_void:
        return {"F04-void-certified"}
    rank = release_rank(row.cert_type)
    first = lot.declaration.first
    awaits = rank == 2 or (rank == 1 and header.ie_flag == "E")
    codes = {line.row.hs_code for line in lot.lines}
    foreign = re.fullmatch("[0-9]{18}", row.cert_no) and row.cert_no[:15] != row.decl_no
    problems = {
        "F04-time-order": row.issue_time < header.accept_time
        or (row.used_time is not None and row.used_time < row.issue_time),
        "F04-release-early": awaits and first is not None and row.issue_time < first.eval_time,
        "F04-release-unevaluated": awaits and first is None,
        "F04-valid_to-expired": row.used_time and row.valid_to and row.used_time.date() > row.valid_to,
        "F04-hs_code-differs": bool(row.hs_code and codes) and row.hs_code not in codes,
        "F04-dest_country-differs": bool(row.dest_country and header.dest_country)
        and row.dest_country != header.dest_country,
        "F04-cert_no-foreign": foreign,
    }
    return {rule for rule, found in problems.items() if found}


def _of_serials(lot: Lot) -> Found:
    own = (it.row for it in lot.declaration.certificates if it.row.cert_no[:15] == it.row.decl_no)
    numbered = sorted((int(row.cert_no[15:]), row) for row in own if re.fullmatch("[0-9]{18}", row.cert_no))
    before = 0
    for serial, row in numbered:
        if serial > before + 1:
            yield "F04-cert_no-gap", row, 0
        before = serial


def _of_identity(rows: Iterable[Row]) -> Found:
    told: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.rank, reverse=True):
        if row.feed == "F04" and not row.is_void:
            told[row.cert_no].append(row)
    for group in told.values():
        for later, earlier in pairwise(group):
            if (later.decl_no, later.cert_type) != (earlier.decl_no, earlier.cert_type):
                yield "F04-cert_no-reused", later, 0
