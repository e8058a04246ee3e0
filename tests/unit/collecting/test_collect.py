"""What stands in an outbox ends up in landing and in the ledger: once, and whatever it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from ciq.collecting import fetch
from ciq.collecting.collect import collect
from ciq.landing.store import LandingStore
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint, Endpoint

BRANCH = "320100"


def test_a_pair_becomes_a_delivery(sender: Any, ledger: psycopg.Connection) -> None:
    stem, content = sender.stem(), b"record_id\n1\n"
    sender.put_pair(stem, content)
    report = sender.collect()

    assert [one.delivery.pairing for one in report.registered] == ["paired"]
    data, manifest = hashlib.sha256(content).hexdigest(), hashlib.sha256(sender.manifest(stem, content)).hexdigest()
    row = ledger.execute(
        "select identity, feed_code, org_code, business_date, seq, status, report_time::text, rows_declared,"
        " control_sum::text, place, manifest_broken, manifest ->> 'reporter' from audit.delivery where endpoint = %s",
        (sender.endpoint.name,),
    ).fetchone()
    identity = hashlib.sha256(f"F01|320100|20100608|01|{data}|{manifest}".encode()).hexdigest()
    place = f"01|2010-06-08T18:00:01|{data}|{manifest}"
    expected = ("F01", "320100", date(2010, 6, 8), 1, "2", "2010-06-08 18:00:01", 1, "12.50", place, [], "王五")
    assert row == (identity, *expected)
    with LandingStore(sender.settings.landing_root).open(data) as stream:
        assert stream.read() == content


def test_collecting_again_changes_nothing(sender: Any, ledger: psycopg.Connection) -> None:
    sender.put_pair(sender.stem(), b"again\n")
    sender.put("nonsense.txt", b"?")
    sender.collect()
    before = sender.deliveries("delivery_id, identity, registered_at")
    events = ledger.execute("select max(event_no) from audit.event").fetchone()
    second = sender.collect()

    assert second.fetched == 0
    assert second.registered == []
    assert sender.deliveries("delivery_id, identity, registered_at") == before
    assert ledger.execute("select max(event_no) from audit.event").fetchone() == events


def test_data_and_manifest_that_come_apart_are_known_at_once_and_paired_later(sender: Any) -> None:
    stem, content = sender.stem(), b"late manifest\n"
    sender.put(stem.data_name(), content)
    (first,) = sender.collect().registered
    assert (first.delivery.pairing, first.delivery.broken) == ("data_only", ["D-unpaired"])
    assert "F01_320100_20100608_01.manifest.csv" in first.delivery.problems[0].message_en

    sender.put(stem.manifest_name, sender.manifest(stem, content))
    (second,) = sender.collect().registered
    assert (second.delivery.pairing, second.completes) == ("paired", (first.delivery_id,))
    assert [row[0] for row in sender.deliveries()] == ["data_only", "paired"]


def test_a_manifest_without_data_is_known(sender: Any) -> None:
    sender.put(sender.stem().manifest_name, sender.manifest(sender.stem(), b"never sent"))
    (one,) = sender.collect().registered
    assert one.delivery.pairing == "manifest_only"


def test_names_that_say_nothing_are_registered_and_do_no_harm(sender: Any) -> None:
    hostile = [
        b"readme.txt",
        b"F01_320100_20100631_01.csv",
        b"F01_320100_20100608_00.csv",
        b"f01_320100_20100608_01.csv",
        b"%2e%2e%2f..%2fetc%2fpasswd",
        b"F01_320100_20100608_01.csv\n",
        "\u202egpj.csv".encode(),
        "报检单.csv".encode("gb18030"),
        b"\x01\x1b[31m.csv",
        b"x" * 255,
    ]
    for name in hostile:
        sender.put(name, b"content of " + name)
    report = sender.collect()

    assert [one.delivery.pairing for one in report.registered] == ["unreadable_name"] * len(hostile)
    names = [str(row[0]) for row in sender.deliveries("data_name")]
    assert len(set(names)) == len(hostile)
    assert all(name.isprintable() and len(name) < 300 for name in names)
    assert sender.collect().registered == []


def test_what_is_no_regular_file_is_left_alone(sender: Any, tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not the sender's")
    sender.outbox.mkdir(parents=True, exist_ok=True)
    (sender.outbox / "F01_320100_20100608_01.csv").symlink_to(secret)
    (sender.outbox / "folder").mkdir()
    sender.put("F01_320100_20100608_02.csv.part", b"half")
    report = sender.collect()
    assert report.registered == []
    assert report.branches[0].ignored == ["F01_320100_20100608_01.csv", "F01_320100_20100608_02.csv.part", "folder"]


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        ({"feed_code": "F02"}, ["D-manifest"]),
        ({"org_code": "320200"}, ["D-manifest"]),
        ({"business_date": "2010-06-09"}, ["D-manifest"]),
        ({"seq": 2}, ["D-manifest"]),
        ({"file_name": "F01_320100_20100608_09.csv"}, ["D-manifest"]),
        ({"status": "7"}, ["F00-status-known"]),
        ({"row_count": "many"}, ["F00-row_count-type"]),
        ({"row_count": -1}, ["F00-row_count-range"]),
        ({"report_time": ""}, ["F00-report_time-required"]),
        ({"encoding": "BIG5"}, ["F00-encoding-known"]),
        ({"org_code": "999999"}, ["D-manifest", "F00-org_code-known"]),
    ],
)
def test_a_manifest_that_is_wrong_is_registered_with_its_rules(
    sender: Any, cells: dict[str, Any], rules: list[str]
) -> None:
    sender.put_pair(sender.stem(), f"wrong {cells}\n".encode(), **cells)
    (one,) = sender.collect().registered
    assert one.delivery.pairing == "paired"
    assert one.delivery.broken == rules
    assert (one.delivery.status is None) == (rules[0] in ("D-manifest", "F00-status-known"))


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"a,b\n1\n", b'"open', b"h\n1\n2\n", b"x" * 70_000, b"a\0b\n1\n"]
)
def test_a_manifest_that_cannot_be_read_is_registered_all_the_same(sender: Any, content: bytes) -> None:
    sender.put(sender.stem().data_name(), b"data beside " + content[:10])
    sender.put(sender.stem().manifest_name, content)
    (one,) = sender.collect().registered
    assert (one.delivery.pairing, one.delivery.broken) == ("paired", ["D-manifest"])


def test_a_file_in_another_branch_s_folder_stays_the_sender_s(sender: Any) -> None:
    stem = sender.stem(org="320200")
    sender.put_pair(stem, b"not mine\n")
    (one,) = sender.collect().registered
    assert sender.deliveries("org_code, status, manifest_broken") == [(BRANCH, None, ["D-manifest"])]
    assert "whose folder" in one.delivery.problems[0].message_en


def test_the_same_name_with_new_content_is_a_new_delivery_of_the_same_sequence(sender: Any) -> None:
    stem = sender.stem()
    sender.put_pair(stem, b"first\n")
    sender.collect()
    sender.put_pair(stem, b"second\n", report_time="2010-06-08 19:00:00")
    sender.collect()
    rows = sender.deliveries("pairing, seq, place")
    assert [row[:2] for row in rows] == [("paired", 1)] * 2
    assert rows[0][2] < rows[1][2]


def test_old_data_is_never_taken_for_new_between_two_uploads_of_a_correction(sender: Any) -> None:
    stem = sender.stem()
    sender.put_pair(stem, b"old\n")
    sender.collect()
    sender.put(stem.data_name(), b"new\n")
    sender.collect()
    sender.put(stem.manifest_name, sender.manifest(stem, b"new\n"))
    sender.collect()
    assert [row[0] for row in sender.deliveries()] == ["paired", "data_only", "paired"]
    pairs = sender.deliveries("pairing, data_sha256 = manifest ->> 'sha256'")
    assert all(fits for pairing, fits in pairs if pairing == "paired")


def test_content_that_differs_from_its_manifest_is_a_delivery_for_the_judge(sender: Any) -> None:
    sender.put(sender.stem().data_name(), b"cut sho")
    sender.put(sender.stem().manifest_name, sender.manifest(sender.stem(), b"cut short\n"))
    (one,) = sender.collect().registered
    assert (one.delivery.pairing, one.delivery.broken) == ("paired", [])


def test_a_file_that_grows_while_it_is_read_waits(sender: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stem, whole = sender.stem(), b"first half, second half\n"
    path = sender.put(stem.data_name(), whole[:11])
    sender.put(stem.manifest_name, sender.manifest(stem, whole))

    def write_on(_: float) -> None:
        with path.open("ab") as stream:
            stream.write(whole[11:])

    monkeypatch.setattr(fetch.time, "sleep", write_on)
    report = sender.collect()
    assert report.branches[0].growing == [stem.data_name()]
    assert [one.delivery.pairing for one in report.registered] == ["manifest_only"]
    assert [one.delivery.pairing for one in sender.collect().registered] == ["paired"]
    assert not list((sender.settings.landing_root / "unfinished").iterdir())


def test_up_to_leaves_later_business_dates_in_the_outbox(sender: Any) -> None:
    for day in (7, 8, 9):
        sender.put_pair(sender.stem(day=date(2010, 6, day)), f"day {day}\n".encode())
    report = sender.collect(date(2010, 6, 8))
    assert [one.delivery.stem.business_date.day for one in report.registered] == [7, 8]
    assert (report.branches[0].later, report.fetched) == (2, 4)
    assert len(sender.collect().registered) == 1


def test_one_failing_branch_never_blocks_the_others(warehouse: Settings, sender: Any) -> None:
    sender.put_pair(sender.stem(), b"fine\n")
    gone = Endpoint(name="gone", kind="folder", root="/nonexistent/exchange")
    no_key = Endpoint(name="a-server", kind="sftp", root="/", host="127.0.0.1")
    branches = [
        BranchEndpoint(org_code="320300", endpoint=gone),
        BranchEndpoint(org_code="320400", endpoint=no_key),
        BranchEndpoint(org_code=BRANCH, endpoint=sender.endpoint),
    ]
    report = collect(warehouse, branches, run_ref="test")
    assert {branch.org_code for branch in report.failed} == {"320300", "320400"}
    assert "320300" in str(next(b.error for b in report.failed if b.org_code == "320300"))
    assert [one.delivery.pairing for one in report.registered] == ["paired"]


def test_a_branch_without_its_outbox_is_an_error_but_nobody_has_to_use_the_local_inbox(
    warehouse: Settings, sender: Any
) -> None:
    inbox = Endpoint(name="inbox", kind="folder", root=str(warehouse.home / "inbox"))
    branches = [BranchEndpoint(org_code="320300", endpoint=one) for one in (sender.endpoint, inbox)]
    report = collect(warehouse, branches, run_ref="test")
    assert [branch.endpoint for branch in report.failed] == [sender.endpoint.name]


def test_a_file_that_may_not_be_read_is_named_and_the_rest_is_taken(
    sender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    sender.put_pair(sender.stem(), b"fine too\n")
    sender.put("F01_320100_20100608_02.csv", b"locked").chmod(0)
    report = sender.collect()
    assert "F01_320100_20100608_02.csv" in str(report.branches[0].error)
    assert [one.delivery.pairing for one in report.registered] == ["paired"]


def test_a_collect_that_was_killed_between_arrival_and_registration_is_completed(
    sender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stem = sender.stem()
    sender.put_pair(stem, b"killed\n")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ciq.collecting.collect.register", die)
        with pytest.raises(KeyboardInterrupt):
            sender.collect()
    assert sender.deliveries() == []
    # The sender has tidied up in between: what arrived is still registered.
    for path in sender.outbox.iterdir():
        path.unlink()
    report = sender.collect()
    assert report.fetched == 0
    assert [one.delivery.pairing for one in report.registered] == ["paired"]


def test_a_content_that_landing_lost_is_fetched_again(sender: Any) -> None:
    sender.put_pair(sender.stem(), b"lost\n")
    sender.collect()
    store = LandingStore(sender.settings.landing_root)
    digest = hashlib.sha256(b"lost\n").hexdigest()
    store.path(digest).unlink()
    sender.collect()
    assert store.has(digest)


def test_a_touched_file_with_the_same_content_is_no_new_delivery(sender: Any, make_sender: Callable[[], Any]) -> None:
    stem = sender.stem()
    for _ in range(2):
        sender.put_pair(stem, b"touched\n")
        sender.collect()
    other = make_sender()
    other.put_pair(stem, b"touched\n")
    other.collect()
    assert len(sender.deliveries()) == 1
    assert other.deliveries() == []
