"""F10: the penalty cases of 2009-12 to 2011-01, and their events as rows.

Counts are dealt out first, so that 2010 adds up exactly; each case then lives by dice of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from ciq_demo.generator import workdays
from ciq_demo.generator.cases import lives
from ciq_demo.generator.cases.lives import FORGED, ORDINARY, SIMPLE, Case, Event
from ciq_demo.generator.cases.rows import Row, at, envelope, known, money, stamp
from ciq_demo.generator.names import Enterprise
from ciq_demo.generator.plan import YearPlan
from ciq_demo.generator.randomness import Chooser, Dice, Stream, largest_remainder
from ciq_demo.generator.reference import Branch, Reference

DECIDED_2010 = 2_319
FORGED_2010 = 3
_PERIODS = (
    (date(2009, 12, 1), date(2009, 12, 31), 150),
    (date(2010, 1, 1), date(2010, 12, 31), DECIDED_2010),
    (date(2011, 1, 1), workdays.LAST_EVALUATED, 120),
)
"""Decisions by period: those of December 2009 are closed in 2010, those of January 2011 were filed in 2010."""
_DECEMBER_PER_CENT = 170
_WITHDRAWN, _TRANSFERRED, _REVOKED, _REDECIDED, _MISTAKEN, _OPEN = 36, 14, 5, 4, 6, 24
_REUSED_PER_1000 = 3
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林", ("建国", "志强", "秀英", "小明", "丽华", "文军", "海燕", "国平")
_ARTICLES = {
    "EVASION": "《商检法》第三十三条",
    "FALSE_DECL": "《商检法实施条例》第四十六条",
    "MOVED": "《商检法实施条例》第四十五条",
    "SOLD": "《商检法》第三十三条",
    FORGED: "《商检法》第三十六条",
    "SEAL_BROKEN": "《商检法实施条例》第四十八条",
    "WOOD_PACKAGING": "《动植物检疫法实施条例》第五十九条",
    "NC_EXPORT": "《商检法》第三十五条",
    "QUARANTINE": "《动植物检疫法》第三十九条",
    "HEALTH": "《国境卫生检疫法》第二十条",
    "FOOD": "《食品安全法》第八十九条",
    "OTHER": "《行政处罚法》第三十三条",
}


def make_penalties(seed: int, reference: Reference, plan: YearPlan) -> list[Case]:
    """Every case of all branches, numbered."""
    return _Maker(seed, reference, plan).make()


class _Maker:
    def __init__(self, seed: int, reference: Reference, plan: YearPlan) -> None:
        self._seed = seed
        self._branches = reference.branches
        self._plan = plan
        self._units = [_writable(branch.enterprises) for branch in self._branches]
        self._count = 0

    def make(self) -> list[Case]:
        cases = [case for index in range(len(self._branches)) for case in self._decided(index)]
        cases += list(self._dropped(cases))
        for case in cases:
            dice = Dice(self._seed, "penalty lot", case.org, case.begun, case.second)
            case.campaign = lives.campaign_of(case, dice)
            if lives.is_about_a_lot(dice):
                case.decl_no = self._lot(case.branch, case.events[0].day, dice)
        for index, branch in enumerate(self._branches):
            _number(branch, [case for case in cases if case.branch == index])
        return cases

    def _decided(self, index: int) -> list[Case]:
        """Cases of a branch whose decision stands; a few of 2010 are special by their place in the year."""
        shares = [branch.share_bp for branch in self._branches]
        cases: list[Case] = []
        for first, last, total in _PERIODS:
            days = _decision_days(self._seed, index, first, last, largest_remainder(total, shares)[index])
            for place, decided in enumerate(days):
                special = self._special(index, place, len(days)) if total == DECIDED_2010 else ""
                case, dice = self._case(index, procedure=ORDINARY if special else None)
                if special == "forged":
                    case.cause = FORGED
                if special == "decided again":
                    first_decision = workdays.workday_before(decided, 25)
                    lives.revoked_life(case, first_decision, dice, decided_again=decided)
                else:
                    lives.decided_life(case, decided, dice)
                cases.append(case)
        return cases

    def _special(self, index: int, place: int, count: int) -> str:
        """Three branches find a forged certificate at midyear, four decide a case again in autumn."""
        if place == count // 2 and index in _largest(self._branches, FORGED_2010):
            return "forged"
        if place == count * 3 // 4 and index in _largest(self._branches, _REDECIDED):
            return "decided again"
        return ""

    def _dropped(self, decided: list[Case]) -> Iterator[Case]:
        """Cases that are filed and not decided, or whose decision does not stand."""
        yield from self._transferred(decided)
        by_share = Chooser([{index: branch.share_bp for index, branch in enumerate(self._branches)}])
        worked = [day for day in workdays.all_days(date(2010, 1, 11), date(2010, 12, 17)) if workdays.is_workday(day)]
        fates = ["withdrawn"] * _WITHDRAWN + ["revoked"] * _REVOKED + ["mistaken"] * _MISTAKEN + ["open"] * _OPEN
        branches = by_share.pick_same(Stream(self._seed, "dropped"), len(fates)).tolist()
        for fate, index in zip(fates, branches, strict=True):
            procedure = SIMPLE if fate == "mistaken" else ORDINARY
            case, dice = self._case(index, procedure=procedure)
            day = worked[dice.below(len(worked) - 20)]
            if fate == "withdrawn":
                lives.withdrawn_life(case, day, dice)
            elif fate == "revoked":
                lives.revoked_life(case, day, dice, decided_again=None)
            elif fate == "mistaken":
                lives.mistaken_life(case, day, dice)
            else:
                lives.open_life(case, worked[-1 - dice.below(20)], dice)
            yield case

    def _transferred(self, decided: list[Case]) -> Iterator[Case]:
        """The largest branches each go on with a case that another branch filed and handed over."""
        for index in _largest(self._branches, _TRANSFERRED):
            taken = next(
                case
                for case in decided
                if case.branch == index and case.procedure == ORDINARY and case.events[0].day >= date(2010, 3, 1)
            )
            case, _ = self._case((index + 1) % len(self._branches), procedure=ORDINARY)
            case.cause, case.party, case.person = taken.cause, taken.party, taken.person
            lives.transferred_life(case, taken.events[0].day)
            case.related, taken.related = taken, case
            yield case

    def _case(self, index: int, *, procedure: str | None) -> tuple[Case, Dice]:
        self._count += 1
        dice = Dice(self._seed, "penalty", index, self._count)
        branch = self._branches[index]
        case = Case(
            branch=index,
            org=dice.weighted(branch.accepting),
            procedure=procedure or lives.choose_procedure(dice),
            cause=lives.choose_cause(dice),
            party=None if lives.is_person(dice) else dice.pick(self._units[index]),
            person=dice.below(1_000_000),
            decl_no="",
            second=9 * 3600 + dice.below(4 * 3600),
            reuses_number=dice.chance(_REUSED_PER_1000),
        )
        return case, dice

    def _lot(self, index: int, filed: date, dice: Dice) -> str:
        """The number of a lot that the branch accepted on the day of filing or just before; '' for none."""
        day = workdays.workday_before(filed, dice.below(3))
        desks = [desk for plan in self._plan.of_day(day) if plan.branch == index for desk in plan.serials]
        if not desks:
            return ""
        desk = dice.pick(desks)
        return f"{desk.org}{desk.exit + 1}{day.year % 100:02d}{desk.first + dice.below(desk.lots + desk.on_top):06d}"


def _writable(enterprises: list[Enterprise]) -> list[Enterprise]:
    """Those whose names GBK can write: the feed's encoding in most branches."""
    found = []
    for enterprise in enterprises:
        try:
            enterprise.name.encode("gbk")
        except UnicodeEncodeError:
            continue
        found.append(enterprise)
    return found


