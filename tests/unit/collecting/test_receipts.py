"""Every delivery gets an answer on the sender's side that says what the ledger says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ciq.collecting.answer import STATES
from ciq.collecting.receipts import write_due_receipts, write_receipts
from ciq.database import connect
from ciq.quality.decisions import Signature, decide
from ciq.reports.holds import read_holds
from ciq.settings import Settings
from ciq.verifying.logged import decisions_as_logged

RUN = "receipts"


def judge(
    settings: Settings,
    delivery_id: int,
    *,
    held: dict[str, Any] | None = None,
    quarantined: int = 0,
    rows: int = 10,
    broken: str = "F01-op-known",
) -> None:
    """Write a verdict as the loader does; the rows themselves do not matter here."""
    with connect(settings, "loader") as connection:
        load_id = connection.execute(
            "insert into audit.load (run_ref, feed_code, deliveries, software) values (%s, 'F01', 1, 'test')"
            " returning load_id",
            (RUN,),
        ).fetchone()[0]
        verdict_id = connection.execute(
            "insert into audit.verdict (delivery_id, load_id, rules_hash, decisions_hash, verdict, hold_rules,"
            " hold_detail, rows_received, rows_accepted, rows_quarantined, rows_held)"
            " values (%s, %s, 'r', 'none', %s, %s, %s, %s, %s, %s, %s) returning verdict_id",
            (
                delivery_id,
                load_id,
                "held" if held else "accepted",
                sorted(held or {}),
                psycopg.types.json.Json(held or {}),
                rows,
                0 if held else rows - quarantined,
                quarantined,
                rows if held else 0,
            ),
        ).fetchone()[0]
        if not held:
            connection.execute(
                "insert into audit.slice_version (verdict_id, delivery_id, feed_code, org_code, business_date, place,"
                " rows, digest, layouts)"
                " select %s, delivery_id, feed_code, org_code, business_date, place, %s, '0:0', '{}'"
                " from audit.delivery where delivery_id = %s",
                (verdict_id, rows - quarantined, delivery_id),
            )
        if quarantined or broken != "F01-op-known":
            connection.execute(
                "insert into audit.rule_result (load_id, delivery_id, rule_id, engine, suite_hash, rows_checked,"
                " rows_broken, success) values (%s, %s, %s, 'sql', 'r', %s, %s, false)",
                (load_id, delivery_id, broken, rows, quarantined or 1),
            )
        connection.execute("select audit.append_event('verdict', %s)", (json.dumps({"verdict_id": verdict_id}),))


def answer(sender: Any, name: str) -> dict[str, Any]:
    path = Path(sender.endpoint.root) / "320100" / "inbox" / f"{name}.receipt.json"
    return json.loads(path.read_text(encoding="utf-8"))


def states(sender: Any, name: str) -> list[str]:
    return [entry["state"] for entry in answer(sender, name)["deliveries"]]


def send(sender: Any, day: int, seq: int = 1, **cells: Any) -> int:
    stem = sender.stem(seq, day=date(2010, 7, day))
    time = f"2010-07-{day:02d} 18:00:{seq:02d}"
    sender.put_pair(stem, f"{sender.endpoint.name} {day} {seq} {cells}\n".encode(), **{"report_time": time, **cells})
    (one,) = sender.collect().registered
    return one.delivery_id


def write(sender: Any, *ids: int, **arguments: Any) -> Any:
    return write_receipts(sender.settings, {sender.endpoint.name: sender.endpoint}, ids, **arguments)


def test_a_receipt_follows_a_delivery_through_its_states(sender: Any) -> None:
    first = send(sender, 1)
    name = "F01_320100_20100701_01"
    write(sender, first)
    assert states(sender, name) == ["registered"]

    judge(sender.settings, first, quarantined=2)
    write(sender, first, return_file=lambda _connection, number: f"bad rows of {number}".encode())
    receipt = answer(sender, name)
    assert states(sender, name) == ["quarantined"]
    assert receipt["summary"] == " / ".join(STATES["quarantined"])
    entry = receipt["deliveries"][0]
    assert entry["rows"] == {"received": 10, "accepted": 8, "quarantined": 2, "held": 0}
    assert [(f["rule_id"], f["rows"]) for f in entry["findings"]] == [("F01-op-known", 2)]
    assert "操作方式" in entry["findings"][0]["message_zh"]
    rejects = Path(sender.endpoint.root) / "320100" / "inbox" / entry["return_file"]
    assert rejects.read_bytes() == f"bad rows of {first}".encode()

    second = send(sender, 1, seq=2)
    judge(sender.settings, second)
    write(sender, second)
    assert states(sender, "F01_320100_20100701_02") == ["accepted"]
    assert states(sender, name) == ["superseded"]
    assert answer(sender, name)["deliveries"][0]["superseded_by"]["name"] == "F01_320100_20100701_02.csv"

    third = send(sender, 1, seq=3, status="3")
    judge(sender.settings, third, held={"D-status": {"expected": "2", "found": "3"}})
    write(sender, third)
    withdrawal = answer(sender, "F01_320100_20100701_03")
    assert "撤回" in withdrawal["summary"]
    assert [(one["state"], one["findings"]) for one in withdrawal["deliveries"]] == [("withdrawal", [])]
    assert states(sender, "F01_320100_20100701_02") == ["withdrawn"]

    fourth = send(sender, 1, seq=4)
    judge(sender.settings, fourth)
    write(sender, fourth)
    assert states(sender, "F01_320100_20100701_03") == ["superseded"]


def test_a_hold_that_a_higher_delivery_settles_leaves_the_list(sender: Any, ledger: psycopg.Connection) -> None:
    endpoints = {sender.endpoint.name: sender.endpoint}
    first = send(sender, 11)
    judge(sender.settings, first, held={"D-encoding": {"expected": "GB18030", "found": "UTF-8"}})
    write_due_receipts(sender.settings, endpoints)
    assert states(sender, "F01_320100_20100711_01") == ["held"]
    assert first in {line.delivery_id for line in read_holds(ledger)}

    second = send(sender, 11, seq=2)
    judge(sender.settings, second)
    third = send(sender, 11, seq=3)
    judge(sender.settings, third, held={"D-encoding": {}})
    write_due_receipts(sender.settings, endpoints)
    (entry,) = answer(sender, "F01_320100_20100711_01")["deliveries"]
    assert (entry["state"], entry["superseded_by"]) == (
        "superseded",
        {"name": "F01_320100_20100711_02.csv", "delivery_id": second},
    )
    assert states(sender, "F01_320100_20100711_03") == ["held"], "nothing stands above it"
    assert {first, third} & {line.delivery_id for line in read_holds(ledger)} == {third}
    (line,) = (line for line in read_holds(ledger, settled=True) if line.delivery_id == first)
    assert line.settled_en == f"superseded by delivery {second}"

    fourth = send(sender, 11, seq=4, status="3")
    judge(sender.settings, fourth, held={"D-status": {"expected": "2", "found": "3"}})
    write_due_receipts(sender.settings, endpoints)
    (entry,) = answer(sender, "F01_320100_20100711_03")["deliveries"]
    assert (entry["state"], entry["superseded_by"]["delivery_id"]) == ("superseded", fourth)
    assert states(sender, "F01_320100_20100711_02") == ["withdrawn"]
    assert not {third, fourth} & {line.delivery_id for line in read_holds(ledger)}
    how = {line.delivery_id: line.settled_en for line in read_holds(ledger, settled=True)}
    assert (how[third], how[fourth]) == (f"superseded by withdrawal {fourth}", "withdrawal noted")


def test_a_delivery_of_bad_rows_only_says_that_none_was_accepted(sender: Any) -> None:
    number = send(sender, 12)
    judge(sender.settings, number, quarantined=10)
    write(sender, number)
    assert "none was accepted" in answer(sender, "F01_320100_20100712_01")["summary"]


def test_a_released_hold_says_who_released_it(sender: Any) -> None:
    number = send(sender, 13)
    judge(sender.settings, number, held={"D-row_count": {"expected": "11", "found": "10"}})
    with connect(sender.settings, "engineer") as connection:
        who = Signature(by="Wang Li", reason="Confirmed by telephone")
        decide(connection, "release_hold", number, [("D-row_count", None)], who)
    judge(sender.settings, number, broken="D-row_count")
    write(sender, number)
    (entry,) = answer(sender, "F01_320100_20100713_01")["deliveries"]
    (finding,) = entry["findings"]
    assert (entry["state"], finding["rule_id"]) == ("accepted", "D-row_count")
    assert finding["released_en"] == "released by Wang Li: Confirmed by telephone"
    assert "已由 Wang Li 放行" in finding["released_zh"]


def test_data_overwritten_under_a_name_are_told_apart_from_the_delivery_that_stands(sender: Any) -> None:
    first = send(sender, 8)
    judge(sender.settings, first)
    stem = sender.stem(day=date(2010, 7, 8))
    changed = b"another content\n"
    sender.put(stem.data_name(), changed)
    (lone,) = sender.collect().registered
    write(sender, lone.delivery_id)
    told = answer(sender, str(stem))
    assert [(one["state"], one["delivery_id"]) for one in told["deliveries"]] == [
        ("other_data", lone.delivery_id),
        ("accepted", first),
    ]
    assert "not accounted for" in told["summary"]

    sender.put(stem.manifest_name, sender.manifest(stem, changed, report_time="2010-07-08 19:00:00"))
    (pair,) = sender.collect().registered
    judge(sender.settings, pair.delivery_id)
    write(sender, pair.delivery_id)
    assert states(sender, str(stem)) == ["accepted", "superseded"]


def test_a_renamed_file_is_told_which_delivery_took_it_up(sender: Any) -> None:
    stem, content = sender.stem(day=date(2010, 7, 9)), b"renamed\n"
    sender.put("F01-renamed.csv", content)
    (unreadable,) = sender.collect().registered
    write(sender, unreadable.delivery_id)
    sender.put_pair(stem, content)
    (pair,) = sender.collect().registered
    write(sender, pair.delivery_id)
    inbox = Path(sender.endpoint.root) / "320100" / "inbox"
    (path,) = inbox.glob("F01-renamed_csv*")
    (entry,) = json.loads(path.read_text(encoding="utf-8"))["deliveries"]
    assert (entry["state"], entry["settled_by"]) == (
        "paired",
        {"name": stem.data_name(), "delivery_id": pair.delivery_id},
    )


def test_a_manifest_of_many_faults_makes_one_finding_of_each_rule(sender: Any) -> None:
    stem, content = sender.stem(day=date(2010, 7, 10)), b"x\n"
    sender.put_pair(stem, content, feed_code="F02", seq=9, opinion="\u009b\u202e" * 501)
    (one,) = sender.collect().registered
    judge(sender.settings, one.delivery_id, held={"D-manifest": {}})
    write(sender, one.delivery_id)
    (entry,) = answer(sender, str(stem))["deliveries"]
    named = {finding["rule_id"]: finding for finding in entry["findings"]}
    assert list(named) == ["F00-opinion-type", "D-manifest"]
    assert (named["D-manifest"]["count"], [cell["column"] for cell in named["D-manifest"]["first"]]) == (
        2,
        ["feed_code", "seq"],
    )
    path = Path(sender.endpoint.root) / "320100" / "inbox" / f"{stem}.receipt.json"
    assert all(c.isprintable() or c == "\n" for c in path.read_text(encoding="utf-8"))


def test_what_came_apart_is_told_what_to_do_and_forgotten_once_complete(sender: Any) -> None:
    stem, content = sender.stem(day=date(2010, 7, 2)), b"apart\n"
    sender.put(stem.data_name(), content)
    sender.put("what is this?.csv", b"?")
    ids = [one.delivery_id for one in sender.collect().registered]
    write(sender, *ids)
    assert states(sender, str(stem)) == ["data_only"]
    assert stem.manifest_name in answer(sender, str(stem))["deliveries"][0]["findings"][0]["message_en"]
    inbox = Path(sender.endpoint.root) / "320100" / "inbox"
    (unreadable,) = (path for path in inbox.iterdir() if path.name.startswith("what_is_this_"))
    assert json.loads(unreadable.read_text())["deliveries"][0]["state"] == "unreadable_name"

    sender.put(stem.manifest_name, sender.manifest(stem, content))
    (pair,) = sender.collect().registered
    write(sender, pair.delivery_id)
    assert states(sender, str(stem)) == ["registered"]


def test_writing_again_writes_the_same_bytes(sender: Any) -> None:
    number = send(sender, 3)
    judge(sender.settings, number)
    write(sender, number)
    path = Path(sender.endpoint.root) / "320100" / "inbox" / "F01_320100_20100703_01.receipt.json"
    before = path.read_bytes()
    report = write(sender, number)
    assert (path.read_bytes(), report.written, report.failed) == (before, 1, [])


def test_due_receipts_are_written_once_and_failures_are_tried_again(
    sender: Any, ledger: psycopg.Connection, tmp_path: Path
) -> None:
    endpoints = {sender.endpoint.name: sender.endpoint}
    write_due_receipts(sender.settings, endpoints)
    number = send(sender, 4)
    judge(sender.settings, number)
    inbox = Path(sender.endpoint.root) / "320100" / "inbox"
    (inbox.parent / "inbox").write_text("a file in the way")
    failures = write_due_receipts(sender.settings, endpoints)
    assert any("320100" in str(failure) for failure in failures)

    inbox.unlink()
    write_due_receipts(sender.settings, endpoints)
    assert states(sender, "F01_320100_20100704_01") == ["accepted"]
    row = ledger.execute(
        "select payload::jsonb from audit.event where kind = 'receipts' order by event_no desc"
    ).fetchone()
    assert number not in row[0]["unanswered"]
    (inbox / "F01_320100_20100704_01.receipt.json").unlink()
    write_due_receipts(sender.settings, endpoints)
    assert not list(inbox.iterdir())


def test_a_decision_that_names_no_delivery_is_named_and_stops_no_receipt(make_settings: Any, make_sender: Any) -> None:
    sender = make_sender()
    sender.settings = make_settings("odd-decisions", template=str(sender.settings.warehouse_url).rpartition("/")[2])
    number = send(sender, 7)
    with connect(sender.settings, "owner") as connection:
        # As an event of before migration 0010, which refuses them.
        connection.execute(
            "insert into audit.event select (select max(event_no) from audit.event) + n, now(), 'decision', p, '', ''"
            " from unnest(%s::text[]) with ordinality as x (p, n)",
            ([json.dumps(odd) for odd in ({}, {"delivery_id": "x"}, {"delivery_id": number, "subjects": "all"})],),
        )
    write_due_receipts(sender.settings, {sender.endpoint.name: sender.endpoint})
    assert states(sender, "F01_320100_20100707_01") == ["registered"]
    with connect(sender.settings, "auditor") as connection:
        places = {breach.place for breach in decisions_as_logged(connection)}
    assert places == {f"audit.decision None None on delivery {odd}" for odd in (number, "x", None)}


@pytest.mark.parametrize("known", [True, False])
def test_an_endpoint_that_is_not_there_fails_nothing(sender: Any, known: bool) -> None:
    number = send(sender, 5 + known)
    endpoints = {sender.endpoint.name: sender.endpoint} if known else {}
    report = write_receipts(sender.settings, endpoints, [number])
    assert (report.written, len(report.failed), report.unanswered) == ((1, 0, set()) if known else (0, 1, {number}))
