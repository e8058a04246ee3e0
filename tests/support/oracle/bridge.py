"""The bridge from received to reported, in lots and USD."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from support.oracle.calibres import Lot
from support.oracle.current import Current
from support.oracle.reference import counts_in_goods_total
from support.oracle.slices import Delivery, Slice

ZERO = Decimal(0)


def bridge_rows(
    deliveries: list[Delivery], standing: dict[Slice, Delivery], state: Current, lots: dict[str, Lot]
) -> Iterable[dict[str, Any]]:
    """bridge_received_to_reported."""
    steps: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
    reported: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for delivery in (d for d in deliveries if d.slice[0] == "F01"):
        own = steps[delivery.sent.day, delivery.sent.org]
        own["received"] += delivery.received
        own["quarantined"] += delivery.quarantined
        if delivery.held:
            own["held"] += delivery.received
        elif standing.get(delivery.slice) is not delivery:
            own["superseded"] += delivery.accepted
    for key, delivery in standing.items():
        if key[0] != "F01":
            continue
        for row in delivery.rows():
            fate = state.fates["F01", row.rank]
            lot = lots.get(row.decl_no)
            if fate == "current" and lot:
                fate = _reported(lot)
                if fate == "reported":
                    reported[key[2], key[1]] += lot.value_usd or ZERO
            steps[key[2], key[1]][fate] += 1
    names = (
        "received", "held", "superseded", "quarantined", "waiting", "void", "outside", "in_progress", "reported",
    )  # fmt: skip
    for (day, org), own in steps.items():
        counts = {f"lots_{name}": own[name] for name in names}
        yield {"business_date": day, "org_code": org, **counts, "usd_reported": reported[day, org]}


def _reported(lot: Lot) -> str:
    if lot.is_counted:
        return "reported"
    return "in_progress" if lot.stat_date is None and counts_in_goods_total(lot.header.decl_type) else "outside"
