"""Decisions of named persons: what they may release, and that the verdict follows them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from ciq.loading import rejudge
from ciq.quality.decisions import DecisionError, Signature, held, reject_hold, release_holds, release_rows
from ciq.settings import Settings
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


def test_a_rejected_delivery_stays_held_for_good(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 5), row_count=6)
    bureau.load()
    delivery = int(bureau.verdict()["delivery_id"])
    assert reject_hold(bureau.settings, delivery, BOSS) == ("D-row_count",)
    rejudge(bureau.settings, [delivery], run_ref="test")
    with connect(bureau.settings, "auditor") as connection:
        assert {hold.rule_id for hold in held(connection)} == {"D-rejected", "D-row_count"}
    with pytest.raises(DecisionError, match="D-rejected"):
        release_holds(bureau.settings, delivery, (), BOSS)
    with pytest.raises(DecisionError, match="before"):
        reject_hold(bureau.settings, delivery, BOSS)
