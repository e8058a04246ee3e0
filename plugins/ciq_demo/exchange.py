"""What the bureaus put out on each day of the demo."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ciq_demo.generator import demo_scenario, write_days
from ciq_demo.generator.scenario import DEMO_DAYS

DAYS = DEMO_DAYS
"""A week from Monday to Saturday, with the end of the half-year in it."""


def deliver_day(exchange_root: Path, day: date) -> int:
    """Write the files that the branches put out on `day`, late ones and corrections included; returns how many.

    Written again, the bytes are the same, so a second demo delivers nothing new.
    """
    written = write_days(
        exchange_root, first_day=DAYS[0], last_day=DAYS[-1], scenario=demo_scenario(), delivered_on=day, cutover=True
    )
    return len(written)
