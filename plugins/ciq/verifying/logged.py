"""The log against the tables, in both directions: nothing altered, nothing gone, nothing that was never logged."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from ciq.contracts.model import MASK
from ciq.landing.journal import read_events
from ciq.landing.store import LandingError, LandingStore
from ciq.ledger.events import first_broken_event
from ciq.ledger.seals import SEALS
from ciq.loading.decode import DELIMITERS
from ciq.settings import Settings
from ciq.verifying.breach import LIMIT, Breach


def event_chain(connection: psycopg.Connection) -> Iterator[Breach]:
    """Every event carries the hash of the one before, and its own."""
    number = first_broken_event(connection)
    if number is not None:
        yield Breach(
            invariant="event chain", place=f"audit.event {number}", found="its hash, its number or its link do not fit"
        )


def journal_agrees(connection: psycopg.Connection, settings: Settings) -> Iterator[Breach]:
    """The events that left for landing are the events of the database: its end cannot be cut off unseen."""
    known: dict[int, str] = dict(connection.execute("select event_no, hash from audit.event").fetchall())
    row = connection.execute("select flushed_to from audit.journal_mark").fetchone()
    mark = int(row[0]) if row else 0
    seen = 0
    for event in read_events(settings.landing_root / "journal"):
        seen += 1
        number = int(event["event_no"])
        if known.get(number) != event["hash"]:
            found = "the database no longer has it" if number not in known else "the database says something else"
            yield Breach(invariant="the journal agrees with the log", place=f"audit.event {number}", found=found)
    if seen < mark:
        yield Breach(
            invariant="the journal agrees with the log", place="landing/journal", found=f"{mark - seen} events are gone"
        )


_DELIVERIES = """
with logged as (select payload::jsonb as p from audit.event where kind = 'delivery')
select coalesce(d.data_name, d.manifest_name, p ->> 'data_name', p ->> 'manifest_name'),
    case when d.delivery_id is null then 'it was registered and is gone'
        when p is null then 'it was never registered in the log' else 'it is not what was registered' end
from audit.delivery d full join logged on (p ->> 'delivery_id')::bigint = d.delivery_id
where d.delivery_id is null or p is null
    or (d.identity, d.pairing, d.status, d.place, d.data_sha256, d.manifest_sha256, d.business_date::text)
        is distinct from (p ->> 'identity', p ->> 'pairing', p ->> 'status', p ->> 'place', p ->> 'data_sha256',
            p ->> 'manifest_sha256', p ->> 'business_date')
order by 1 limit %s
"""

_VERDICTS = f"""
with logged as (select payload::jsonb as p from audit.event where kind = 'verdict'),
stored as (
    select v.*, d.data_name, s.digest, s.slice_version_id, x.amounts, x.rejects
    from audit.verdict v join audit.delivery d using (delivery_id)
    left join audit.slice_version s using (verdict_id)
    join ({SEALS}) x using (verdict_id)
)
select coalesce(v.verdict_id, (p ->> 'verdict_id')::bigint), coalesce(v.data_name, p ->> 'file'),
    case when v.verdict_id is null then 'the verdict is gone' when p is null then 'not in the log'
        when v.rejects <> p ->> 'rejects' then 'its rejected rows are not those of the log'
        when v.amounts <> p ->> 'amounts' then 'its amounts are not those of the log'
        else 'differs from the log: ' || concat_ws(', ', v.verdict, v.rows_received, v.rows_quarantined, v.digest) end
from stored v full join logged on (p ->> 'verdict_id')::bigint = v.verdict_id
where v.verdict_id is null or p is null
    or (v.verdict, v.rules_hash, v.decisions_hash, v.digest, v.slice_version_id::text, v.amounts, v.rejects,
            v.rows_received::text, v.rows_accepted::text, v.rows_quarantined::text, v.rows_held::text)
        is distinct from (p ->> 'verdict', p ->> 'rules', p ->> 'decisions', p ->> 'digest', p ->> 'slice_version_id',
            p ->> 'amounts', p ->> 'rejects', p ->> 'received', p ->> 'accepted', p ->> 'quarantined', p ->> 'held')
order by 1 limit %s
"""

_DECISIONS = """
with logged as (
    select p ->> 'kind' as kind, p ->> 'delivery_id' as delivery_id, subject ->> 0 as rule_id,
        subject ->> 1 as line_no, p ->> 'by' as decided_by, p ->> 'reason' as reason
    from (select payload::jsonb as p from audit.event where kind = 'decision') e
    -- An event that names no subjects decided nothing, and is a breach by itself.
    left join lateral jsonb_array_elements(
        case when jsonb_typeof(p -> 'subjects') = 'array' then p -> 'subjects' end
    ) subject on true
),
stored as (select kind, delivery_id::text, rule_id, line_no::text, decided_by, reason from audit.decision)
select delivery_id, kind, rule_id, line_no, found from (
    select x.*, 'decided by nobody in the log' as found from (select * from stored except all select * from logged) x
    union all
    select y.*, case when delivery_id is null or rule_id is null
        then 'the log has it without a delivery or a rule' else 'the decision is gone' end
    from (select * from logged except all select * from stored) y
) differing order by length(delivery_id), 1, 2, 3, length(line_no), 4 limit %s
"""


def deliveries_as_logged(connection: psycopg.Connection) -> Iterator[Breach]:
    """What was registered is there as it was registered, and nothing else is."""
    for name, found in connection.execute(_DELIVERIES.encode(), (LIMIT,)):
        yield Breach(invariant="deliveries are as registered", place=f"audit.delivery {name}", found=found)


def verdicts_as_logged(connection: psycopg.Connection, store: LandingStore) -> Iterator[Breach]:
    """Verdicts, their numbers, amounts, rejected rows and slice versions are those that the log recorded."""
    for verdict_id, name, found in connection.execute(_VERDICTS.encode(), (LIMIT,)).fetchall():
        lines = _altered_bytes(connection, store, verdict_id) if "rejected rows" in found else ""
        yield Breach(
            invariant="verdicts are as logged", place=f"audit.verdict {verdict_id} ({name}{lines})", found=found
        )


def _altered_bytes(connection: psycopg.Connection, store: LandingStore, verdict_id: int) -> str:
    """The first line of a delimited file whose bytes in quarantine are not those of landing, as `, line N`."""
    rows = connection.execute(
        "select q.line_no, q.raw, d.data_sha256 from quarantine.rejected_row q"
        " join audit.delivery d using (delivery_id) where q.verdict_id = %s"
        " and d.manifest ->> 'delimiter' = any(%s) order by q.line_no",
        (verdict_id, list(DELIMITERS)),
    ).fetchall()
    kept = {line: bytes(raw) for line, raw, _ in rows}
    try:
        with store.open(rows[0][2]) as file:
            for number, line in enumerate(file, start=1):
                raw = kept.get(number)
                if raw is not None and MASK.encode() in raw:  # a person was taken out of it
                    continue
                whole = raw is None or (raw == line[: len(raw)] and (raw.count(b"\n") > 1 or len(raw) == len(line)))
                if not whole:
                    return f", line {number}"
    except (LandingError, IndexError):
        return ""
    return ""


def decisions_as_logged(connection: psycopg.Connection) -> Iterator[Breach]:
    """Every decision was logged when it was made, and every logged one is there."""
    for delivery_id, kind, rule_id, line_no, found in connection.execute(_DECISIONS.encode(), (LIMIT,)):
        where = f", line {line_no}" if line_no is not None else ""
        yield Breach(
            invariant="decisions are as logged",
            place=f"audit.decision {kind} {rule_id} on delivery {delivery_id}{where}",
            found=found,
        )