def _largest(branches: list[Branch], count: int) -> list[int]:
    return sorted(range(len(branches)), key=lambda index: -branches[index].share_bp)[:count]


def _decision_days(seed: int, index: int, first: date, last: date, count: int) -> list[date]:
    worked = [day for day in workdays.all_days(first, last) if workdays.is_workday(day)]
    weights = {place: _DECEMBER_PER_CENT if day.month == 12 else 100 for place, day in enumerate(worked)}
    places = Chooser([weights]).pick_same(Stream(seed, "decisions", index, first), count)
    return [worked[place] for place in sorted(places.tolist())]


def _number(branch: Branch, cases: list[Case]) -> None:
    """Case numbers in the order of filing, numbers of decisions in the order of deciding: within branch and year."""
    serials: dict[int, int] = defaultdict(int)
    for case in sorted(cases, key=lambda case: (case.events[0].day, case.second)):
        year = case.events[0].day.year
        serials[year] += 1
        case.number = f"{branch.org}CF{year}{serials[year]:05d}"
    decisions = [
        (event.day, case.second, seq, case)
        for case in cases
        for seq, event in enumerate(case.events, start=1)
        if event.kind == "DECIDED"
    ]
    used: dict[int, int] = defaultdict(int)
    for day, _, seq, case in sorted(decisions, key=lambda item: item[:3]):
        again = case.reuses_number and used[day.year] > 0
        used[day.year] += not again
        case.decision_numbers[seq] = f"{branch.org}检罚〔{day.year}〕{used[day.year]:04d}号"


