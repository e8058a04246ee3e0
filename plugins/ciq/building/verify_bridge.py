"""The part of `ciq verify` that follows US dollars: received, less what the bridge names, is what is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg

from ciq.database import connect
from ciq.settings import Settings
from ciq.verifying.breach import LIMIT, Breach
from ciq.verifying.checks import Check, readable


def verify_bridge(settings: Settings) -> Iterator[Check]:
    """The received side comes from verdicts and accepted rows, the reported side from the facts. Reads only."""
    with connect(settings, "auditor", autocommit=True, application="ciq verify") as connection:
        checks: list[tuple[str, str, Callable[[], Iterator[Breach]]]] = [
            ("收到到统计的桥以美元平衡", "The bridge balances in USD", lambda: dollars_balance(connection)),
            ("桥的末端=批次统计", "The bridge ends in fct_volume", lambda: bridge_ends_in_volume(connection)),
        ]
        for name_zh, name_en, run in checks:
            yield readable(name_zh, name_en, run)


def dollars_balance(connection: psycopg.Connection) -> Iterator[Breach]:
    """Per business date and sender: USD of the rows as received, less each step, is the USD of the lots reported.

    Not asked of slices that wait for a build: after `ciq init` with other rates, rows as received are worth what the
    rates now say, and the facts what they said when they were built.
    """
    rows = connection.execute(
        "select business_date, org_code, rest, usd_reported from (select *, usd_received - usd_held - usd_superseded"
        "  - usd_quarantined - usd_waiting - usd_void - usd_outside - usd_in_progress as rest"
        "  from published.bridge_received_to_reported) bridge"
        " where rest <> usd_reported and not exists (select from"
        "  (select entity, key from audit.build_queue union all select entity, key from audit.build_key) waiting"
        "  where entity = 'slice' and key = concat_ws('|', 'F01', org_code, business_date))"
        " order by 1, 2 limit %s",
        (LIMIT,),
    )
    for day, org, expected, found in rows:
        yield Breach(
            invariant="the received-to-reported bridge balances in USD",
            place=f"business date {day}, branch {org}",
            found=f"USD {expected} should be reported, {found} is",
        )


def bridge_ends_in_volume(connection: psycopg.Connection) -> Iterator[Breach]:
    """Over all days: lots and USD that the bridge reports are those of fct_volume; where not, the days that differ."""
    totals = connection.execute(
        "select b.lots, v.lots, b.usd, v.usd from"
        " (select coalesce(sum(lots_reported), 0) as lots, coalesce(sum(usd_reported), 0) as usd"
        "  from published.bridge_received_to_reported) b,"
        " (select coalesce(sum(lots), 0) as lots, coalesce(sum(value_usd_header), 0) as usd"
        "  from published.fct_volume) v where (b.lots, b.usd) <> (v.lots, v.usd)"
    ).fetchone()
    if totals is None:
        return
    bridge_lots, lots, bridge_usd, usd = totals
    yield Breach(
        invariant="the received-to-reported bridge ends in fct_volume",
        place=_days_that_differ(connection),
        found=f"the bridge reports {bridge_lots} lots of USD {bridge_usd}, fct_volume {lots} lots of USD {usd}",
    )


def _days_that_differ(connection: psycopg.Connection) -> str:
    rows = connection.execute(
        "select stat_date, org_id from (select stat_date, org_id, lots, value_usd_header as usd"
        "  from published.fct_volume union all select stat_date, org_id, -lots, -coalesce(value_usd, 0)"
        "  from published.fct_inspection_lot where is_counted) parts"
        " group by 1, 2 having sum(lots) <> 0 or sum(usd) <> 0 order by 1, 2 limit 5"
    ).fetchall()
    return "; ".join(f"stat_date {day}, branch {org}" for day, org in rows) or "all days"
