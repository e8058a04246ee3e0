"""Late, corrected, duplicate and missing deliveries, and the demo's two days."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

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

FIRST, SECOND = date(2010, 6, 8), date(2010, 6, 9)
BRANCH = "320500"


def write(root: Path, scenario: Scenario, delivered_on: date | None = None) -> list[WrittenDelivery]:
    return write_days(
        root,
        first_day=FIRST,
        last_day=SECOND,
        scenario=scenario,
        cutover=True,
        orgs={BRANCH},
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
    assert len(write(tmp_path, scenario, delivered_on=FIRST)) == 2
    second = write(tmp_path, scenario, delivered_on=SECOND)
    (late,) = [delivery for delivery in second if delivery.late]
    assert (late.feed, late.business_date, late.delivered_on) == ("F02", FIRST, SECOND)
    assert report_time(late) > "2010-06-09 02:00:00"
    assert len(second) == 4


def test_missing_deliveries_never_come(tmp_path: Path) -> None:
    written = write(tmp_path, Scenario().add("F03", BRANCH, SECOND, Missing()))
    assert ("F03", SECOND) not in {(delivery.feed, delivery.business_date) for delivery in written}
    assert len(written) == 5


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
    for feed in ("F01", "F02", "F03"):
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
    for feed in ("F02", "F03"):
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


def test_the_demo_tells_its_story(tmp_path: Path) -> None:
    scenario = demo_scenario()
    first, second = (
        write_days(
            tmp_path, first_day=FIRST, last_day=SECOND, scenario=scenario, cutover=True, delivered_on=delivered_on
        )
        for delivered_on in (FIRST, SECOND)
    )
    assert not [delivery for delivery in first if delivery.org == "320900"]
    assert len(first) == 57
    of_first_day = [delivery for delivery in second if delivery.business_date == FIRST]
    assert Counter((delivery.org, delivery.seq) for delivery in of_first_day) == {("320500", 2): 3, ("320900", 1): 3}
    held = [delivery for delivery in second if "truncated" in delivery.events]
    assert [(delivery.feed, delivery.org) for delivery in held] == [("F02", "320200")]
    present = {(one.feed, one.org) for one in second if one.business_date == SECOND}
    assert len(present) == 59
    assert ("F03", "321300") not in present
    accepted = sum(one.rows for one in [*first, *second] if one.feed == "F01" and one.seq == 1)
    assert 12_000 < accepted < 14_000


def test_the_command_writes_a_range(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ciq_demo.generator", str(tmp_path), "--org", "321300"]
    command += ["--first-day", "2010-06-08", "--last-day", "2010-06-09", "--demo", "--cutover"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "5 deliveries" in done.stdout
    assert len(list((tmp_path / "321300" / "outbox").iterdir())) == 10
