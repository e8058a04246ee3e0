"""Queue everything when what the models read, or the models themselves, have changed since it was last queued.

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
    """Queue every key and slice when the basis differs from the one logged last; True when it did."""
    with connect(settings, "loader", application="ciq init") as connection:
        basis = {"reference": reference_hash(connection), "models": models_hash(settings)}
        row = connection.execute(
            "select payload::jsonb from audit.event where kind = %s order by event_no desc limit 1", (_KIND,)
        ).fetchone()
        if row is not None and {name: row[0].get(name) for name in basis} == basis:
            return False
        queued = _queue_all(connection, settings) if row is not None else False
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


def _queue_all(connection: psycopg.Connection, settings: Settings) -> bool:
    """Every key of every feed, and every slice that was judged; False when there is nothing yet."""
    reason = "reference data or models changed"
    for contract in load_contracts(settings.contracts).feeds:
        if contract.entity is None:
            continue
        entity, column = contract.entity
        connection.execute(
            sql.SQL("insert into audit.build_queue (entity, key, reason) select distinct {}, {}, {} from {}").format(
                sql.Literal(entity), sql.Identifier(column), sql.Literal(reason), ods_table(contract)
            )
        )
    queued = connection.execute(
        "insert into audit.build_queue (entity, key, reason) select distinct 'slice',"
        " feed_code || '|' || org_code || '|' || business_date, %s from audit.delivery join audit.verdict"
        " using (delivery_id) union all select 'day', business_date::text, %s from audit.closed_day",
        (reason, reason),
    ).rowcount
    return queued > 0
