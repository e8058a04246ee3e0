"""A prepared warehouse and a sender who puts files into a branch's outbox."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psycopg
import pytest

from ciq.collecting.collect import CollectReport, collect
from ciq.collecting.names import Stem
from ciq.contracts import Contract, load_contracts
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint, Endpoint

BRANCH = "320100"


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Settings:
    prepare_database(settings)
    return settings


@pytest.fixture(scope="session")
def f00() -> Contract:
    return load_contracts(Settings().contracts).manifest


@dataclass
class Sender:
    """A branch's folder behind an endpoint of its own, so that tests of a module do not see each other's files."""

    settings: Settings
    endpoint: Endpoint
    clock: list[int] = field(default_factory=lambda: [1_276_000_000])

    @property
    def outbox(self) -> Path:
        return Path(self.endpoint.root) / BRANCH / "outbox"

    def put(self, name: str | bytes, content: bytes) -> Path:
        """Write a file whose time of change lies in the past and differs from that of every other one."""
        path = Path(os.fsdecode(os.fsencode(self.outbox) + b"/" + os.fsencode(name)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.clock[0] += 60
        os.utime(path, (self.clock[0], self.clock[0]))
        return path

    @staticmethod
    def stem(seq: int = 1, day: date = date(2010, 6, 8), feed: str = "F01", org: str = BRANCH) -> Stem:
        return Stem(feed, org, day, seq)

    @staticmethod
    def manifest(stem: Stem, content: bytes, **cells: object) -> bytes:
        """A manifest that describes the content truly, but for the cells that are given."""
        return manifest_of(stem, content, **cells)

    def put_pair(self, stem: Stem, content: bytes, **cells: object) -> None:
        self.put(stem.data_name(), content)
        self.put(stem.manifest_name, manifest_of(stem, content, **cells))

    def collect(self, up_to: date | None = None) -> CollectReport:
        branch = BranchEndpoint(org_code=BRANCH, endpoint=self.endpoint)
        return collect(self.settings, [branch], up_to=up_to, run_ref="test")

    def deliveries(self, columns: str = "pairing, data_name, manifest_broken") -> list[tuple[object, ...]]:
        with connect(self.settings, "auditor") as connection:
            return connection.execute(
                f"select {columns} from audit.delivery where endpoint = %s order by delivery_id", (self.endpoint.name,)
            ).fetchall()

    def identities(self, pairing: str = "paired") -> set[object]:
        return {row[1] for row in self.deliveries("pairing, identity") if row[0] == pairing}


@pytest.fixture
def make_sender(warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Sender]:
    def make() -> Sender:
        root = tmp_path_factory.mktemp("exchange")
        (root / BRANCH / "outbox").mkdir(parents=True)
        return Sender(warehouse, Endpoint(name=root.name, kind="folder", root=str(root)))

    return make


@pytest.fixture
def sender(make_sender: Callable[[], Sender]) -> Sender:
    return make_sender()


@pytest.fixture
def ledger(warehouse: Settings) -> Iterator[psycopg.Connection]:
    with connect(warehouse, "auditor", autocommit=True) as connection:
        yield connection


def manifest_of(stem: Stem, content: bytes, **cells: object) -> bytes:
    row: dict[str, object] = {
        "feed_code": stem.feed_code,
        "org_code": stem.org_code,
        "business_date": stem.business_date.isoformat(),
        "seq": stem.seq,
        "file_name": stem.data_name(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "encoding": "UTF-8",
        "delimiter": ",",
        "row_count": 1,
        "control_sum": "12.50",
        "status": "2",
        "reporter": "王五",
        "auditor": "赵六",
        "report_time": f"2010-06-08 18:00:{stem.seq:02d}",
        "audit_time": "",
        "opinion": "",
    }
    row.update(cells)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(row)
    writer.writerow(row.values())
    return text.getvalue().encode()
