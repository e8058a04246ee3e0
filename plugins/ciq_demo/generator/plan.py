"""The year on paper: how many lots each branch accepts each day, when they are evaluated, and what they are worth.

Everything exact is decided here, before any lot is made: the lots, the non-conforming lots and the value that fall
into 2010. A day's lots can then be made alone and still add up with all the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from ciq_demo.generator import workdays
from ciq_demo.generator.randomness import Stream, largest_remainder, spread
from ciq_demo.generator.reference import Branch, Reference

LOTS_2010 = 1_631_000
NONCONFORMING_2010 = 11_022
VALUE_USD_CENTS_2010 = 10_798_000_000_000

LANDBRIDGE_2010 = {False: (11_417, 265_926_000_000), True: (12_287, 13_496_480_000)}
"""Entries and exits by the land bridge from January to November: lots, and USD cents. So that 2009 had 10,000 of each,
and a tidy value (baseline.py), and the published growth comes out to the last digit."""
LANDBRIDGE_ENDS = date(2010, 11, 30)
_LANDBRIDGE_LEAST_LOTS = 150
"""Smaller days have no share in these sums: their lots need not hold enough of each direction through the port."""

LAGS = {0: 340, 1: 360, 2: 180, 3: 80, 4: 20, 5: 12, 8: 8}
"""Workdays from acceptance to the first result that is not pending, and their weights."""
VOID_LAGS = (1, 2, 3, 4, 5)
_VOID_PER_1000 = 3
_ON_TOP_PER_1000 = 35
_LOTS_2009_PER_CENT = 83
"""2009 had fewer lots: 163.1 / 1.208."""
_WEEKEND_PER_CENT = 4


@dataclass(frozen=True)
class Cell:
    """Lots of one branch and day that are evaluated `lag` workdays later."""

    lag: int
    lots: int
    nonconforming: int
    in_2010: bool


@dataclass(frozen=True)
class Serials:
    """Lots that one organisation numbers on one day in one direction; `first` is the first serial."""

    org: str
    exit: bool
    lots: int
    on_top: int
    first: int


@dataclass(frozen=True)
class Landbridge:
    """Lots of one direction of a day that travel by the land bridge and are evaluated by LANDBRIDGE_ENDS."""

    exit: bool
    lots: int
    value_cents: int


@dataclass(frozen=True)
class DayPlan:
    """What one branch accepts on one day. `value_cents` is the worth of the lots that count in 2010."""

    branch: int
    cells: tuple[Cell, ...]
    voids: int
    on_top: int
    value_cents: int
    serials: tuple[Serials, ...]
    landbridge: tuple[Landbridge, ...]


class YearPlan:
    """Plans of all branches for 2009-12-01..2010-12-31, a function of the seed only."""

    def __init__(self, seed: int, reference: Reference) -> None:
        self._seed = seed
        self._reference = reference
        self._days: dict[date, list[DayPlan]] = {}
        shares = [branch.share_bp for branch in reference.branches]
        lots = largest_remainder(LOTS_2010, shares)
        nonconforming = largest_remainder(NONCONFORMING_2010, lots)
        drafts: list[_Draft] = []
        for index, branch in enumerate(reference.branches):
            drafts.extend(self._draft_branch(index, branch, lots[index], nonconforming[index]))
        self._set_values(drafts)
        self._set_landbridge(drafts)
        self._number(drafts)

    def of_day(self, day: date) -> list[DayPlan]:
        """The plans of the branches that accept lots on `day`, in the order of the branch table."""
        return self._days.get(day, [])

    def _draft_branch(self, index: int, branch: Branch, lots: int, nonconforming: int) -> list[_Draft]:
        days = workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_DECLARED)
        noise = Stream(self._seed, "plan", branch.org).below(len(days), 240)
        rows: list[tuple[date, int, int, int]] = []
        for position, day in enumerate(days):
            day_weight = _day_weight(day, port=branch.port) * (880 + int(noise[position]))
            for lag, lag_weight in LAGS.items():
                rows.append((day, lag, day_weight * lag_weight, workdays.workday_after(day, lag).year))
        inside = [row for row in rows if row[3] == 2010]
        outside = [row for row in rows if row[3] != 2010]
        inside_weight = sum(row[2] for row in inside)
        counts = spread(lots, [row[2] for row in inside])
        failed = self._nonconforming(branch, nonconforming, counts)
        rest = spread(lots * sum(row[2] for row in outside) // inside_weight, [row[2] for row in outside])
        cells: dict[date, list[Cell]] = {day: [] for day in days}
        for row, count, failures in zip(inside, counts, failed, strict=True):
            cells[row[0]].append(Cell(row[1], count, failures, in_2010=True))
        for row, count in zip(outside, rest, strict=True):
            cells[row[0]].append(Cell(row[1], count, (count * 7 + 500) // 1000, in_2010=False))
        return [
            self._draft_day(index, branch, day, tuple(cell for cell in cells[day] if cell.lots), int(noise[position]))
            for position, day in enumerate(days)
            if any(cell.lots for cell in cells[day])
        ]

    def _nonconforming(self, branch: Branch, total: int, counts: list[int]) -> list[int]:
        """`total` lots over cells of `counts` lots: every lot is as likely, wherever it stands."""
        order = Stream(self._seed, "nonconforming", branch.org).order(len(counts))
        failed = [0] * len(counts)
        for position, failures in zip(order, spread(total, [counts[i] for i in order]), strict=True):
            failed[position] = failures
        return failed

    def _draft_day(self, index: int, branch: Branch, day: date, cells: tuple[Cell, ...], noise: int) -> _Draft:
        lots = sum(cell.lots for cell in cells)
        chance = Stream(self._seed, "day", branch.org, day).below(4, 1000)
        can_be_voided = workdays.workday_after(day, max(VOID_LAGS)) <= workdays.LAST_DECLARED
        voids = (lots * _VOID_PER_1000 + int(chance[0])) // 1000 if can_be_voided else 0
        on_top = (lots * _ON_TOP_PER_1000 + int(chance[1])) // 1000
        counted = sum(cell.lots for cell in cells if cell.in_2010)
        value_weight = counted * branch.lot_value_usd * (850 + (noise * 7 + int(chance[2])) % 300)
        return _Draft(index, day, cells, voids, on_top, value_weight)

    def _set_values(self, drafts: list[_Draft]) -> None:
        values = largest_remainder(VALUE_USD_CENTS_2010, [draft.value_weight for draft in drafts])
        for draft, value in zip(drafts, values, strict=True):
            draft.value_cents = value

    def _set_landbridge(self, drafts: list[_Draft]) -> None:
        """Share the land bridge's sums out over the days of the branch at its port."""
        sizes = [
            (draft, size)
            for draft in drafts
            if self._reference.branches[draft.branch].is_at_landbridge
            and (size := sum(cell.lots for cell in draft.cells if _in_landbridge_sums(draft.day, cell)))
            >= _LANDBRIDGE_LEAST_LOTS
        ]
        noise = Stream(self._seed, "landbridge", "values").below(2 * len(sizes), 300).tolist()
        for leaves, (lots, cents) in LANDBRIDGE_2010.items():
            counts = spread(lots, [size for _, size in sizes])
            values = largest_remainder(cents, [count * (850 + noise.pop()) for count in counts])
            for (draft, _), count, value in zip(sizes, counts, values, strict=True):
                draft.landbridge.append(Landbridge(leaves, count, value))

    def _number(self, drafts: list[_Draft]) -> None:
        """Give every organisation's numbers of every day: they run on from day to day within a year."""
        used: dict[tuple[str, bool, int], int] = {}
        for draft in sorted(drafts, key=lambda item: (item.day, item.branch)):
            branch = self._reference.branches[draft.branch]
            plain = sum(cell.lots for cell in draft.cells) + draft.voids
            rolled = Stream(self._seed, "serials", branch.org, draft.day).below(2, 1_000_000)
            serials: list[Serials] = []
            desks = [(org, leaves) for org in branch.accepting for leaves in (False, True)]
            weights = [
                branch.accepting[org] * (branch.exit_permille if leaves else 1000 - branch.exit_permille)
                for org, leaves in desks
            ]
            scale = sum(weights)
            counts = spread(plain, weights, offset=int(rolled[0]) * scale // 1_000_000)
            exits = [weight if leaves else 0 for weight, (_, leaves) in zip(weights, desks, strict=True)]
            extra = spread(draft.on_top, exits, offset=int(rolled[1]) * sum(exits) // 1_000_000)
            for (org, leaves), lots, on_top in zip(desks, counts, extra, strict=True):
                key = (org, leaves, draft.day.year)
                first = used.get(key, 0) + 1
                used[key] = first - 1 + lots + on_top
                if lots + on_top:
                    serials.append(Serials(org, leaves, lots, on_top, first))
            self._days.setdefault(draft.day, []).append(draft.finish(tuple(serials)))


@dataclass
class _Draft:
    branch: int
    day: date
    cells: tuple[Cell, ...]
    voids: int
    on_top: int
    value_weight: int
    value_cents: int = 0
    landbridge: list[Landbridge] = field(default_factory=list)

    def finish(self, serials: tuple[Serials, ...]) -> DayPlan:
        return DayPlan(
            self.branch, self.cells, self.voids, self.on_top, self.value_cents, serials, tuple(self.landbridge)
        )


def _in_landbridge_sums(day: date, cell: Cell) -> bool:
    return cell.in_2010 and workdays.workday_after(day, cell.lag) <= LANDBRIDGE_ENDS


@lru_cache(maxsize=1024)
def _season(day: date) -> int:
    return workdays.season(day)


def _day_weight(day: date, *, port: bool) -> int:
    level = _LOTS_2009_PER_CENT if day.year == 2009 else 100
    if workdays.is_workday(day):
        return _season(day) * level
    return _WEEKEND_PER_CENT * level if port else 0
