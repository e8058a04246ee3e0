"""The `ciq` application: its groups, and errors that end in one clear message."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from ciq.cli import contracts, day, docs, look, setup
from ciq.cli.console import err
from ciq.cli.holds import app as holds
from ciq.cli.quarantine import app as quarantine
from ciq.errors import CiqError

app = typer.Typer(
    name="ciq",
    help="The CIQ warehouse: load, build, ask, verify. 检验检疫数据仓库。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
setup.register(app)
day.register(app)
look.register(app)
app.add_typer(contracts.app, name="contracts")
app.add_typer(quarantine, name="quarantine")
app.add_typer(holds, name="hold")
app.add_typer(docs.app, name="docs")


@app.callback()
def _options(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False) -> None:
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    # Great Expectations sets levels of its own and tells its inner life at INFO: the handler has the last word.
    for handler in logging.getLogger().handlers:
        handler.setLevel(level)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)


def main() -> None:
    """Entry point: runs the command; errors a person can act on end in one message and exit code 1."""
    import psycopg

    try:
        app()
    except CiqError as error:
        err.print("[bold red]error 错误[/]", end=" ")
        err.print(str(error), markup=False)
        sys.exit(1)
    except psycopg.OperationalError as error:
        err.print("[bold red]error 错误[/]", end=" ")
        err.print(f"The warehouse cannot be reached 无法连接数据仓库: {error}", markup=False)
        err.print("Is it running? `make demo` starts it; `ciq doctor` looks closer.", markup=False)
        sys.exit(1)
