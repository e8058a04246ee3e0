"""Late, corrected, duplicate and missing deliveries, and the demo's week."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from ciq.errors import CiqError
from ciq_demo.generator import (
    Correction,
    Defect,
    Duplicate,
    Late,
    Missing,
    Scenario,
    WrittenDelivery,
    demo_scenario,
    write_days,
)
from ciq_demo.generator.scenario import DEMO_DAYS

FIRST, SECOND = date(2010, 6, 8), date(2010, 6, 9)
BRANCH = "320500"
CARGO = ("F01", "F02", "F03", "F04")
DAILY = (*CARGO, "F05", "F06", "F07", "F08", "F10", "F11", "F13")
WEEKLY = ("F09",)
RETURNS = ("F14", "F15", "F16", "F17")
MONTHLY = (*RETURNS, "N08", "N12")


def write(root: Path, scenario: Scenario, delivered_on: date | None = None) -> list[WrittenDelivery]:
    return write_days(
        root,
        first_day=FIRST,
        last_day=SECOND,
        scenario=scenario,
        cutover=True,
        orgs={BRANCH},
        feeds=CARGO,
        delivered_on=delivered_on,
    )


def report_time(delivery: WrittenDelivery) -> str:
    assert delivery.manifest_path is not None
    with delivery.manifest_path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    return row["report_time"]


def read(delivery: WrittenDelivery) -> pd.DataFrame:
    return pd.read_csv(delivery.path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_late_deliveries_come_later_and_are_reported_after_the_cut_off(tmp_path: Path) -> None:
    scenario = Scenario().add("F02", BRANCH, FIRST, Late(days=1))
    assert len(write(tmp_path, scenario, delivered_on=FIRST)) == 3
    second = write(tmp_path, scenario, delivered_on=SECOND)
    (late,) = [delivery for delivery in second if delivery.late]
    assert (late.feed, late.business_date, late.delivered_on) == ("F02", FIRST, SECOND)
    assert report_time(late) > "2010-06-09 02:00:00"
    assert len(second) == 5


def test_missing_deliveries_never_come(tmp_path: Path) -> None:
    written = write(tmp_path, Scenario().add("F03", BRANCH, SECOND, Missing()))
    assert ("F03", SECOND) not in {(delivery.feed, delivery.business_date) for delivery in written}
    assert len(written) == 7


def test_duplicates_are_the_same_files_again(tmp_path: Path) -> None:
    scenario = Scenario().add("F01", BRANCH, FIRST, Duplicate(days=1))
    (first,) = [one for one in write(tmp_path / "a", scenario, delivered_on=FIRST) if one.feed == "F01"]
    again = [one for one in write(tmp_path / "b", scenario, delivered_on=SECOND) if one.business_date == FIRST]
    (second,) = again
    assert first.path is not None
    assert second.path is not None
    assert first.path.read_bytes() == second.path.read_bytes()
    assert report_time(first) == report_time(second)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], pd.DataFrame]:
    scenario = Scenario()
    for feed in CARGO:
        scenario = scenario.add(feed, BRANCH, FIRST, Correction(days=1))
    written = write(tmp_path_factory.mktemp("corrected"), scenario)
    return {(one.feed, one.seq): read(one) for one in written if one.business_date == FIRST}


def test_a_correction_changes_some_drops_some_and_adds_some(
    corrected: dict[tuple[str, int], pd.DataFrame],
) -> None:
    before, after = (corrected["F01", seq].query("op == 'I'").set_index("decl_no") for seq in (1, 2))
    gone, new = before.index.difference(after.index), after.index.difference(before.index)
    kept = before.index.intersection(after.index)
    changed = kept[before.loc[kept, "total_value"] != after.loc[kept, "total_value"]]
    assert len(gone) >= 2
    assert len(new) >= 2
    assert len(changed) >= 5
    same = [column for column in before.columns if column not in {"total_value", "value_usd"}]
    pd.testing.assert_frame_equal(before.loc[kept, same], after.loc[kept, same])


def test_a_correction_is_the_same_in_all_feeds(corrected: dict[tuple[str, int], pd.DataFrame]) -> None:
    headers = [set(corrected["F01", seq]["decl_no"]) for seq in (1, 2)]
    gone, new = headers[0] - headers[1], headers[1] - headers[0]
    for feed in CARGO[1:]:
        before, after = (set(corrected[feed, seq]["decl_no"]) for seq in (1, 2))
        assert before - after == gone
        assert after - before == new
    assert corrected["F01", 2]["record_id"].is_unique


def test_what_a_correction_drops_has_no_records_elsewhere(
    corrected: dict[tuple[str, int], pd.DataFrame], tmp_path: Path
) -> None:
    """Else the next days' rows would wait for a declaration that will never come."""
    gone = set(corrected["F01", 1]["decl_no"]) - set(corrected["F01", 2]["decl_no"])
    later = write_days(tmp_path, first_day=SECOND, last_day=date(2010, 6, 11))
    for delivery in later:
        assert delivery.path is not None
        text = delivery.path.read_bytes().decode("latin-1")
        assert not [number for number in gone if number in text]


