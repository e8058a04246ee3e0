"""The facts equal what the oracle works out from the same files; order and grouping of arrival change nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from ciq.building import build
from ciq.building.fingerprint import fingerprint
from ciq_demo.generator import demo_scenario, write_days
from ciq_demo.generator.scenario import DEMO_DAYS
from support.agreement import disagreements, expected_verdicts, pseudonym_key, published_rows, verdicts
from support.bureau import Bureau
from support.hard_cases import (
    TUESDAY,
    TUESDAY_STEPS,
    WEDNESDAY,
    WEDNESDAY_STEPS,
    Step,
    arrive,
    corrected,
    decl,
    evaluation,
    header,
    line,
    void,
)
from support.oracle import Facts, facts_of
from support.random_history import MONDAY, random_history

pytestmark = pytest.mark.slow

DUE = (TUESDAY, WEDNESDAY)
DEMO = DEMO_DAYS[:2]
SEED = int(os.environ.get("CIQ_TEST_SEED", "2"))


def load_and_build(bureau: Bureau, archive: Path, steps: Sequence[Step]) -> None:
    arrive(bureau, archive, steps)
    bureau.load()
    build(bureau.settings, "test")


def data_files(archive: Path, count: int | None = None) -> list[Path]:
    """Data files of the first `count` arrivals."""
    return [path for folder in sorted(archive.iterdir())[:count] for path in folder.glob("outbox/*[0-9].csv")]


def assert_agree(bureau: Bureau, facts: Facts) -> None:
    assert verdicts(bureau.settings) == expected_verdicts(facts)
    assert disagreements(bureau.settings, facts) == []


# --- two days of all twenty branches at true volume ------------------------------------------------------------------


@pytest.fixture(scope="module")
def true_volume(
    make_bureau: Callable[..., Bureau], run_ciq: Callable[..., subprocess.CompletedProcess[str]]
) -> tuple[Bureau, list[Path]]:
    """The demo's first days through the command line, a publication each; and the data files of the first."""
    first, last = DEMO
    settings = make_bureau("true-volume").settings.model_copy(update={"first_day": first, "last_day": last})
    bureau = Bureau(settings)
    assert run_ciq(bureau, "init").returncode == 0
    root = bureau.settings.inbox_root
    came: list[Path] = []
    for day in DEMO:
        written = write_days(
            root, first_day=first, last_day=last, scenario=demo_scenario(), cutover=True, delivered_on=day
        )
        came = came or [delivery.path for delivery in written if delivery.path]
        loaded = run_ciq(bureau, "load", "--from", str(first), "--to", str(day))
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    return bureau, came


def test_two_days_at_true_volume(true_volume: tuple[Bureau, list[Path]]) -> None:
    bureau, _ = true_volume
    facts = facts_of(bureau.settings.inbox_root, due=DEMO, closed=DEMO, key=pseudonym_key(bureau.settings))
    rejected, held = expected_verdicts(facts)
    found_rejected, found_held = verdicts(bureau.settings)
    assert found_rejected == rejected
    assert found_held.keys() == held.keys()
    assert disagreements(bureau.settings, facts) == []
    assert len(facts.lots) > 17_000
    assert len(rejected) > 30
    assert len(held) == 1


def test_the_first_days_facts_can_still_be_read(true_volume: tuple[Bureau, list[Path]]) -> None:
    bureau, came = true_volume
    facts = facts_of(bureau.settings.inbox_root, arrived=came, due=DEMO)
    assert facts.volume["lots"].sum() > 0
    frames = ("lots", "lines", "evaluations", "volume", "value")
    assert disagreements(bureau.settings, facts, frames=frames, as_of=1) == []


# --- deliveries made by hand -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stepwise(make_bureau: Callable[..., Bureau], tmp_path_factory: pytest.TempPathFactory) -> tuple[Bureau, Path]:
    """Every hard case, Tuesday's deliveries built before Wednesday's come; and the archive of all that came."""
    bureau, archive = make_bureau("stepwise"), tmp_path_factory.mktemp("archive")
    load_and_build(bureau, archive, TUESDAY_STEPS)
    assert_agree(bureau, facts_of(archive, due=DUE))
    load_and_build(bureau, archive, WEDNESDAY_STEPS)
    return bureau, archive


def test_hard_cases(stepwise: tuple[Bureau, Path]) -> None:
    bureau, archive = stepwise
    assert_agree(bureau, facts_of(archive, due=DUE))


def test_hard_cases_as_of_tuesday(stepwise: tuple[Bureau, Path]) -> None:
    bureau, archive = stepwise
    facts = facts_of(archive, arrived=data_files(archive, len(TUESDAY_STEPS)), due=DUE)
    frames = ("lots", "lines", "evaluations", "volume", "value")
    assert disagreements(bureau.settings, facts, frames=frames, as_of=1) == []


