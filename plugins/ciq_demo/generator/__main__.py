"""python -m ciq_demo.generator: write a range of days into an exchange folder."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ciq_demo.generator import Scenario, demo_scenario, write_baseline, write_days

app = typer.Typer(add_completion=False)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def main(
    exchange_root: Annotated[Path, typer.Argument(help="Folder with one folder per branch; made when missing.")],
    first_day: Day = None,
    last_day: Day = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 2010,
    demo: Annotated[bool, typer.Option(help="With the defects, the late and the corrected files of the demo.")] = False,
    cutover: Annotated[
        bool, typer.Option(help="Leave out declarations accepted, and cases begun, before the first day.")
    ] = False,
    delivered_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what is delivered on this day.")
    ] = None,
    org: Annotated[list[str] | None, typer.Option(help="Only this branch; may be repeated.")] = None,
    baseline: Annotated[
        bool, typer.Option(help="Also the monthly summaries of 2009, which growth needs; alone, without days.")
    ] = False,
) -> None:
    """Write the deliveries of all feeds of a range of business dates (2009-12-01 to 2011-01-31)."""
    written = []
    if first_day and last_day:
        written = write_days(
            exchange_root,
            first_day=first_day.date(),
            last_day=last_day.date(),
            seed=seed,
            scenario=demo_scenario() if demo else Scenario(),
            cutover=cutover,
            delivered_on=delivered_on.date() if delivered_on else None,
            orgs=org or None,
        )
    elif first_day or last_day or not baseline:
        raise typer.BadParameter("give both --first-day and --last-day, or --baseline alone")
    if baseline:
        written += write_baseline(exchange_root, seed=seed, orgs=org or None)
    rows: Counter[str] = Counter()
    for delivery in written:
        rows[delivery.feed] += delivery.rows
    typer.echo(f"{len(written)} deliveries / 份报送")
    for feed, count in sorted(rows.items()):
        typer.echo(f"{feed}: {count} rows / 行")


if __name__ == "__main__":
    app()
