"""F09, the second sheet: enterprises of quality and integrity, and benchmarks of 2010."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ciq_demo.generator.cases.rows import Row, at, envelope
from ciq_demo.generator.enterprises.weeks import week_ends
from ciq_demo.generator.names import Enterprise
from ciq_demo.generator.randomness import Dice, largest_remainder, spread
from ciq_demo.generator.reference import Branch, Reference

FEED = "F09"
_RECORDED = 16 * 3600
_MISTAKEN = 3
"""Honours of a branch, the first of them, that stood under the next enterprise for a week."""


@dataclass(frozen=True)
class _Kind:
    code: str
    level: str
    total: int
    first: date
    last: date
    """Weekly files between these days tell of it."""
    skipped: int
    """Enterprises of each branch that others of the same honour come before."""


_KINDS = (
    _Kind("QI", "NATIONAL", 44, date(2010, 11, 22), date(2010, 12, 24), 0),
    _Kind("QI", "PROVINCIAL", 186, date(2010, 6, 21), date(2010, 9, 30), 8),
    _Kind("BENCHMARK", "PROVINCIAL", 126, date(2010, 3, 22), date(2010, 7, 16), 0),
)


def honour_rows(seed: int, reference: Reference) -> Iterator[Row]:
    """Every row of the second sheet; its `day` is the business date of the weekly file."""
    weights = [branch.share_bp for branch in reference.branches]
    for kind in _KINDS:
        ends = week_ends(kind.first, kind.last)
        for branch, count in zip(reference.branches, largest_remainder(kind.total, weights), strict=True):
            dice = Dice(seed, "honours", kind.code, kind.level, branch.org)
            pool = branch.first_enterprises(kind.skipped + count + 1)[kind.skipped :]
            shares = spread(count, [1] * len(ends), offset=branch.share_bp % len(ends))
            weeks = [end for end, times in zip(ends, shares, strict=True) for _ in range(times)]
            for place, week in enumerate(weeks):
                yield _row(dice, branch, kind, pool[place], week, week)
            if count > _MISTAKEN and kind.code == "BENCHMARK":
                yield from _mistaken(dice, branch, kind, pool[count], weeks[0], ends)


def _mistaken(
    dice: Dice, branch: Branch, kind: _Kind, enterprise: Enterprise, week: date, ends: tuple[date, ...]
) -> Iterator[Row]:
    """An honour of an enterprise that has none, taken back in the week after."""
    after = next((end for end in ends if end > week), None)
    if after is not None:
        yield _row(dice, branch, kind, enterprise, week, week)
        yield _row(dice, branch, kind, enterprise, after, week, op="D")


def _row(
    dice: Dice, branch: Branch, kind: _Kind, enterprise: Enterprise, week: date, begun: date, op: str = "I"
) -> Row:
    key = f"{enterprise.code}-{kind.code}-{kind.level}-{week.year}"
    version = 1 if op == "I" else 2
    recorded = at(week, _RECORDED + dice.below(3600))
    cells = envelope(FEED, key, op=op, version=version, recorded=recorded, org=branch.org)
    cells |= {"ent_code": enterprise.code, "honor_code": kind.code, "honor_level": kind.level, "year": str(week.year)}
    return Row(FEED, branch.org, week, begun, cells)
