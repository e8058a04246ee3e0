"""Feeds of the twenty branches, made up: used by the demo and the tests in place of the bureaus.

`Generator(seed).day(business_date)` gives one day's frames, `write_days` writes files into the branches' outboxes,
`write_baseline` the summaries of the year before, `Scenario` says what goes wrong.
"""

from __future__ import annotations

from ciq_demo.generator.defects import Defect, defect_names, defects_of
from ciq_demo.generator.generator import Generator
from ciq_demo.generator.scenario import (
    Correction,
    Duplicate,
    Late,
    Missing,
    Scenario,
    demo_scenario,
)
from ciq_demo.generator.writing import WrittenDelivery, write_baseline, write_days

__all__ = [
    "Correction",
    "Defect",
    "Duplicate",
    "Generator",
    "Late",
    "Missing",
    "Scenario",
    "WrittenDelivery",
    "defect_names",
    "defects_of",
    "demo_scenario",
    "write_baseline",
    "write_days",
]
