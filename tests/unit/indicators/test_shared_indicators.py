"""Our indicators against the project's machine-readable list of them, where that is at hand."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from ciq.indicators import load_definitions, published_of
from ciq.settings import PROJECT_ROOT, Settings

LISTED = PROJECT_ROOT.parent / "shared" / "data" / "indicators" / "indicators.csv"


@pytest.fixture(scope="module")
def listed() -> list[dict[str, str]]:
    if not LISTED.exists():
        pytest.skip(f"{LISTED} is not here: the list of indicators comes beside the checkout, not with it")
    with Path(LISTED).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_ids_and_kinds_are_the_same(listed: list[dict[str, str]]) -> None:
    ours = {one.id: one.kind for _, one in load_definitions(Settings().contracts).indicators}
    assert ours == {int(row["indicator_id"]): row["kind"] for row in listed}


def test_values_and_bounds_are_the_same(listed: list[dict[str, str]]) -> None:
    published = published_of(Settings().contracts, 2010)
    assert published is not None
    ours = {one.indicator_id: (one.value, one.lower, one.upper) for one in published.figures}
    columns = ("value", "lower_bound", "upper_bound")
    assert ours == {
        int(row["indicator_id"]): tuple(Decimal(row[name]) if row[name] else None for name in columns) for row in listed
    }
