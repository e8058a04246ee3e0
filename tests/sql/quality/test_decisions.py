"""Decisions of named persons: what they may release, and that the verdict follows them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ciq.cli.app import app
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from ciq.loading import rejudge
from ciq.loading.rules import RulesGoneError
from ciq.quality.decisions import DecisionError, Signature, held, reject_hold, release_holds, release_rows
from ciq.reports.holds import read_holds
from ciq.settings import Settings, get_settings
from ciq.verifying.ledger import reject_states
from support.bureau import Bureau, rows_of

BOSS = Signature(by="王处长", reason="已电话核实 confirmed by telephone")


@pytest.fixture(scope="module")
def template(make_settings: Callable[..., Settings], request: pytest.FixtureRequest) -> str:
    """Name of a prepared database to clone."""
    settings = make_settings(f"{request.node.nodeid} template")
    prepare_database(settings)
    return str(settings.warehouse_url).rpartition("/")[2]


@pytest.fixture
def bureau(make_settings: Callable[..., Settings], template: str, request: pytest.FixtureRequest) -> Bureau:
    return Bureau(make_settings(request.node.nodeid, template=template))


def broken_rows(bureau: Bureau) -> int:
    """Deliver 60 rows, of which line 2 breaks one rule, line 3 two, line 4 one that cannot be released."""
    rows = rows_of("F01", 60)
    rows[0] |= {"origin_province": "32"}
    rows[1] |= {"origin_province": "32", "trade_mode": "01"}
    rows[2] |= {"total_value": "much"}
    bureau.deliver("F01", rows, control_sum="")
    bureau.load()
    return int(bureau.verdict()["delivery_id"])


def counts(bureau: Bureau) -> tuple[int, int, int]:
    verdict = bureau.verdict()
    return verdict["rows_accepted"], verdict["rows_quarantined"], verdict["rows_held"]


def test_released_rows_are_accepted_and_carry_the_rule(bureau: Bureau) -> None:
    delivery = broken_rows(bureau)
    assert counts(bureau) == (57, 3, 0)
    assert release_rows(bureau.settings, delivery, "F01-origin_province-format", (), BOSS) == 2
    assert not rejudge(bureau.settings, [delivery], run_ref="test").errors
    assert counts(bureau) == (58, 2, 0), "the row that breaks another rule stays"
    assert bureau.verdict()["verdict"] == "accepted", "Great Expectations must not object to a released row"
    rows = bureau.fetch(
        "select line_no, origin_province, released_rules from ods.f01_declaration where released_rules <> '{}'"
    )
    assert rows == [{"line_no": 2, "origin_province": "32", "released_rules": ["F01-origin_province-format"]}]
    assert bureau.fetch("select state, line_no from quarantine.rejected_row where state = 'released'") == [
        {"state": "released", "line_no": 2}
    ]


def test_a_decision_keeps_person_reason_and_login_and_is_logged(bureau: Bureau) -> None:
    delivery = broken_rows(bureau)
    release_rows(bureau.settings, delivery, "F01-origin_province-format", [2], BOSS)
    (decision,) = bureau.fetch("select kind, rule_id, line_no, decided_by, login, reason from audit.decision")
    assert decision == {
        "kind": "release_row",
        "rule_id": "F01-origin_province-format",
        "line_no": 2,
        "decided_by": BOSS.by,
        "login": "ciq_engineer",
        "reason": BOSS.reason,
    }
    assert len(bureau.fetch("select 1 from audit.event where kind = 'decision'")) == 1


@pytest.fixture(scope="module")
def undecided(
    make_settings: Callable[..., Settings], template: str, request: pytest.FixtureRequest
) -> tuple[Bureau, int]:
    """A bureau with broken rows, and their delivery: for tests in which nothing is decided."""
    made = Bureau(make_settings(f"{request.node.nodeid} undecided", template=template))
    return made, broken_rows(made)


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("F01-total_value-type", ()),
        ("F01-decl_no-format", ()),
        ("F01-origin_province-format", [4]),
        ("F01-origin_province-format", [2, 99]),
        ("no-rule", ()),
    ],
)
def test_what_cannot_be_released(undecided: tuple[Bureau, int], rule: str, lines: list[int]) -> None:
    bureau, delivery = undecided
    with pytest.raises(DecisionError):
        release_rows(bureau.settings, delivery, rule, lines, BOSS)
    assert bureau.fetch("select 1 from audit.decision") == []


@pytest.mark.parametrize("signature", [Signature(by=" ", reason="x"), Signature(by="x", reason="")])
def test_nobody_decides_without_name_and_reason(undecided: tuple[Bureau, int], signature: Signature) -> None:
    bureau, delivery = undecided
    with pytest.raises(DecisionError, match="person and a reason"):
        release_rows(bureau.settings, delivery, "F01-origin_province-format", (), signature)
    with pytest.raises(DecisionError, match="person and a reason"):
        release_holds(bureau.settings, delivery, (), signature)
    with pytest.raises(DecisionError, match="person and a reason"):
        reject_hold(bureau.settings, delivery, signature)


def test_a_hold_is_released_and_the_rows_are_judged(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 5), row_count=6)
    bureau.load()
    delivery = int(bureau.verdict()["delivery_id"])
    assert counts(bureau) == (0, 0, 5)
    with connect(bureau.settings, "auditor") as connection:
        (hold,) = held(connection)
    assert (hold.rule_id, hold.expected, hold.found, hold.releasable) == ("D-row_count", "6", "5", True)
    assert release_holds(bureau.settings, delivery, (), BOSS) == ("D-row_count",)
    rejudge(bureau.settings, [delivery], run_ref="test")
    assert counts(bureau) == (5, 0, 0)


def test_a_hold_that_the_file_itself_is_wrong_for_stays(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 5), sha256="0" * 64)
    bureau.load()
    delivery = int(bureau.verdict()["delivery_id"])
    with pytest.raises(DecisionError, match="D-hash"):
        release_holds(bureau.settings, delivery, (), BOSS)
    with pytest.raises(DecisionError, match="does not hold"):
        release_holds(bureau.settings, delivery, ["D-row_count"], BOSS)


def test_a_rejected_delivery_stays_held_for_good(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau.deliver("F01", rows_of("F01", 5), row_count=6)
    bureau.load()
    delivery = int(bureau.verdict()["delivery_id"])
    monkeypatch.setenv("CIQ_HOME", str(bureau.settings.home))
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", str(bureau.settings.warehouse_url))
    get_settings.cache_clear()
    told = CliRunner().invoke(app, ["hold", "reject", str(delivery), "--by", BOSS.by, "--reason", BOSS.reason])
    assert "(D-row_count)" in told.stdout
    assert "held 扣留" in told.stdout
    assert "ciq build" not in told.stdout, "it published nothing before either"
    with connect(bureau.settings, "auditor") as connection:
        found = {hold.rule_id: hold.found for hold in held(connection)}
        assert found == {"D-rejected": f"D-row_count, by {BOSS.by}: {BOSS.reason}", "D-row_count": "5"}
        assert read_holds(connection) == []
        assert {line.settled_en for line in read_holds(connection, settled=True)} == {f"rejected by {BOSS.by}"}
    with pytest.raises(DecisionError, match="D-rejected"):
        release_holds(bureau.settings, delivery, (), BOSS)
    with pytest.raises(DecisionError, match="before"):
        reject_hold(bureau.settings, delivery, BOSS)


def entries_only(bureau: Bureau, folder: Path) -> Settings:
    """Settings under whose contract of F01 an exit is broken."""
    shutil.copytree(bureau.settings.contracts, folder)
    contract = folder / "f01_declaration.odcs.yaml"
    text = contract.read_text(encoding="utf-8")
    assert 'value_set: ["I", "E"]' in text
    contract.write_text(text.replace('value_set: ["I", "E"]', 'value_set: ["I"]'), encoding="utf-8")
    return bureau.settings.model_copy(update={"contracts": folder})


def states(bureau: Bureau) -> list[tuple[int, str]]:
    """(seq, state) of the rejected rows of line 2."""
    with connect(bureau.settings, "auditor") as connection:
        assert list(reject_states(connection)) == []
    rows = bureau.fetch(
        "select d.seq, q.state from quarantine.rejected_row q join audit.delivery d using (delivery_id)"
        " where line_no = 2 order by q.verdict_id"
    )
    return [(row["seq"], row["state"]) for row in rows]


def test_rejected_rows_are_open_again_when_what_superseded_them_falls(bureau: Bureau, tmp_path: Path) -> None:
    entries = rows_of("F01", 30, ie_flag="I")
    entries[0]["origin_province"] = "32"
    bureau.deliver("F01", entries, seq=1)
    bureau.deliver("F01", rows_of("F01", 30, ie_flag="E"), seq=2)
    bureau.load()
    assert states(bureau) == [(1, "superseded")]
    former, bureau.settings = bureau.settings, entries_only(bureau, tmp_path / "expectations")
    bureau.load(again=True)
    assert states(bureau) == [(1, "superseded"), (1, "open"), (2, "open")], "seq 2 is held, seq 1 stands again"
    bureau.settings = former
    bureau.load(again=True)
    assert states(bureau) == [(1, "superseded"), (1, "superseded"), (2, "superseded"), (1, "superseded")]


def test_a_release_is_judged_under_the_rules_of_its_verdict(bureau: Bureau, tmp_path: Path) -> None:
    delivery = broken_rows(bureau)
    rules = bureau.verdict()["rules_hash"]
    bureau.settings = entries_only(bureau, tmp_path / "expectations")
    release_rows(bureau.settings, delivery, "F01-origin_province-format", (), BOSS)
    assert not rejudge(bureau.settings, [delivery], run_ref="test").errors
    assert counts(bureau) == (58, 2, 0), "all rows are exits, which today's contract does not know"
    assert bureau.verdict()["rules_hash"] == rules
    bureau.load(again=True)
    assert bureau.verdict()["verdict"] == "held", "today's rules when they are asked for"


def test_nothing_is_decided_under_rules_that_are_gone(bureau: Bureau) -> None:
    delivery = broken_rows(bureau)
    with connect(bureau.settings, "owner") as connection:
        connection.execute(
            "insert into ref.code (list_id, code, name_zh, name_en) values ('currency', 'QQQ', '钱', 'x')"
        )
    with pytest.raises(RulesGoneError, match="--again"):
        release_rows(bureau.settings, delivery, "F01-origin_province-format", (), BOSS)
    assert bureau.fetch("select 1 from audit.decision") == []
    bureau.load(again=True)
    release_rows(bureau.settings, delivery, "F01-origin_province-format", (), BOSS)
    rejudge(bureau.settings, [delivery], run_ref="test")
    assert counts(bureau) == (58, 2, 0)
