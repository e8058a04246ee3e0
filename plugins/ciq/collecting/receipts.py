"""The answer to each delivery, on the sender's side: one file that people and programs read."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ciq.collecting.branches import configured_endpoints
from ciq.collecting.names import MANIFEST_ENDING, parse_name
from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import CiqError, Place, TransportError
from ciq.ledger.events import append_event
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint, Endpoint, Transport, open_transport

log = logging.getLogger(__name__)

ReturnFile = Callable[[psycopg.Connection, int], bytes | None]
"""Makes the return file of a delivery's bad rows; None when it has none."""

Row = dict[str, Any]

STATES = {
    "registered": ("已登记, 待装载", "registered, not judged yet"),
    "accepted": ("已接收", "accepted"),
    "quarantined": ("已接收, 部分记录被隔离, 请更正后重新报送", "accepted; some records are quarantined: correct them"),
    "held": ("整批暂扣, 请按说明更正后重新报送", "held as a whole: correct what is named and send it again"),
    "superseded": ("已被同一机构同一业务日期的后续报送取代", "superseded by a later delivery of the same slice"),
    "withdrawn": (
        "已被退回 (审批状态 3), 该业务日期现无有效报送",
        "withdrawn: an UnPass (status 3) stands above it",
    ),
    "data_only": ("缺清单, 请补送", "its manifest is missing: send it"),
    "manifest_only": ("缺数据文件, 请补送", "its data file is missing: send it"),
    "unreadable_name": (
        "文件名无法识别, 请改名后重新报送",
        "the file name says nothing: rename it and send it again",
    ),
}
"""State -> what the sender is told, in both languages."""


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
    events = connection.execute(
        "select e.event_no, coalesce(v.delivery_id, (e.payload::jsonb ->> 'delivery_id')::bigint) from audit.event e"
        " left join audit.verdict v"
        " on e.kind = 'verdict' and v.verdict_id = (e.payload::jsonb ->> 'verdict_id')::bigint"
        " where e.event_no > %s and e.kind in ('verdict', 'delivery')",
        (mark["events_to"],),
    ).fetchall()
    due = {int(number) for number in mark["unanswered"]} | {int(number) for _, number in events}
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


def receipt(rows: Sequence[Row], broken: Mapping[int, list[Row]], *, returned: int | None = None) -> bytes:
    """The receipt of one file name: its deliveries, the one that stands highest first.

    `returned`: the delivery whose bad rows are in the return file beside it.
    """
    ordered = _in_order(rows)
    if ordered[0]["pairing"] == "paired":  # what came apart and was completed since needs no answer any more
        ordered = [row for row in ordered if row["pairing"] == "paired"]
    entries = [_entry(row, broken.get(row["verdict_id"] or 0, [])) for row in ordered]
    for entry in entries:
        if entry["delivery_id"] == returned:
            entry["return_file"] = f"{receipt_name(rows[0])}.rejects.csv"
    content = {
        "receipt": receipt_name(rows[0]),
        "summary": f"{entries[0]['state_zh']} / {entries[0]['state_en']}",
        "deliveries": entries,
    }
    return (json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n").encode()


def receipt_name(row: Mapping[str, Any]) -> str:
    """The stem under which the sender finds the answer."""
    name = str(row["data_name"] or row["manifest_name"])
    if parse_name(name):
        return name.removesuffix(MANIFEST_ENDING) if name.endswith(MANIFEST_ENDING) else name.rpartition(".")[0]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:80]}.{str(row['data_sha256'])[:8]}"


def state_of(row: Mapping[str, Any]) -> str:
    """Where a delivery stands: a key of STATES."""
    if row["pairing"] != "paired":
        return str(row["pairing"])
    if row["verdict"] is None:
        return "registered"
    if row["verdict"] == "held":
        return "held"
    if row["winner_id"] is None:
        return "withdrawn"
    if row["winner_id"] != row["delivery_id"]:
        return "superseded"
    return "quarantined" if row["rows_quarantined"] else "accepted"


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
    for row in _in_order(rows):
        has_bad_rows = row["rows_quarantined"] or broken.get(row["verdict_id"] or 0)
        content = return_file(connection, int(row["delivery_id"])) if return_file and has_bad_rows else None
        if content is not None:
            transport.write(f"{inbox}/{name}.rejects.csv", content)
            returned = int(row["delivery_id"])
            break
    transport.write(f"{inbox}/{name}.receipt.json", receipt(rows, broken, returned=returned))


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """The deliveries of one name, the one that stands highest first."""
    return sorted(rows, key=lambda row: (row["pairing"] == "paired", row["place"] or ""), reverse=True)


