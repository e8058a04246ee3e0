"""Scenarios: what goes wrong with which delivery. Each event names a feed, a branch and a business date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ciq_demo.generator.defects import Defect

DEMO_DAYS = (date(2010, 6, 8), date(2010, 6, 9))


@dataclass(frozen=True)
class Late:
    """Delivered `days` after its business date, and reported after the cut-off."""

    days: int = 1


@dataclass(frozen=True)
class Correction:
    """Delivered again `days` later as seq 02: some rows changed, some gone, some new; the same in all three feeds."""

    days: int = 1


@dataclass(frozen=True)
class Duplicate:
    """The very same delivery once more, `days` later."""

    days: int = 1


@dataclass(frozen=True)
class Missing:
    """Never delivered."""


Event = Late | Correction | Duplicate | Missing | Defect


@dataclass(frozen=True)
class Happening:
    """An event of one slice; `seq` is the delivery that a defect spoils."""

    feed: str
    org: str
    day: date
    event: Event
    seq: int = 1


@dataclass(frozen=True)
class Scenario:
    """Happenings, switched on one by one with `add`."""

    happenings: tuple[Happening, ...] = ()

    def add(self, feed: str, org: str, day: date, *events: Event, seq: int = 1) -> Scenario:
        """This scenario and `events` for one slice."""
        return Scenario(self.happenings + tuple(Happening(feed, org, day, event, seq) for event in events))

    def of_slice(self, feed: str, org: str, day: date) -> list[Happening]:
        """What happens to one slice, in the order of adding."""
        return [h for h in self.happenings if (h.feed, h.org, h.day) == (feed, org, day)]

    def of_day(self, day: date) -> list[Happening]:
        """What happens to the slices of one business date."""
        return [happening for happening in self.happenings if happening.day == day]


def delay(happenings: Iterable[Happening]) -> int:
    """Days by which a slice's first delivery is late."""
    return max((h.event.days for h in happenings if isinstance(h.event, Late)), default=0)


def demo_scenario() -> Scenario:
    """The demo's two days: everyday defects everywhere, a correction, a late branch, a broken file, a missing one.

    After the second day the first is complete. The second stays open: Wuxi's goods lines are held (broken file) and
    Suqian's evaluations are missing.
    """
    first, second = DEMO_DAYS
    scenario = Scenario()
    for feed in ("F01", "F02", "F03"):
        scenario = scenario.add(feed, "320500", first, Correction(days=1)).add(feed, "320900", first, Late(days=1))
    scenario = scenario.add("F02", "320200", second, Defect("truncated"))
    scenario = scenario.add("F03", "321300", second, Missing())
    return _everyday(scenario)


_EVERYDAY = (
    (0, "F01", "320100", "scientific_notation", 2),
    (0, "F02", "320100", "thousands_separators", 1),
    (0, "F02", "320700", "lost_zero_hs", 3),
    (0, "F02", "320600", "customs_country_142", 2),
    (0, "F03", "320583", "unknown_result", 2),
    (0, "F01", "320500", "customs_currency", 2),
    (0, "F02", "320500", "full_width_digits", 1),
    (0, "F03", "320582", "today", 1),
    (0, "F02", "320585", "unknown_code", 1),
    (0, "F02", "320400", "ragged_row", 1),
    (0, "F01", "320581", "customs_country_502", 1),
    (0, "F03", "321000", "unknown_code", 1),
    (0, "F01", "320583", "embedded_newline", 1),
    (1, "F01", "320583", "lost_zero_decl_no", 1),
    (1, "F02", "320583", "nan", 1),
    (1, "F02", "320300", "lost_zero_hs", 2),
    (1, "F01", "320400", "lost_zero_org", 1),
    (1, "F02", "320600", "customs_country_502", 2),
    (1, "F03", "320500", "full_width_digits", 2),
    (1, "F02", "320582", "scientific_notation", 1),
    (1, "F03", "320281", "unknown_result", 1),
    (1, "F02", "321100", "stray_quote", 1),
    (1, "F01", "320600", "today", 1),
    (1, "F02", "320900", "lost_zero_hs", 1),
    (1, "F02", "320500", "customs_currency", 1),
    (1, "F01", "320100", "formula_text", 1),
)
"""Day of the demo, feed, branch, defect, rows."""


def _everyday(scenario: Scenario) -> Scenario:
    for day, feed, org, name, rows in _EVERYDAY:
        scenario = scenario.add(feed, org, DEMO_DAYS[day], Defect(name, rows=rows))
    return scenario
