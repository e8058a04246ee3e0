"""Backfills against the log: who asked for what and why, and what was reported, is as it was recorded then."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from ciq.verifying.breach import LIMIT, Breach

_REQUESTS = """
with logged as (select payload::jsonb as p from audit.event where kind = 'backfill_requested')
select coalesce(b.backfill_no, (p ->> 'backfill_no')::int) as number,
    case when b.backfill_no is null then 'it was asked for and is gone'
        when p is null then 'nobody asked for it in the log' else 'it is not what was asked for' end as found
from audit.backfill b full join logged on (p ->> 'backfill_no')::int = b.backfill_no
where b.backfill_no is null or p is null
    or (b.run_ref, b.requested_by, b.first_day::text, b.last_day::text, to_jsonb(b.branches), to_jsonb(b.feeds),
            b.mode, b.reason, b.ticket, to_jsonb(b.is_dry_run), b.plan - 'to_do',
            encode(sha256(convert_to((b.plan -> 'to_do')::text, 'UTF8')), 'hex'), to_jsonb(b.publication_before),
            b.totals_before)
        is distinct from (p ->> 'run_ref', p ->> 'requested_by', p ->> 'first', p ->> 'last', p -> 'branches',
            p -> 'feeds', p ->> 'mode', p ->> 'reason', p ->> 'ticket', p -> 'is_dry_run',
            (p -> 'plan') - 'to_do_sha256', p -> 'plan' ->> 'to_do_sha256',
            p -> 'publication_before', p -> 'totals_before')
"""

_REPORTS = """
with logged as (select payload::jsonb as p from audit.event where kind = 'backfill_finished')
select coalesce(r.backfill_no, (p ->> 'backfill_no')::int) as number,
    case when r.backfill_no is null then 'its difference report is gone'
        when p is null then 'its difference report is not in the log'
        else 'its difference report is not what was logged' end as found
from audit.backfill_result r full join logged on (p ->> 'backfill_no')::int = r.backfill_no
where r.backfill_no is null or p is null
    or (to_jsonb(r.publication_after), r.totals_after, r.publications, r.moved, r.open_slices)
        is distinct from (p -> 'publication_after', p -> 'totals_after', p -> 'publications', p -> 'moved',
            p -> 'open_slices')
"""


def backfills_as_logged(connection: psycopg.Connection) -> Iterator[Breach]:
    """Every backfill and every difference report is there as it was logged, and nothing else is."""
    query = f"select * from (({_REQUESTS}) union all ({_REPORTS})) differing order by number, found limit %s"
    for number, found in connection.execute(query.encode(), (LIMIT,)):
        yield Breach(invariant="backfills are as logged", place=f"audit.backfill {number}", found=found)