def _entry(row: Row, broken: Sequence[Row]) -> dict[str, Any]:
    state = state_of(row)
    state_zh, state_en = STATES[state]
    entry: dict[str, Any] = {
        "state": state,
        "state_zh": state_zh,
        "state_en": state_en,
        "delivery_id": row["delivery_id"],
        "data": {"name": row["data_name"], "sha256": row["data_sha256"], "bytes": row["data_bytes"]},
        "manifest": {"name": row["manifest_name"], "sha256": row["manifest_sha256"], "status": row["status"]},
        "registered_at": row["registered_at"].isoformat(timespec="seconds"),
    }
    if row["verdict"]:
        entry["judged_at"] = row["judged_at"].isoformat(timespec="seconds")
        entry["rows"] = {name: row[f"rows_{name}"] for name in ("received", "accepted", "quarantined", "held")}
    if state == "superseded":
        entry["superseded_by"] = {"name": row["winner_name"], "delivery_id": row["winner_id"]}
    entry["findings"] = [*_holds(row), *(_finding(one) for one in broken)]
    return entry


def _holds(row: Row) -> list[dict[str, Any]]:
    """What is wrong with the delivery as a whole: the manifest's cells, then the rules that hold it."""
    found = list((row["manifest"] or {}).get("_problems", []))
    named = {problem["rule_id"] for problem in found}
    for rule_id in row["hold_rules"] or []:
        if rule_id in named:
            continue
        detail = (row["hold_detail"] or {}).get(rule_id, {})
        messages = row["messages"].get(rule_id, {"zh": rule_id, "en": rule_id})
        found.append({"rule_id": rule_id, "message_zh": messages["zh"], "message_en": messages["en"], **detail})
    return found


def _finding(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("rule_id", "severity", "message_zh", "message_en", "rows")}


_SELECT = """
with wanted as (
    select distinct feed_code, org_code, business_date from audit.delivery
    where delivery_id = any(%(ids)s) and feed_code is not null
),
winner as (
    select w.feed_code, w.org_code, w.business_date, v.delivery_id as winner_id, d.data_name as winner_name
    from audit.slice_winner w
    join wanted using (feed_code, org_code, business_date)
    join audit.slice_version v using (slice_version_id)
    join audit.delivery d on d.delivery_id = v.delivery_id
)
select d.delivery_id, d.pairing, d.org_code, d.data_name, d.data_sha256, d.data_bytes, d.manifest_name,
    d.manifest_sha256, d.manifest, d.status, d.place, d.endpoint, d.registered_at, v.verdict_id, v.verdict,
    v.hold_rules, v.hold_detail, v.rows_received, v.rows_accepted, v.rows_quarantined, v.rows_held, v.judged_at,
    w.winner_id, w.winner_name
from audit.delivery d
left join wanted s using (feed_code, org_code, business_date)
left join audit.delivery_verdict v using (delivery_id)
left join winner w using (feed_code, org_code, business_date)
where s.feed_code is not null or d.delivery_id = any(%(ids)s)
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
    """verdict -> the rules that its rows broke, with how many."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select v.verdict_id, x.rule_id, x.rows_broken as rows, r.severity, coalesce(r.message_zh, x.rule_id) as"
            " message_zh, coalesce(r.message_en, x.rule_id) as message_en"
            " from audit.verdict v join audit.rule_result x using (load_id, delivery_id)"
            " left join ref.rule r using (rule_id)"
            " where v.verdict_id = any(%s) and x.engine in ('parser', 'sql') and x.rows_broken > 0"
            " order by v.verdict_id, x.rows_broken desc, x.rule_id",
            (list(verdict_ids),),
        ).fetchall()
    return {verdict_id: list(members) for verdict_id, members in groupby(rows, key=lambda row: int(row["verdict_id"]))}
