"""Makes the book of a day: the plan's counts become lots with goods, partners, values and a life of some days."""

from __future__ import annotations

import math
from datetime import date
from statistics import NormalDist

import numpy as np

from ciq_demo.generator import rates, workdays
from ciq_demo.generator.choices import ELSEWHERE, Choices
from ciq_demo.generator.lines import make_lines
from ciq_demo.generator.lots import NEVER, ON_TOP, PLAIN, VOIDED, Book, Lots
from ciq_demo.generator.plan import LAGS, LANDBRIDGE_ENDS, DayPlan
from ciq_demo.generator.randomness import Ints, Stream
from ciq_demo.generator.reference import LANDBRIDGE_PORT, Reference

_SPREAD = np.array(
    [round(1000 * math.exp(0.85 * NormalDist().inv_cdf((step + 0.5) / 1024))) for step in range(1024)], dtype=np.int64
)
"""A lognormal factor in per mille, as a table of integers: exp is not the same on every processor."""

VALUE_WRONG, STATUS_CHANGED = 1, 2
_AGAIN_PER_100K = 1_400
_AGAIN_FAILED_PER_100K = 85_000
_PENDING_PER_100K = 1_500
_CORRECTED_PER_100K = 2_050
_RETYPED_PER_100K = 300
_SAME_OFFICER_PER_100K = 50
_LANDBRIDGE_PER_100K = 37_000
_OPENING_SEC, _CLOSING_SEC, _LAST_SAME_DAY_SEC = 8 * 3600, 17 * 3600 + 1800, 15 * 3600 + 1800


def make_book(*, seed: int, day: date, plans: list[DayPlan], reference: Reference, choices: Choices) -> Book:
    """The lots accepted on `day`; `plans` are the year plan's for that day."""
    stream = Stream(seed, "book", day)
    draft = _Draft(day, plans, reference, choices, stream)
    draft.identify()
    draft.describe()
    draft.live()
    draft.route(plans, Stream(seed, "landbridge", day))
    draft.price(plans)
    lots = Lots(**draft.columns)
    lines = make_lines(lots, reference=reference, choices=choices, stream=Stream(seed, "lines", day))
    return Book(lots, lines)


