"""`python -m ciq_demo up|replay|down`: what `make demo`, `make replay-2010`, `make down` and `make clean` run."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from ciq.errors import CiqError
from ciq.settings import Settings

app = typer.Typer(help="The demo: twenty bureaus, one week, one machine.", no_args_is_help=True, add_completion=False)


def make_console(*, stderr: bool = False) -> Console:
    """A console; where there is no terminal to ask for its width, wide enough for our tables."""
    console = Console(highlight=False, stderr=stderr)
    if not console.is_terminal:
        console.width = 132
    return console


@app.command()
def up() -> None:
    """Start everything, load a week through the scheduler and say what came of them."""
    from ciq_demo.exchange import DAYS
    from ciq_demo.figures import read_figures
    from ciq_demo.journey import ciq_command, fresh_settings, travel
    from ciq_demo.summary import show_summary

    console = make_console()
    services, steps = travel(console)
    settings = fresh_settings()
    figures = read_figures(settings, first=DAYS[0], last=DAYS[-1])
    show_summary(console, figures, services, settings, seconds=steps.seconds, ciq=ciq_command())


@app.command()
def replay(
    first_day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: 2009-12-01.")] = None,
    last_day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: 2010-12-31.")] = None,
) -> None:
    """Load thirteen months of all feeds and review 2010; exit code 1 unless each figure is within its bounds."""
    from ciq_demo.replay import FIRST_DAY, LAST_DAY
    from ciq_demo.replay import replay as replay_year

    review = replay_year(
        make_console(),
        first=first_day.date() if first_day else FIRST_DAY,
        last=last_day.date() if last_day else LAST_DAY,
    )
    if len(review.passing) < len(review.bounded):
        sys.exit(1)


@app.command()
def down(
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Also delete all data and passwords.")] = False,
) -> None:
    """Stop what `up` started; data stay unless asked otherwise."""
    from ciq_demo.replay import replay_home
    from ciq_demo.services import delete_data as delete
    from ciq_demo.services import stop_all

    home = Settings().home
    stopped = [*stop_all(replay_home(home)), *stop_all(home)]
    if delete_data:
        delete(replay_home(home))
        delete(home)
    typer.echo(f"stopped 已停止: {', '.join(stopped) or 'nothing was running 无'}")


def main() -> None:
    """Run a command; an error a person can act on ends in one message and exit code 1."""
    try:
        app()
    except (CiqError, psycopg.Error) as error:
        console = make_console(stderr=True)
        console.print("\n[bold red]demo failed 演示失败[/]")
        console.print(str(error), markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
