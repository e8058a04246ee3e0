"""Cases folded from their events: penalties (F10), complaints (F11), reconsiderations and lawsuits (F12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from support.oracle.current import Record
from support.oracle.reference import branch_above
from support.oracle.slices import Row

ZERO = Decimal(0)
UNKNOWN = "UNKNOWN"
PENALTY_UNDONE = {"WITHDRAWN", "TRANSFERRED", "REVOKED"}
ENDS = {
    "F10": {"CLOSED", "WITHDRAWN", "TRANSFERRED"},
    "F11": {"CLOSED", "REJECTED"},
    "F12": {"CLOSED", "WITHDRAWN", "REJECTED"},
}
"""Events after which a case is no longer open, unless something reopens it."""
BEGINS = {"F10": {"FILED"}, "F11": {"ACCEPTED"}, "F12": {"FILED"}}
PAID_OR_SERVED = {"EXECUTED", "SERVED"}
"""What may still come of a closed penalty case without opening it again."""


@dataclass(frozen=True)
class Case:
    """The events of one number by event_seq, as they were told last; `standing`: those not taken back."""

    case_no: str
    told: tuple[Row, ...]
    standing: tuple[Row, ...]

    @property
    def feed(self) -> str:
        return self.told[0].feed

    @property
    def is_void(self) -> bool:
        """All that was told is taken back."""
        return not self.standing

    @cached_property
    def events(self) -> tuple[Row, ...]:
        """What the columns say; of a void case its last contents."""
        return self.standing or self.told

    @property
    def state(self) -> str:
        return str(self.events[-1].event_type)

    @property
    def org_id(self) -> str:
        """The branch above the organisation of the first event, on its day."""
        first = self.events[0]
        return branch_above(first.org_code, day_of(first)) or UNKNOWN

    @property
    def kind(self) -> str:
        """What the case is about, as its first event says."""
        return "PENALTY" if self.feed == "F10" else str(self.events[0].case_type)

    def latest(self, name: str) -> Any:
        """The column as the highest event says that says it."""
        said = (getattr(event, name) for event in reversed(self.events))
        return next((value for value in said if value is not None), None)

    def first(self, kind: str) -> date | None:
        """The day of the first event of a kind."""
        return next((day_of(event) for event in self.events if event.event_type == kind), None)

    @property
    def ended(self) -> Row | None:
        """The event that ended the case, unless it is open again."""
        ends = [event for event in self.events if event.event_type in ENDS[self.feed]]
        return ends[-1] if ends and not self._reopened(ends[-1]) else None

    @property
    def closed_date(self) -> date | None:
        """The day of the last CLOSED, unless something reopened the case."""
        closed = [event for event in self.events if event.event_type == "CLOSED"]
        return day_of(closed[-1]) if closed and not self._reopened(closed[-1]) else None

    def _reopened(self, end: Row) -> bool:
        later = {event.event_type for event in self.events if event.event_seq > end.event_seq}
        return bool(later - PAID_OR_SERVED if self.feed == "F10" else later & {"REOPENED"})

    def as_of(self, day: date) -> Case | None:
        """The case as its events up to a day tell it; None when none had happened."""
        happened = tuple(event for event in self.standing if day_of(event) <= day)
        return replace(self, told=happened, standing=happened) if happened else None

    @property
    def is_open(self) -> bool:
        """Filed or accepted, and not ended."""
        began = any(event.event_type in BEGINS[self.feed] for event in self.events)
        return began and self.ended is None


def day_of(event: Row) -> date:
    """The day of an event."""
    return event.event_time.date()  # type: ignore[no-any-return]


def cases_of(records: Iterable[Record]) -> list[Case]:
    """Cases of one feed; its events in the order of their keys."""
    by_case: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_case[record.row.case_no].append(record)
    return [
        Case(case_no, tuple(r.row for r in found), tuple(r.row for r in found if not r.is_void))
        for case_no, found in by_case.items()
    ]


@dataclass(frozen=True)
class Decision:
    """The decision of a penalty case that counts, with what later amendments made of it."""

    row: Row
    fine_cny: Decimal
    confiscation_cny: Decimal


def decision_of(events: Sequence[Row]) -> Decision | None:
    """The first DECIDED after the last event that undid one; None when nothing is decided."""
    undone = max((event.event_seq for event in events if event.event_type in PENALTY_UNDONE), default=0)
    decided = next((e for e in events if e.event_type == "DECIDED" and e.event_seq > undone), None)
    if decided is None:
        return None
    amendments = [e for e in events if e.event_type == "AMENDED" and e.event_seq > decided.event_seq]
    sums = [_last(name, (decided, *amendments)) for name in ("fine_cny", "confiscation_cny")]
    return Decision(decided, *sums)


def _last(name: str, events: Sequence[Row]) -> Decimal:
    said = (getattr(event, name) for event in reversed(events))
    return next((value for value in said if value is not None), ZERO)


def is_transferred(events: Sequence[Row]) -> bool:
    """Handed over to another case, and not decided here after all."""
    return any(event.event_type == "TRANSFERRED" for event in events) and decision_of(events) is None


@dataclass(frozen=True)
class Matter:
    """What one dispute is about: the cases under which it was recorded, by number."""

    matter_no: str
    cases: tuple[Case, ...]

    @property
    def is_void(self) -> bool:
        """Every case of it was taken back."""
        return all(case.is_void for case in self.cases)

    @property
    def telling(self) -> list[Case]:
        """Cases that were taken back say nothing beside others."""
        return [case for case in self.cases if self.is_void or not case.is_void]

    @property
    def lead(self) -> Case:
        """The root; where that is not there, the case that begins first."""
        return min(self.telling, key=lambda c: (c.case_no != self.matter_no, c.events[0].event_time, c.case_no))

    @property
    def last(self) -> Case:
        """The case in which something happened last."""
        return max(self.telling, key=lambda case: (case.events[-1].event_time, case.case_no))

    def first(self, kind: str) -> date | None:
        """The day of the first event of a kind in any of the cases."""
        return min((day for case in self.telling if (day := case.first(kind))), default=None)

    @property
    def is_open(self) -> bool:
        """One of its cases is."""
        return any(case.is_open for case in self.telling)

    @property
    def closed_date(self) -> date | None:
        """The day on which the last of its cases was closed; None while one is open."""
        closed = [day for case in self.telling if (day := case.closed_date)]
        return max(closed) if closed and not self.is_open else None


def matters_of(cases: Collection[Case]) -> list[Matter]:
    """Complaints by the root of their chain of root_case_no; any other case is its own matter."""
    roots = {case.case_no: case.latest("root_case_no") if case.feed == "F11" else None for case in cases}
    found: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.case_no):
        found[_root(case.case_no, roots)].append(case)
    return [Matter(matter_no, tuple(members)) for matter_no, members in found.items()]


def _root(case_no: str, roots: dict[str, str | None]) -> str:
    """Where the chain ends; the lowest number of a chain that bites its tail."""
    seen = [case_no]
    while (above := roots.get(seen[-1])) is not None:
        if above in seen:
            return min(seen[seen.index(above) :])
        seen.append(above)
    return seen[-1]
