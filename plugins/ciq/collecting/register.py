"""Deliveries in the ledger: one row each, written once, in a transaction of its own with its event."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import psycopg
from psycopg.types.json import Json

from ciq.collecting.manifest import Problem, contradictions
from ciq.collecting.names import Stem
from ciq.collecting.pairing import Pairs, Piece
from ciq.ledger.events import append_event

Pairing = Literal["paired", "data_only", "manifest_only", "unreadable_name"]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What is written to audit.delivery."""

    pairing: Pairing
    sender: str
    endpoint: str
    stem: Stem | None
    data: Piece | None = None
    manifest: Piece | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def identity(self) -> str:
        """sha256 of feed, branch, date, sequence, data and manifest; for an unreadable name, of name and content."""
        if self.stem is None:
            assert self.data is not None
            return _sha256("unreadable_name", self.sender, self.data.name, self.data.sha256)
        return delivery_identity(
            self.stem,
            self.sender,
            self.data.sha256 if self.data else None,
            self.manifest.sha256 if self.manifest else None,
        )

    @property
    def place(self) -> str | None:
        """Where it stands in the order of its slice; one string that compares bytewise."""
        if self.pairing != "paired":
            return None
        assert self.stem is not None
        assert self.data is not None
        assert self.manifest is not None
        assert self.manifest.manifest is not None
        reported = self.manifest.manifest.report_time
        time = f"{reported:%Y-%m-%dT%H:%M:%S}" if reported else ""
        return f"{self.stem.seq:02d}|{time}|{self.data.sha256}|{self.manifest.sha256}"

    @property
    def broken(self) -> list[str]:
        """The ids of the rules that it breaks as it arrived."""
        return sorted({problem.rule_id for problem in self.problems})

    @property
    def status(self) -> str | None:
        """The approval that the manifest states; None when it cannot be trusted, so that it withdraws nothing."""
        if self.manifest is None or self.manifest.manifest is None or "D-manifest" in self.broken:
            return None
        return None if "F00-status-known" in self.broken else self.manifest.manifest.text("status")


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A delivery that is new in the ledger."""

    delivery_id: int
    delivery: Delivery
    completes: tuple[int, ...] = field(default=())
    """Unpaired rows of before that this pair settles."""


def delivery_identity(stem: Stem, sender: str, data_sha256: str | None, manifest_sha256: str | None) -> str:
    """sha256 of `feed|org|yyyymmdd|seq|data|manifest`, hexadecimal; what is not there is empty."""
    day = f"{stem.business_date:%Y%m%d}"
    return _sha256(stem.feed_code, sender, day, f"{stem.seq:02d}", data_sha256 or "", manifest_sha256 or "")


def deliveries_of(stem: Stem, pairs: Pairs, *, sender: str, endpoint: str) -> list[Delivery]:
    """The deliveries that the contents of one stem make up, each with what its manifest breaks."""
    found = []
    for data, manifest in pairs.paired:
        assert manifest.manifest is not None
        broken = (
            *manifest.manifest.problems,
            *contradictions(manifest.manifest, stem, data_name=data.name, sender=sender),
        )
        found.append(
            Delivery(
                pairing="paired",
                sender=sender,
                endpoint=endpoint,
                stem=stem,
                data=data,
                manifest=manifest,
                problems=broken,
            )
        )
    for data in pairs.data_only:
        problem = Problem(
            rule_id="D-unpaired",
            message_zh=f"没有与此文件相符的清单; 请补送 {stem.manifest_name}",
            message_en=f"no manifest describes this file; send {stem.manifest_name}",
            value=data.sha256,
        )
        found.append(
            Delivery(pairing="data_only", sender=sender, endpoint=endpoint, stem=stem, data=data, problems=(problem,))
        )
    for manifest in pairs.manifest_only:
        assert manifest.manifest is not None
        problem = Problem(
            rule_id="D-unpaired",
            message_zh="清单所述的数据文件未到; 请补送",
            message_en="the data file that this manifest describes is not there; send it",
            value=manifest.manifest.cells.get("file_name"),
        )
        found.append(
            Delivery(
                pairing="manifest_only",
                sender=sender,
                endpoint=endpoint,
                stem=stem,
                manifest=manifest,
                problems=(problem, *manifest.manifest.problems),
            )
        )
    return found


def unreadable_delivery(piece: Piece, *, sender: str, endpoint: str) -> Delivery:
    """A file whose name says nothing."""
    problem = Problem(
        rule_id="D-name",
        message_zh="文件名不符合 {feed}_{org6}_{yyyymmdd}_{seq2}.{ext}; 请改名后重新报送",
        message_en="the name does not follow {feed}_{org6}_{yyyymmdd}_{seq2}.{ext}; rename the file and send it again",
        value=piece.name,
        expected="F01_320100_20100608_01.csv",
    )
    return Delivery(
        pairing="unreadable_name", sender=sender, endpoint=endpoint, stem=None, data=piece, problems=(problem,)
    )


def register(connection: psycopg.Connection, delivery: Delivery, *, run_ref: str) -> Registered | None:
    """Write a delivery and its event in one transaction; None when the ledger has it already."""
    with connection.transaction():
        row = connection.execute(_INSERT, _row(delivery)).fetchone()
        if row is None:
            return None
        delivery_id = int(row[0])
        completes = _settled_by(connection, delivery, delivery_id)
        append_event(connection, "delivery", _event(delivery, delivery_id, completes, run_ref))
    return Registered(delivery_id=delivery_id, delivery=delivery, completes=tuple(number for number, _ in completes))


_INSERT = """
insert into audit.delivery (identity, pairing, feed_code, org_code, business_date, seq, data_name, data_sha256,
    data_bytes, manifest_name, manifest_sha256, manifest, manifest_broken, status, report_time, rows_declared,
    control_sum, place, endpoint)
