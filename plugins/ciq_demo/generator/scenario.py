"""Scenarios: what goes wrong with which delivery. Each event names a feed, a branch and a business date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ciq_demo.generator.defects import Defect
from ciq_demo.generator.formats import CARGO_FEEDS

DEMO_DAYS = tuple(date(2010, 6, 28) + timedelta(days=step) for step in range(6))
"""Monday to Saturday; the half-year ends on the Wednesday, and on the Saturday only the ports work."""


@dataclass(frozen=True)
class Late:
    """Delivered `days` after its business date, and reported after the cut-off."""

    days: int = 1


@dataclass(frozen=True)
class Correction:
    """Delivered again `days` later as seq 02: of cargo some rows changed, some gone, some new, the same in all its
    feeds; of cases the sums changed.
    """

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
    """The demo's week: everyday defects everywhere; corrections, a late branch, two broken files, two missing ones.

    Monday is complete after Tuesday. Tuesday stays open: Wuxi's goods lines are held (broken file) and Suqian's
    evaluations are missing; so does Wednesday, for want of Huai'an's monthly return, and Thursday, since the total of
    Suzhou's penalties does not add up.
    """
    monday, tuesday, wednesday, thursday, _, _ = DEMO_DAYS
    scenario = Scenario()
    for feed in CARGO_FEEDS:
        scenario = scenario.add(feed, "320500", monday, Correction(days=1))
    for feed in (*CARGO_FEEDS, "F05", "F06", "F07", "F08", "F10", "F11", "F13"):
        scenario = scenario.add(feed, "320900", monday, Late(days=1))
    scenario = scenario.add("F10", "320583", wednesday, Correction(days=1))
    scenario = scenario.add("F02", "320200", tuesday, Defect("truncated"))
    scenario = scenario.add("F10", "320500", thursday, Defect("wrong_total"))
    scenario = scenario.add("F03", "321300", tuesday, Missing()).add("N12", "320800", wednesday, Missing())
    for place, everyday in enumerate(_EVERYDAY):
        for feed, org, name, rows in everyday:
            scenario = scenario.add(feed, org, DEMO_DAYS[place], Defect(name, rows=rows))
    return scenario


_EVERYDAY = (
    (
        ("F01", "320100", "scientific_notation", 2),
        ("F02", "320100", "thousands_separators", 1),
        ("F02", "320700", "lost_zero_hs", 3),
        ("F02", "320600", "customs_country_142", 2),
        ("F03", "320583", "unknown_result", 2),
        ("F01", "320500", "customs_currency", 2),
        ("F02", "320500", "full_width_digits", 1),
        ("F03", "320582", "today", 1),
        ("F02", "320585", "unknown_code", 1),
        ("F02", "320400", "ragged_row", 1),
        ("F01", "320581", "customs_country_502", 1),
        ("F03", "321000", "unknown_code", 1),
        ("F01", "320583", "embedded_newline", 1),
        ("F04", "320600", "unknown_code", 1),
        ("F10", "320585", "lost_zero_case_no", 1),
    ),
    (
        ("F01", "320583", "lost_zero_decl_no", 1),
        ("F02", "320583", "nan", 1),
        ("F02", "320300", "lost_zero_hs", 2),
        ("F01", "320400", "lost_zero_org", 1),
        ("F02", "320600", "customs_country_502", 2),
        ("F03", "320500", "full_width_digits", 2),
        ("F02", "320582", "scientific_notation", 1),
        ("F03", "320281", "unknown_result", 1),
        ("F02", "321100", "stray_quote", 1),
        ("F01", "320600", "today", 1),
        ("F02", "320900", "lost_zero_hs", 1),
        ("F02", "320500", "customs_currency", 1),
        ("F01", "320100", "formula_text", 1),
        ("F10", "320500", "decision_unnumbered", 1),
        ("F10", "320400", "filed_lost", 1),
        ("F10", "320281", "closed_before_decided", 1),
    ),
    (
        ("F01", "320500", "thousands_separators", 3),
        ("F02", "320583", "lost_zero_hs", 2),
        ("F03", "320100", "unknown_result", 2),
        ("F01", "320700", "scientific_notation", 1),
        ("F02", "320281", "ragged_row", 1),
        ("F10", "320900", "event_skipped", 1),
        ("F10", "321000", "event_in_words", 1),
    ),
    (
        ("F01", "320583", "customs_currency", 2),
        ("F02", "320200", "unknown_code", 1),
        ("F03", "320600", "today", 1),
        ("F01", "321200", "lost_zero_decl_no", 1),
        ("F04", "320582", "lost_zero_decl_no", 1),
        ("F10", "320200", "event_next_year", 1),
        ("F11", "320500", "lost_zero_case_no", 1),
    ),
    (
        ("F01", "320600", "full_width_digits", 2),
        ("F02", "320500", "customs_country_142", 2),
        ("F03", "320582", "unknown_code", 1),
        ("F10", "320600", "decision_no_reused", 1),
        ("F10", "320500", "fine_negative", 1),
    ),
    (("F01", "320700", "customs_country_502", 1),),
)
"""For each day of the demo: feed, branch, defect, rows."""
