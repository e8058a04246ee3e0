"""Published tables against the oracle, row by row."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from ciq.database import connect
from ciq.settings import Settings
from support.oracle import KEYS, Facts, differences

TABLES = {
    "lots": "fct_inspection_lot",
    "lines": "fct_goods_line",
    "evaluations": "fct_evaluation",
    "certificates": "fct_certificate",
    "volume": "fct_volume",
    "value": "fct_value",
    "coverage": "fct_coverage",
    "bridge": "bridge_received_to_reported",
    "balance": "delivery_balance",
    "findings": "fct_finding",
    "penalties": "fct_penalties",
    "disputes": "fct_disputes",
    "dispute_months": "fct_dispute_months",
    "milestones": "fct_case_milestone",
    "month_ends": "fct_case_month_end",
    "returns": "fct_legal_return",
    "summaries": "fct_monthly_summary",
    "notices": "fct_notice",
    "origin_certs": "fct_origin_cert",
    "records": "fct_record",
    "interceptions": "fct_pest_interception",
    "conveyances": "fct_conveyance_quarantine",
    "screenings": "fct_health_screening",
    "samples": "fct_lab_sample",
    "wood": "fct_wood_packaging",
    "unused": "fct_unused_row",
    "unused_cases": "fct_unused_case_row",
}
"""The oracle's frames and the published tables."""

QUARANTINE = """select d.place, q.line_no from quarantine.rejected_row q
    join audit.verdict v using (verdict_id) join audit.delivery d on d.delivery_id = v.delivery_id
    where v.verdict = 'accepted'"""
HELD = """select d.place, v.hold_rules from audit.verdict v join audit.delivery d using (delivery_id)
    where v.verdict = 'held'"""


def pseudonym_key(settings: Settings) -> bytes:
    """The key under which this warehouse gives persons their pseudonyms."""
    return bytes.fromhex(settings.pseudonym_key_file.read_text())


def published_rows(settings: Settings, table: str, *, as_of: int | None = None) -> list[dict[str, Any]]:
    """All rows of one published table, as known at a publication."""
    with (
        connect(settings, "auditor") as connection,
        psycopg.ClientCursor(connection, row_factory=dict_row) as cursor,
    ):
        if as_of is not None:
            cursor.execute("select set_config('ciq.as_of', %s, false)", [str(as_of)])
        return cursor.execute(sql.SQL("select * from {}").format(sql.Identifier("published", table))).fetchall()


def disagreements(
    settings: Settings, facts: Facts, *, frames: tuple[str, ...] = tuple(TABLES), as_of: int | None = None
) -> list[str]:
    """What differs, the first keys of each table; empty when all is as the oracle says."""
    told = []
    for frame in frames:
        rows = published_rows(settings, TABLES[frame], as_of=as_of)
        found = differences(getattr(facts, frame), rows, KEYS[frame])
        told += [f"published.{TABLES[frame]} {difference}" for difference in found]
    return told


def verdicts(settings: Settings) -> tuple[set[tuple[str, int]], dict[str, set[str]]]:
    """What the warehouse decided: (place, line) of each quarantined record, place -> rules of each held delivery."""
    with connect(settings, "auditor") as connection:
        rejected = {(place, line) for place, line in connection.execute(QUARANTINE)}
        return rejected, {place: set(rules) for place, rules in connection.execute(HELD)}


def expected_verdicts(facts: Facts) -> tuple[set[tuple[str, int]], dict[str, set[str]]]:
    """The same from the oracle."""
    rejected = set()
    for delivery in facts.deliveries:
        if delivery.judged and not delivery.held:
            flags = zip(delivery.judged.lines, delivery.judged.rejected, strict=True)
            rejected |= {(delivery.place, line) for line, is_rejected in flags if is_rejected}
    return rejected, {delivery.place: set(delivery.held) for delivery in facts.deliveries if delivery.held}
