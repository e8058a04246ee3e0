"""Queue what must be built anew when what the models read, or the models themselves, have changed since the last time.

Facts are a function of the deliveries and of the reference data: a rate, an organisation or a calibre that changes must
reach the lots that were published before it did (decisions 10 and 14). Asked at deploy only.
"""

from __future__ import annotations

import hashlib

import psycopg
from psycopg import sql

from ciq.building.promote import models_hash
from ciq.contracts import load_contracts
from ciq.contracts.tables import ods_table
from ciq.database import connect
from ciq.ledger.events import append_event
from ciq.settings import Settings

_REFERENCE = ("calendar", "code", "feed", "fx_rate", "hs", "org")
_KIND = "basis"


def queue_what_changed(settings: Settings) -> bool:
    """Queue what the difference between the basis and the one logged last concerns; True when anything is queued.

    Where only the days that are due have changed, those that are due no longer, or now; else every key and slice.
    """
    with connect(settings, "loader", application="ciq init") as connection:
        basis = {
            "reference": reference_hash(connection),
            "models": models_hash(settings),
            "due_days": due_days(connection),
        }
        row = connection.execute(
            "select payload::jsonb from audit.event where kind = %s order by event_no desc limit 1", (_KIND,)
        ).fetchone()
        former = {name: row[0].get(name) for name in basis} if row is not None else None
        if former == basis:
            return False
        if former is None:
            queued = False
        elif {**former, "due_days": basis["due_days"]} == basis and former["due_days"] is not None:
            queued = _queue_days(connection, former["due_days"], basis["due_days"])
        else:
            queued = _queue_all(connection, settings)
        append_event(connection, _KIND, {**basis, "queued": queued})
    return queued


def reference_hash(connection: psycopg.Connection) -> str:
    """sha256 over every row of the reference tables that models read."""
    digest = hashlib.sha256()
    for table in _REFERENCE:
        row = connection.execute(
            sql.SQL(
                "select concat_ws(':', count(*), sum(audit.half(d, 0)), sum(audit.half(d, 1)))"
                " from (select sha256(convert_to(t::text, 'UTF8')) as d from {} t) x"
            ).format(sql.Identifier("ref", table))
        ).fetchone()
        digest.update(f"{table}={row[0] if row else ''};".encode())
    return digest.hexdigest()


def due_days(connection: psycopg.Connection) -> str:
    """`first..last`, both included; an end that is open is empty."""
    row = connection.execute("select concat(first_day, '..', last_day) from ref.due_days").fetchone()
    return str(row[0]) if row else ".."


_SLICES = """
select feed_code, org_code, business_date from audit.delivery join audit.verdict using (delivery_id)
union
select feed_code, org_code, business_date from marts.fct_coverage where known_to_no is null
union
select 'F01', org_code, business_date from marts.fct_day_status where known_to_no is null
"""
"""Slices that were judged, and those that show because they are missing; one for a day of which only a fact shows."""


def _queue_all(connection: psycopg.Connection, settings: Settings) -> bool:
    """Every key of every feed, every slice and every closed day; False when there is nothing yet."""
    reason = "reference data or models changed"
    for record_type in load_contracts(settings.contracts).record_types:
        if record_type.entity is None:
            continue
        entity, column = record_type.entity
        connection.execute(
            sql.SQL("insert into audit.build_queue (entity, key, reason) select distinct {}, {}, {} from {}").format(
                sql.Literal(entity), sql.Identifier(column), sql.Literal(reason), ods_table(record_type)
            )
        )
    return _queue_slices(connection, reason, "true")


def _queue_days(connection: psycopg.Connection, former: str, now: str) -> bool:
    """The slices and closed days that one of two ranges has and the other has not."""
    ends = {
        f"{name}_{end}": day or infinity
        for name, text in (("former", former), ("now", now))
        for end, day, infinity in zip(("first", "last"), text.split(".."), ("-infinity", "infinity"), strict=True)
    }
    condition = (
        "(business_date between %(former_first)s::date and %(former_last)s::date)"
        " <> (business_date between %(now_first)s::date and %(now_last)s::date)"
    )
    return _queue_slices(connection, "days that are due changed", condition, ends)


def _queue_slices(
    connection: psycopg.Connection, reason: str, condition: str, ends: dict[str, str] | None = None
) -> bool:
    statement = (
        "insert into audit.build_queue (entity, key, reason)"
        " select 'slice', feed_code || '|' || org_code || '|' || business_date, %(reason)s"
        f" from ({_SLICES}) slices where {condition}"
        " union all"
        f" select 'day', business_date::text, %(reason)s from audit.closed_day where {condition}"
    )
    return connection.execute(statement.encode(), {"reason": reason, **(ends or {})}).rowcount > 0
