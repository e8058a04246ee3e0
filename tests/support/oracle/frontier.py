"""Rows of the facts on what happens at the frontier and in laboratories, and what contradicts itself there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from support.oracle.cases import UNKNOWN
from support.oracle.contract import feeds
from support.oracle.current import Current, Record
from support.oracle.reference import branch_above
from support.oracle.slices import Row

Rows = Iterator[dict[str, Any]]
Found = Iterator[tuple[str, Row, int]]
STANDING = ("F07",)
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
                "item": "|".join(str(getattr(record.row, name)) for name in items), "is_void": record.is_void,
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


def is_pending(row: Row) -> bool:
    """The genus is known only."""
    return re.search(r" spp?\.", row.species_latin) is not None


def frontier_findings(state: Current) -> Found:
    """On interceptions that were not taken back."""
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
