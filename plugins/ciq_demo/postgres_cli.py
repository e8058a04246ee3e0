"""`python -m ciq_demo.postgres`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ciq.settings import Settings
from ciq_demo import postgres
from ciq_demo.state import update_env

app = typer.Typer(help="The embedded PostgreSQL of the demo and the tests.", no_args_is_help=True)
Home = Annotated[Path | None, typer.Option(help="State folder; default: CIQ_HOME, or .ciq in the project")]


def default_home() -> Path:
    """The state folder of this checkout, or the one that CIQ_HOME names."""
    return Settings().home


def write_warehouse_url(server: postgres.Server) -> None:
    """Put CIQ_WAREHOUSE_URL in the state folder's `env`: the caller's own if it has one, else this server's."""
    url = os.environ.get("CIQ_WAREHOUSE_URL") or server.url("ciq", "ciq_owner")
    update_env(server.home, {"CIQ_WAREHOUSE_URL": url})


@app.command()
def start(
    home: Home = None,
    version: Annotated[int, typer.Option(help="16 or 18; an existing data folder keeps its own")] = 18,
) -> None:
    """Start the server, or find it running; write CIQ_WAREHOUSE_URL to <home>/env."""
    server = postgres.start(home or default_home(), version=version)
    write_warehouse_url(server)
    typer.echo(
        f"PostgreSQL {server.version} on 127.0.0.1:{server.port}, data {server.data}, socket {server.socket_dir}"
    )


@app.command()
def stop(home: Home = None) -> None:
    """Stop the server."""
    typer.echo("stopped" if postgres.stop(home or default_home()) else "was not running")


@app.command()
def status(home: Home = None) -> None:
    """Say where the server listens; exit 1 when it does not run."""
    server = postgres.status(home or default_home())
    if server is None:
        typer.echo("not running")
        raise typer.Exit(1)
    typer.echo(f"PostgreSQL {server.version} on 127.0.0.1:{server.port}, data {server.data}, log {server.log}")
