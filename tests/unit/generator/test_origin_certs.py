"""Certificates of origin: the year's saving is exact, and what is amended, reissued or void is told by its next row."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from ciq_demo.generator import Generator, workdays

Cells = dict[str, str]
CUT_OVER = date(2010, 6, 28)
YEAR = [day for day in workdays.all_days(date(2009, 12, 31), date(2010, 12, 31)) if workdays.is_workday(day)]


@pytest.fixture(scope="module")
def rows(generator: Generator) -> list[Cells]:
    """Every row of the year and of the workday before it, in order."""
    frames = (frame for day in YEAR for frame in generator.origin_certs(day).values())
    return [cells for frame in frames for cells in frame.to_dict("records")]


@pytest.fixture(scope="module")
def newest(rows: list[Cells]) -> dict[str, Cells]:
    """Number -> its last row."""
    return {cells["coo_no"]: cells for cells in rows}


def serials(rows: list[Cells]) -> dict[str, set[int]]:
    """Letter, year and branch -> the serials that were issued."""
    found: dict[str, set[int]] = defaultdict(set)
    for cells in rows:
        if cells["op"] == "I":
            found[cells["coo_no"][:9]].add(int(cells["coo_no"][9:]))
    return found


def missing(numbers: set[int]) -> set[int]:
    return set(range(min(numbers), max(numbers))) - numbers


def counted(newest: dict[str, Cells]) -> list[Cells]:
    replaced = {cells["replaces_coo_no"] for cells in newest.values() if cells["status"] != "2"}
    return [
        cells
        for number, cells in newest.items()
        if cells["status"] != "2" and number not in replaced and cells["issue_date"].startswith("2010")
    ]


@pytest.mark.slow
def test_the_year_saves_three_thousand_seven_hundred_million(newest: dict[str, Cells]) -> None:
    saved = sum((Decimal(cells["est_duty_saving_cny"] or 0) for cells in counted(newest)), Decimal(0))
    assert saved == Decimal("3700000000.00")


@pytest.mark.slow
def test_a_workday_has_one_or_two_thousand(rows: list[Cells], newest: dict[str, Cells]) -> None:
    by_day = Counter(cells["issue_date"] for cells in rows if cells["op"] == "I")
    in_year = [count for day, count in by_day.items() if day.startswith("2010")]
    assert 1_000 < sum(in_year) / len(in_year) < 2_000
    assert len(counted(newest)) == pytest.approx(375_000, rel=0.01)


@pytest.mark.slow
def test_what_becomes_of_a_certificate_refers_to_one_that_is_there(rows: list[Cells]) -> None:
    issued = {cells["coo_no"]: cells for cells in rows if cells["op"] == "I"}
    inside = [cells for cells in rows if cells["op_time"].startswith("2010")]
    replacing = [cells for cells in inside if cells["replaces_coo_no"]]
    assert 4_000 < len(replacing) < 8_000
    for cells in replacing:
        old = issued[cells["replaces_coo_no"]]
        assert old["est_duty_saving_cny"] == cells["est_duty_saving_cny"]
        assert old["issue_date"] < cells["issue_date"]
        assert cells["status"] in {"3", "4"}
    corrected = [cells for cells in inside if cells["op"] == "U"]
    assert {cells["version_no"] for cells in corrected} == {"2"}
    assert {cells["coo_no"] for cells in corrected} <= issued.keys()
    assert 500 < sum(cells["status"] == "2" for cells in corrected) < 3_000


@pytest.mark.slow
def test_no_number_is_issued_twice(rows: list[Cells]) -> None:
    issued = [cells["coo_no"] for cells in rows if cells["op"] == "I"]
    assert len(issued) == len(set(issued))


@pytest.mark.slow
def test_each_branch_numbers_each_kind_and_year_without_a_gap(rows: list[Cells]) -> None:
    series = serials(rows)
    letters = {prefix[0] for prefix in series}
    assert letters == set("GCEBFPNR")
    assert {prefix: gap for prefix, numbers in series.items() if (gap := missing(numbers))} == {}
    assert {min(numbers) for prefix, numbers in series.items() if prefix[1:3] == "10"} == {1}


@pytest.fixture(scope="module")
def after_cut_over() -> dict[date, list[Cells]]:
    """The days from a cut-over to the end of its week."""
    generator = Generator(2010, since=CUT_OVER)
    days = workdays.all_days(CUT_OVER, date(2010, 7, 2))
    return {
        day: [cells for frame in generator.origin_certs(day).values() for cells in frame.to_dict("records")]
        for day in days
    }


def test_a_cut_over_names_no_certificate_of_before(after_cut_over: dict[date, list[Cells]]) -> None:
    first = after_cut_over[CUT_OVER]
    assert first
    assert {cells["op"] for cells in first} == {"I"}
    assert not any(cells["replaces_coo_no"] for cells in first)


def test_numbers_after_a_cut_over_have_no_gap(after_cut_over: dict[date, list[Cells]]) -> None:
    """The replacements that fall away stood before the first numbers that are told."""
    series = serials([cells for rows in after_cut_over.values() for cells in rows])
    assert min(series["G10320500"]) > 1
    assert {prefix: gap for prefix, numbers in series.items() if (gap := missing(numbers))} == {}


def test_a_rate_that_is_not_known_is_an_empty_cell(generator: Generator) -> None:
    frames = generator.origin_certs(date(2010, 6, 28)).values()
    cells = [row for frame in frames for row in frame.to_dict("records")]
    preferential = [row for row in cells if row["coo_type"] != "CO"]
    lost = [row for row in preferential if not row["pref_rate"]]
    assert 0 < len(lost) < len(preferential) * 0.03
    assert {row["est_duty_saving_cny"] for row in lost} <= {"", "0.00"}
    assert all(not row["mfn_rate"] and not row["est_duty_saving_cny"] for row in cells if row["coo_type"] == "CO")


def test_a_day_of_rest_has_none(generator: Generator) -> None:
    assert generator.origin_certs(date(2010, 7, 3)) == {}
