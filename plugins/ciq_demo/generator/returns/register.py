"""What F16 and F17 have in common: the register numbers of an organisation, and people who do not exist."""

from __future__ import annotations

from collections import Counter
from datetime import date

from ciq_demo.generator.randomness import Dice
from ciq_demo.generator.returns.rows import Entry, entry

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平"


class Register:
    """Gives the records of a feed their numbers: organisation, two letters, year, month and a serial."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._serials: Counter[tuple[str, str, str]] = Counter()

    def entry(self, sheet: str, letters: str, column: str, org: str, day: date, cells: dict[str, str]) -> Entry:
        """A new record of `sheet`, in the workbook of the month of `day`; `column` holds its number."""
        month = f"{day:%Y%m}"
        self._serials[org, letters, month] += 1
        number = f"{org}{letters}{month}{self._serials[org, letters, month]:03d}"
        return entry(self._feed, sheet, number, org, day, {column: number} | cells)


def person(dice: Dice) -> str:
    """The name of a person who does not exist."""
    return dice.pick(_SURNAMES) + dice.pick(_GIVEN) + (dice.pick(_GIVEN) if dice.chance(600) else "")
