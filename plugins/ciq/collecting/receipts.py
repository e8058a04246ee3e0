"""The answer to each delivery, on the sender's side: one file that people and programs read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ciq.collecting.answer import LISTED, Row, in_order, receipt, receipt_name
from ciq.collecting.branches import configured_endpoints
from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import CiqError, Place, TransportError
from ciq.ledger.events import append_event
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint, Content, Endpoint, Transport, open_transport

log = logging.getLogger(__name__)

ReturnFile = Callable[[psycopg.Connection, int], Content | None]
"""Makes the return file of a delivery's bad rows; None when it has none."""


@dataclass(kw_only=True)
class ReceiptReport:
    """How many receipts were written, and what went wrong with the others."""

    written: int = 0
    failed: list[CiqError] = field(default_factory=list)
    unanswered: set[int] = field(default_factory=set)
    """Deliveries whose receipt could not be written."""

    def add_failure(self, error: CiqError, rows: Iterable[Row]) -> None:
        """Note what could not be written, and why."""
        self.failed.append(error)
        self.unanswered.update(int(row["delivery_id"]) for row in rows)


def write_due_receipts(
    settings: Settings, endpoints: Mapping[str, Endpoint] | None = None, *, return_file: ReturnFile | None = None
) -> list[CiqError]:
    """Answer everything that was registered or judged since the last call, and what could not be answered then.

    `endpoints` None: those of the settings. Returns what could not be written; a later call tries it again.
    """
    from ciq.reports.return_file import return_files

    known = configured_endpoints(settings) if endpoints is None else endpoints
    make = return_file or return_files(load_contracts(settings.contracts))
    with connect(settings, "loader", autocommit=True, application="ciq receipts") as connection:
        due, events_to = _due(connection)
        if not due:
            return []
        report = write_receipts(settings, known, due, return_file=make)
        done = {"events_to": events_to, "written": report.written, "unanswered": sorted(report.unanswered)}
        with connection.transaction():
            append_event(connection, "receipts", done)
    return report.failed


def _due(connection: psycopg.Connection) -> tuple[list[int], int]:
    """Deliveries without an up-to-date answer, and the last event looked at. Events are numbered as they commit."""
    row = connection.execute(
        "select payload::jsonb from audit.event where kind = 'receipts' order by event_no desc limit 1"
    ).fetchone()
    mark: dict[str, Any] = row[0] if row else {"events_to": 0, "unanswered": []}
    # An event that names no delivery concerns no receipt; `ciq verify` names it.
    events = connection.execute(
        "select e.event_no, coalesce(v.delivery_id,"
        "  substring(e.payload::jsonb ->> 'delivery_id' from '^[0-9]{1,18}$')::bigint) from audit.event e"
        " left join audit.verdict v"
        " on e.kind = 'verdict' and v.verdict_id = (e.payload::jsonb ->> 'verdict_id')::bigint"
        " where e.event_no > %s and e.kind in ('verdict', 'delivery', 'decision')",
        (mark["events_to"],),
    ).fetchall()
    due = {int(number) for number in mark["unanswered"]} | {int(number) for _, number in events if number is not None}
    return sorted(due), max([mark["events_to"], *(event_no for event_no, _ in events)])


def write_receipts(
    settings: Settings,
    endpoints: Mapping[str, Endpoint],
    delivery_ids: Sequence[int],
    *,
    return_file: ReturnFile | None = None,
) -> ReceiptReport:
    """Write `<org6>/inbox/<stem>.receipt.json` for these deliveries and for the others of their slices.

    A receipt says what the ledger says now: writing it again gives the same bytes. What cannot be written is reported
    and logged, and stops nothing.
    """
    report = ReceiptReport()
    with connect(settings, "loader", autocommit=True, application="ciq receipts") as connection:
        rows = _rows(connection, delivery_ids)
        broken = _broken_rules(connection, [row["verdict_id"] for row in rows if row["verdict_id"]])
        rows.sort(key=_target)
        for endpoint_name, of_endpoint in groupby(rows, key=lambda row: str(row["endpoint"])):
            endpoint = endpoints.get(endpoint_name)
            if endpoint is None:
                error = CiqError(
                    f"Endpoint {endpoint_name} is not set: its receipts are not written",
                    advice="Add it to CIQ_ENDPOINTS, or as an Airflow connection of that name.",
                )
                report.add_failure(error, of_endpoint)
                continue
            _write_all(endpoint, of_endpoint, broken, connection, return_file, report)
    for error in report.failed:
        log.warning("receipts: %s", error)
    return report


