"""The year 2010 sums exactly to what the review published: taken over the lots themselves, not over the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pytest

from ciq_demo.generator import Generator, declarations, workdays
from ciq_demo.generator.lots import NEVER, ON_TOP, VOIDED

FIRST, LAST = workdays.number(date(2010, 1, 1)), workdays.number(date(2010, 12, 31))


@dataclass
class Year:
    lots: int = 0
    failed: int = 0
    usd_cents: int = 0
    carry_in: int = 0
    carry_out: int = 0
    voids: int = 0
    on_top: int = 0
    accepted: int = 0
    again: int = 0
    corrected: int = 0
    leaves: int = 0
    lines: int = 0
    by_branch: np.ndarray = field(default_factory=lambda: np.zeros(20, dtype=np.int64))
    per_day: dict[date, int] = field(default_factory=dict)
    numbers: list[np.ndarray] = field(default_factory=list)


@pytest.fixture(scope="module")
def year(generator: Generator) -> Year:
    sums = Year()
    for day in workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_DECLARED):
        book = generator.book(day)
        if book is None:
            continue
        lots = book.lots
        counted = lots.counts & (lots.result_day >= FIRST) & (lots.result_day <= LAST)
        sums.lots += int(counted.sum())
        sums.failed += int((counted & (lots.result > 0)).sum())
        sums.usd_cents += int(lots.usd_cents[counted].sum())
        sums.carry_in += int((counted & (lots.day < FIRST)).sum())
        sums.carry_out += int((lots.counts & (lots.result_day > LAST)).sum())
        sums.voids += int((lots.kind == VOIDED).sum())
        sums.on_top += int((lots.kind == ON_TOP).sum())
        sums.accepted += len(lots.day)
        sums.again += int((lots.again_day != NEVER).sum())
        sums.corrected += int((lots.correction_day != NEVER).sum())
        sums.leaves += int(lots.leaves.sum())
        sums.lines += len(book.lines.lot)
        sums.by_branch += np.bincount(lots.branch[counted], minlength=20)
        sums.per_day[day] = len(lots.day)
        year_of_day = np.full(len(lots.day), day.year, dtype=np.int64)
        sums.numbers.append(((lots.org * 10 + lots.leaves) * 10_000 + year_of_day) * 1_000_000 + lots.serial)
        assert int(lots.serial.max()) < 900_000, "serials from 900000 belong to corrections"
    return sums


def test_lots_and_failed_lots_are_those_of_the_review(year: Year) -> None:
    assert (year.lots, year.failed) == (1_631_000, 11_022)


def test_the_value_is_that_of_the_review_to_the_cent(year: Year) -> None:
    assert year.usd_cents == 107_980_000_000_00


def test_branches_have_their_shares(year: Year, generator: Generator) -> None:
    shares = [branch.share_bp for branch in generator.reference.branches]
    for count, share in zip(year.by_branch.tolist(), shares, strict=True):
        assert abs(count - 1_631_000 * share / 10_000) < 1


def test_declaration_numbers_are_used_once(year: Year) -> None:
    numbers = np.concatenate(year.numbers)
    assert len(np.unique(numbers)) == len(numbers) == year.accepted


def test_lots_are_carried_in_from_2009_and_out_to_2011(year: Year) -> None:
    assert year.carry_in > 5_000
    assert year.carry_out > 5_000


def test_everyday_shares(year: Year) -> None:
    assert 0.002 < year.voids / year.accepted < 0.004
    assert 0.02 < year.on_top / year.accepted < 0.05
    assert 0.015 < year.again / year.accepted < 0.025
    assert 0.018 < year.corrected / year.accepted < 0.022
    assert 0.57 < year.leaves / year.accepted < 0.63
    assert 1.5 < year.lines / year.accepted < 1.7


def test_days_have_seasons(year: Year) -> None:
    worked = [count for day, count in year.per_day.items() if day.year == 2010 and workdays.is_workday(day)]
    average = sum(worked) / len(worked)
    assert len(worked) == 250
    assert 6_400 < average < 6_900
    assert 1.5 < max(worked) / average <= 1.85
    idle = [count for day, count in year.per_day.items() if not workdays.is_workday(day)]
    assert idle
    assert max(idle) < average * 0.06


def test_weekend_work_is_at_ports_only(generator: Generator) -> None:
    saturday = date(2010, 6, 5)
    plans = generator.plan.of_day(saturday)
    assert plans
    assert all(generator.reference.branches[plan.branch].port for plan in plans)


def test_another_seed_makes_other_lots_with_the_same_sums() -> None:
    other = Generator(7)
    plans = [
        plan for day in workdays.all_days(date(2009, 12, 1), date(2010, 12, 31)) for plan in other.plan.of_day(day)
    ]
    cells = [cell for plan in plans for cell in plan.cells if cell.in_2010]
    assert sum(cell.lots for cell in cells) == 1_631_000
    assert sum(cell.nonconforming for cell in cells) == 11_022
    assert sum(plan.value_cents for plan in plans) == 107_980_000_000_00
    day = date(2010, 6, 8)
    mine, book = Generator(2010).book(day), other.book(day)
    assert mine is not None
    assert book is not None
    reference = other.reference
    assert set(declarations.decl_numbers(book.lots, reference)) != set(declarations.decl_numbers(mine.lots, reference))
    assert not np.array_equal(book.lots.good[:200], mine.lots.good[:200])
