"""`ciq deliver`: a hand-made file gets the manifest that makes it a delivery."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from ciq.collecting.branches import local_inbox
from ciq.collecting.collect import collect
from ciq.collecting.deliver import Delivered, DeliverError, deliver
from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint

DAY = date(2010, 6, 8)
TIME = datetime.fromisoformat("2010-06-08 18:00:00")
F01 = load_contracts(Settings().contracts).effective("F01", DAY)
assert F01 is not None
COLUMNS = [column.name for column in F01.main.file_columns]


def lines(*values: str, delimiter: str = ",") -> str:
    """A file of as many records, all columns empty but the total value and the importer's name."""
    rows = [COLUMNS]
    for value in values:
        cells = dict.fromkeys(COLUMNS, "")
        cells.update(total_value=value, record_id="南京")
        rows.append([cells[name] for name in COLUMNS])
    return "".join(delimiter.join(row) + "\n" for row in rows)


def send(settings: Settings, file: Path, **arguments: object) -> Delivered:
    arguments = {"feed": "F01", "branch": "320100", "business_date": DAY, "report_time": TIME, **arguments}
    return deliver(settings, file, **arguments)


@pytest.mark.parametrize(
    ("codec", "delimiter", "encoding", "named"),
    [
        ("gb18030", ",", "GB18030", ","),
        ("utf-8", ";", "UTF-8", ";"),
        ("utf-8-sig", "|", "UTF-8-SIG", "|"),
        ("utf-8", "\t", "UTF-8", "TAB"),
    ],
)
def test_a_file_is_understood_counted_and_registered(
    warehouse: Settings, tmp_path: Path, codec: str, delimiter: str, encoding: str, named: str
) -> None:
    file = tmp_path / "by hand.csv"
    file.write_bytes(lines("10.50", "2", "unreadable", delimiter=delimiter).encode(codec))
    delivered = send(warehouse, file)
    assert (delivered.counted.encoding, delivered.counted.delimiter) == (encoding, named)
    assert (delivered.counted.row_count, str(delivered.counted.control_sum)) == (3, "12.50")

    report = collect(warehouse, [BranchEndpoint(org_code="320100", endpoint=local_inbox(warehouse))], run_ref="test")
    new = [one.delivery for one in report.registered if one.delivery.stem == delivered.stem]
    assert [(one.pairing, one.broken, one.status) for one in new] == [("paired", [], "2")]


def test_each_delivery_of_a_slice_takes_the_next_sequence(warehouse: Settings, tmp_path: Path) -> None:
    file = tmp_path / "again.csv"
    file.write_text(lines("1"))
    first, second = (send(warehouse, file, branch="320500") for _ in range(2))
    assert (first.stem.seq, second.stem.seq) == (1, 2)
    # The ledger remembers the sequences of files that have been tidied away since.
    collect(warehouse, [BranchEndpoint(org_code="320500", endpoint=local_inbox(warehouse))], run_ref="test")
    for path in first.data.parent.iterdir():
        path.unlink()
    assert send(warehouse, file, branch="320500").stem.seq == 3
    with connect(warehouse, "auditor") as connection:
        rows = connection.execute("select seq from audit.delivery where org_code = '320500' order by 1").fetchall()
    assert rows == [(1,), (2,)]


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (lines("1").encode(), {"feed": "F99"}, "No contract"),
        (lines("1").encode(), {"branch": "999999"}, "no branch"),
        (lines("1").encode(), {"branch": "320110"}, "no branch"),
        (b"a,b\n1,2\n", {}, "record_id"),
        (b"", {}, "empty"),
        (lines("1").encode() + b"\xff\xff\xff\n", {}, "neither"),
        (lines("1").encode(), {"encoding": "BIG5"}, "BIG5"),
        (lines("1").encode() + b'"never closed', {}, "line 3"),
        (lines("1").encode(), {"status": "7"}, "F00-status-known.*'7'"),
        (lines("1").encode(), {"status": "1"}, "D-status"),
        (lines("1").encode(), {"opinion": "x" * 501}, "opinion is longer than 500 characters"),
        (lines("1").encode(), {"business_date": date(2010, 6, 9)}, "D-report_time"),
        (lines("1").encode(), {"auditor": "\x1b[31m" * 40}, r"auditor is longer.*\\x1b"),
    ],
)
def test_what_cannot_be_delivered_is_said_at_once_and_leaves_nothing(
    warehouse: Settings, tmp_path: Path, content: bytes, arguments: dict[str, object], message: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    with pytest.raises(DeliverError, match=message) as caught:
        send(warehouse, file, **{"branch": "320200", **arguments})
    assert "{'" not in str(caught.value)
    assert not list((warehouse.inbox_root / "320200").glob("outbox/*"))


def test_a_missing_file_is_named(warehouse: Settings, tmp_path: Path) -> None:
    with pytest.raises(DeliverError, match="nowhere"):
        send(warehouse, tmp_path / "nowhere.csv")
