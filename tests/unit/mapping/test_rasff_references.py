"""Why short RASFF references are filled up on the right: what the real export itself says (docs/feeds.md)."""

from __future__ import annotations

import csv
from statistics import median

import pytest

from ciq.mapping.cells import read_moment, restore_fraction
from ciq.settings import PROJECT_ROOT

EXPORT = PROJECT_ROOT.parent / "shared/data/rasff_notifications/rasff_2019-09_2020-07_rich.csv"
pytestmark = pytest.mark.skipif(
    not EXPORT.is_file(), reason="the reference files of third parties stand beside this checkout, in ../shared/data"
)


def test_restored_references_fit_among_those_of_the_same_days_and_padding_on_the_left_never_does() -> None:
    with EXPORT.open(encoding="utf-8", newline="") as stream:
        rows = [
            (row["REF"], read_moment(row["DATE_CASE"], ["%d/%m/%Y"])) for row in csv.DictReader(stream, delimiter=";")
        ]
    whole = [(ref, day) for ref, day in rows if len(ref) == 9]
    short = [(ref, day) for ref, day in rows if len(ref) < 9]
    assert (len(rows), len(whole), len(short)) == (2600, 2330, 196)
    right, left = [], []
    for ref, day in short:
        assert day
        year = [(abs(then - day), int(other[5:])) for other, then in whole if then and other[:4] == ref[:4]]
        near = median(number for _, number in sorted(year, key=lambda one: one[0])[:9])
        right.append(abs(int((restore_fraction(ref, 4) or "")[5:]) - near))
        left.append(abs(int(ref[5:]) - near))
    assert all(one < other for one, other in zip(right, left, strict=True))
    assert (median(right), max(right)) == (5, 31)
    assert median(left) > 2000
    restored = [restore_fraction(ref, 4) or "" for ref, _ in rows]
    assert len(set(restored)) == 2600
    assert sum(one.endswith("0") for one in restored) == 270
