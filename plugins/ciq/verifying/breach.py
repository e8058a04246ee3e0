"""What a check returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Breach:
    """Something stored does not agree with the ledger. `place` leads to it: table, key, delivery, file, line."""

    invariant: str
    place: str
    found: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.place}: {self.found}"
