"""Decisions of named persons, as the ledger keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, kw_only=True)
class Decided:
    """One decision on a delivery, or on one line of it."""

    decision_id: int
    decided_at: datetime
    kind: str
    delivery_id: int
    feed_code: str | None
    org_code: str
    business_date: date | None
    file: str
    line: int | None
    rule_id: str
    decided_by: str
    login: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def read_decisions(
    connection: psycopg.Connection, first: date | None, last: date | None, branch: str | None = None
) -> list[Decided]:
    """Every decision on deliveries of these business dates, the oldest first."""
    with connection.cursor(row_factory=class_row(Decided)) as cursor:
        return cursor.execute(
            "select x.decision_id, x.decided_at, x.kind, x.delivery_id, d.feed_code, d.org_code, d.business_date,"
            " coalesce(d.data_name, d.manifest_name) as file, x.line_no as line, x.rule_id, x.decided_by, x.login,"
            " x.reason from audit.decision x join audit.delivery d using (delivery_id)"
            " where (%(first)s::date is null or d.business_date >= %(first)s)"
            " and (%(last)s::date is null or d.business_date <= %(last)s)"
            " and (%(branch)s::text is null or d.org_code = %(branch)s) order by x.decision_id",
            {"first": first, "last": last, "branch": branch},
        ).fetchall()
