"""The published facts as pandas frames, computed from files alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from support.oracle.bridge import bridge_rows
from support.oracle.calibres import NO_LINE, UNALLOCATED, Lot, lot_of
from support.oracle.case_facts import (
    dispute_month_rows,
    dispute_rows,
    last_day_of,
    milestone_rows,
    month_end_rows,
    notice_rows,
    penalty_rows,
    return_rows,
    summary_rows,
)
from support.oracle.cases import cases_of, matters_of
from support.oracle.certificates import certificate_rows, hours_to_release, release_cells
from support.oracle.contract import feeds
from support.oracle.current import Current, current
from support.oracle.findings import findings
from support.oracle.frontier import (
    conveyance_rows,
    interception_rows,
    record_rows,
    sample_rows,
    screening_rows,
    wood_rows,
)
from support.oracle.origin_certs import origin_rows
from support.oracle.reference import due_branches, is_due
from support.oracle.slices import Delivery, Row, Slice, deliveries_of, published, undecided_rows

CUTOFF = time(2)
LOTS = ("F01", "F02", "F03", "F04")
OF_LOTS = ("F01", "F02", "F03")
"""Their rows make up a lot, so that one in quarantine leaves it open."""
CASES = ("F10", "F11", "F12")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Facts:
    """Frames with the published tables' column names; the first columns are the key (`KEYS`)."""

    deliveries: list[Delivery]
    lots: pd.DataFrame
    lines: pd.DataFrame
    evaluations: pd.DataFrame
    certificates: pd.DataFrame
    volume: pd.DataFrame
    value: pd.DataFrame
    coverage: pd.DataFrame
    bridge: pd.DataFrame
    balance: pd.DataFrame
    findings: pd.DataFrame
    penalties: pd.DataFrame
    disputes: pd.DataFrame
    dispute_months: pd.DataFrame
    milestones: pd.DataFrame
    month_ends: pd.DataFrame
    returns: pd.DataFrame
    summaries: pd.DataFrame
    notices: pd.DataFrame
    origin_certs: pd.DataFrame
    records: pd.DataFrame
    interceptions: pd.DataFrame
    conveyances: pd.DataFrame
    screenings: pd.DataFrame
    samples: pd.DataFrame
    wood: pd.DataFrame
    unused: pd.DataFrame
    unused_cases: pd.DataFrame


KEYS = {
    "lots": ["decl_no"],
    "lines": ["decl_no", "goods_no"],
    "evaluations": ["decl_no", "eval_seq"],
    "certificates": ["cert_no"],
    "volume": [
        "stat_date", "org_id", "office", "ie_flag", "principal_hs6", "partner_country", "trade_mode", "transport_mode",
    ],
    "value": [
        "stat_date", "org_id", "office", "ie_flag", "hs_code", "country", "trade_mode", "transport_mode", "currency",
    ],
    "coverage": ["feed_code", "org_code", "business_date"],
    "bridge": ["business_date", "org_code"],
    "balance": ["place"],
    "findings": ["rule_id", "entity", "key", "item_no", "sender_org", "business_date", "line_no"],
    "penalties": ["case_no"],
    "disputes": ["matter_no"],
    "dispute_months": ["org_id", "case_kind", "month_end"],
    "milestones": ["case_no", "event_seq"],
    "month_ends": ["case_no", "month_end"],
    "returns": ["org_code", "month_end"],
    "summaries": ["org_code", "month_end", "topic", "ie_flag"],
    "notices": ["notice_no"],
    "origin_certs": ["coo_no"],
    "records": ["feed_code", "key", "item"],
    "interceptions": ["interception_no"],
    "conveyances": ["event_no"],
    "screenings": ["event_no"],
    "samples": ["sample_no", "test_item"],
    "wood": ["decl_no", "pack_seq"],
    "unused": ["feed_code", "sender_org", "business_date", "line_no"],
    "unused_cases": ["feed_code", "sender_org", "business_date", "line_no"],
}  # fmt: skip


