"""Month ends of the integrity management of wood packaging: each is a statement of its own, corrected or taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ciq.building import build
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import GOOD, Bureau

pytestmark = pytest.mark.slow

MAY, JUNE = date(2010, 5, 31), date(2010, 6, 30)


def state(number: int, month_end: date, **cells: str) -> dict[str, str]:
    key = {"record_id": f"j{number}", "ent_code": f"32010000{number:02d}", "month_end": str(month_end)}
    return {**GOOD["N08"], **key, "op_time": f"{month_end} 17:00:00", **cells}


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Three enterprises at two month ends; then June again, where the second is corrected and the third goes."""
    bureau = make_bureau("wood_integrity")
    not_eased = {"benefit_flag": "0", "integrity_level": "B"}
    no_pilot = {"pilot_flag": "0", "benefit_flag": "0", "integrity_level": "C", "pass_rate": ""}
    for month_end in (MAY, JUNE):
        rows = [state(1, month_end), state(2, month_end, **not_eased), state(3, month_end, **no_pilot)]
        bureau.deliver("N08", rows, day=month_end)
    assert bureau.load().held == 0
    assert build(bureau.settings, "test").publication_no == 1
    corrected = {**state(2, JUNE), "op": "U", "version_no": "3"}
    gone = {**state(3, JUNE, **no_pilot), "op": "D", "version_no": "2"}
    first = [state(1, JUNE), state(2, JUNE, **not_eased), state(3, JUNE, **no_pilot)]
    bureau.deliver("N08", [*first, corrected, gone], day=JUNE, seq=2)
    assert bureau.load().held == 0
    assert build(bureau.settings, "test").publication_no == 2
    return bureau


def states(bureau: Bureau, number: int) -> set[tuple[Any, ...]]:
    rows = published_rows(bureau.settings, "fct_wood_integrity", as_of=number)
    return {
        (row["ent_code"][-1], row["month_end"].month, row["pilot_flag"], row["benefit_flag"], row["enterprises"])
        for row in rows
    }


def test_each_month_end_stands_by_itself(story: Bureau) -> None:
    may = {("1", 5, "1", "1", 1), ("2", 5, "1", "0", 1), ("3", 5, "0", "0", 1)}
    assert states(story, 1) == may | {("1", 6, "1", "1", 1), ("2", 6, "1", "0", 1), ("3", 6, "0", "0", 1)}
    assert states(story, 2) == may | {("1", 6, "1", "1", 1), ("2", 6, "1", "1", 1), ("3", 6, "0", "0", 0)}


def test_its_versions_are_looked_at_and_its_rows_balance(story: Bureau) -> None:
    found = {(row["rule_id"], row["key"][-1]) for row in published_rows(story.settings, "fct_finding")}
    assert found == {("N08-version-gap", "2")}
    assert [str(breach) for check in verify(story.settings) for breach in check.breaches] == []


def test_a_snapshot_of_another_day_is_kept_out(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("wood_integrity_days")
    bureau.deliver("N08", [state(1, JUNE), state(2, MAY), state(3, JUNE, pilot_flag="0")], day=JUNE)
    assert bureau.load().held == 0
    rejected = bureau.fetch("select line_no, rule_ids from quarantine.rejected_row")
    assert rejected == [{"line_no": 3, "rule_ids": ["N08-month_end-not_before"]}]