def penalty_rows(cases: list[Case], branches: list[Branch]) -> Iterator[Row]:
    """All rows of the cases: events, corrections of mistyped fines, and what takes events back."""
    for case in cases:
        sender = branches[case.branch].org
        for seq, event in enumerate(case.events, start=1):
            key = f"{case.number}-{seq}"
            moment = at(event.day, case.second + 1500 * (seq - 1))
            typed = moment if event.recorded == event.day else at(event.recorded, case.second)
            cells = envelope("F10", key, recorded=typed, org=case.org) | _key(case, seq)
            full = _describe(case, seq, event, stamp(moment))
            if event.mistyped is not None:
                yield Row("F10", sender, event.recorded, case.begun, cells | full | {"fine_cny": money(event.mistyped)})
                day = workdays.workday_after(event.recorded, 1 + case.person % 4)
                again = envelope("F10", key, op="U", version=2, recorded=at(day, case.second), org=case.org)
                yield Row("F10", sender, day, case.begun, again | _key(case, seq) | full)
            else:
                yield Row("F10", sender, event.recorded, case.begun, cells | full)
            if event.taken_back is not None:
                recorded = at(event.taken_back, case.second + seq)
                version = 2 + (event.mistyped is not None)
                gone = envelope("F10", key, op="D", version=version, recorded=recorded, org=case.org)
                yield Row("F10", sender, event.taken_back, case.begun, gone | _key(case, seq))


def _key(case: Case, seq: int) -> dict[str, str]:
    return {"case_no": case.number, "event_seq": str(seq)}


def _describe(case: Case, seq: int, event: Event, moment: str) -> dict[str, str]:
    decides = event.kind in {"DECIDED", "AMENDED"}
    number = case.decision_numbers.get(seq) or (_last_number(case, seq) if decides else "")
    related = case.related.number if case.related and event.kind in {"FILED", "TRANSFERRED"} else ""
    handed_over = event.kind == "FILED" and bool(case.related) and case.events[-1].kind == "TRANSFERRED"
    return known(
        {
            "event_type": event.kind,
            "event_time": moment,
            "procedure": case.procedure,
            "party_type": "UNIT" if case.party else "PERSON",
            "party_code": case.party.code if case.party else f"P{case.org}{case.person:06d}",
            "party_name": case.party.name if case.party else _person(case.person),
            "cause_code": case.cause,
            "law_article": _ARTICLES[case.cause] if decides or event.kind == "NOTICE" else "",
            "decision_no": number,
            "fine_cny": "" if event.fine is None else money(event.fine),
            "confiscation_cny": "" if event.confiscation is None else money(event.confiscation),
            "paid_cny": "" if event.paid is None else money(event.paid),
            "campaign_code": case.campaign,
            "decl_no": case.decl_no,
            "related_case_no": "" if handed_over else related,
        }
    )


def _last_number(case: Case, seq: int) -> str:
    """An amendment stands under the number of the decision that it amends."""
    return case.decision_numbers[max(number for number in case.decision_numbers if number < seq)]


def _person(number: int) -> str:
    return _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number // 16 % len(_GIVEN)]