def test_hard_cases_are_what_they_say(stepwise: tuple[Bureau, Path]) -> None:
    """A few of them by hand: the oracle and the facts could share a misreading."""
    lots = {row["decl_no"][-3:]: row for row in published_rows(stepwise[0].settings, "fct_inspection_lot")}
    assert {"006", "007", "099", "101", "102", "111", "114", "121", "131", "141"}.isdisjoint(lots)
    assert {number for number in lots if lots[number]["is_void"]} == {"002", "004", "005"}
    assert (lots["009"]["goods_lines"], lots["009"]["has_open_quarantine"]) == (1, True)
    assert str(lots["009"]["value_usd_lines"]) == "1000.50"
    assert (lots["012"]["first_result"], lots["012"]["final_result"]) == ("N", "Q")
    assert (lots["013"]["stat_date"], lots["013"]["lots_nonconforming"]) == (WEDNESDAY, 1)
    assert lots["014"]["stat_date"] is None
    assert str(lots["016"]["value_usd"]) == "3174.65", "TWD by the annual seed: 100000 x 3.17465 / 100"
    assert lots["017"]["value_usd"] is None
    assert lots["019"]["lots"] == 0
    assert str(lots["022"]["value_usd"]) == "0.51", "0.505 is rounded away from zero"
    assert lots["023"]["principal_goods_no"] == 1
    assert str(lots["024"]["total_value"]) == "2.00"
    assert lots["026"]["org_id"] == "320500"
    assert lots["172"]["goods_lines"] == 2


def test_another_order_and_grouping_give_the_same_fingerprint(
    stepwise: tuple[Bureau, Path], make_bureau: Callable[..., Bureau], tmp_path: Path
) -> None:
    """Both days shuffled, and a build in between."""
    steps = (*TUESDAY_STEPS, *WEDNESDAY_STEPS)
    shuffled = Random(3).sample(steps, len(steps))
    bureau = make_bureau("shuffled")
    load_and_build(bureau, tmp_path, shuffled[::2])
    load_and_build(bureau, tmp_path, shuffled[1::2])
    assert len(list(tmp_path.iterdir())) == len(steps)
    assert fingerprint(bureau.settings) == fingerprint(stepwise[0].settings)
    assert verdicts(bureau.settings) == verdicts(stepwise[0].settings)


def test_a_random_history(make_bureau: Callable[..., Bureau], tmp_path: Path) -> None:
    """Whatever meets whatever. CIQ_TEST_SEED=n tries another history."""
    bureau = make_bureau("random")
    load_and_build(bureau, tmp_path, random_history(SEED))
    assert_agree(bureau, facts_of(tmp_path, due=DUE))


# --- what the oracle's frames do not show ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def odd_lots(make_bureau: Callable[..., Bureau]) -> Bureau:
    """Headquarters' own lot, a day before the first that is due, a line of another sender, a set without lines."""
    bureau = make_bureau("odd-lots")
    bureau.deliver("F01", [header(1, insp_org="320000"), header(2), header(3)])
    bureau.deliver("F02", [line(1), line(2), line(3)])
    bureau.deliver("F03", [evaluation(1), evaluation(2), evaluation(3)])
    bureau.deliver("F01", [], day=MONDAY)
    bureau.deliver("F01", [corrected(header(2), 2)], branch="320500")
    bureau.deliver("F02", [void(line(3), 2)], day=WEDNESDAY)
    bureau.load()
    build(bureau.settings, "test")
    return bureau


def cells(bureau: Bureau, table: str, column: str, **key: object) -> list[object]:
    rows = published_rows(bureau.settings, table)
    return [row[column] for row in rows if all(row[name] == value for name, value in key.items())]


def test_a_day_of_headquarters_is_final(odd_lots: Bureau) -> None:
    assert cells(odd_lots, "fct_volume", "completeness", org_id="320000") == ["final"]


def test_no_slice_is_due_before_the_first_day(odd_lots: Bureau) -> None:
    assert cells(odd_lots, "fct_coverage", "due", business_date=MONDAY) == [0]


def test_a_lines_sender_is_the_branch_that_sent_the_line(odd_lots: Bureau) -> None:
    assert cells(odd_lots, "fct_goods_line", "sender_org", decl_no=decl(2)) == ["320100"]


def test_a_deleted_line_is_not_the_principal_one(odd_lots: Bureau) -> None:
    assert cells(odd_lots, "fct_goods_line", "is_principal", decl_no=decl(3)) == [False]
