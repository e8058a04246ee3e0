"""From a delivery in the inbox to its verdict, on a real server: what is accepted, quarantined and held, and why."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ciq.collecting.receipts import write_due_receipts
from ciq.database import connect
from ciq.landing.store import LandingStore
from ciq.loading import Claim, journal_rejudging, load, rejudge
from support.bureau import DAY, GOOD, Bureau, rows_of


def numbers(verdict: dict[str, Any]) -> tuple[int, ...]:
    return tuple(verdict[f"rows_{name}"] for name in ("received", "accepted", "quarantined", "held"))


def test_a_clean_day_is_accepted_whole(bureau: Bureau) -> None:
    for feed in GOOD:
        bureau.deliver(feed, rows_of(feed, 30), day=date(2010, 6, 30))
    report = bureau.load()
    assert (report.accepted, report.held) == (len(GOOD), 0)
    assert report.rows_received == report.rows_accepted == 30 * len(GOOD)
    stored = bureau.fetch("select applicant_name, total_value, line_no from ods.f01_declaration order by line_no")
    assert stored[0] == {"applicant_name": "南京㛃堃进出口有限公司", "total_value": pytest.approx(1000.5), "line_no": 2}
    assert len(stored) == 30


def test_loading_again_changes_nothing(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 10))
    bureau.load()
    before = bureau.fetch("select * from audit.verdict"), bureau.fetch("select * from audit.event")
    assert bureau.load().loads == []
    assert (bureau.fetch("select * from audit.verdict"), bureau.fetch("select * from audit.event")) == before


def test_broken_rows_are_quarantined_with_bytes_line_and_rules(bureau: Bureau) -> None:
    good = rows_of("F01", 100)
    good[3]["total_value"] = "1,000.50"
    good[7] |= {"dest_country": "502", "trade_mode": "110"}
    bureau.deliver("F01", good)
    bureau.load()
    assert numbers(bureau.verdict()) == (100, 98, 2, 0)
    first, second = bureau.fetch("select * from quarantine.rejected_row order by record_no")
    assert (first["line_no"], first["rule_ids"]) == (5, ["F01-total_value-type"])
    assert first["cells"] == {"total_value": "1,000.50"}
    assert first["key"]["decl_no"] == "320100210000004"
    assert first["raw"].startswith(b"r4,I,1,")
    assert first["raw"].endswith(b",\n")
    assert second["rule_ids"] == ["F01-trade_mode-format", "F01-dest_country-known"]
    assert (second["amount"], second["currency"]) == (pytest.approx(1000.5), "USD")


def test_a_control_sum_that_cannot_be_checked_is_told_to_auditor_and_sender(bureau: Bureau) -> None:
    good = rows_of("F01", 100)
    good[3]["total_value"] = "1,000.50"
    good[5]["total_value"] = "?"
    path = bureau.deliver("F01", good, control_sum="1.00")
    bureau.load()
    assert numbers(bureau.verdict()) == (100, 98, 2, 0)
    told = bureau.fetch(
        "select rows_checked, rows_broken, detail from audit.rule_result where rule_id = 'D-control_sum_unchecked'"
    )
    assert told == [
        {"rows_checked": 100, "rows_broken": 2, "detail": {"expected": "1.00", "found": "not checked 未核对"}}
    ]
    assert write_due_receipts(bureau.settings) == []
    receipt = json.loads((path.parents[1] / "inbox" / f"{path.stem}.receipt.json").read_text(encoding="utf-8"))
    findings = {finding["rule_id"]: finding for finding in receipt["deliveries"][0]["findings"]}
    assert findings["D-control_sum_unchecked"]["rows"] == 2


def test_one_broken_line_rejects_its_whole_item_set(bureau: Bureau) -> None:
    lines = rows_of("F02", 60)
    lines[1] |= {"decl_no": lines[0]["decl_no"], "goods_no": "2", "hs_code": "123"}
    bureau.deliver("F02", lines)
    bureau.load()
    assert numbers(bureau.verdict()) == (60, 58, 2, 0)
    rejected = bureau.fetch("select rule_ids from quarantine.rejected_row order by record_no")
    assert [r["rule_ids"] for r in rejected] == [["F02-set_incomplete"], ["F02-hs_code-format"]]


def test_a_void_needs_envelope_and_key_only(bureau: Bureau) -> None:
    void = {**{name: GOOD["F01"][name] for name in ("record_id", "op_time", "org_code", "decl_no")}, "op": "D"}
    bureau.deliver("F01", [{**void, "version_no": "2"}], control_sum="0.00")
    bureau.load()
    assert numbers(bureau.verdict()) == (1, 1, 0, 0)


def test_a_nil_delivery_is_accepted_and_differs_from_none(bureau: Bureau) -> None:
    bureau.deliver("F03", [])
    assert bureau.load().accepted == 1
    assert bureau.fetch("select rows from audit.slice_version") == [{"rows": 0}]


@pytest.mark.parametrize(
    ("manifest", "rule"),
    [
        ({"status": "1"}, "D-status"),
        ({"sha256": "0" * 64}, "D-hash"),
        ({"bytes": 7}, "D-bytes"),
        ({"row_count": 31}, "D-row_count"),
        ({"control_sum": "1.00"}, "D-control_sum"),
        ({"report_time": f"{DAY - timedelta(days=1)} 20:00:00"}, "D-report_time"),
        ({"encoding": "UTF-8"}, "D-encoding"),
        ({"delimiter": ";"}, "D-header"),
        ({"status": "9"}, "D-manifest"),
    ],
)
def test_what_holds_a_delivery(bureau: Bureau, manifest: dict[str, Any], rule: str) -> None:
    bureau.deliver("F01", rows_of("F01", 30), **manifest)
    report = bureau.load()
    assert (report.accepted, report.held) == (0, 1)
    verdict = bureau.verdict()
    assert rule in verdict["hold_rules"]
    assert set(verdict["hold_detail"][rule]) >= {"expected", "found"}
    assert verdict["rows_held"] == verdict["rows_received"]
    assert bureau.fetch("select count(*) as n from ods.f01_declaration") == [{"n": 0}]


def test_more_broken_rows_than_the_limit_hold_the_delivery_and_keep_their_rows(bureau: Bureau) -> None:
    good = rows_of("F01", 100)
    for row in good[:6]:
        row["ie_flag"] = "X"
    bureau.deliver("F01", good)
    bureau.load()
    assert bureau.verdict()["hold_rules"] == ["D-reject_limit"]
    assert numbers(bureau.verdict()) == (100, 0, 0, 100)
    assert bureau.fetch("select count(*) as n from quarantine.rejected_row") == [{"n": 6}]


def test_a_feed_without_contract_is_held(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 3), day=date(2008, 6, 6), report_time="2008-06-06 20:00:00")
    bureau.load()
    assert "D-feed" in bureau.verdict()["hold_rules"]


def test_a_higher_delivery_wins_whichever_came_first(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 8), seq=2)
    bureau.load()
    bureau.deliver("F01", rows_of("F01", 10), seq=1)
    bureau.load()
    assert winner_rows(bureau) == [8]
    states = bureau.fetch("select rows from audit.slice_version order by place")
    assert [s["rows"] for s in states] == [10, 8]


def test_an_unpass_above_withdraws_the_slice(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 10), seq=1)
    bureau.deliver("F01", rows_of("F01", 10), seq=2, status="3")
    bureau.load()
    assert winner_rows(bureau) == []


def test_a_held_higher_delivery_leaves_the_lower_one_standing(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 10), seq=1)
    bureau.deliver("F01", rows_of("F01", 9), seq=2, status="0")
    bureau.load()
    assert winner_rows(bureau) == [10]


def test_a_correction_supersedes_the_quarantine_of_what_it_replaces(bureau: Bureau) -> None:
    bad = rows_of("F01", 30)
    bad[0]["ie_flag"] = "X"
    bureau.deliver("F01", bad, seq=1)
    bureau.load()
    bureau.deliver("F01", rows_of("F01", 30), seq=2)
    bureau.load()
    assert bureau.fetch("select state from quarantine.rejected_row") == [{"state": "superseded"}]


def decide(bureau: Bureau, kind: str, rule: str, line: int | None = None) -> None:
    with connect(bureau.settings, "engineer") as connection:
        connection.execute(
            "insert into audit.decision (kind, delivery_id, rule_id, line_no, decided_by, reason)"
            " select %s, delivery_id, %s, %s, '王', 'seen on paper' from audit.delivery",
            (kind, rule, line),
        )


def test_a_released_row_is_accepted_under_a_new_verdict_and_marked(bureau: Bureau) -> None:
    bad = rows_of("F01", 30)
    bad[0]["trade_mode"] = "110"
    bureau.deliver("F01", bad)
    bureau.load()
    decide(bureau, "release_row", "F01-trade_mode-format", 2)
    bureau.load()
    assert numbers(bureau.verdict()) == (30, 30, 0, 0)
    assert bureau.fetch("select state from quarantine.rejected_row") == [{"state": "released"}]
    marked = bureau.fetch("select line_no, released_rules from ods.f01_declaration where released_rules <> '{}'")
    assert marked == [{"line_no": 2, "released_rules": ["F01-trade_mode-format"]}]
    assert winner_rows(bureau) == [30]


def test_a_row_without_a_value_cannot_be_released(bureau: Bureau) -> None:
    bad = rows_of("F01", 30)
    bad[0]["total_value"] = "NaN"
    bureau.deliver("F01", bad, control_sum="")
    bureau.load()
    decide(bureau, "release_row", "F01-total_value-type", 2)
    bureau.load()
    assert numbers(bureau.verdict()) == (30, 29, 1, 0)


@pytest.mark.parametrize(("rule", "manifest", "accepted"), [
    ("D-row_count", {"row_count": 31}, True),
    ("D-status", {"status": "1"}, False),
])  # fmt: skip
def test_holds_are_released_where_the_rule_allows_it(
    bureau: Bureau, rule: str, manifest: dict[str, Any], accepted: bool
) -> None:
    bureau.deliver("F01", rows_of("F01", 30), **manifest)
    bureau.load()
    decide(bureau, "release_hold", rule)
    bureau.load()
    assert (bureau.verdict()["verdict"] == "accepted") is accepted


def test_rejudging_without_a_change_keeps_the_verdict(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 5))
    bureau.load()
    ids = [row["delivery_id"] for row in bureau.fetch("select delivery_id from audit.delivery")]
    rejudge(bureau.settings, ids, run_ref="again")
    assert len(bureau.fetch("select 1 from audit.verdict")) == 1


def test_changed_rules_reach_back_only_when_told_to(bureau: Bureau, tmp_path: Path) -> None:
    lines = rows_of("F01", 30)
    lines[0]["trade_mode"] = "110"
    bureau.deliver("F01", lines)
    bureau.load()
    shutil.copytree(bureau.settings.contracts, tmp_path / "expectations")
    contract = tmp_path / "expectations" / "f01_declaration.odcs.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace('regex: "^[0-9]{4}$"', 'regex: "^[0-9]{3,4}$"'), encoding="utf-8")
    bureau.settings = bureau.settings.model_copy(update={"contracts": tmp_path / "expectations"})
    assert bureau.load().loads == []
    journal_rejudging(bureau.settings, Claim(again=True), reason="three digits are allowed")
    bureau.load(again=True)
    assert numbers(bureau.verdict()) == (30, 30, 0, 0)
    assert winner_rows(bureau) == [30]


def test_former_rules_can_be_applied_again(bureau: Bureau, tmp_path: Path) -> None:
    bureau.deliver("F01", rows_of("F01", 30, trade_mode="0110"))
    bureau.load()
    shutil.copytree(bureau.settings.contracts, tmp_path / "expectations")
    contract = tmp_path / "expectations" / "f01_declaration.odcs.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace('value_set: ["I", "E"]', 'value_set: ["I"]'), encoding="utf-8")
    former = bureau.settings
    bureau.settings = former.model_copy(update={"contracts": tmp_path / "expectations"})
    bureau.load(again=True)
    assert bureau.verdict()["verdict"] == "held"
    bureau.settings = former
    bureau.load(again=True)
    assert numbers(bureau.verdict()) == (30, 30, 0, 0)
    assert winner_rows(bureau) == [30]


@pytest.mark.parametrize("year", [2100, 9999])
def test_a_mistyped_year_is_held_and_makes_no_partition(bureau: Bureau, year: int) -> None:
    bureau.deliver("F03", [], day=date(year, 12, 31), report_time=f"{year}-12-31 20:00:00")
    bureau.deliver("F03", rows_of("F03", 3))
    report = bureau.load()
    assert (report.accepted, report.held, report.errors) == (1, 1, [])
    held = bureau.fetch("select hold_rules from audit.verdict where verdict = 'held'")
    assert held == [{"hold_rules": ["D-business_date"]}]


def test_one_delivery_that_breaks_its_load_stops_no_other(bureau: Bureau) -> None:
    bureau.deliver("F03", rows_of("F03", 3), branch="320100")
    poison = bureau.deliver("F03", rows_of("F03", 4), branch="320500")
    bureau.collect()
    damaged = hashlib.sha256(poison.read_bytes()).hexdigest()
    landed = LandingStore(bureau.settings.landing_root).path(damaged)
    landed.chmod(0o644)
    landed.unlink()
    landed.mkdir()  # what should be a file cannot be read: no error that the loader knows by name
    report = load(bureau.settings, Claim(), run_ref="test")
    assert report.accepted == 1
    assert "320500" in report.errors[0]


def test_a_record_too_long_for_copy_is_rejected_alone(bureau: Bureau) -> None:
    lines = rows_of("F03", 100)
    lines[3]["nc_item"] = "x" * (3 << 20)
    bureau.deliver("F03", lines)
    bureau.load()
    assert numbers(bureau.verdict()) == (100, 99, 1, 0)
    assert bureau.fetch("select rule_ids, line_no from quarantine.rejected_row") == [
        {"rule_ids": ["S-size"], "line_no": 5}
    ]


def test_bytes_that_are_no_text_still_end_in_a_verdict(bureau: Bureau) -> None:
    """What is said of them goes into jsonb, which has no NUL."""
    bureau.deliver("F03", rows_of("F03", 3), data=bureau.data("F03", rows_of("F03", 3), encoding="utf-16-le"))
    assert bureau.load().errors == []
    assert numbers(bureau.verdict()) == (3, 0, 0, 3)
    assert bureau.verdict()["hold_rules"] == ["D-encoding"]


def test_an_amount_too_large_to_be_true_is_rejected(bureau: Bureau) -> None:
    lines = rows_of("F01", 30)
    lines[0]["total_value"] = "9999999999999999.99"
    bureau.deliver("F01", lines, control_sum="")
    bureau.load()
    assert [r["rule_ids"] for r in bureau.fetch("select rule_ids from quarantine.rejected_row")] == [
        ["F01-total_value-range"]
    ]


def test_a_code_that_no_list_has_cannot_be_released(bureau: Bureau) -> None:
    lines = rows_of("F01", 30)
    lines[0]["transport_mode"] = "7"
    bureau.deliver("F01", lines)
    bureau.load()
    decide(bureau, "release_row", "F01-transport_mode-known", 2)
    bureau.load()
    assert numbers(bureau.verdict()) == (30, 29, 1, 0)


def test_nobody_signs_as_another_login(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 1))
    bureau.load()
    insert = (
        "insert into audit.decision (kind, delivery_id, rule_id, decided_by, reason, login)"
        " select 'release_hold', delivery_id, 'D-row_count', 'x', 'y', 'ciq_owner' from audit.delivery"
    )
    for role in ("loader", "engineer"):
        with connect(bureau.settings, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):  # type: ignore[arg-type]
            connection.execute(insert)


def test_the_log_refuses_every_role(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 1))
    bureau.load()
    for role in ("owner", "loader", "engineer"):
        with connect(bureau.settings, role) as connection, pytest.raises(psycopg.Error):  # type: ignore[arg-type]
            connection.execute("update audit.event set kind = 'other'")


def test_whatever_stands_in_a_cell_no_row_is_lost(bureau: Bureau) -> None:
    nasty = [
        "\\.",
        "NaN",
        "today",
        "１２３",
        "3.205E+14",
        "1_000",
        "infinity",
        "=cmd()",
        '"',
        "a\nb",
        "x" * 1_000_000,
        "NULL",
        "　",
    ]
    lines = rows_of("F01", 300)
    for number, value in enumerate(nasty):
        lines[number * 2]["applicant_name"] = value
    bureau.deliver("F01", lines)
    bureau.load()
    verdict = bureau.verdict()
    assert verdict["rows_received"] == 300
    assert verdict["rows_received"] == verdict["rows_accepted"] + verdict["rows_quarantined"]
    rejected = bureau.fetch(
        "select rule_ids, octet_length(raw) as size from quarantine.rejected_row order by record_no"
    )
    assert [r["rule_ids"] for r in rejected] == [["F01-applicant_name-type"], ["F01-applicant_name-required"]]
    assert rejected[0]["size"] > 1_000_000


def winner_rows(bureau: Bureau) -> list[int]:
    return [
        r["rows"]
        for r in bureau.fetch(
            "select v.rows from audit.slice_winner join audit.slice_version v using (slice_version_id)"
        )
    ]
