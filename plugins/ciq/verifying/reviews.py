"""Frozen reviews against the log, and against themselves: each figure asked again at its publication."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from ciq.reviewing import list_frozen, read_frozen
from ciq.reviewing.frozen import KIND, differences
from ciq.settings import Settings
from ciq.verifying.breach import LIMIT, Breach

_AS_LOGGED = """
with logged as (select payload::jsonb as p from audit.event where kind = %(kind)s)
select coalesce(r.review_no, (p ->> 'review_no')::int) as number,
    case when r.review_no is null then 'it was frozen and is gone'
        when p is null then 'nobody froze it in the log'
        when r.digest <> encode(sha256(convert_to(r.results, 'UTF8')), 'hex') then 'its results are not of its digest'
        else 'it is not what was frozen' end as found
from audit.frozen_review r full join logged on (p ->> 'review_no')::int = r.review_no
where r.review_no is null or p is null or r.digest <> encode(sha256(convert_to(r.results, 'UTF8')), 'hex')
    or (r.run_ref, r.year::text, r.last_day::text, r.as_of_no::text, r.frozen_by, r.reason, r.document,
            r.definitions_hash, r.digest)
        is distinct from (p ->> 'run_ref', p ->> 'year', p ->> 'last_day', p ->> 'as_of_no', p ->> 'by', p ->> 'reason',
            p ->> 'document', p ->> 'definitions', p ->> 'digest')
order by number limit %(limit)s
"""


def reviews_as_logged(connection: psycopg.Connection) -> Iterator[Breach]:
    """Every frozen review is there as it was frozen, and nothing else is."""
    for number, found in connection.execute(_AS_LOGGED.encode(), {"kind": KIND, "limit": LIMIT}).fetchall():
        yield Breach(invariant="frozen reviews are as logged", place=f"audit.frozen_review {number}", found=found)


def reviews_reproduce(connection: psycopg.Connection, settings: Settings) -> Iterator[Breach]:
    """Each figure of each frozen review comes out again, by its own SQL at its own publication."""
    for head in reversed(list_frozen(connection)):
        _, review = read_frozen(connection, head.review_no)
        for figure, found in differences(settings, head, review):
            place = f"audit.frozen_review {head.review_no} ({head.year}, publication {head.as_of_no}), {figure}"
            yield Breach(invariant="frozen reviews reproduce", place=place, found=found)
