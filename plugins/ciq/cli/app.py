"""The `ciq` application: its groups, and errors that end in one clear message."""

from __future__ import annotations

import logging
import sys
from typing import Annotated, NoReturn

import typer

from ciq.cli import account, backfill, contracts, day, docs, look, mapping, review, setup
from ciq.cli.console import PlainFormatter, err, tolerate_any_terminal
from ciq.cli.holds import app as holds
from ciq.cli.quarantine import app as quarantine
from ciq.cli.readers import app as readers
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
account.register(app)
review.register(app)
app.add_typer(backfill.app, name="backfill")
app.add_typer(contracts.app, name="contracts")
app.add_typer(mapping.app, name="mapping")
app.add_typer(quarantine, name="quarantine")
app.add_typer(holds, name="hold")
app.add_typer(readers, name="reader")
app.add_typer(docs.app, name="docs")


@app.callback()
def _options(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False) -> None:
    level = logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    # Great Expectations sets levels of its own and tells its inner life at INFO: the handler has the last word.
    for one in logging.getLogger().handlers:
        one.setLevel(level)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)


def main() -> None:
    """Entry point: runs the command; errors a person can act on end in one message and exit code 1."""
    import psycopg

    tolerate_any_terminal()
    try:
        app()
    except CiqError as error:
        _fail(str(error))
    except psycopg.OperationalError as error:
        _fail(
            f"The warehouse cannot be reached 无法连接数据仓库: {_first_lines(error)}",
            "Is it running? `make demo` starts it; `ciq doctor` looks closer.",
        )
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn) as error:
        _fail(
            f"The database is not of this version 数据库版本不符: {_first_lines(error)}",
            "`ciq init` brings it to this version.",
        )
    except psycopg.Error as error:
        _fail(f"The database refused it 数据库拒绝: {_first_lines(error)}", "`ciq doctor` looks at roles and versions.")
    except OSError as error:
        _fail(
            f"Cannot use 无法使用 {error.filename or 'a file'}: {error.strerror or error}",
            "Check that it is there, that this user may use it, and that the disk is not full.",
        )


def _first_lines(error: Exception) -> str:
    return "\n".join(str(error).strip().splitlines()[:4])


def _fail(message: str, advice: str = "") -> NoReturn:
    err.print("[bold red]error 错误[/]", end=" ")
    err.print(message, markup=False)
    if advice:
        err.print(advice, markup=False)
    sys.exit(1)
