"""The year 2010 sums exactly to what the review published: over the lots and the events themselves, not over plans."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ciq.settings import PROJECT_ROOT
from ciq_demo.generator import Generator, baseline, declarations, workdays
from ciq_demo.generator.lots import NEVER, ON_TOP, VOIDED, Lots

FIRST, LAST = workdays.number(date(2010, 1, 1)), workdays.number(date(2010, 12, 31))
CODE_LISTS = PROJECT_ROOT / "expectations" / "code_lists"
MEASURES = ("lots", "cents")
NOVEMBER = workdays.number(date(2010, 11, 30))


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
    landbridge: Counter[tuple[str, str]] = field(default_factory=Counter)
    landbridge_december: int = 0
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
        by_landbridge = counted & (lots.landbridge == 1) & (lots.result_day <= NOVEMBER)
        for way, leaves in (("I", 0), ("E", 1)):
            chosen = by_landbridge & (lots.leaves == leaves)
            sums.landbridge[way, "lots"] += int(chosen.sum())
            sums.landbridge[way, "cents"] += int(lots.usd_cents[chosen].sum())
        sums.landbridge_december += int((counted & (lots.landbridge == 1) & (lots.result_day > NOVEMBER)).sum())
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


def test_the_land_bridge_carries_what_the_plan_says_until_november(year: Year) -> None:
    assert year.landbridge == {
        ("I", "lots"): 11_417,
        ("I", "cents"): 2_659_260_000_00,
        ("E", "lots"): 12_287,
        ("E", "cents"): 134_964_800_00,
    }
    assert year.landbridge_december > 1_500


def test_only_lots_of_the_land_bridge_are_of_its_provinces_and_by_its_port(generator: Generator) -> None:
    listed = {
        row["code"]: row["landbridge"] for row in csv.DictReader((CODE_LISTS / "province.csv").open(encoding="utf-8"))
    }
    eight = {code for code, flag in listed.items() if flag == "1"}
    assert len(eight) == 8
    assert {"410000", "610000", "650000"} < eight, "the review names Henan, Shaanxi and Xinjiang"
    day = date(2010, 6, 8)
    frames = generator.day(day)
    rows = pd.concat([frame for (feed, _), frame in frames.items() if feed == "F01"]).query("op == 'I'")
    assert set(rows["origin_province"]) <= set(listed)
    seen = rows[rows["origin_province"].isin(eight) & (rows["entry_exit_port"] == "CNLYG")]
    book = generator.book(day)
    assert book is not None
    meant = book.lots.take(np.flatnonzero(book.lots.landbridge == 1))
    assert isinstance(meant, Lots)
    assert set(seen["decl_no"]) == set(declarations.decl_numbers(meant, generator.reference))
    assert len(seen) > 60


def test_growth_over_the_summaries_of_2009_is_that_of_the_review(year: Year, generator: Generator) -> None:
    before: Counter[tuple[str, str, str]] = Counter()
    slices = list(baseline.frames(generator))
    for day, org, frame in slices:
        for row in frame.to_dict("records"):
            assert (row["period_end"], row["org_code"]) == (f"{day}", org)
            months = "year" if row["topic"] != "LANDBRIDGE" else "november" if day.month < 12 else "december"
            before[row["topic"], row["ie_flag"], f"lots until {months}"] += int(row["lots"])
            before[row["topic"], row["ie_flag"], f"cents until {months}"] += int(row["value_usd"].replace(".", ""))
    assert len(slices) == 20 * 12
    lots, cents = (before["TOTAL", "I", f"{m} until year"] + before["TOTAL", "E", f"{m} until year"] for m in MEASURES)
    assert [round(100 * (year.lots / lots - 1), 1), round(100 * (year.usd_cents / cents - 1), 1)] == [20.8, 31.5]
    grown = {
        key: round(100 * (now / before["LANDBRIDGE", key[0], f"{key[1]} until november"] - 1), 2)
        for key, now in year.landbridge.items()
    }
    assert grown == {("I", "lots"): 14.17, ("I", "cents"): 41.0, ("E", "lots"): 22.87, ("E", "cents"): 101.44}
    assert before["FOOD_AGRI", "E", "lots until year"] > 50_000
    assert ("FOOD_AGRI", "I", "lots until year") not in before


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


# --- cases: folded from the rows of the whole year, by a few lines of their own ------------------------------------

Events = list[dict[str, str]]


@dataclass
class Cases:
    rows: dict[str, list[tuple[date, str, dict[str, str]]]] = field(default_factory=lambda: defaultdict(list))

    def events(self, feed: str) -> dict[str, Events]:
        """Current events of each case, by event_seq; a case that was taken back has none."""
        newest: dict[tuple[str, int], dict[str, str]] = {}
        for _, _, row in self.rows[feed]:
            key = row["case_no"], int(row["event_seq"])
            if key not in newest or int(row["version_no"]) > int(newest[key]["version_no"]):
                newest[key] = row
        cases: dict[str, Events] = {case_no: [] for case_no, _ in newest}
        for (case_no, _), row in sorted(newest.items()):
            if row["op"] != "D":
                cases[case_no].append(row)
        return cases


@pytest.fixture(scope="module")
def cases(generator: Generator) -> Cases:
    return read_cases(generator)


def read_cases(generator: Generator) -> Cases:
    found = Cases()
    for day in workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_EVALUATED):
        for (feed, org), frame in generator.cases(day).items():
            found.rows[feed] += [(day, org, row) for row in frame.to_dict("records")] if len(frame) else []
    return found


def decided_on(events: Events) -> str:
    day = ""
    for event in events:
        if event["event_type"] in {"WITHDRAWN", "TRANSFERRED", "REVOKED"}:
            day = ""
        elif event["event_type"] == "DECIDED" and not day:
            day = event["event_time"][:10]
    return day


def test_penalties_are_those_of_the_review(cases: Cases, generator: Generator) -> None:
    decided = {number: day for number, events in cases.events("F10").items() if (day := decided_on(events))}
    of_2010 = [number for number, day in decided.items() if day.startswith("2010")]
    assert len(of_2010) == 2_319
    by_branch = Counter(number[:6] for number in of_2010)
    for branch in generator.reference.branches:
        assert abs(by_branch[branch.org] - 2_319 * branch.share_bp / 10_000) < 1
    assert len([number for number in of_2010 if number[8:12] == "2009"]) > 20, "carried in"
    assert len([number for number, day in decided.items() if day[:4] > "2010" and number[8:12] == "2010"]) > 20


def test_another_seed_decides_as_many(cases: Cases) -> None:
    other = read_cases(Generator(7)).events("F10")
    assert sum(decided_on(events).startswith("2010") for events in other.values()) == 2_319
    assert set(other) != set(cases.events("F10"))


def test_penalties_have_every_kind_of_life(cases: Cases) -> None:
    found = cases.events("F10")
    ends = Counter(events[-1]["event_type"] if events else "void" for events in found.values())
    assert ends["WITHDRAWN"] == 36
    assert ends["TRANSFERRED"] == 14
    assert ends["void"] == 6
    kinds = Counter(event["event_type"] for events in found.values() for event in events)
    assert kinds["REVOKED"] == 9
    assert kinds["AMENDED"] > 15
    simple = [events for events in found.values() if events and events[0]["procedure"] == "SIMPLE"]
    assert 0.65 < len(simple) / len(found) < 0.8
    assert len([events for events in simple if events[0]["event_type"] != "FILED"]) > 10
    persons = [events for events in found.values() if events and events[0]["party_type"] == "PERSON"]
    assert 0.1 < len(persons) / len(found) < 0.2
    per_case = sum(len(events) for events in found.values()) / len(found)
    assert 4 < per_case < 6
    forged = [events for events in found.values() if events and events[0]["cause_code"] == "FORGED_CERT"]
    assert [events[0]["event_time"][:4] for events in forged] == ["2010"] * 3
    campaign = [events[0]["event_time"][:7] for events in found.values() if events and events[0]["campaign_code"]]
    assert len(campaign) > 30
    assert min(campaign) == "2010-11"


def test_a_transferred_case_and_the_one_that_goes_on_name_each_other(cases: Cases) -> None:
    found = cases.events("F10")
    for number, events in found.items():
        if events and events[-1]["event_type"] == "TRANSFERRED":
            (taken,) = {event["related_case_no"] for event in events if event["related_case_no"]}
            assert {event["related_case_no"] for event in found[taken]} == {"", number}
            assert taken[:6] != number[:6]


def test_paid_is_what_the_decision_demands(cases: Cases) -> None:
    for events in cases.events("F10").values():
        paid = sum(Decimal(event["paid_cny"] or "0") for event in events)
        demands = [event for event in events if event["fine_cny"]]
        if paid and decided_on(events).startswith("2010"):
            assert paid == Decimal(demands[-1]["fine_cny"]) + Decimal(demands[-1]["confiscation_cny"])


def test_december_catches_up(cases: Cases) -> None:
    def behind(month: str) -> int:
        rows = cases.rows["F10"]
        return sum(
            (day - date.fromisoformat(row["event_time"][:10])).days > 7
            for day, _, row in rows
            if month in f"{day}" and row["op"] == "I"
        )

    assert behind("2010-06") < 5
    assert behind("2010-12") > 200


def test_lots_that_penalties_name_were_accepted_before(cases: Cases, generator: Generator) -> None:
    days = [date(2010, 6, day) for day in (1, 2, 3, 4, 7, 8)]
    books = [book for day in days if (book := generator.book(day))]
    known = {number for book in books for number in declarations.decl_numbers(book.lots, generator.reference)}
    named = {
        row["decl_no"]
        for day, _, row in cases.rows["F10"]
        if day in days[3:] and row["decl_no"] and row["event_type"] == "FILED" and row["event_time"][:10] == f"{day}"
    }
    assert len(named) > 5
    assert named <= known


def test_complaints_are_those_of_the_review(cases: Cases) -> None:
    found = cases.events("F11")
    matters: dict[str, list[str]] = defaultdict(list)
    for number, events in found.items():
        matters[events[0]["root_case_no"] or number].append(number)
    accepted = {
        root
        for root, numbers in matters.items()
        for event in found[root]
        if event["event_type"] == "ACCEPTED" and event["event_time"].startswith("2010")
    }
    assert len(accepted) == 24
    states = Counter()
    for root in accepted:
        by_december = [event["event_type"] for event in found[root] if event["event_time"] < "2011"]
        states["closed"] += by_december[-1] == "CLOSED"
        states["reopened and closed"] += "REOPENED" in by_december and by_december[-1] == "CLOSED"
        states["reopened"] += by_december[-1] == "REOPENED"
    assert states == {"closed": 21, "reopened and closed": 1, "reopened": 1}
    assert [len(numbers) for numbers in matters.values() if len(numbers) > 1] == [2]
    types = Counter(events[0]["case_type"] for events in found.values())
    assert types["CONSULTATION"] == 48
    assert types["REPORT"] > 5
    assert sum(events[-1]["event_type"] == "REJECTED" for events in found.values()) == 7
    assert all(
        event["not_accept_reason"]
        for events in found.values()
        for event in events[1:]
        if event["event_type"] == "REJECTED"
    )
    assert 0.1 < len([1 for _, org, _ in cases.rows["F11"] if org == "320000"]) / len(cases.rows["F11"]) < 0.6


def test_returns_say_zero_and_agree_with_the_events(cases: Cases) -> None:
    filed = Counter[tuple[str, str]]()
    for number, events in cases.events("F12").items():
        assert number[6:8] == "FY", "no lawsuit in 2010"
        assert events[0]["event_type"] == "FILED"
        assert events[0]["related_case_no"] in cases.events("F10")
        filed[number[:6], events[0]["event_time"][:7]] += 1
    assert filed.total() == 4
    returns = {(org, row["period_end"]): row for _, org, row in cases.rows["N12"]}
    assert len(returns) == len(cases.rows["N12"]) == 20 * 14
    for (org, period_end), row in returns.items():
        assert row["reconsiderations_filed"] == str(filed[org, period_end[:7]])
        assert row["lawsuits_filed"] == "0"
    ends = {day for day, _, _ in cases.rows["N12"]}
    assert {f"{day}" for day in ends} == {period_end for _, period_end in returns}
    assert date(2010, 10, 31) in ends, "a Sunday"


def test_notices_are_those_of_the_review(cases: Cases, generator: Generator) -> None:
    newest = {row["notice_no"]: row for _, _, row in cases.rows["F18"]}
    assert {org for _, org, _ in cases.rows["F18"]} == {"320000"}
    national = Counter(row["product_group"] for row in newest.values() if row["national_flag"] == "1")
    assert national == {"USED_MEDICAL_DEVICE": 1, "MINERAL": 3}
    assert len({row["decl_no"] for row in newest.values() if row["decl_no"]}) == 4
    assert [row["notice_type"] for row in newest.values() if row["product_group"] == "DISEASE"] == ["disease cluster"]
    foreign = [row for row in newest.values() if row["direction"] == "FOREIGN_NOTIFICATION"]
    assert {row["issuer"] for row in foreign} == {"RASFF", "FDA", "MHLW"}
    food = [row for row in foreign if row["product_group"] in ("FOOD", "AGRI")]
    assert food
    assert not any(row["origin_org"] for row in food), "none is known to come from the province"
    assert {row["op"] for _, _, row in cases.rows["F18"]} == {"I", "U"}
    ore = next(row for row in newest.values() if row["issue_date"] == "2010-06-29")
    book = generator.book(date(2010, 6, 28))
    assert book is not None
    assert ore["decl_no"] in set(declarations.decl_numbers(book.lots, generator.reference))