class _Draft:
    """Columns of Lots under construction, all of length `n`."""

    def __init__(self, day: date, plans: list[DayPlan], reference: Reference, choices: Choices, stream: Stream) -> None:
        self.date = day
        self.number = workdays.number(day)
        self.reference = reference
        self.choices = choices
        self.stream = stream
        self.columns: dict[str, Ints] = {}
        kinds, branches, lags, failed, inside = _from_cells(plans)
        self.n = len(kinds)
        self.columns |= {"kind": kinds, "branch": branches}
        self.lag, self.failed, self.inside = lags, failed, inside
        self.steps = np.array(
            [workdays.number(workdays.workday_after(day, step)) for step in range(max(LAGS) + 7)], dtype=np.int64
        )
        self._plans = plans
        self._worth: list[tuple[Ints, int]] = []

    def identify(self) -> None:
        """Who accepts, in which direction, when, under which number; then order by branch and time."""
        c = self.columns
        org, leaves = self._desks()
        last = np.where(self.lag == 0, _LAST_SAME_DAY_SEC, _CLOSING_SEC)
        seconds = _OPENING_SEC + self.stream.below(self.n, 1 << 20) * (last - _OPENING_SEC) // (1 << 20)
        order = np.lexsort((seconds, leaves, org, c["branch"]))
        serial = np.empty(self.n, dtype=np.int64)
        serial[order] = self._serials()
        by_time = np.lexsort((serial, seconds, c["branch"]))
        for name in ("kind", "branch"):
            c[name] = c[name][by_time]
        self.lag, self.failed, self.inside = self.lag[by_time], self.failed[by_time], self.inside[by_time]
        c |= {"org": org[by_time], "leaves": leaves[by_time], "accept_sec": seconds[by_time], "serial": serial[by_time]}
        c["day"] = np.full(self.n, self.number, dtype=np.int64)
        c["declared_day"] = self.number - self.stream.chance(self.n, 3_000).astype(np.int64)

    def _desks(self) -> tuple[Ints, Ints]:
        """Accepting organisation and direction of each lot: the plan's counts in random order within the branch."""
        c = self.columns
        position = {org: number for number, org in enumerate(self.reference.orgs)}
        org = np.empty(self.n, dtype=np.int64)
        leaves = np.empty(self.n, dtype=np.int64)
        shuffled = np.lexsort((self.stream.raw(self.n), c["kind"] == ON_TOP, c["branch"]))
        labels = [
            (position[desk.org], int(desk.exit), lots)
            for plan in self._plans
            for on_top in (False, True)
            for desk in plan.serials
            if (lots := desk.on_top if on_top else desk.lots)
        ]
        counts = [label[2] for label in labels]
        org[shuffled] = np.repeat([label[0] for label in labels], counts)
        leaves[shuffled] = np.repeat([label[1] for label in labels], counts)
        return org, leaves

    def _serials(self) -> Ints:
        """Serial numbers in the order branch, organisation, direction, time."""
        position = {org: number for number, org in enumerate(self.reference.orgs)}
        desks = [desk for plan in self._plans for desk in sorted(plan.serials, key=lambda d: (position[d.org], d.exit))]
        parts = [np.arange(desk.first, desk.first + desk.lots + desk.on_top) for desk in desks]
        return np.concatenate(parts).astype(np.int64)

    def describe(self) -> None:
        """What it is, where it goes, and who deals with it."""
        c, s, ch, n = self.columns, self.stream, self.choices, self.n
        way = c["branch"] * 2 + c["leaves"]
        c["decl_type"] = np.where(
            c["kind"] == ON_TOP, ch.on_top_type.pick_same(s, n), ch.decl_type.pick(s, c["leaves"])
        )
        elsewhere = np.isin(c["decl_type"], ELSEWHERE)
        c["insp_org"] = np.where(elsewhere, ch.insp_elsewhere.pick(s, c["branch"]), ch.insp_org.pick(s, c["org"]))
        c["insp_branch"] = np.array(self.reference.branch_of_org, dtype=np.int64)[c["insp_org"]]
        c["good"] = ch.good.pick(s, way)
        c["partner"] = ch.partner.pick(s, c["good"] * 2 + c["leaves"])
        other = ch.partner.pick(s, c["good"] * 2 + c["leaves"])
        c["trader"] = np.where(s.chance(n, 85_000), c["partner"], other)
        c["enterprise"] = ch.enterprise.pick(s, c["branch"])
        c["agent"] = np.where(s.chance(n, 35_000), ch.agent.pick(s, c["branch"]), NEVER)
        c["port"] = ch.port.pick(s, c["branch"])
        c["transport"] = ch.transport.pick(s, c["port"])
        c["trade_mode"] = ch.trade_mode.pick_same(s, n)
        c["acceptor"] = ch.acceptor.pick(s, c["branch"])
        c["inspector"] = ch.inspector.pick(s, c["insp_branch"])
        c["same_officer"] = (s.chance(n, _SAME_OFFICER_PER_100K) & ~elsewhere).astype(np.int64)
        c["lines"] = ch.lines.pick_same(s, n)
        c["salt"] = (s.raw(n) >> np.uint64(1)).astype(np.int64)
        c["salt2"] = (s.raw(n) >> np.uint64(1)).astype(np.int64)

    def live(self) -> None:
        """The days on which something happens to the lot after its acceptance."""
        c, s, ch, n = self.columns, self.stream, self.choices, self.n
        lag = self.lag
        c["result_day"] = self.steps[lag]
        pending = s.chance(n, _PENDING_PER_100K) & (lag >= 1)
        c["pending_day"] = np.where(pending, self.steps[np.maximum(lag - 1, 0)], NEVER)
        c["result"] = np.where(self.failed, ch.result.pick_same(s, n), 0)
        c["finding"] = ch.finding.pick(s, c["good"])
        again = np.where(
            c["result"] == 1, s.chance(n, _AGAIN_FAILED_PER_100K), s.chance(n, _AGAIN_PER_100K) & (c["result"] == 0)
        )
        c["again_day"] = np.where(again, self.steps[lag + 1 + s.below(n, 5)], NEVER)
        roll = s.below(n, 100)
        after_failure = np.where(roll < 45, 2, np.where(roll < 75, 3, 1))
        c["again_result"] = np.where(c["result"] == 1, after_failure, np.where(roll < 4, 1, 0))
        c["retyped_day"] = np.where(s.chance(n, _RETYPED_PER_100K), self.steps[lag + 1 + s.below(n, 3)], NEVER)
        void_day = self.steps[ch.void_lag.pick_same(s, n)]
        voided = c["kind"] == VOIDED
        c["void_day"] = np.where(voided, void_day, NEVER)
        day = self.steps[1 + s.below(n, 5)]
        corrected = s.chance(n, _CORRECTED_PER_100K) & ~voided & (day <= workdays.number(workdays.LAST_DECLARED))
        what = np.where(s.below(n, 100) < 60, VALUE_WRONG, STATUS_CHANGED)
        c["correction"] = np.where(corrected, what, 0)
        c["correction_day"] = np.where(corrected, day, NEVER)

    def route(self, plans: list[DayPlan], stream: Stream) -> None:
        """Which lots travel by the land bridge: exactly the plan's of those in its sums, of the others some."""
        c, n = self.columns, self.n
        chance, order = stream.chance(n, _LANDBRIDGE_PER_100K), stream.order(n)
        summed = self.inside & (c["kind"] == PLAIN) & (c["result_day"] <= workdays.number(LANDBRIDGE_ENDS))
        through = np.zeros(n, dtype=bool)
        if LANDBRIDGE_PORT in self.reference.ports:
            through = c["port"] == self.reference.ports.index(LANDBRIDGE_PORT)
        by_rail = np.zeros(n, dtype=bool)
        for plan in plans:
            if not self.reference.branches[plan.branch].is_at_landbridge:
                continue
            mine = through & (c["branch"] == plan.branch)
            by_rail |= mine & ~summed & chance
            for part in plan.landbridge:
                found = order[(mine & summed & (c["leaves"] == part.exit))[order]]
                if len(found) < part.lots:
                    raise ValueError(f"{self.date}: {part.lots} lots by the land bridge of {len(found)} possible")
                by_rail[found[: part.lots]] = True
                self._worth.append((np.sort(found[: part.lots]), part.value_cents))
        c["landbridge"] = by_rail.astype(np.int64)

    def price(self, plans: list[DayPlan]) -> None:
        """Values: typical for the goods, then scaled so that each part of the plan is worth what the plan says."""
        c, s, n = self.columns, self.stream, self.n
        typical = np.array([good.lot_cents for good in self.reference.goods], dtype=np.int64)
        raw = typical[c["good"]] * _SPREAD[s.below(n, 1024)] // 1000 + 100
        c["currency"] = self.choices.currency.pick(s, c["leaves"])
        scale = np.full(n, 1_000_000, dtype=np.int64)
        parts = self._parts(plans, scale, raw)
        for lots, _ in parts:
            c["currency"][lots[np.argmax(raw[lots])]] = 0
        self._set_rates()
        usd = raw // 1000 * scale // 1000
        whole = np.isin(c["currency"], [rates.CURRENCIES.index(name) for name in rates.WHOLE_UNITS])
        c["cents"] = rates.from_usd_cents(usd, c["rate_e8"], whole=whole)
        c["usd_cents"] = rates.to_usd_cents(c["cents"], c["rate_e8"])
        for lots, value in parts:
            largest = lots[np.argmax(raw[lots])]
            rest = value - int(c["usd_cents"][lots].sum())
            c["cents"][largest] += rest
            c["usd_cents"][largest] += rest
        wrong_by = 40 + s.below(n, 500)
        factor_whole = np.where(whole, 100, 1)
        wrong = c["cents"] + np.maximum(c["cents"] * wrong_by // 1000 // factor_whole, 1) * factor_whole
        c["first_cents"] = np.where(c["correction"] == VALUE_WRONG, wrong, c["cents"])

    def _parts(self, plans: list[DayPlan], scale: Ints, raw: Ints) -> list[tuple[Ints, int]]:
        """Lots whose worth the plan knows as a sum, with it; what brings `raw` there is written to `scale`.

        A branch's lots that are in no sum (void, of another year) are priced as its others are.
        """
        c = self.columns
        counted = self.inside & (c["kind"] == PLAIN)
        parts: list[tuple[Ints, int]] = []
        for plan, (start, end) in zip(plans, _branch_spans(c["branch"], [plan.branch for plan in plans]), strict=True):
            own = self._worth if plan.landbridge else []
            others = counted.copy()
            for lots, _ in own:
                others[lots] = False
            rest = np.flatnonzero(others[start:end]) + start
            if len(rest):
                parts.append((rest, plan.value_cents - sum(value for _, value in own)))
                scale[start:end] = parts[-1][1] * 1_000_000 // int(raw[rest].sum())
            for lots, value in own:
                parts.append((lots, value))
                scale[lots] = value * 1_000_000 // int(raw[lots].sum())
        return parts

    def _set_rates(self) -> None:
        c, s, n = self.columns, self.stream, self.n
        same_day = np.array(rates.rates_e8(self.date), dtype=np.int64)
        day_before = np.array(rates.rates_e8(workdays.day_of(self.number - 1)), dtype=np.int64)
        back = c["declared_day"] < self.number
        c["rate_e8"] = np.where(back, day_before[c["currency"]], same_day[c["currency"]])
        c["rate_sent"] = (~s.chance(n, 300) | (c["currency"] == 0)).astype(np.int64)
        roll = s.below(n, 1000)
        c["value_sent"] = np.where(roll < 50, 0, np.where(roll < 51, 2, 1))


def _from_cells(plans: list[DayPlan]) -> tuple[Ints, Ints, Ints, np.ndarray, np.ndarray]:
    """Kind, branch, lag, failed, inside 2010 of every lot of a day, branch by branch."""
    rows: list[tuple[int, int, int, bool, bool, int]] = []
    for plan in plans:
        for cell in plan.cells:
            rows.append((PLAIN, plan.branch, cell.lag, True, cell.in_2010, cell.nonconforming))
            rows.append((PLAIN, plan.branch, cell.lag, False, cell.in_2010, cell.lots - cell.nonconforming))
        rows.append((VOIDED, plan.branch, 2, False, False, plan.voids))
        rows.append((ON_TOP, plan.branch, 0, False, False, plan.on_top))
    counts = [row[5] for row in rows]
    columns = [np.repeat([row[position] for row in rows], counts) for position in range(5)]
    kind, branch, lag = (column.astype(np.int64) for column in columns[:3])
    return kind, branch, lag, columns[3].astype(bool), columns[4].astype(bool)


def _branch_spans(branch: Ints, present: list[int]) -> list[tuple[int, int]]:
    starts = np.searchsorted(branch, present, side="left")
    ends = np.searchsorted(branch, present, side="right")
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
