"""What a verdict's event keeps of the rows beside it: amounts as they stand, and a digest of its rejected rows."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

SEALS = """
select v.verdict_id,
    coalesce((
        select string_agg(concat_ws('|', x.currency, trim_scale(x.received), trim_scale(x.accepted),
            trim_scale(x.quarantined), trim_scale(x.held), x.rows_unreadable), ';' order by x.currency collate "C")
        from audit.verdict_value x where x.verdict_id = v.verdict_id), '') as amounts,
    (select concat_ws(':', count(*),
            coalesce(sum(audit.half(r.digest, 0)), 0), coalesce(sum(audit.half(r.digest, 1)), 0))
        from (
            select sha256(convert_to(concat(q.section, row(q.record_no, q.line_no, q.rule_ids, q.cells, q.key,
                q.amount, q.currency, q.raw)::text), 'UTF8')) as digest
            from quarantine.rejected_row q where q.verdict_id = v.verdict_id
        ) r) as rejects
from audit.verdict v
"""


def seals_of(connection: psycopg.Connection, verdict_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Verdict id -> (amounts per currency, digest of its rejected rows)."""
    rows = connection.execute(SEALS.encode() + b" where v.verdict_id = any(%s)", (list(verdict_ids),)).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}
