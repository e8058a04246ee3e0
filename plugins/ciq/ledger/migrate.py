"""Forward migrations of our own schemas: numbered SQL files, each run once, never edited afterwards."""

from __future__ import annotations

import hashlib
import logging
from importlib import resources

import psycopg

from ciq.errors import CiqError

log = logging.getLogger(__name__)

_LOCK = 7300002


def migrate(connection: psycopg.Connection) -> list[str]:
    """Apply the migrations that are not there yet, each in its own transaction; returns their names.

    Raises CiqError when a migration that was applied has been edited since.
    """
    connection.execute("create schema if not exists audit")
    connection.execute(
        "create table if not exists audit.migration"
        " (name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())"
    )
    connection.commit()
    applied = []
    files = sorted(
        (item for item in resources.files("ciq.ledger").joinpath("migrations").iterdir() if item.name.endswith(".sql")),
        key=lambda item: item.name,
    )
    for item in files:
        text = item.read_text(encoding="utf-8")
        if _apply(connection, item.name, text):
            applied.append(item.name)
    return applied


def _apply(connection: psycopg.Connection, name: str, text: str) -> bool:
    digest = hashlib.sha256(text.encode()).hexdigest()
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        known = connection.execute("select sha256 from audit.migration where name = %s", (name,)).fetchone()
        if known is None:
            connection.execute(text.encode())
            connection.execute("insert into audit.migration (name, sha256) values (%s, %s)", (name, digest))
            log.info("migration %s applied", name)
            return True
    if known[0] != digest:
        raise CiqError(f"Migration {name} was edited after it had been applied", advice="Write a new one instead.")
    return False
