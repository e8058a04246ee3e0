"""What a check returns."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 20
"""Breaches named per check: the first one is what a person looks at."""


@dataclass(frozen=True, kw_only=True)
class Breach:
    """Something stored does not agree with the ledger. `place` leads to it: table, key, delivery, file, line."""

    invariant: str
    place: str
    found: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.place}: {self.found}"
