"""N08: how enterprises of wood packaging stand at each month's end; eased supervision reaches more of them in 2010."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import Row, at, envelope
from ciq_demo.generator.randomness import Dice, largest_remainder
from ciq_demo.generator.reference import Reference

FEED = "N08"
PILOTS, EASED = 286, 267
"""Pilot enterprises, and those of them under eased supervision at the end of 2010: more than 93 of a hundred."""
_OTHERS = 120
_BEFORE = 8
"""Months before January 2010 in which the first of these came under it."""
_RECORDED = 15 * 3600


def integrity_rows(seed: int, reference: Reference, day: date) -> Iterator[Row]:
    """The snapshot of a month's end; nothing on other days."""
    if not workdays.is_month_end(day):
        return
    weights = [branch.share_bp for branch in reference.branches]
    pilots = largest_remainder(PILOTS, weights)
    eased_of, others_of = largest_remainder(EASED, pilots), largest_remainder(_OTHERS, weights)
    months = _BEFORE + 12
    month = _BEFORE + (day.year - 2010) * 12 + day.month
    for branch, pilot, eased, others in zip(reference.branches, pilots, eased_of, others_of, strict=True):
        dice = Dice(seed, "wood integrity", branch.org, day)
        for place, enterprise in enumerate(branch.first_enterprises(pilot + others)):
            is_pilot = place < pilot
            is_eased = place < eased and place * months < month * eased
            cells = envelope(
                FEED, f"{enterprise.code}-{day:%Y%m}", recorded=at(day, _RECORDED + place), org=branch.org
            ) | {
                "ent_code": enterprise.code,
                "month_end": day.isoformat(),
                "pilot_flag": str(int(is_pilot)),
                "benefit_flag": str(int(is_eased)),
                "integrity_level": "A" if is_eased else "B" if is_pilot or dice.chance(400) else "C",
                "pass_rate": f"{99 if is_eased else 95}.{dice.below(100):02d}",
            }
            yield Row(FEED, branch.org, day, day, cells)
