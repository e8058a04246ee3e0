"""The append-only log: each event carries the hash of the one before."""

from __future__ import annotations

import json
from typing import Any

import psycopg


def canonical(payload: dict[str, Any]) -> str:
    """JSON with sorted keys and no blanks, so that the same content has the same hash."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def append_event(connection: psycopg.Connection, kind: str, payload: dict[str, Any]) -> int:
    """Append one event within the caller's transaction; returns its number.

    Call it last: it takes the lock of the chain, which is held until the transaction ends.
    """
    row = connection.execute("select audit.append_event(%s, %s)", (kind, canonical(payload))).fetchone()
    assert row is not None
    return int(row[0])


def first_broken_event(connection: psycopg.Connection) -> int | None:
    """Recompute the chain; the number of the first event that does not fit, or None."""
    row = connection.execute(
        "select event_no from (select event_no, hash, prev_hash,"
        " lag(hash, 1, repeat('0', 64)) over (order by event_no) as expected_prev,"
        " lag(event_no, 1, 0::bigint) over (order by event_no) as previous_no,"
        " audit.event_hash(event_no, at, kind, payload, prev_hash) as expected from audit.event) e"
        " where hash <> expected or prev_hash <> expected_prev or event_no <> previous_no + 1 order by 1 limit 1"
    ).fetchone()
    return int(row[0]) if row else None
