"""Which deliveries a load takes, and the locks that keep two loads off the same slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row

NO_DECISIONS = "none"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a load is asked for. Business dates inclusive; empty `feeds`, `branches` or `deliveries`: all."""

    first: date | None = None
    last: date | None = None
    feeds: Sequence[str] = ()
    branches: Sequence[str] = ()
    deliveries: Sequence[int] = ()
    again: bool = False
    """Judge deliveries that have a verdict as well, under today's rules. Without it a delivery is judged once more only
    after a decision on it, under the rules of its verdict."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One paired delivery as the ledger knows it."""

    delivery_id: int
    feed_code: str
    org_code: str
    business_date: date
    seq: int
    data_name: str
    data_sha256: str
    data_bytes: int
    manifest: dict[str, Any]
    manifest_broken: list[str]
    status: str | None
    report_time: datetime | None
    rows_declared: int | None
    control_sum: Decimal | None
    place: str
    decisions_hash: str
    judged_rules: str | None
    """rules_hash of the verdict in force; None: not judged yet."""

    @property
    def slice_key(self) -> str:
        """feed|branch|date, as the build queue writes it."""
        return f"{self.feed_code}|{self.org_code}|{self.business_date}"


_SELECT = """
select d.delivery_id, d.feed_code, d.org_code, d.business_date, d.seq, d.data_name, d.data_sha256, d.data_bytes,
    d.manifest, d.manifest_broken, d.status, d.report_time, d.rows_declared, d.control_sum, d.place,
    coalesce(x.decisions_hash, 'none') as decisions_hash, v.rules_hash as judged_rules
from audit.delivery d
left join audit.delivery_decisions x using (delivery_id)
left join audit.delivery_verdict v using (delivery_id)
where d.pairing = 'paired'
    and (%(again)s or v.verdict_id is null or v.decisions_hash <> coalesce(x.decisions_hash, 'none'))
    and (%(first)s::date is null or d.business_date >= %(first)s)
    and (%(last)s::date is null or d.business_date <= %(last)s)
    and (%(feeds)s::text[] = '{}' or d.feed_code = any(%(feeds)s))
    and (%(branches)s::text[] = '{}' or d.org_code = any(%(branches)s))
    and (%(deliveries)s::bigint[] = '{}' or d.delivery_id = any(%(deliveries)s))
order by d.feed_code, d.business_date, d.org_code, d.place
"""


def find_deliveries(connection: psycopg.Connection, claim: Claim) -> list[Delivery]:
    """Deliveries of the claim that have no verdict under the decisions on them, in a fixed order."""
    with connection.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(
            _SELECT,
            {
                "again": claim.again,
                "first": claim.first,
                "last": claim.last,
                "feeds": list(claim.feeds),
                "branches": list(claim.branches),
                "deliveries": list(claim.deliveries),
            },
        ).fetchall()


def find_unjudged(
    connection: psycopg.Connection, claim: Claim, group: Sequence[Delivery], rules_hash: str
) -> list[Delivery]:
    """Those of `group` that have no verdict in force under these rules and decisions. Ask under the locks."""
    wanted = {delivery.delivery_id for delivery in group}
    judged = set(
        connection.execute(
            "select delivery_id, decisions_hash from audit.delivery_verdict"
            " where rules_hash = %s and delivery_id = any(%s)",
            (rules_hash, list(wanted)),
        ).fetchall()
    )
    return [
        delivery
        for delivery in find_deliveries(connection, replace(claim, deliveries=sorted(wanted)))
        if (delivery.delivery_id, delivery.decisions_hash) not in judged
    ]


def lock_slices(connection: psycopg.Connection, deliveries: Sequence[Delivery]) -> None:
    """Take the session lock of each slice, in one order for everybody, so that two loads wait and never deadlock."""
    for key in sorted({delivery.slice_key for delivery in deliveries}):
        connection.execute("select pg_advisory_lock(hashtextextended(%s, 73))", (key,))
