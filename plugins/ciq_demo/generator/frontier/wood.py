"""F08: the wood packaging of entering lots that declare some, told on the day on which they are accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import Row, at, envelope, frame_of, known
from ciq_demo.generator.formats import FeedFormat
from ciq_demo.generator.randomness import Dice
from ciq_demo.generator.reference import Branch, Reference

FEED = "F08"
_SECOND_PER_1000 = 180
_MARKED_PER_1000, _COUNTRY_LOST_PER_1000 = 940, 4
_INSPECTED_PER_1000, _INSPECTED_LATER_PER_1000 = 230, 25
_LATER = 2
"""Workdays from acceptance to an inspection that comes later."""
_PEST_PER_1000 = 14
_TYPES = {"PALLET": 70, "CRATE": 14, "BOX": 9, "DUNNAGE": 5, "REEL": 2}
_COUNTRIES = {"840": 20, "276": 16, "392": 18, "410": 14, "158": 10, "124": 8, "643": 7, "380": 7}
_TREATMENTS = ("HT", "HT", "HT", "MB")
_DISPOSALS = {"FUMIGATION": 60, "HEAT": 25, "RETURN": 5, "DESTRUCTION": 10}
_RECORDED = 17 * 3600


@dataclass(frozen=True)
class WoodLot:
    """An entering lot that declares wood packaging: its number, and the place of the branch that accepted it."""

    branch: int
    decl_no: str


FindWood = Callable[[date], Sequence[WoodLot]]
"""day -> the lots accepted on it for entry that declare wood packaging."""


class WoodBook:
    """Wood packaging by day, a function of the seed and the lots. `since` leaves out lots accepted before that day."""

    def __init__(self, seed: int, *, reference: Reference, since: date | None, find_wood: FindWood) -> None:
        self._seed = seed
        self._reference = reference
        self._since = since or workdays.FIRST_DECLARED
        self._find_wood = find_wood

    def frames(self, day: date, formats: Mapping[str, FeedFormat]) -> dict[tuple[str, str], pd.DataFrame]:
        """Frames by (feed, sender) of one business date; on workdays every branch has one, empty ones included."""
        orgs = [branch.org for branch in self._reference.branches] if workdays.is_workday(day) else []
        slices: dict[str, list[Row]] = {org: [] for org in orgs}
        for row in self._rows(day):
            slices.setdefault(row.sender, []).append(row)
        columns = formats[FEED].columns
        return {(FEED, org): frame_of(rows, columns) for org, rows in slices.items()}

    def _rows(self, day: date) -> Iterator[Row]:
        """What was accepted on the day, and on a workday what was inspected later."""
        days = [day, workdays.workday_before(day, _LATER)] if workdays.is_workday(day) else [day]
        for accepted in days:
            if accepted >= self._since:
                for lot in self._find_wood(accepted):
                    yield from _of_lot(self._seed, self._reference.branches[lot.branch], lot, accepted, day)


def _of_lot(seed: int, branch: Branch, lot: WoodLot, accepted: date, day: date) -> Iterator[Row]:
    packages = 2 if Dice(seed, "wood", lot.decl_no).chance(_SECOND_PER_1000) else 1
    for pack_seq in range(1, packages + 1):
        dice = Dice(seed, "wood", lot.decl_no, pack_seq)
        recorded = at(day, _RECORDED + dice.below(1800))
        is_later = dice.chance(_INSPECTED_LATER_PER_1000)
        cells = {"decl_no": lot.decl_no, "pack_seq": str(pack_seq)} | _told(dice)
        if not is_later and dice.chance(_INSPECTED_PER_1000):
            cells |= _found(dice)
        if day == accepted:
            head = envelope(FEED, f"{lot.decl_no}-{pack_seq}", recorded=recorded, org=branch.org)
        elif is_later:
            cells |= _found(dice)
            head = envelope(FEED, f"{lot.decl_no}-{pack_seq}", op="U", version=2, recorded=recorded, org=branch.org)
        else:
            continue
        yield Row(FEED, branch.org, day, accepted, head | known(cells))


def _told(dice: Dice) -> dict[str, str]:
    """A package as it is declared."""
    mark = {
        "ippc_country": "" if dice.chance(_COUNTRY_LOST_PER_1000) else dice.weighted(_COUNTRIES),
        "producer_mark_no": str(1000 + dice.below(9_000)),
        "treatment": dice.pick(_TREATMENTS),
    }
    is_marked = dice.chance(_MARKED_PER_1000)
    return {
        "pack_type": dice.weighted(_TYPES),
        "pieces": str(1 + dice.below(40)),
        "ippc_mark_flag": str(int(is_marked)),
        "inspected_flag": "0",
        "live_pest_flag": "0",
        **(mark if is_marked else {}),
    }


def _found(dice: Dice) -> dict[str, str]:
    """What an inspection says."""
    has_pest = dice.chance(_PEST_PER_1000)
    disposal = {"disposal": dice.weighted(_DISPOSALS)} if has_pest else {}
    return {"inspected_flag": "1", "live_pest_flag": str(int(has_pest)), **disposal}
