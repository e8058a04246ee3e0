"""The states of rejected rows: what the view audit.reject_state says, from deliveries, verdicts and decisions alone."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg


def settle_rejects(connection: psycopg.Connection, delivery_ids: Sequence[int]) -> int:
    """Bring every rejected row of these deliveries' slices to the state that is due; returns how many changed.

    Called wherever a verdict is given, in its transaction: a verdict may open again what another had superseded.
    """
    return connection.execute(
        "update quarantine.rejected_row q set state = s.due_state from audit.reject_state s"
        " where s.rejected_row_id = q.rejected_row_id and s.due_state <> s.stored_state"
        " and (s.feed_code, s.org_code, s.business_date) in (select feed_code, org_code, business_date"
        "  from audit.delivery where delivery_id = any(%s))",
        (list(delivery_ids),),
    ).rowcount
