"""A conveyance that two ports tell of on one day is found, whoever tells it first; one that comes again is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ciq.building import build
from support.agreement import published_rows
from support.bureau import GOOD, Bureau

pytestmark = pytest.mark.slow

TUESDAY, WEDNESDAY, THURSDAY = date(2010, 6, 8), date(2010, 6, 9), date(2010, 6, 10)
NANJING, ZHANGJIAGANG = ("320100", "CNNJP"), ("320582", "CNZJG")


def call(place: tuple[str, str], serial: int, ship: str, **cells: str) -> dict[str, str]:
    org, port = place
    own = {"record_id": f"w{serial}", "org_code": org, "event_no": f"{org}WJ2010{serial:05d}", "port": port}
    return {**GOOD["F06"], **own, "conveyance_id": ship, "vector_positive_cnt": "0", "vector_qty": "", **cells}


def published(bureau: Bureau) -> None:
    assert bureau.load().held == 0
    build(bureau.settings, "test")


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Nanjing's file; a day later Zhangjiagang's of the same calls; then Zhangjiagang takes one of them back."""
    bureau = make_bureau("conveyances")
    bureau.deliver(
        "F06",
        [
            call(NANJING, 1, "HAI FENG 12"),
            call(NANJING, 2, "NORD WAVE 7"),
            call(NANJING, 3, "SUN FLORA 5"),
            call(NANJING, 4, "SUN FLORA 5"),  # it came and left
            call(NANJING, 5, "TAI HANG 3"),
            call(NANJING, 6, "", event_type="PERSON"),
        ],
    )
    published(bureau)
    told_by_another = [
        call(ZHANGJIAGANG, 1, "HAI FENG 12"),
        call(ZHANGJIAGANG, 2, "NORD WAVE 7"),
        call(ZHANGJIAGANG, 5, "TAI HANG 3", event_date=str(WEDNESDAY)),
        call(ZHANGJIAGANG, 6, "", event_type="PERSON"),
    ]
    bureau.deliver("F06", told_by_another, branch=ZHANGJIAGANG[0], day=WEDNESDAY)
    published(bureau)
    mistaken = call(ZHANGJIAGANG, 2, "NORD WAVE 7", op="D", version_no="2")
    bureau.deliver("F06", [mistaken], branch=ZHANGJIAGANG[0], day=THURSDAY)
    published(bureau)
    return bureau


def repeated(bureau: Bureau, publication: int) -> set[tuple[str, str, str, str]]:
    """Sender, last digit of the event, what was expected and found."""
    rows = published_rows(bureau.settings, "fct_finding", as_of=publication)
    return {
        (row["sender_org"], row["key"][-1], row["expected"], row["found"])
        for row in rows
        if row["rule_id"] == "F06-conveyance-repeated"
    }


def both(serial: str) -> set[tuple[str, str, str, str]]:
    return {
        ("320100", serial, "one port on 2010-06-08", "CNNJP and CNZJG"),
        ("320582", serial, "one port on 2010-06-08", "CNZJG and CNNJP"),
    }


def test_two_ports_that_tell_of_a_conveyance_on_one_day_are_both_named(story: Bureau) -> None:
    assert repeated(story, 1) == set(), "a ship that comes and leaves is told twice by its port"
    assert repeated(story, 2) == both("1") | both("2"), "a ship may call at another port the day after"


def test_the_finding_goes_when_one_of_them_takes_it_back(story: Bureau) -> None:
    assert repeated(story, 3) == both("1")