def read_receipts(settings: Settings, branch: str, first: date | None, last: date | None) -> list[dict[str, Any]]:
    """What the receipts of one branch say now, by business date and name: the JSON of each, none written anew."""
    with connect(settings, "auditor", application="ciq receipts") as connection:
        ids = connection.execute(
            "select delivery_id from audit.delivery where org_code = %(branch)s"
            " and (%(first)s::date is null or business_date >= %(first)s)"
            " and (%(last)s::date is null or business_date <= %(last)s)",
            {"branch": branch, "first": first, "last": last},
        ).fetchall()
        rows = _rows(connection, [number for (number,) in ids])
        broken = _broken_rules(connection, [row["verdict_id"] for row in rows if row["verdict_id"]])
    rows.sort(key=_target)
    told = []
    for _, group in groupby(rows, key=_target):
        members = list(group)
        told.append(json.loads(receipt(members, broken, returned=_returned(members, broken))))
    return told


def _returned(rows: Sequence[Row], broken: Mapping[int, list[Row]]) -> int | None:
    """The delivery whose bad rows stand in the return file beside the receipt."""
    with_bad_rows = (row for row in in_order(rows) if row["rows_quarantined"] or broken.get(row["verdict_id"] or 0))
    return next((int(row["delivery_id"]) for row in with_bad_rows), None)


def _target(row: Row) -> tuple[str, str, str]:
    return (row["endpoint"], row["org_code"], receipt_name(row))


def _write_all(
    endpoint: Endpoint,
    rows: Iterable[Row],
    broken: Mapping[int, list[Row]],
    connection: psycopg.Connection,
    return_file: ReturnFile | None,
    report: ReceiptReport,
) -> None:
    try:
        transport = open_transport(endpoint)
    except TransportError as error:
        report.add_failure(error, rows)
        return
    with transport:
        for (_, org_code, name), group in groupby(rows, key=_target):
            members = list(group)
            try:
                _write_one(transport, endpoint, members, broken, connection, return_file)
                report.written += 1
            except CiqError as error:
                place = Place(branch=org_code, file=name)
                report.add_failure(TransportError(error.message, place=place, advice=error.advice), members)


def _write_one(
    transport: Transport,
    endpoint: Endpoint,
    rows: Sequence[Row],
    broken: Mapping[int, list[Row]],
    connection: psycopg.Connection,
    return_file: ReturnFile | None,
) -> None:
    inbox = BranchEndpoint(org_code=rows[0]["org_code"], endpoint=endpoint).inbox
    name = receipt_name(rows[0])
    returned = None
    for row in in_order(rows):
        has_bad_rows = row["rows_quarantined"] or broken.get(row["verdict_id"] or 0)
        content = return_file(connection, int(row["delivery_id"])) if return_file and has_bad_rows else None
        if content is not None:
            with io.BytesIO(content) if isinstance(content, bytes) else content as stream:
                transport.write(f"{inbox}/{name}.rejects.csv", stream)
            returned = int(row["delivery_id"])
            break
    transport.write(f"{inbox}/{name}.receipt.json", receipt(rows, broken, returned=returned))


