"""Which enterprises are assessed as what in 2010: the review's totals, shared out to the branches exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ciq_demo.generator.names import Enterprise
from ciq_demo.generator.randomness import largest_remainder
from ciq_demo.generator.reference import Branch, Reference

CLASS_1_BEFORE, CLASS_1_NEW, CLASS_2, CLASS_3 = 340, 362, 5_236, 4_635
"""Enterprises of class I at the end of 2009, entries into it in 2010, those assessed as class II and III in 2010."""
ON_TOP = 160
"""Further ones whose assessment was rejected, revoked, or is still a draft."""
_UPGRADED_PER_1000 = {"1": 600, "2": 80}
_DOWNGRADED_PER_1000 = 50


@dataclass(frozen=True)
class Path:
    """The way of one enterprise and group of products: its class at the end of 2009, and the one of 2010.

    `status` is the last one of the assessment of 2010; `group` tells the groups of one enterprise apart.
    """

    branch: int
    enterprise: Enterprise
    before: str
    now: str
    status: str = "APPROVED"
    group: int = 0

    @property
    def assess_type(self) -> str:
        """Of the assessment of 2010."""
        if not self.before:
            return "FIRST"
        return "REVIEW" if self.before == self.now else "UPGRADE" if self.now < self.before else "DOWNGRADE"


def paths(reference: Reference) -> list[list[Path]]:
    """For each branch the ways of its enterprises; the same for every seed."""
    weights = [branch.share_bp for branch in reference.branches]
    totals = (CLASS_1_BEFORE, CLASS_1_NEW, CLASS_2, CLASS_3, ON_TOP)
    shares = zip(*(largest_remainder(total, weights) for total in totals), strict=True)
    return [
        list(_of_branch(number, branch, counts))
        for number, (branch, counts) in enumerate(zip(reference.branches, shares, strict=True))
    ]


def _of_branch(number: int, branch: Branch, counts: tuple[int, ...]) -> Iterator[Path]:
    """One enterprise of class I is assessed as class II for a second group of products: it stays one of class I."""
    stay, enter, second, third, on_top = counts
    second_groups = 1 if stay and second else 0
    pool = iter(branch.first_enterprises(sum(counts) - second_groups))
    for place in range(stay):
        enterprise = next(pool)
        yield Path(number, enterprise, "1", "1")
        if place < second_groups:
            yield Path(number, enterprise, "", "2", group=1)
    for place in range(enter):
        yield Path(number, next(pool), "2" if _is_among(place, _UPGRADED_PER_1000["1"]) else "", "1")
    for place in range(second - second_groups):
        yield Path(number, next(pool), "3" if _is_among(place, _UPGRADED_PER_1000["2"]) else "", "2")
    for place in range(third):
        yield Path(number, next(pool), "2" if _is_among(place, _DOWNGRADED_PER_1000) else "", "3")
    for place in range(on_top):
        yield Path(number, next(pool), "", "3", status=("REJECTED", "DRAFT", "REVOKED", "REJECTED")[place % 4])


def _is_among(place: int, per_1000: int) -> bool:
    """Exactly `per_1000` of each thousand in a row, evenly."""
    return (place + 1) * per_1000 // 1000 > place * per_1000 // 1000
