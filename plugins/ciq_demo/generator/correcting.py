"""A branch delivers a day again: the same frames with some records changed, and of cargo some gone and some new."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from ciq.errors import CiqError
from ciq_demo.generator.formats import CARGO_FEEDS
from ciq_demo.generator.generator import Frames
from ciq_demo.generator.randomness import Stream

_CENT = Decimal("0.01")
_CHANGED_PER_1000, _GONE_PER_1000, _NEW_PER_1000 = 12, 4, 5
_VALUES = {"F01": "total_value", "F02": "goods_value"}
_NEW_SERIAL = 900_000
"""New declarations get numbers from here, which no ordinary day reaches."""


def corrected_frames(frames: Frames, *, org: str, candidates: list[str], stream: Stream) -> Frames:
    """The frames of cargo of `org` as delivered again.

    `candidates` are declarations with all their records in these frames, so that no other day's rows lose a parent.
    """
    order = stream.order(len(candidates)).tolist()
    lots = len(frames["F01", org])
    shares = (_CHANGED_PER_1000, _GONE_PER_1000, _NEW_PER_1000)
    counts = [max(1, lots * share // 1000) for share in shares]
    if sum(counts) > len(order):
        counts = [len(order) // 3] * 3
    chosen = [candidates[place] for place in order[: sum(counts)]]
    changed = set(chosen[: counts[0]])
    gone = set(chosen[counts[0] : counts[0] + counts[1]])
    copied = {number: _new_number(number, place) for place, number in enumerate(chosen[counts[0] + counts[1] :])}
    result: Frames = {}
    for feed in CARGO_FEEDS:
        frame = frames[feed, org]
        kept = frame[~frame["decl_no"].isin(gone)].copy()
        if feed in _VALUES:
            _revalue(kept, changed, _VALUES[feed])
        new = frame[frame["decl_no"].isin(copied)].copy()
        for column in {"decl_no", "record_id", "cert_no"} & set(new.columns):
            new[column] = [_renamed(cell, copied) for cell in new[column].tolist()]
        result[feed, org] = pd.concat([kept, new], ignore_index=True)
    return result


def corrected_events(frame: pd.DataFrame, *, amount: str | None) -> pd.DataFrame:
    """A day's events of cases as delivered again: every sum that they decide grows by a tenth.

    Raises CiqError for a feed without an amount column, and for a day that has no such sum.
    """
    kept = frame.copy()
    rows = [] if amount is None else [place for place, cell in enumerate(kept[amount].tolist()) if cell]
    if not rows:
        raise CiqError("there is no sum to correct", advice="Correct another day, branch or feed.")
    position = kept.columns.get_loc(amount)
    for place in rows:
        kept.iat[place, position] = _plus_tenth(kept.iat[place, position])
    return kept


def _new_number(number: str, place: int) -> str:
    return f"{number[:9]}{_NEW_SERIAL + place}"


def _renamed(cell: str, copied: dict[str, str]) -> str:
    for old, new in copied.items():
        if old in cell:
            return cell.replace(old, new)
    return cell


def _revalue(frame: pd.DataFrame, changed: set[str], column: str) -> None:
    """Every amount of the changed declarations grows by a tenth; the value in USD follows."""
    touched = frame["decl_no"].isin(changed)
    frame.loc[touched, column] = [_plus_tenth(cell) for cell in frame.loc[touched, column].tolist()]
    if "value_usd" not in frame:
        return
    rows = frame.loc[touched, [column, "usd_rate", "value_usd"]].to_numpy(dtype=object).tolist()
    frame.loc[touched, "value_usd"] = [
        str((Decimal(amount) * Decimal(rate) / 100).quantize(_CENT, ROUND_HALF_UP)) if rate and sent else ""
        for amount, rate, sent in rows
    ]


def _plus_tenth(cell: str) -> str:
    """Cent by cent, so that lines still add up to the header when both end in whole tens; else by a cent or two."""
    return str((Decimal(cell) * Decimal("1.1")).quantize(_CENT, ROUND_HALF_UP))