_SELECT = """
with wanted as (
    select distinct feed_code, org_code, business_date from audit.delivery
    where delivery_id = any(%(ids)s) and feed_code is not null
),
-- Collected first, each part by its index: the ledger grows and an answer concerns few deliveries.
chosen as (
    select delivery_id from audit.delivery where delivery_id = any(%(ids)s)
    union
    select delivery_id from wanted join audit.delivery using (feed_code, org_code, business_date)
    union
    -- A file under an unreadable name stands in no slice; its content tells which delivery took it up.
    select u.delivery_id
    from audit.delivery s
    join audit.delivery f on f.data_sha256 in (s.data_sha256, s.manifest_sha256) and f.pairing = 'unreadable_name'
    join audit.unpaired_file u on u.delivery_id = f.delivery_id
    where s.delivery_id = any(%(ids)s) and u.settled_by = any(%(ids)s)
),
winner as (
    select w.feed_code, w.org_code, w.business_date, v.delivery_id as winner_id
    from audit.slice_winner w
    join wanted using (feed_code, org_code, business_date)
    join audit.slice_version v using (slice_version_id)
),
-- What stands highest of each slice: its winner, or the withdrawal above all that passed.
top as (
    select distinct on (d.feed_code, d.org_code, d.business_date)
        d.feed_code, d.org_code, d.business_date, d.place as top_place, d.delivery_id as top_id, d.data_name as top_name
    from wanted
    join audit.delivery d using (feed_code, org_code, business_date)
    join audit.delivery_verdict v using (delivery_id)
    where d.pairing = 'paired' and (v.verdict = 'accepted' or d.status = '3')
    order by d.feed_code, d.org_code, d.business_date, d.place desc
),
unpaired as (
    select f.delivery_id, f.settled_how, f.settled_by, f.is_beside_a_pair, d.data_name as settled_name
    from audit.unpaired_file f
    join chosen using (delivery_id)
    left join audit.delivery d on d.delivery_id = f.settled_by
)
select d.delivery_id, d.pairing, d.org_code, d.data_name, d.data_sha256, d.data_bytes, d.manifest_name,
    d.manifest_sha256, d.manifest, d.status, d.place, d.endpoint, d.registered_at, v.verdict_id, v.verdict,
    v.hold_rules, v.hold_detail, v.rows_received, v.rows_accepted, v.rows_quarantined, v.rows_held, v.judged_at,
    w.winner_id, coalesce(t.top_place > d.place, false) as is_below, t.top_id, t.top_name,
    u.settled_how, u.settled_by, u.is_beside_a_pair, u.settled_name
from chosen
join audit.delivery d using (delivery_id)
left join lateral (
    select * from audit.verdict x where x.delivery_id = d.delivery_id order by x.verdict_id desc limit 1
) v on true
left join winner w using (feed_code, org_code, business_date)
left join top t using (feed_code, org_code, business_date)
left join unpaired u on u.delivery_id = d.delivery_id
"""


def _rows(connection: psycopg.Connection, delivery_ids: Sequence[int]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SELECT, {"ids": list(delivery_ids)}).fetchall()
        held = sorted({rule_id for row in rows for rule_id in row["hold_rules"] or []})
        found = cursor.execute(
            "select rule_id, message_zh as zh, message_en as en from ref.rule where rule_id = any(%s)", (held,)
        ).fetchall()
    messages = {row["rule_id"]: row for row in found}
    return [{**row, "messages": messages} for row in rows]


def _broken_rules(connection: psycopg.Connection, verdict_ids: Sequence[int]) -> dict[int, list[Row]]:
    """verdict -> the rules that its rows broke, with how many and the first lines that are in quarantine."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_BROKEN, {"verdicts": list(verdict_ids), "lines": LISTED}).fetchall()
    return {verdict_id: list(members) for verdict_id, members in groupby(rows, key=lambda row: int(row["verdict_id"]))}


_BROKEN = """
with quarantined as (
    select verdict_id, rule_id, (array_agg(
        case when section is null then to_jsonb(line_no) else to_jsonb(section || '!' || line_no) end order by record_no
    ))[:%(lines)s] as lines
    from quarantine.rejected_row, unnest(rule_ids) as broken (rule_id)
    where verdict_id = any(%(verdicts)s)
    group by verdict_id, rule_id
)
select v.verdict_id, x.rule_id, x.rows_broken as rows, r.severity, coalesce(r.message_zh, x.rule_id) as message_zh,
    coalesce(r.message_en, x.rule_id) as message_en, q.lines, h.released_by, h.reason
from audit.verdict v
join audit.rule_result x using (load_id, delivery_id)
left join ref.rule r using (rule_id)
left join quarantined q on q.verdict_id = v.verdict_id and q.rule_id = x.rule_id
left join lateral (
    select d.decided_by as released_by, d.reason from audit.decision d
    where d.kind = 'release_hold' and d.delivery_id = v.delivery_id and d.rule_id = x.rule_id and r.releasable
    order by d.decision_id desc limit 1
) h on true
where v.verdict_id = any(%(verdicts)s) and x.engine in ('parser', 'sql') and x.rows_broken > 0
    and not x.rule_id = any(v.hold_rules)
order by v.verdict_id, x.rows_broken desc, x.rule_id
"""
