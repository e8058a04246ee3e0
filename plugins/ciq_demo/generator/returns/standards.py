"""Numbers of standards, and the ways in which people write them."""

from __future__ import annotations

from ciq_demo.generator.randomness import Dice

_SERIES = (("SN/T", 4), ("GB/T", 1), ("GB", 1), ("ISO", 1), ("EN", 1), ("IEC", 1), ("SN", 4))
"""Letters, and the digits that a number has at least."""
_YEARS = 17
_FIRST_YEAR = 1993
_OTHERWISE_PER_1000 = 45
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}


def standard(number: int) -> str:
    """The `number`-th standard, such as `SN/T 0270-1993`; another number is another standard."""
    letters, digits = _SERIES[number % len(_SERIES)]
    serial = 1 + number // len(_SERIES)
    return f"{letters} {serial:0{digits}d}-{_FIRST_YEAR + serial % _YEARS}"


def written(dice: Dice, number: int) -> str:
    """The same as somebody typed it: now and then with another dash, without the blank or with more, in full width."""
    text = standard(number)
    if not dice.chance(_OTHERWISE_PER_1000):
        return text
    head, _, year = text.rpartition("-")
    return dice.pick((f"{head}—{year}", f"{head} – {year}", text.replace(" ", ""), text.translate(_FULL_WIDTH)))
