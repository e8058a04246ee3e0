"""Certificates of origin: which of them count, and what does not fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from support.oracle.cases import UNKNOWN
from support.oracle.current import Record
from support.oracle.reference import branch_above, published_rate, table
from support.oracle.slices import Row

CENT = Decimal("0.01")
ZERO = Decimal(0)
_KEPT = (
    "coo_no", "coo_type", "apply_ent", "issue_org", "issue_date", "dest_country", "invoice_no", "hs6", "mfn_rate",
    "pref_rate", "fob_usd", "replaces_coo_no", "status", "version_no",
)  # fmt: skip


def origin_rows(records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """fct_origin_cert."""
    standing = list(records)
    replaced: dict[str, str] = {}
    for record in sorted(standing, key=lambda record: record.row.coo_no, reverse=True):
        old = record.row.replaces_coo_no
        if old and old != record.row.coo_no and not is_void(record):
            replaced[old] = record.row.coo_no
    for record in standing:
        row, by = record.row, replaced.get(record.row.coo_no)
        counts = not is_void(record) and by is None
        yield {
            **{name: getattr(row, name) for name in _KEPT},
            "org_id": branch_above(row.issue_org, row.issue_date) or UNKNOWN,
            "issue_year": row.issue_date.year, "is_void": is_void(record), "is_counted": counts,
            "replaced_by_coo_no": by, "certificates": int(counts), "saving_told_cny": row.est_duty_saving_cny,
            "fob_counted_usd": row.fob_usd if counts else ZERO,
            "est_duty_saving_cny": _known_saving(row) if counts else ZERO,
            "sender_org": row.sender, "business_date": row.day, "line_no": row.line,
        }  # fmt: skip


def is_void(record: Record) -> bool:
    """Taken back, or in state 2."""
    return record.is_void or record.row.status == "2"


def _has_rates(row: Row) -> bool:
    return row.mfn_rate is not None and row.pref_rate is not None


def _known_saving(row: Row) -> Decimal | None:
    """Zero without a rate is what nobody knows."""
    return None if row.est_duty_saving_cny == 0 and not _has_rates(row) else row.est_duty_saving_cny


def origin_findings(records: Iterable[Record]) -> Iterator[tuple[str, Row, int]]:
    """Rule, row, 0."""
    standing = list(records)
    numbers = {record.row.coo_no for record in standing}
    told = [record.row for record in standing if not is_void(record)]
    replacing = Counter(row.replaces_coo_no for row in told if row.replaces_coo_no)
    givers = {row["code"] for row in table("gsp_giver")}
    for row in told:
        saving, old = row.est_duty_saving_cny, row.replaces_coo_no
        if saving is not None and not _has_rates(row):
            yield "F05-saving-unfounded", row, 0
        if _has_rates(row):
            if row.pref_rate > row.mfn_rate:
                yield "F05-rate-order", row, 0
            rate = published_rate("CNY", row.issue_date)
            assert rate
            computed = (row.fob_usd * (row.mfn_rate - row.pref_rate) / rate).quantize(CENT, ROUND_HALF_UP)
            if saving is not None and abs(saving - computed) > max(Decimal(100), computed / 10):
                yield "F05-saving-differs", row, 0
        if row.coo_type == "FORM_A" and row.dest_country not in givers and (saving or 0) > 0:
            yield "F05-saving-graduated", row, 0
        if old and old not in numbers:
            yield "F05-replaced-unknown", row, 0
        if old and replacing[old] > 1:
            yield "F05-replaced-twice", row, 0
