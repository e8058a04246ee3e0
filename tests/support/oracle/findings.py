"""What rules of scope build find: contradictions between rows of different deliveries."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any

from support.oracle.calibres import Lot
from support.oracle.case_findings import OF_FACTS, case_findings
from support.oracle.cases import Case
from support.oracle.certificates import certificate_findings
from support.oracle.contract import build_rules, feeds
from support.oracle.current import Current
from support.oracle.frontier import frontier_findings
from support.oracle.reference import is_workday
from support.oracle.serials import serial_findings
from support.oracle.slices import Delivery, Row, Slice
from support.oracle.versions import of_versions, steps

CENT = Decimal("0.01")
ONLY_ENTRY, ONLY_EXIT = re.compile("[MPR]"), re.compile("[NQS]")
Found = Iterator[tuple[str, Row, int]]
"""Rule, row concerned, item number (0: the declaration or the item set)."""


def findings(
    standing: Mapping[Slice, Delivery], state: Current, lots: Mapping[str, Lot], cases: Mapping[str, Case]
) -> Iterator[dict[str, Any]]:
    """Rows of published.fct_finding, with what names the place and the severity."""
    rows = [row for delivery in standing.values() for row in delivery.rows()]
    of_lots = _on_rows([row for row in rows if row.feed in {"F01", "F02", "F03"}], state, lots)
    of_certificates = certificate_findings(rows, state, lots)
    of_frontier = frontier_findings(state)
    of_cases = case_findings(rows, state, cases)
    of_serials = serial_findings(lots, cases, state.records.get("F05", []))
    for rule, row, item in chain(of_lots, of_certificates, of_frontier, of_cases, of_serials):
        number = getattr(row, feeds()[row.feed].entity)
        yield {
            "rule_id": rule, "decl_no": number if row.feed in {"F01", "F02", "F03"} else None,
            "entity": feeds()[row.feed].entity_name, "key": number, "item_no": item, "sender_org": row.sender,
            "business_date": row.day, "line_no": row.line, "severity": build_rules()[rule],
            "version_no": None if rule in OF_FACTS else row.version_no,
        }  # fmt: skip
    for (feed, org, day), (expected, found) in _volumes(standing).items():
        rule = f"{feed}-volume-unusual"
        yield {
            "rule_id": rule, "decl_no": None, "entity": "slice", "key": None, "item_no": None, "sender_org": org,
            "business_date": day, "line_no": None, "version_no": None, "severity": build_rules()[rule],
            "expected": expected, "found": found,
        }  # fmt: skip


def _on_rows(rows: list[Row], state: Current, lots: Mapping[str, Lot]) -> Found:
    by_key: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.rank, reverse=True):
        by_key[row.feed, row.decl_no, _item(row)].append(row)
    for group in by_key.values():
        if group[0].feed != "F02":  # goods lines have the versions of their set
            yield from of_versions(group, _item)
        yield from _of_waiting(group, state)
        if group[0].feed == "F01":
            yield from _of_identity(group)
    yield from _of_sets([row for row in rows if row.feed == "F02"])
    for lot in lots.values():
        if lot.declaration.is_void:
            yield from _of_void(lot)
        else:
            yield from _of_header(lot)
            yield from _of_lines(lot)
            yield from _of_evaluations(lot)


def _item(row: Row) -> int:
    number = {"F01": "decl_no", "F02": "goods_no", "F03": "eval_seq"}[row.feed]
    return 0 if row.feed == "F01" else int(getattr(row, number))


# --- what came of one key ------------------------------------------------------------------------------------------


def _of_waiting(group: list[Row], state: Current) -> Found:
    """What waits for its record or its declaration; a line that was taken back waits as it was told last."""
    for row in group:
        if state.fates[row.feed, row.rank] == "waiting":
            told = next((it for it in group if not it.is_void), None)
            if told is None:
                yield f"{row.feed}-void-unknown", row, _item(row)
            else:
                yield f"{row.feed}-parent-missing", told, _item(row)


def _of_identity(group: list[Row]) -> Found:
    told = [row for row in group if not row.is_void]
    for later, earlier in pairwise(told):
        if any(getattr(later, name) != getattr(earlier, name) for name in ("sender", "ie_flag", "applicant_code")):
            yield "F01-decl_no-reused", later, 0


def _of_sets(rows: list[Row]) -> Found:
    there = {(row.decl_no, row.goods_no) for row in rows if not row.is_void}
    sets: dict[str, dict[Any, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if (row.decl_no, row.goods_no) in there:
            sets[row.decl_no][row.rank[:3]].append(row)
    for of_one in sets.values():
        ordered = [of_one[rank] for rank in sorted(of_one, reverse=True)]
        for lines, problem in steps(ordered, lambda lines: int(lines[0].version_no)):
            yield f"F02-version-{problem}", min(lines, key=lambda row: row.line), 0
        for lines in ordered:
            times = Counter(row.goods_no for row in lines)
            for row in lines:
                if times[row.goods_no] > 1:
                    yield "F02-goods_no-duplicate", row, row.goods_no


# --- what contradicts itself as it stands --------------------------------------------------------------------------


def _of_header(lot: Lot) -> Found:
    header = lot.header
    amounts = [line.row.goods_value for line in lot.lines if line.row.currency == header.currency]
    one_currency = len(amounts) == len(lot.lines) > 0
    sent = header.value_usd
    problems = {
        "F01-time-order": header.accept_time < datetime.combine(header.decl_date, time()),
        "F01-decl_no-direction": (header.decl_no[6], header.ie_flag) in {("1", "E"), ("2", "I")},
        "F01-duty-same_person": header.fee_officer is not None and header.fee_officer == header.cashier,
        "F01-rate-missing": lot.rate is None,
        "F01-rate-filled": lot.rate is not None and header.usd_rate is None,
        "F01-value_usd-differs": sent is not None and lot.value_usd is not None and sent != lot.value_usd,
        "F01-lines-total": one_currency and abs(header.total_value - sum(amounts, Decimal(0))) > CENT,
        "F01-lines-missing": not lot.lines,
        "F01-status-unevaluated": header.status in {"REL", "ARCH"} and lot.stat_date is None,
        "F02-goods_no-gap": max((line.row.goods_no for line in lot.lines), default=0) > len(lot.lines),
    }
    yield from ((rule, header, 0) for rule, found in problems.items() if found)


def _of_lines(lot: Lot) -> Found:
    wrong, right = (ONLY_EXIT, ONLY_ENTRY) if lot.header.ie_flag == "I" else (ONLY_ENTRY, ONLY_EXIT)
    for row in (line.row for line in lot.lines):
        category = row.ciq_category or ""
        problems = {
            "F02-currency-differs": row.currency != lot.header.currency,
            "F02-ciq_category-direction": bool(wrong.search(category)) and not right.search(category),
        }
        yield from ((rule, row, row.goods_no) for rule, found in problems.items() if found)


def _of_evaluations(lot: Lot) -> Found:
    declaration = lot.declaration
    for row in declaration.evaluations:
        times = (lot.header.accept_time, row.dispatch_time, row.insp_start, row.insp_end, row.eval_time)
        problems = {
            "F03-time-order": any(later < earlier for earlier, later in pairwise(time for time in times if time)),
            "F03-duty-same_person": row.inspector == lot.header.accept_officer,
        }
        yield from ((rule, row, row.eval_seq) for rule, found in problems.items() if found)
    before = 0
    deleted = [row for row in declaration.deleted if row.feed == "F03"]
    for row in sorted([*declaration.evaluations, *deleted], key=lambda row: int(row.eval_seq)):
        if row.eval_seq > before + 1:
            yield "F03-eval_seq-gap", row, row.eval_seq
        before = row.eval_seq


def _of_void(lot: Lot) -> Found:
    withdrawn = lot.declaration.standing.op_time
    for row in lot.declaration.evaluations:
        if row.eval_time > withdrawn:
            yield "F03-void-evaluated", row, row.eval_seq
        elif row.result in {"N", "R", "T"}:
            yield "F03-void-nonconforming", row, row.eval_seq


# --- volumes -------------------------------------------------------------------------------------------------------

WORKDAYS, ENOUGH, FACTOR, LEAST = 20, 10, 3, 20


def _volumes(standing: Mapping[Slice, Delivery]) -> dict[Slice, tuple[str, str]]:
    """Slices of workdays far below or above the median of the workdays before, with what was expected and found."""
    unusual = {}
    for (feed, org, day), delivery in standing.items():
        before = (standing.get((feed, org, earlier)) for earlier in _workdays_before(day))
        sizes = sorted(it.received for it in before if it)
        if len(sizes) < ENOUGH or not is_workday(day) or f"{feed}-volume-unusual" not in build_rules():
            continue
        usual, size = sizes[(len(sizes) - 1) // 2], delivery.received
        if abs(size - usual) >= LEAST and (size * FACTOR < usual or size > usual * FACTOR):
            told = f"{-(-usual // FACTOR)} to {usual * FACTOR} records"
            expected = f"{told}: the median of {len(sizes)} workdays before is {usual}"
            unusual[feed, org, day] = (expected, f"{size} records")
    return unusual


def _workdays_before(day: date) -> Iterable[date]:
    found: list[date] = []
    while len(found) < WORKDAYS:
        day -= timedelta(days=1)
        if is_workday(day):
            found.append(day)
    return found
