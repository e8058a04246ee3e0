"""Errors that say where and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something went wrong: as much of it as is known."""

    feed: str | None = None
    branch: str | None = None
    business_date: date | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = [
            f"feed {self.feed}" if self.feed else "",
            f"branch {self.branch}" if self.branch else "",
            f"business date {self.business_date}" if self.business_date else "",
            f"file {self.file}" if self.file else "",
            f"line {self.line}" if self.line else "",
        ]
        return ", ".join(part for part in parts if part)


class CiqError(Exception):
    """An error a person can act on: what happened, where, and what to do about it."""

    def __init__(self, message: str, *, place: Place | None = None, advice: str = "") -> None:
        self.message = message
        self.place = place or Place()
        self.advice = advice
        where = f" [{self.place}]" if str(self.place) else ""
        what_to_do = f" {advice}" if advice else ""
        super().__init__(f"{message}{where}.{what_to_do}")


class SettingsError(CiqError):
    """A setting is missing or wrong."""


class ContractError(CiqError):
    """A contract cannot be read, or says something that cannot be compiled."""


class TransportError(CiqError):
    """A sender's files cannot be reached or read."""


class LoadError(CiqError):
    """A load could not be finished; nothing of it was published."""


class BuildError(CiqError):
    """A build failed; the former publication stays readable."""
