"""Rows of the facts on what happens at the frontier and in laboratories, and what contradicts itself there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from support.oracle.cases import UNKNOWN
from support.oracle.contract import feeds
from support.oracle.current import Current, Record
from support.oracle.reference import branch_above
from support.oracle.slices import Row

Rows = Iterator[dict[str, Any]]
Found = Iterator[tuple[str, Row, int]]
STANDING = ("F06", "F07", "F08", "F13")
"""Feeds whose records stand by themselves."""


def source_of(row: Row) -> dict[str, Any]:
    """Where it was told."""
    return {"sender_org": row.sender, "business_date": row.day, "line_no": row.line, "version_no": row.version_no}


def record_rows(state: Current) -> Rows:
    """fct_record."""
    for feed in STANDING:
        contract = feeds()[feed]
        items = [column.name for column in contract.columns if column.key and column.name != contract.entity]
        for record in state.records.get(feed, []):
            yield {
                "feed_code": feed, "entity": contract.entity_name, "key": getattr(record.row, contract.entity),
                "item": "/".join(str(getattr(record.row, name)) for name in items), "is_void": record.is_void,
                "records": int(not record.is_void), **source_of(record.row),
            }  # fmt: skip


def interception_rows(records: Iterable[Record]) -> Rows:
    """fct_pest_interception."""
    names = (
        "interception_no", "intercept_date", "org_code", "decl_no", "source", "host_hs", "origin_country",
        "species_code", "species_latin", "taxon", "quantity",
    )  # fmt: skip
    for record in records:
        row, counts = record.row, int(not record.is_void)
        yield {name: getattr(row, name) for name in names} | {
            "org_id": branch_above(row.org_code, row.intercept_date) or UNKNOWN,
            "is_quarantine_pest": row.quarantine_pest_flag == "1",
            "is_first_in_china": row.first_in_china_flag == "1",
            "is_national_significance": row.national_significance == "1",
            "is_identification_pending": is_pending(row), "treatment": row.treatment or UNKNOWN,
            "is_void": record.is_void, "interceptions": counts,
            "interceptions_quarantine": counts * (row.quarantine_pest_flag == "1"),
            "interceptions_national": counts * (row.national_significance == "1"), **source_of(row),
        }  # fmt: skip


def conveyance_rows(records: Iterable[Record]) -> Rows:
    """fct_conveyance_quarantine."""
    for record in records:
        row, counts = record.row, int(not record.is_void)
        if row.event_type != "PERSON":
            yield _event(record) | {
                "conveyance_id": row.conveyance_id, "vector_code": row.vector_code or UNKNOWN,
                "is_pathogen_positive": row.pathogen_positive == "1", "inspected": counts * row.inspected_cnt,
                "vector_positive": counts * (row.vector_positive_cnt or 0), "vectors": counts * (row.vector_qty or 0),
            }  # fmt: skip


def screening_rows(records: Iterable[Record]) -> Rows:
    """fct_health_screening."""
    for record in records:
        row, counts = record.row, int(not record.is_void)
        if row.event_type == "PERSON" or (row.persons_screened or 0) > 0 or row.disease_code:
            yield _event(record) | {
                "disease_code": row.disease_code, "cluster_id": row.cluster_id,
                "is_confirmed": row.confirmed_flag == "1", "persons_screened": counts * (row.persons_screened or 0),
                "persons_with_fever": counts * (row.fever_cnt or 0),
                "diseases_confirmed": counts * (row.confirmed_flag == "1"),
            }  # fmt: skip


def _event(record: Record) -> dict[str, Any]:
    row = record.row
    names = ("event_no", "event_date", "org_code", "event_type", "port")
    return {name: getattr(row, name) for name in names} | {
        "org_id": branch_above(row.org_code, row.event_date) or UNKNOWN, "from_country": row.from_country or UNKNOWN,
        "treatment": row.treatment or UNKNOWN, "is_void": record.is_void, "events": int(not record.is_void),
        **source_of(row),
    }  # fmt: skip


def sample_rows(records: Iterable[Record]) -> Rows:
    """fct_lab_sample."""
    found = list(records)
    counted = dict(_first_standing(found))
    names = (
        "sample_no", "test_item", "org_code", "lab_code", "decl_no", "programme", "result_value", "unit", "judgement",
    )  # fmt: skip
    for record in found:
        row, counts = record.row, int(not record.is_void)
        below = re.fullmatch(r"[<＜≤] ?([0-9]{1,12}(?:\.[0-9]{1,8})?)", row.result_value)
        is_number = re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,8})?", row.result_value)
        yield {name: getattr(row, name) for name in names} | {
            "received_on": row.received_time.date(),
            "org_id": branch_above(row.org_code, row.received_time.date()) or UNKNOWN,
            "result_number": Decimal(row.result_value) if is_number else None,
            "detection_limit": Decimal(below[1]) if below else None,
            "is_not_detected": bool(re.match("[<＜≤] ?[0-9]", row.result_value))
            or row.result_value.upper() in {"ND", "N.D.", "NOT DETECTED", "未检出", "阴性"},
            "is_outsourced": row.outsourcing_flag == "1", "is_void": record.is_void, "results": counts,
            "results_failed": counts * (row.judgement == "FAIL"),
            "samples": int(counted.get(row.sample_no) is record), **source_of(row),
        }  # fmt: skip


def _first_standing(records: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    """Of each sample the first item that was not taken back; the last one given counts, so in reverse."""
    for record in sorted(records, key=lambda it: it.row.test_item.encode(), reverse=True):
        if not record.is_void:
            yield record.row.sample_no, record


def wood_rows(records: Iterable[Record]) -> Rows:
    """fct_wood_packaging."""
    names = (
        "decl_no", "pack_seq", "pack_type", "pieces", "ippc_mark_flag", "ippc_country", "producer_mark_no",
        "treatment", "inspected_flag", "live_pest_flag", "disposal", "org_code",
    )  # fmt: skip
    for record in records:
        row, counts = record.row, int(not record.is_void)
        yield {name: getattr(row, name) for name in names} | {
            "org_id": branch_above(row.org_code, row.day) or UNKNOWN, "is_void": record.is_void, "packages": counts,
            "packages_inspected": counts * (row.inspected_flag == "1"),
            "packages_with_pest": counts * (row.live_pest_flag == "1"), **source_of(row),
        }  # fmt: skip


def is_pending(row: Row) -> bool:
    """The genus is known only."""
    return re.search(r" spp?\.", row.species_latin) is not None


def frontier_findings(state: Current) -> Found:
    """On what was not taken back."""
    for record in dict(_first_standing(state.records.get("F13", []))).values():
        if record.row.decl_no not in {None, *state.declarations}:
            yield "F13-decl_no-unknown", record.row, 0
    yield from _of_conveyances([it.row for it in state.records.get("F06", []) if not it.is_void])
    yield from _of_wood([it.row for it in state.records.get("F08", []) if not it.is_void], state)
    standing = [record.row for record in state.records.get("F07", []) if not record.is_void]
    same: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in standing:
        if row.decl_no not in {None, *state.declarations}:
            yield "F07-decl_no-unknown", row, 0
        if is_pending(row):
            yield "F07-species-pending", row, 0
        if row.decl_no and row.species_code:
            same[row.decl_no, row.species_code].append(row)
    for rows in same.values():
        if len(rows) > 1:
            yield from (("F07-sample-repeated", row, 0) for row in rows)


def _of_wood(rows: Iterable[Row], state: Current) -> Found:
    for row in rows:
        lot = state.declarations.get(row.decl_no)
        if lot is None:
            yield "F08-decl_no-unknown", row, row.pack_seq
        elif not lot.is_void and lot.row.wood_pack_flag == "0":
            yield "F08-wood_pack_flag-differs", row, row.pack_seq
        if row.ippc_mark_flag == "1" and not (row.ippc_country and row.producer_mark_no and row.treatment):
            yield "F08-mark-incomplete", row, row.pack_seq


def _of_conveyances(rows: Iterable[Row]) -> Found:
    same: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.event_type != "PERSON" and row.conveyance_id:
            same[row.conveyance_id, row.event_date].append(row)
    for group in same.values():
        if len({row.port for row in group}) > 1:
            yield from (("F06-conveyance-repeated", row, 0) for row in group)
