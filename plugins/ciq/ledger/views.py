"""Seals on the published views: a digest per definition, in the event log.

Digests of rows hold for tables; a view has no rows of its own, so what it says is what its definition says.
"""

from __future__ import annotations

from collections.abc import Collection

import psycopg

from ciq.ledger.events import append_event

KIND = "views"

_DEFINITIONS = """
select c.relname, encode(sha256(convert_to(concat_ws(' ', c.relkind, c.reloptions::text,
    case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end), 'UTF8')), 'hex')
from pg_class c
where c.relnamespace = to_regnamespace('published') and c.relkind in ('v', 'm', 'r', 'p', 'f')
order by c.relname collate "C"
"""


def view_definitions(connection: psycopg.Connection) -> dict[str, str]:
    """Name -> digest of the definition of whatever can be read in schema published. In a transaction of its own: an
    empty search path makes every name in a definition whole, whoever asks."""
    with connection.transaction():
        connection.execute("set local search_path = ''")
        return dict(connection.execute(_DEFINITIONS.encode()).fetchall())


def seal_views(connection: psycopg.Connection, deployed: Collection[str]) -> bool:
    """Log the definitions of the views just deployed, unless the log has them; whether an event was appended.

    `deployed`: their names; what else stands in schema published stays unsealed, and `ciq verify` names it. Give a
    connection in autocommit.
    """
    views = {name: digest for name, digest in view_definitions(connection).items() if name in deployed}
    if sealed_views(connection) == views:
        return False
    append_event(connection, KIND, {"views": views})
    return True


def sealed_views(connection: psycopg.Connection) -> dict[str, str] | None:
    """Name -> digest as last logged; None when views were never sealed."""
    row = connection.execute(
        "select payload::jsonb -> 'views' from audit.event where kind = %s order by event_no desc limit 1", (KIND,)
    ).fetchone()
    return dict(row[0] or {}) if row else None