values (%(identity)s, %(pairing)s, %(feed_code)s, %(org_code)s, %(business_date)s, %(seq)s, %(data_name)s,
    %(data_sha256)s, %(data_bytes)s, %(manifest_name)s, %(manifest_sha256)s, %(manifest)s, %(broken)s, %(status)s,
    %(report_time)s, %(rows_declared)s, %(control_sum)s, %(place)s, %(endpoint)s)
on conflict (identity) do nothing returning delivery_id
"""


def _row(delivery: Delivery) -> dict[str, object]:
    stem, data = delivery.stem, delivery.data
    piece = delivery.manifest
    manifest = piece.manifest if piece else None
    cells: dict[str, object] = dict(manifest.cells) if manifest else {}
    if delivery.problems:
        cells["_problems"] = [problem.as_json() for problem in delivery.problems]
    return {
        "identity": delivery.identity,
        "pairing": delivery.pairing,
        "feed_code": stem and stem.feed_code,
        "org_code": delivery.sender,
        "business_date": stem and stem.business_date,
        "seq": stem and stem.seq,
        "data_name": data and data.name,
        "data_sha256": data and data.sha256,
        "data_bytes": data and data.bytes,
        "manifest_name": piece and piece.name,
        "manifest_sha256": piece and piece.sha256,
        "manifest": Json(cells),
        "broken": delivery.broken,
        "status": delivery.status,
        "report_time": manifest and manifest.report_time,
        "rows_declared": manifest and manifest.number("row_count"),
        "control_sum": manifest and manifest.control_sum,
        "place": delivery.place,
        "endpoint": delivery.endpoint,
    }


def _settled_by(connection: psycopg.Connection, delivery: Delivery, delivery_id: int) -> list[tuple[int, str]]:
    if delivery.pairing != "paired" or delivery.stem is None:
        return []
    stem = delivery.stem
    rows: Sequence[tuple[int, str]] = connection.execute(
        "select delivery_id, identity from audit.delivery where pairing in ('data_only', 'manifest_only')"
        " and feed_code = %s and org_code = %s and business_date = %s and seq = %s and delivery_id < %s"
        " order by delivery_id",
        (stem.feed_code, delivery.sender, stem.business_date, stem.seq, delivery_id),
    ).fetchall()
    return list(rows)


def _event(delivery: Delivery, delivery_id: int, completes: list[tuple[int, str]], run_ref: str) -> dict[str, object]:
    row = _row(delivery)
    names = ("identity", "pairing", "feed_code", "org_code", "seq", "data_name", "data_sha256", "data_bytes")
    return {
        **{name: row[name] for name in names},
        "business_date": delivery.stem and delivery.stem.business_date.isoformat(),
        "delivery_id": delivery_id,
        "manifest_name": row["manifest_name"],
        "manifest_sha256": row["manifest_sha256"],
        "manifest_broken": delivery.broken,
        "status": delivery.status,
        "place": delivery.place,
        "endpoint": delivery.endpoint,
        "completes": [identity for _, identity in completes],
        "run_ref": run_ref,
    }


def _sha256(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
