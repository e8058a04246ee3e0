"""The exchange over HTTPS: a real web server over `<home>/exchange/<org6>/{outbox,inbox}`, beside the SFTP server.

    python -m ciq_demo.https_server start|stop|status

The token of the account `ciq` opens all branches, that of a branch (its code) its own folder. Tokens are generated, the
certificate is signed by an authority made for it, whose certificate is published beside the state.
"""

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import httpx
import typer
import uvicorn

from ciq.errors import CiqError
from ciq.settings import Settings
from ciq_demo import processes
from ciq_demo.certificates import make_certificates
from ciq_demo.https_app import ExchangeApp, bearer_access
from ciq_demo.state import free_port, keep_port, known_port, only_one, secret, write_private

ACCOUNT = "ciq"
DEFAULT_PORT = 54443
_SERVICE = "https"


@dataclass(frozen=True)
class HttpsExchange:
    """A running HTTPS server: where it is, and how to be sure that it is the one."""

    home: Path
    port: int

    @property
    def root(self) -> Path:
        """The folder that the account `ciq` sees as `/`."""
        return self.home / "exchange"

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that signed the server's."""
        return self.home / _SERVICE / "ca.pem"

    def token_file(self, account: str = ACCOUNT) -> Path:
        """The file that holds an account's bearer token, mode 0600."""
        return self.home / _SERVICE / f"{account}.token"

    @property
    def url(self) -> str:
        """https://127.0.0.1:port/?token_file=...&ca_file=..."""
        query = urlencode({"token_file": str(self.token_file()), "ca_file": str(self.ca_file)})
        return f"https://127.0.0.1:{self.port}/?{query}"


def start(home: Path, branches: Iterable[str]) -> HttpsExchange:
    """Start the server, or find it running; every branch has its folders and its token afterwards.

    Raises CiqError with the log's place when it does not come up.
    """
    with only_one(home, _SERVICE):
        make_certificates(home / _SERVICE)
        _write_token(home, ACCOUNT)
        for branch in branches:
            _write_token(home, branch)
            for folder in ("outbox", "inbox"):
                (home / "exchange" / branch / folder).mkdir(parents=True, exist_ok=True)
        found = status(home)
        if found is not None:
            return found
        try:
            return _launch(home, free_port(known_port(home, _SERVICE), DEFAULT_PORT))
        except CiqError:
            # Another program may have taken the port between looking and listening.
            processes.stop(home, _SERVICE)
            return _launch(home, free_port())


def _launch(home: Path, port: int) -> HttpsExchange:
    exchange = HttpsExchange(home, port)
    keep_port(home, _SERVICE, port)
    command = [sys.executable, "-m", "ciq_demo.https_server", "serve", "--home", str(home)]
    processes.launch(home, _SERVICE, command, variables={})
    processes.wait_until(home, [_SERVICE], lambda: _answers(exchange), timeout_s=60)
    return exchange


def stop(home: Path) -> bool:
    """Stop the server; False when it was not running."""
    return processes.stop(home, _SERVICE)


def status(home: Path) -> HttpsExchange | None:
    """The server when it runs, else None."""
    port = known_port(home, _SERVICE)
    return HttpsExchange(home, port) if port is not None and processes.running(home, _SERVICE) else None


def _write_token(home: Path, account: str) -> None:
    write_private(home / _SERVICE / f"{account}.token", f"{account}.{secret(home, _SERVICE, account)}\n")


def _secret_of(home: Path, account: str) -> str | None:
    """Read anew each time: a second start may have added branches."""
    known: dict[str, str] = json.loads((home / "secrets" / f"{_SERVICE}.json").read_text(encoding="utf-8"))
    return known.get(account)


def _serve(home: Path) -> None:
    folder = home / _SERVICE
    uvicorn.run(
        ExchangeApp(home / "exchange", bearer_access(lambda account: _secret_of(home, account), ACCOUNT)),
        host="127.0.0.1",
        port=known_port(home, _SERVICE) or DEFAULT_PORT,
        ssl_certfile=folder / "server.pem",
        ssl_keyfile=str(folder / "server.key"),
        lifespan="off",
        server_header=False,
    )


def _answers(exchange: HttpsExchange) -> bool:
    try:
        context = ssl.create_default_context(cafile=exchange.ca_file)
        return httpx.get(f"https://127.0.0.1:{exchange.port}/", verify=context, trust_env=False).status_code == 401
    except httpx.TransportError:
        return False


app = typer.Typer(help="The exchange over HTTPS, for the tests and to try it by hand.", no_args_is_help=True)
Home = Annotated[Path | None, typer.Option(help="State folder; default: CIQ_HOME, or .ciq in the project")]


@app.command(name="start")
def start_command(home: Home = None) -> None:
    """Start the server, or find it running."""
    from ciq_demo.branches import delivering_branches

    settings = Settings()
    exchange = start(home or settings.home, delivering_branches(settings))
    typer.echo(f"HTTPS on 127.0.0.1:{exchange.port}, files in {exchange.root}\nfor CIQ_ENDPOINTS: {exchange.url}")


@app.command(name="stop")
def stop_command(home: Home = None) -> None:
    """Stop the server."""
    typer.echo("stopped" if stop(home or Settings().home) else "was not running")


@app.command(name="status")
def status_command(home: Home = None) -> None:
    """Say where the server listens; exit 1 when it does not run."""
    exchange = status(home or Settings().home)
    if exchange is None:
        typer.echo("not running")
        raise typer.Exit(1)
    typer.echo(f"HTTPS on 127.0.0.1:{exchange.port}, files in {exchange.root}\nfor CIQ_ENDPOINTS: {exchange.url}")


@app.command(hidden=True)
def serve(home: Home = None) -> None:
    """Serve until stopped; `start` runs this in the background."""
    _serve(home or Settings().home)


if __name__ == "__main__":
    app()