def test_events_are_switched_on_one_by_one(tmp_path: Path) -> None:
    clean = write(tmp_path / "clean", Scenario())
    spoiled = write(tmp_path / "spoiled", Scenario().add("F02", BRANCH, SECOND, Defect("nan"), Defect("status_1")))
    for before, after in zip(clean, spoiled, strict=True):
        assert before.path is not None
        assert after.path is not None
        same = before.path.read_bytes() == after.path.read_bytes()
        assert same == ((after.feed, after.business_date) != ("F02", SECOND))
        assert after.events == (() if same else ("nan", "status_1"))


def test_sums_of_penalties_are_corrected(tmp_path: Path) -> None:
    def write_penalties(root: Path, org: str) -> list[WrittenDelivery]:
        scenario = Scenario().add("F10", org, DEMO_DAYS[2], Correction(days=1))
        return write_days(
            root, first_day=DEMO_DAYS[2], last_day=DEMO_DAYS[2], scenario=scenario, orgs={org}, feeds={"F10"}
        )

    before, after = (read(one) for one in write_penalties(tmp_path, "320583"))
    changed = before["fine_cny"] != after["fine_cny"]
    assert changed.any()
    assert (changed == (before["fine_cny"] != "")).all()
    grown = [Decimal(cell) * Decimal("1.1") for cell in before.loc[changed, "fine_cny"]]
    assert [Decimal(cell) for cell in after.loc[changed, "fine_cny"]] == grown
    pd.testing.assert_frame_equal(before.drop(columns="fine_cny"), after.drop(columns="fine_cny"))
    with pytest.raises(CiqError, match="no sum to correct"):
        write_penalties(tmp_path, "321300")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenDelivery]:
    """The demo's deliveries, in the order of the days on which they come."""
    root, scenario = tmp_path_factory.mktemp("week"), demo_scenario()
    first, last = DEMO_DAYS[0], DEMO_DAYS[-1]
    return [
        delivery
        for day in DEMO_DAYS
        for delivery in write_days(
            root, first_day=first, last_day=last, scenario=scenario, cutover=True, delivered_on=day
        )
    ]


def test_the_demo_tells_its_story(week: list[WrittenDelivery]) -> None:
    monday, tuesday, wednesday, thursday, friday, saturday = DEMO_DAYS
    later = [one for one in week if one.delivered_on > one.business_date]
    assert {one.delivered_on - one.business_date for one in later} == {timedelta(days=1)}
    assert Counter((one.org, one.business_date, one.seq) for one in later) == {
        ("320500", monday, 2): 4,
        ("320900", monday, 1): len(DAILY),
        ("320583", wednesday, 2): 1,
    }
    broken = {"truncated", "wrong_total"}
    held = [(one.feed, one.org, one.business_date) for one in week if broken & set(one.events)]
    assert held == [("F02", "320200", tuesday), ("F10", "320500", thursday)]
    came = {(one.feed, one.org, one.business_date) for one in week}
    orgs = {one.org for one in week} - {"320000"}
    due = {(feed, org, day) for feed in DAILY for org in orgs for day in DEMO_DAYS[:5]}
    due |= {(feed, org, wednesday) for feed in MONTHLY for org in orgs}
    due |= {(feed, org, friday) for feed in WEEKLY for org in orgs}
    assert len(due) == 20 * (5 * len(DAILY) + len(MONTHLY) + len(WEEKLY)) == 1240
    assert due - came == {("F03", "321300", tuesday), ("N12", "320800", wednesday)}
    ports = {one.org for one in week if one.business_date == saturday and one.feed == "F01"}
    assert {"320700", "320600", "320582", "320585"} <= ports < orgs
    assert {one.feed for one in week if one.org == "320000"} - set(RETURNS) == {"F11", "F18"}
    assert {one.feed for one in week} == {*DAILY, *WEEKLY, *MONTHLY, "F12", "F18"}


def test_the_demo_is_at_true_volume(week: list[WrittenDelivery]) -> None:
    lots = Counter[date]()
    for one in week:
        if one.feed == "F01" and one.seq == 1:
            lots[one.business_date] += one.rows
    assert 38_000 < lots.total() < 44_000
    assert max(lots, key=lots.__getitem__) in DEMO_DAYS[1:3], "the half-year ends"
    assert 100 < lots[DEMO_DAYS[-1]] < 400
    nil = [one for one in week if one.rows == 0 and one.feed in {"F10", "F11"}]
    assert len(nil) > 100


def test_the_command_writes_a_range(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ciq_demo.generator", str(tmp_path), "--org", "321300"]
    command += ["--first-day", "2010-06-28", "--last-day", "2010-06-29", "--demo", "--cutover"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "21 deliveries" in done.stdout
    assert len(list((tmp_path / "321300" / "outbox").iterdir())) == 42
