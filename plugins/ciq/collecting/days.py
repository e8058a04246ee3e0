"""Close business dates: from then on what is due and not there is missing."""

from __future__ import annotations

from datetime import date

import psycopg

from ciq.ledger.events import append_event


def close_day(connection: psycopg.Connection, business_date: date, *, run_ref: str) -> bool:
    """Close a day and queue it for the next build, in one transaction; False when it is closed already."""
    with connection.transaction():
        row = connection.execute(
            "insert into audit.closed_day (business_date, run_ref) values (%s, %s) on conflict do nothing"
            " returning business_date",
            (business_date, run_ref),
        ).fetchone()
        if row is None:
            return False
        connection.execute(
            "insert into audit.build_queue (entity, key, reason) values ('day', %s, 'day closed')",
            (business_date.isoformat(),),
        )
        append_event(connection, "day_closed", {"business_date": business_date, "run_ref": run_ref})
    return True
