"""The lives of penalty cases: which events, on which days, for what sums. Texts are made of them in `penalties`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ciq_demo.generator import workdays
from ciq_demo.generator.names import Enterprise
from ciq_demo.generator.randomness import Dice

SIMPLE, ORDINARY = "SIMPLE", "ORDINARY"
FORGED = "FORGED_CERT"
CAMPAIGN, CAMPAIGN_FROM = "SHUANGDA", date(2010, 11, 1)
_CAMPAIGN_CAUSES = ("FALSE_DECL", "NC_EXPORT", "SOLD", "FOOD")
_CAUSES = {
    "EVASION": 24, "FALSE_DECL": 26, "MOVED": 10, "SOLD": 4, "SEAL_BROKEN": 3, "WOOD_PACKAGING": 14,
    "NC_EXPORT": 6, "QUARANTINE": 5, "HEALTH": 3, "FOOD": 3, "OTHER": 2,
}  # fmt: skip
_SIMPLE_PER_1000 = 720
_PERSON_PER_1000 = 160
_FROM_A_LOT_PER_1000 = 550
_SIMPLE_UNFILED_PER_1000 = 12
_CLOSED_FIRST_PER_1000 = 4
_AMENDED_PER_1000 = 12
_PAID_TWICE_PER_1000 = 8
_FINE_MISTYPED_PER_1000 = 30
_NEXT_DAY_PER_1000 = 50
_BACK_FILED_PER_1000 = 250
_BACK_FILED_FROM, _BACK_FILED_TO = date(2010, 10, 20), date(2010, 12, 17)


@dataclass
class Event:
    """One event of a case. `recorded` is the business date of its row; sums in cents of CNY."""

    kind: str
    day: date
    recorded: date
    fine: int | None = None
    confiscation: int | None = None
    paid: int | None = None
    mistyped: int | None = None
    """The fine as the first version says it; the next version puts it right."""
    taken_back: date | None = None
    """The business date of the row that takes the event back."""


@dataclass
class Case:
    """A penalty case before it has its number. `related` continues it, or is what it continues."""

    branch: int
    org: str
    procedure: str
    cause: str
    party: Enterprise | None
    person: int
    decl_no: str
    second: int
    campaign: str = ""
    related: Case | None = None
    reuses_number: bool = False
    events: list[Event] = field(default_factory=list)
    number: str = ""
    decision_numbers: dict[int, str] = field(default_factory=dict)

    @property
    def begun(self) -> date:
        """The day of its first row."""
        return min(event.recorded for event in self.events)


def choose_procedure(dice: Dice) -> str:
    """Most cases are decided on the spot."""
    return SIMPLE if dice.chance(_SIMPLE_PER_1000) else ORDINARY


def choose_cause(dice: Dice) -> str:
    """Any cause but forged certificates, which are dealt out by hand."""
    return dice.weighted(_CAUSES)


def is_person(dice: Dice) -> bool:
    """Whether the party is a person rather than a unit."""
    return dice.chance(_PERSON_PER_1000)


def is_about_a_lot(dice: Dice) -> bool:
    """Whether the case names a declaration."""
    return dice.chance(_FROM_A_LOT_PER_1000)


def campaign_of(case: Case, dice: Dice) -> str:
    """Part of the special campaign: cases of some causes, filed since it began."""
    if case.cause not in _CAMPAIGN_CAUSES or case.events[0].day < CAMPAIGN_FROM:
        return ""
    return CAMPAIGN if dice.chance(400) else ""


def decided_life(case: Case, decided: date, dice: Dice) -> None:
    """Events of a case whose decision stands, decided on `decided`."""
    filed = _filed_before(case, decided, dice)
    fine, confiscation = _sums(case, dice)
    if case.procedure == SIMPLE:
        days = [("FILED", decided), ("DECIDED", decided)]
        if dice.chance(_SIMPLE_UNFILED_PER_1000):
            days = days[1:]
    else:
        days = _investigated(filed, decided, dice)
        days.append(("SERVED", workdays.workday_after(decided, dice.below(4))))
    last = days[-1][1]
    amended = dice.chance(_AMENDED_PER_1000)
    if amended:
        last = workdays.workday_after(last, 2 + dice.below(6))
        days.append(("AMENDED", last))
    paid_on = workdays.workday_after(last, dice.below(2) if case.procedure == SIMPLE else 2 + dice.below(13))
    in_parts = case.procedure == ORDINARY and dice.chance(80)
    days += [("EXECUTED", paid_on)] * (1 + in_parts)
    closed = workdays.workday_after(paid_on, dice.below(2) if case.procedure == SIMPLE else 1 + dice.below(6))
    days.append(("CLOSED", closed))
    if dice.chance(_CLOSED_FIRST_PER_1000):
        place = [kind for kind, _ in days].index("DECIDED")
        days = [*days[:place], ("CLOSED", decided), *days[place:-1]]
    case.events = [Event(kind, day, day) for kind, day in days]
    _set_sums(case, fine, confiscation, dice)
    _record(case, decided, dice)
    if dice.chance(_PAID_TWICE_PER_1000):
        _pay_twice(case, dice)


def withdrawn_life(case: Case, day: date, dice: Dice) -> None:
    """Filed, looked into, and dropped on `day`."""
    filed = _back(day, 5 + dice.below(15))
    case.events = _plain(("FILED", filed), ("INVEST", _back(day, 2)), ("WITHDRAWN", day))
    _record(case, day, dice)


def transferred_life(case: Case, day: date) -> None:
    """Filed, and handed on `day` to the branch that has jurisdiction."""
    case.events = _plain(("FILED", _back(day, 4)), ("INVEST", _back(day, 2)), ("TRANSFERRED", day))


def revoked_life(case: Case, decided: date, dice: Dice, *, decided_again: date | None) -> None:
    """Decided, revoked on reconsideration some weeks later, and decided anew when `decided_again` is given."""
    fine, confiscation = _sums(case, dice)
    days = [*_investigated(_filed_before(case, decided, dice), decided, dice)]
    days.append(("SERVED", workdays.workday_after(decided, 1)))
    days.append(("REVOKED", workdays.workday_after(decided, 15)))
    if decided_again is not None:
        days += [("DECIDED", decided_again), ("EXECUTED", workdays.workday_after(decided_again, 4))]
        days.append(("CLOSED", workdays.workday_after(decided_again, 6)))
    else:
        days.append(("CLOSED", workdays.workday_after(decided, 16)))
    case.events = _plain(*days)
    _set_sums(case, fine, confiscation, dice)


def mistaken_life(case: Case, day: date, dice: Dice) -> None:
    """Recorded by mistake on `day`, and taken back as a whole some days later."""
    fine, confiscation = _sums(case, dice)
    case.events = _plain(("FILED", day), ("DECIDED", day))
    _set_sums(case, fine, confiscation, dice)
    for event in case.events:
        event.taken_back, event.mistyped = workdays.workday_after(day, 1 + dice.below(3)), None


def open_life(case: Case, filed: date, dice: Dice) -> None:
    """Filed and looked into; no decision within the generator's time."""
    days = [("FILED", filed), ("INVEST", workdays.workday_after(filed, 1 + dice.below(5)))]
    case.events = _plain(*days, ("NOTICE", workdays.workday_after(filed, 12 + dice.below(8))))


