"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

import typer

from ciq.errors import SettingsError
from ciq.settings import Settings

Day = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="One business date.")]
FromDay = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")]
ToDay = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")]
AllDays = Annotated[bool, typer.Option("--all", help="Every business date.")]
Feeds = Annotated[list[str] | None, typer.Option("--feed", help="Feed code, for example F01; may be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def day_range(
    day: datetime | None, first: datetime | None, last: datetime | None, everything: bool
) -> tuple[date | None, date | None]:
    """First and last business date of a command; (None, None) for all.

    Raises SettingsError unless exactly one of the ways to say it was used.
    """
    ways = sum((day is not None, first is not None or last is not None, everything))
    if ways != 1:
        raise SettingsError("Say which business dates", advice="Use --date D, or --from A --to B, or --all.")
    if day is not None:
        return day.date(), day.date()
    if (first is None) != (last is None):
        raise SettingsError("A range needs both ends", advice="Use --from A --to B.")
    return (first.date() if first else None), (last.date() if last else None)


def check_feeds(settings: Settings, feeds: Iterable[str]) -> None:
    """Raise SettingsError for a feed code that no contract has."""
    from ciq.contracts import load_contracts

    wanted = list(feeds)
    if not wanted:
        return
    known = sorted({contract.feed_code for contract in load_contracts(settings.contracts).feeds})
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise SettingsError(f"There is no feed {', '.join(unknown)}", advice=f"Known feeds 已知: {', '.join(known)}.")
