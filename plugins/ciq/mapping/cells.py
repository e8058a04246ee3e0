"""What becomes of one cell."""

from __future__ import annotations

import re
from collections.abc import Mapping as Words
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BLANKS = re.compile(r"[\s\u200b\u2060\ufeff]+")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_REFERENCE = re.compile(r"(\d{4})[.,](\d+)", re.ASCII)
_FLOAT_DIGITS = 11
"""A float of four digits before the point is right to this many after it; what differs beyond is its noise."""


def clean(cell: str) -> str:
    """Blanks of any kind, line ends included, become one blank; none stay at the ends."""
    if cell.isprintable() and "  " not in cell:  # every other blank is not printable
        return cell.strip(" ")
    return _BLANKS.sub(" ", cell).strip(" ")


def whole(cell: str) -> str:
    """`3.0` is the count 3; anything else stays."""
    return re.sub(r"^(-?\d+)\.0+$", r"\1", cell, flags=re.ASCII)


def restore_zeros(cell: str, digits: int) -> str:
    """A number with zeros before it up to so many digits; what is no number, or has as many, stays."""
    return cell.zfill(digits) if cell.isascii() and cell.isdigit() else cell


def restore_fraction(cell: str, digits: int) -> str | None:
    """A reference yyyy.NNNN that went through a float, as it was; None when it cannot be told.

    `2020.296` is `2020.2960`, and so is `2020,296`; `2020.2939999999999` is `2020.2940`. What is no number stays as it
    is; a number that no such reference gives (`2020`, `2.02E+03`) cannot be told.
    """
    match = _REFERENCE.fullmatch(cell)
    if not match:
        return None if _NUMBER.fullmatch(cell) else cell
    year, fraction = match.groups()
    if len(fraction) <= digits:
        return f"{year}.{fraction.ljust(digits, '0')}"
    exact = Decimal(f"{year}.{fraction}")
    near = round(exact, digits)
    return f"{near}" if abs(exact - near) < Decimal(10) ** -_FLOAT_DIGITS and int(near) == int(year) else None


def read_moment(cell: str, styles: Sequence[str]) -> datetime | None:
    """The local time that a cell says in one of the styles; None when it says none. Mappings whose styles disagree are
    refused (reading.py)."""
    return _read_moment(cell, tuple(styles))


@lru_cache(maxsize=4096)
def _read_moment(cell: str, styles: tuple[str, ...]) -> datetime | None:
    for style in styles:
        try:
            return datetime.strptime(cell, style)  # noqa: DTZ007 - local time of whoever wrote it
        except ValueError:
            continue
    return None


def fill(template: str, words: Words[str, str]) -> str:
    """The template with its `{words}`; empty when one of them is."""
    if not all(words.get(word) for word in PLACEHOLDER.findall(template)):
        return ""
    return PLACEHOLDER.sub(lambda match: words[match[1]], template)