def _plain(*days: tuple[str, date]) -> list[Event]:
    return [Event(kind, day, day) for kind, day in days]


def _back(day: date, steps: int) -> date:
    return max(workdays.workday_before(day, steps), workdays.FIRST_DECLARED)


def _filed_before(case: Case, decided: date, dice: Dice) -> date:
    return decided if case.procedure == SIMPLE else _back(decided, 10 + dice.below(22))


def _investigated(filed: date, decided: date, dice: Dice) -> list[tuple[str, date]]:
    """From filing to decision; a hearing now and then."""
    invest = min(workdays.workday_after(filed, 1 + dice.below(4)), decided)
    notice = max(invest, _back(decided, 4 + dice.below(4)))
    days = [("FILED", filed), ("INVEST", invest)]
    if dice.chance(600):
        days.append(("REVIEW", max(invest, _back(notice, 1))))
    days.append(("NOTICE", notice))
    if dice.chance(40):
        days.append(("HEARING", max(notice, _back(decided, 2))))
    days.append(("DECIDED", decided))
    return days


def _sums(case: Case, dice: Dice) -> tuple[int, int]:
    """Fine and confiscation in cents: on the spot, up to 50 yuan for a person and 1,000 for a unit."""
    if case.procedure == SIMPLE:
        return (10 + 10 * dice.below(5) if case.party is None else 100 + 50 * dice.below(19)) * 100, 0
    if case.cause == FORGED:
        return (20_000 + 1_000 * dice.below(30)) * 100, 0
    fine = 500 + 100 * dice.below(60) * (1 + dice.below(8))
    taken = case.cause in {"SOLD", "NC_EXPORT", "FOOD"} and dice.chance(500)
    return fine * 100, (dice.below(60_000_00) + 100_00) if taken else 0


def _set_sums(case: Case, fine: int, confiscation: int, dice: Dice) -> None:
    """Decisions say the sums, an amendment halves the fine, and the payments add up to what stands."""
    owed = fine + confiscation
    for event in case.events:
        if event.kind in {"DECIDED", "AMENDED"}:
            event.fine = fine if event.kind == "DECIDED" else fine // 200 * 100
            event.confiscation = confiscation
            owed = event.fine + confiscation
            if dice.chance(_FINE_MISTYPED_PER_1000):
                event.mistyped = event.fine * 10
    payments = [event for event in case.events if event.kind == "EXECUTED"]
    for place, event in enumerate(payments):
        part = owed // len(payments) // 100 * 100
        event.paid = owed - part * (len(payments) - 1) if place == len(payments) - 1 else part


def _record(case: Case, decided: date, dice: Dice) -> None:
    """Most events are recorded on their day; some on the next workday, and a branch catches up late in December."""
    if _BACK_FILED_FROM <= decided <= _BACK_FILED_TO and dice.chance(_BACK_FILED_PER_1000):
        caught_up = workdays.workday_before(date(2010, 12, 31), dice.below(7))
        for event in case.events:
            event.recorded = max(event.day, caught_up)
        return
    for event in case.events:
        if dice.chance(_NEXT_DAY_PER_1000):
            event.recorded = workdays.workday_after(event.day, 1)


def _pay_twice(case: Case, dice: Dice) -> None:
    """The last payment stands there once more, until somebody notices."""
    (*_, payment) = (event for event in case.events if event.kind == "EXECUTED")
    recorded = max(event.recorded for event in case.events)
    again = Event("EXECUTED", payment.day, recorded, paid=payment.paid)
    again.taken_back = workdays.workday_after(recorded, 1 + dice.below(3))
    if again.taken_back <= workdays.LAST_EVALUATED:
        case.events.append(again)
