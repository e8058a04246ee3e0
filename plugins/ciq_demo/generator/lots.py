"""Lots and goods lines as arrays of numbers: everything that is random about them is drawn once, here and in `book`.

Texts are a pure function of these numbers, so that a lot looks the same in the file of its day, in a correction
some days later and in its evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ciq_demo.generator.randomness import Ints

Bools = NDArray[np.bool_]

PLAIN, VOIDED, ON_TOP = 0, 1, 2
NEVER = -1
"""The day of what does not happen."""


class _Arrays:
    """Arrays of one length that belong together."""

    @classmethod
    def concat(cls, parts: list[_Arrays]) -> _Arrays:
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def take(self, index: np.ndarray) -> _Arrays:
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return type(self)(**{name: getattr(self, name)[index] for name in names})


@dataclass
class Lots(_Arrays):
    """One element per lot. Days count from workdays.EPOCH; `_sec` = seconds of the day; `_cents` in the lot's currency
    but for `usd_cents`; positions point into the reference tables; NEVER where nothing happens.
    """

    day: Ints
    accept_sec: Ints
    declared_day: Ints
    kind: Ints
    leaves: Ints
    branch: Ints
    org: Ints
    serial: Ints
    decl_type: Ints
    insp_org: Ints
    insp_branch: Ints
    enterprise: Ints
    agent: Ints
    good: Ints
    partner: Ints
    trader: Ints
    currency: Ints
    rate_e8: Ints
    cents: Ints
    first_cents: Ints
    usd_cents: Ints
    lines: Ints
    port: Ints
    landbridge: Ints
    transport: Ints
    trade_mode: Ints
    acceptor: Ints
    inspector: Ints
    salt: Ints
    salt2: Ints
    rate_sent: Ints
    value_sent: Ints
    same_officer: Ints
    void_day: Ints
    correction: Ints
    correction_day: Ints
    pending_day: Ints
    result_day: Ints
    result: Ints
    finding: Ints
    again_day: Ints
    again_result: Ints
    retyped_day: Ints

    @property
    def evaluated(self) -> Bools:
        """Whether a final first result comes before a void, if any."""
        return np.asarray((self.kind != VOIDED) | (self.result_day < self.void_day))

    @property
    def counts(self) -> Bools:
        """Whether the lot is in the totals once it is evaluated: not void, and of a type that counts."""
        return np.asarray(self.kind == PLAIN)


@dataclass
class Lines(_Arrays):
    """One element per goods line of the final version; `lot` is the position in the Lots that it came with."""

    lot: Ints
    goods_no: Ints
    good: Ints
    origin: Ints
    cents: Ints
    qty_e2: Ints
    grams: Ints
    other_currency: Ints
    salt: Ints


@dataclass
class Book:
    """All lots that are accepted on one day, ordered by branch and time of acceptance, and their goods lines."""

    lots: Lots
    lines: Lines

    def choose(self, index: np.ndarray) -> Book:
        """The lots at `index` (ascending positions) with their lines, positions renumbered."""
        place = np.full(len(self.lots.day), -1, dtype=np.int64)
        place[index] = np.arange(len(index))
        chosen = self.lines.take(np.flatnonzero(place[self.lines.lot] >= 0))
        assert isinstance(chosen, Lines)
        chosen.lot = place[chosen.lot]
        lots = self.lots.take(index)
        assert isinstance(lots, Lots)
        return Book(lots, chosen)


def join_books(books: list[Book]) -> Book:
    """Several books as one; there must be at least one."""
    starts = np.cumsum([0] + [len(book.lots.day) for book in books[:-1]])
    lots = Lots.concat([book.lots for book in books])
    lines = Lines.concat([book.lines for book in books])
    assert isinstance(lots, Lots)
    assert isinstance(lines, Lines)
    lines.lot = np.concatenate([book.lines.lot + start for book, start in zip(books, starts, strict=True)])
    return Book(lots, lines)