def facts_of(
    exchange_root: Path,
    *,
    arrived: Iterable[Path] | None = None,
    due: tuple[date, date] | None = None,
    closed: Collection[date] = (),
    key: bytes = b"",
) -> Facts:
    """Facts of the deliveries below `<exchange_root>/<org6>/outbox`, or of the data files `arrived` among them.

    `due` bounds the days that are due; `closed` are those on which a missing slice shows;
    `key` makes the pseudonyms of persons.
    """
    deliveries = deliveries_of(exchange_root, arrived, key)
    standing = published(deliveries)
    state = current(row for delivery in standing.values() for row in delivery.rows())
    lots = {decl_no: lot_of(declaration) for decl_no, declaration in state.declarations.items()}
    open_keys = {
        number
        for delivery in standing.values()
        if delivery.slice[0] in {*OF_LOTS, *CASES}
        for number in delivery.rejected_keys()
    }
    complete = _completeness(standing, due)
    cases = {case.case_no: case for feed in CASES for case in cases_of(state.records.get(feed, []))}
    penalties = [case for case in cases.values() if case.feed == "F10"]
    matters = matters_of([case for case in cases.values() if case.feed != "F10"])
    month_ends = {day for day in closed if day == last_day_of(day) and due is not None and due[0] <= day <= due[1]}
    unused = list(_unused(standing, state))

    def completed(name: str, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
        told = ((row, complete(row["business_date"], row["sender_org"])) for row in rows)
        return _frame(name, (row | {"completeness": completeness} for row, completeness in told))

    return Facts(
        deliveries=deliveries,
        lots=_frame("lots", (_lot_row(lot, open_keys, complete) for lot in lots.values())),
        lines=_frame("lines", (row for lot in lots.values() for row in _line_rows(lot, open_keys))),
        evaluations=_frame("evaluations", (row for lot in lots.values() for row in _evaluation_rows(lot))),
        certificates=completed("certificates", certificate_rows(lots.values())),
        volume=_summed("volume", (_volume_row(lot) for lot in lots.values() if lot.is_counted), complete),
        value=_summed("value", (row for lot in lots.values() if lot.is_counted for row in _value_rows(lot)), complete),
        coverage=_frame("coverage", _coverage(deliveries, standing, state, due, closed)),
        bridge=_frame("bridge", bridge_rows(deliveries, standing, state, lots)),
        balance=_frame("balance", _balance(deliveries, standing, state)),
        findings=_frame("findings", findings(standing, state, lots, cases)),
        penalties=completed("penalties", penalty_rows(penalties, open_keys)),
        disputes=completed("disputes", dispute_rows(matters, open_keys)),
        dispute_months=_frame("dispute_months", dispute_month_rows(matters, month_ends)),
        milestones=completed("milestones", milestone_rows(cases, matters)),
        month_ends=_frame("month_ends", month_end_rows(cases.values(), month_ends)),
        returns=completed("returns", return_rows(state.records.get("N12", []))),
        summaries=_frame("summaries", summary_rows(state.records.get("N01", []))),
        notices=completed("notices", notice_rows(state.records.get("F18", []))),
        origin_certs=completed("origin_certs", origin_rows(state.records.get("F05", []))),
        records=completed("records", record_rows(state)),
        interceptions=completed("interceptions", interception_rows(state.records.get("F07", []))),
        conveyances=completed("conveyances", conveyance_rows(state.records.get("F06", []))),
        screenings=completed("screenings", screening_rows(state.records.get("F06", []))),
        samples=completed("samples", sample_rows(state.records.get("F13", []))),
        wood=completed("wood", wood_rows(state.records.get("F08", []))),
        unused=_frame("unused", (row for row in unused if row["feed_code"] in LOTS)),
        unused_cases=_frame("unused_cases", (row for row in unused if row["feed_code"] not in LOTS)),
    )


def _frame(name: str, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    found = list(rows)
    frame = pd.DataFrame(found, dtype=object)
    return frame.sort_values(KEYS[name], ignore_index=True) if found else frame


def _completeness(standing: dict[Slice, Delivery], due: tuple[date, date] | None) -> Any:
    """A function: is every due slice of this day and branch there?"""

    def of(day: date, org: str) -> str:
        counts = due is not None and due[0] <= day <= due[1]
        missing = counts and any(is_due(feed, org, day) and (feed, org, day) not in standing for feed in feeds())
        return "provisional" if missing else "final"

    return of


def _lot_row(lot: Lot, open_keys: set[str], complete: Any) -> dict[str, Any]:
    declaration, header = lot.declaration, lot.header
    first, final = declaration.first, declaration.final
    kilograms = [line.net_weight_kg for line in lot.lines if line.net_weight_kg is not None]
    dollars = [line.value_usd for line in lot.lines if line.value_usd is not None]
    counted = int(lot.is_counted)
    return {
        "decl_no": header.decl_no, "ie_flag": header.ie_flag, "decl_type": header.decl_type,
        "decl_date": header.decl_date, "business_date": declaration.business_date, "stat_date": lot.stat_date,
        "org_id": lot.org_id, "office": header.insp_org, "sender_org": header.sender,
        "applicant_code": header.applicant_code, "applicant_name": header.applicant_name,
        "accept_time": header.accept_time, "trade_mode": header.trade_mode, "status": header.status,
        "partner_country": lot.partner_country, "entry_exit_port": header.entry_exit_port,
        "version_no": header.version_no,
        "principal_hs_code": lot.principal.row.hs_code if lot.principal else NO_LINE,
        "principal_hs6": lot.principal.row.hs_code[:6] if lot.principal else NO_LINE,
        "principal_goods_no": lot.principal.row.goods_no if lot.principal else None,
        "first_eval_seq": first.eval_seq if first else None, "first_result": first.result if first else None,
        "final_eval_seq": final.eval_seq if final else None, "final_result": final.result if final else None,
        "currency": header.currency, "usd_rate": lot.rate, "is_void": declaration.is_void,
        "is_nonconforming": lot.is_nonconforming, "is_counted": lot.is_counted,
        "has_open_quarantine": header.decl_no in open_keys,
        "lots": counted, "lots_nonconforming": counted * lot.is_nonconforming,
        "total_value": header.total_value, "value_usd": lot.value_usd,
        "value_usd_lines": sum(dollars, ZERO), "value_usd_unallocated": lot.unallocated_usd,
        "goods_lines": len(lot.lines), "net_weight_kg": sum(kilograms, ZERO),
        "evaluations": len(declaration.evaluations), **release_cells(lot),
        "completeness": complete(declaration.business_date, header.sender),
    }  # fmt: skip


def _line_rows(lot: Lot, open_keys: set[str]) -> Iterable[dict[str, Any]]:
    for line in (*lot.lines, *lot.deleted):
        row = line.row
        stands = line in lot.lines
        yield {
            "decl_no": row.decl_no, "goods_no": row.goods_no, "hs_code": row.hs_code, "country": line.country,
            "goods_name_cn": row.goods_name_cn, "ie_flag": lot.header.ie_flag, "stat_date": lot.stat_date,
            "org_id": lot.org_id, "office": lot.header.insp_org, "currency": row.currency,
            "version_no": row.version_no, "sender_org": row.sender, "is_principal": line is lot.principal,
            "is_void": lot.declaration.is_void or not stands, "is_counted": lot.is_counted and stands,
            "has_open_quarantine": row.decl_no in open_keys, "goods_lines": int(lot.is_counted and stands),
            "qty": row.qty, "qty_unit": row.qty_unit, "net_weight_kg": line.net_weight_kg,
            "goods_value": row.goods_value, "value_usd": line.value_usd, "line_no": row.line,
        }  # fmt: skip


def _evaluation_rows(lot: Lot) -> Iterable[dict[str, Any]]:
    declaration = lot.declaration
    for row in (*declaration.evaluations, *(row for row in declaration.deleted if row.feed == "F03")):
        stands = row in declaration.evaluations
        yield {
            "decl_no": row.decl_no, "eval_seq": row.eval_seq, "eval_on": row.eval_time.date(),
            "stat_date": lot.stat_date, "org_id": lot.org_id, "result": row.result, "nc_category": row.nc_category,
            "insp_mode": row.insp_mode, "version_no": row.version_no, "is_first": row is declaration.first,
            "is_final": row is declaration.final, "is_void": declaration.is_void or not stands,
            "is_counted": lot.is_counted and stands, "evaluations": int(lot.is_counted and stands),
            "line_no": row.line,
        }  # fmt: skip


def _summed(name: str, rows: Iterable[tuple[tuple[Any, ...], dict[str, Any]]], complete: Any) -> pd.DataFrame:
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    for key, measures in rows:
        known = sums.setdefault(key, dict.fromkeys(measures, 0))
        for measure, amount in measures.items():
            known[measure] += amount
    frame = _frame(name, ({**dict(zip(KEYS[name], key, strict=True)), **known} for key, known in sums.items()))
    if len(frame):
        frame["completeness"] = [complete(*key) for key in zip(frame["stat_date"], frame["org_id"], strict=True)]
    return frame


def _volume_row(lot: Lot) -> tuple[tuple[Any, ...], dict[str, Any]]:
    header = lot.header
    hs6 = lot.principal.row.hs_code[:6] if lot.principal else NO_LINE
    key = (lot.stat_date, lot.org_id, header.insp_org, header.ie_flag, hs6, lot.partner_country)
    measures = {
        "lots": 1,
        "lots_nonconforming": int(lot.is_nonconforming),
        "value_usd_header": lot.value_usd or ZERO,
        "clearance_hours_sum": hours_to_release(lot) or ZERO,
        "clearance_lots": int(hours_to_release(lot) is not None),
    }
    return (*key, header.trade_mode, lot.transport_mode), measures


def _value_rows(lot: Lot) -> Iterable[tuple[tuple[Any, ...], dict[str, Any]]]:
    header = lot.header
    place = (lot.stat_date, lot.org_id, header.insp_org, header.ie_flag)
    way = (header.trade_mode, lot.transport_mode)
    for line in lot.lines:
        yield (
            (*place, line.row.hs_code, line.country, *way, line.row.currency),
            {
                "value_usd": line.value_usd or ZERO,
                "value_orig": line.row.goods_value,
                "goods_lines": 1,
                "net_weight_kg": line.net_weight_kg or ZERO,
            },
        )
    if lot.unallocated_usd or lot.unallocated:
        yield (
            (*place, UNALLOCATED, lot.partner_country, *way, header.currency),
            {
                "value_usd": lot.unallocated_usd,
                "value_orig": lot.unallocated,
                "goods_lines": 0,
                "net_weight_kg": ZERO,
            },
        )


def _coverage(
    deliveries: list[Delivery],
    standing: dict[Slice, Delivery],
    state: Current,
    due: tuple[date, date] | None,
    closed: Collection[date],
) -> Iterable[dict[str, Any]]:
    waiting = _fates_by_slice(standing, state)
    sent: dict[Slice, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        sent[delivery.slice].append(delivery)
    for day in (day for day in closed if due is not None and due[0] <= day <= due[1]):
        for feed, org in product(feeds(), due_branches(day)):
            if is_due(feed, org, day):
                sent.setdefault((feed, org, day), [])
    for key, came in sent.items():
        feed, org, day = key
        stands = standing.get(key)
        asked = due is not None and due[0] <= day <= due[1] and is_due(feed, org, day)
        yield {
            "feed_code": feed, "org_code": org, "business_date": day, "due": int(asked),
            "received": int(stands is not None), "held": int(bool(came) and stands is None),
            "missing": int(asked and not came),
            "nil": int(stands is not None and stands.received == 0),
            "late": int(stands is not None and all(_is_late(delivery) for delivery in came if not delivery.held)),
            "deliveries_held": sum(bool(delivery.held) for delivery in came),
            "rows_accepted": stands.accepted if stands else 0,
            "rows_quarantined": stands.quarantined if stands else 0,
            "rows_waiting": waiting[key]["waiting"],
            "rows_held": undecided_rows(came),
        }  # fmt: skip


def _unused(standing: dict[Slice, Delivery], state: Current) -> Iterable[dict[str, Any]]:
    """Rows in force that no fact shows; an event that was taken back is in none."""
    for delivery in standing.values():
        for row in delivery.rows():
            fate = state.fates[row.feed, row.rank]
            if fate in {"superseded", "waiting"} or (fate == "void" and row.feed in CASES):
                yield {
                    "feed_code": row.feed, "sender_org": row.sender, "business_date": row.day, "line_no": row.line,
                    "fate": fate, "version_no": row.version_no, **_item(row),
                }  # fmt: skip


def _item(row: Row) -> dict[str, Any]:
    """Which record of a declaration it is."""
    column = {"F02": "goods_no", "F03": "eval_seq", "F04": "cert_no"}.get(row.feed)
    return {"item": str(getattr(row, column)) if column else None} if row.feed in LOTS else {}


def _is_late(delivery: Delivery) -> bool:
    return delivery.sent.place[1] > datetime.combine(delivery.sent.day + timedelta(days=1), CUTOFF)


def _fates_by_slice(standing: dict[Slice, Delivery], state: Current) -> dict[Slice, Counter[str]]:
    fates: dict[Slice, Counter[str]] = defaultdict(Counter)
    for key, delivery in standing.items():
        fates[key] = Counter(state.fates[row.feed, row.rank] for row in delivery.rows())
    return fates


def _balance(deliveries: list[Delivery], standing: dict[Slice, Delivery], state: Current) -> Iterable[dict[str, Any]]:
    fates = _fates_by_slice(standing, state)
    for delivery in deliveries:
        if delivery.held:
            continue
        stands = standing.get(delivery.slice) is delivery
        own = fates[delivery.slice] if stands else Counter(superseded=delivery.accepted)
        yield {
            "place": delivery.place,
            "data_name": delivery.sent.path.name,
            "state": "in_force" if stands else "superseded",
            "rows_accepted": delivery.accepted,
            **{f"rows_{fate}": own[fate] for fate in ("superseded", "void", "waiting", "current")},
        }
