"""The bureaus' exchange: a real SFTP server over `<home>/exchange/<org6>/{outbox,inbox}`.

    python -m ciq_demo.sftp start|stop|status     the demo: in the background, on a free port of 127.0.0.1
    python -m ciq_demo.sftp serve --all-branches  production: in the foreground, on a given address
    python -m ciq_demo.sftp connection            how Airflow reaches it

The account `ciq` sees all branches; the account of a branch (its code) sees its own folder as `/`. Passwords are
generated, the host key is generated once and published beside the state, so that clients can insist on it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import asyncssh
import typer

from ciq.settings import Settings
from ciq_demo import processes
from ciq_demo.airflow_environment import EXCHANGE_CONNECTION, SftpAddress
from ciq_demo.state import free_port, keep_port, known_port, only_one, secret, write_private

ACCOUNT = "ciq"
DEFAULT_PORT = 52222
_SERVICE = "sftp"


@dataclass(frozen=True)
class Exchange:
    """A running SFTP server: where it is, and how to be sure that it is the one."""

    home: Path
    port: int

    @property
    def root(self) -> Path:
        """The folder that the account `ciq` sees as `/`."""
        return self.home / "exchange"

    @property
    def host_key(self) -> str:
        """The server's public key, `ssh-ed25519 AAAA...`."""
        return (self.home / "sftp" / "host_key.pub").read_text(encoding="ascii").strip()

    def password(self, account: str = ACCOUNT) -> str:
        """The generated password of an account."""
        return secret(self.home, _SERVICE, account)

    def address(self, host: str = "127.0.0.1") -> SftpAddress:
        """Where a client that calls this machine `host` finds the account that sees all branches."""
        return SftpAddress(host=host, port=self.port, login=ACCOUNT, password=self.password(), host_key=self.host_key)

    @property
    def url(self) -> str:
        """sftp://ciq:password@127.0.0.1:port/?host_key=..."""
        login = f"{ACCOUNT}:{quote(self.password(), safe='')}"
        return f"sftp://{login}@127.0.0.1:{self.port}/?host_key={quote(self.host_key, safe='')}"


def start(home: Path, branches: Iterable[str]) -> Exchange:
    """Start the server, or find it running; every branch has its folders and its account afterwards.

    Raises CiqError with the log's place when it does not come up, also when another server took the port meanwhile.
    """
    with only_one(home, _SERVICE):
        prepare(home, branches)
        found = status(home)
        if found is not None:
            return found
        exchange = Exchange(home, free_port(known_port(home, _SERVICE), DEFAULT_PORT))
        keep_port(home, _SERVICE, exchange.port)
        command = [sys.executable, "-m", "ciq_demo.sftp", "serve", "--home", str(home), "--port", str(exchange.port)]
        processes.launch(home, _SERVICE, command, variables={})
        processes.wait_until(home, [_SERVICE], lambda: _is_ours(exchange), timeout_s=60)
        return exchange


def prepare(home: Path, branches: Iterable[str]) -> None:
    """Make what is missing of host key, passwords and folders."""
    _generate_host_key(home)
    secret(home, _SERVICE, ACCOUNT)
    for branch in branches:
        secret(home, _SERVICE, branch)
        for folder in ("outbox", "inbox"):
            (home / "exchange" / branch / folder).mkdir(parents=True, exist_ok=True)


def stop(home: Path) -> bool:
    """Stop the server; False when it was not running."""
    return processes.stop(home, _SERVICE)


def status(home: Path) -> Exchange | None:
    """The server when it runs, else None."""
    port = known_port(home, _SERVICE)
    return Exchange(home, port) if port is not None and processes.running(home, _SERVICE) else None


class _Accounts(asyncssh.SSHServer):
    """Password logins, from the file of generated secrets."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        known = username == ACCOUNT or (self._home / "exchange" / username).is_dir()
        wanted = secret(self._home, _SERVICE, username) if known and username.isalnum() else ""
        return bool(wanted) and hmac.compare_digest(wanted.encode(), password.encode())


def _files_of(home: Path, channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
    account = channel.get_extra_info("username")
    root = home / "exchange" if account == ACCOUNT else home / "exchange" / account
    return _NoLinks(channel, chroot=os.fsencode(root))


class _NoLinks(asyncssh.SFTPServer):
    """Files and folders only: a link would lead out of the account's folder."""

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("Links are not allowed")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("Links are not allowed")


async def _serve(home: Path, host: str, port: int) -> None:
    await asyncssh.listen(
        host,
        port,
        server_host_keys=[str(home / "sftp" / "host_key")],
        server_factory=lambda: _Accounts(home),
        sftp_factory=lambda channel: _files_of(home, channel),
        allow_scp=False,
        gss_host=None,
        compression_algs=None,
        login_timeout=30,
    )
    await asyncio.Event().wait()


def _generate_host_key(home: Path) -> None:
    private = home / "sftp" / "host_key"
    public = private.with_suffix(".pub")
    if private.exists() and public.exists():
        return
    key = asyncssh.generate_private_key("ssh-ed25519")
    write_private(private, key.export_private_key().decode("ascii"))
    words = key.export_public_key().decode("ascii").split()
    public.write_text(" ".join(words[:2]) + "\n", encoding="ascii")


def _is_ours(exchange: Exchange) -> bool:
    """Whether a server answers that has our host key: another one may have taken the port before ours did."""

    async def host_key() -> asyncssh.SSHKey | None:
        return await asyncssh.get_server_host_key(
            "127.0.0.1", exchange.port, server_host_key_algs=["ssh-ed25519"], config=None
        )

    try:
        found = asyncio.run(asyncio.wait_for(host_key(), timeout=5))
    except (OSError, asyncssh.Error):  # a timeout is an OSError
        return False
    return found is not None and found.export_public_key().decode("ascii").split()[:2] == exchange.host_key.split()


def _answers(port: int, host: str = "127.0.0.1") -> bool:
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


app = typer.Typer(help="The SFTP server of the demo and the tests.", no_args_is_help=True)
Home = Annotated[Path | None, typer.Option(help="State folder; default: CIQ_HOME, or .ciq in the project")]


@app.command(name="start")
def start_command(home: Home = None) -> None:
    """Start the server, or find it running."""
    from ciq_demo.branches import delivering_branches

    settings = Settings()
    exchange = start(home or settings.home, delivering_branches(settings))
    typer.echo(f"SFTP on 127.0.0.1:{exchange.port}, files in {exchange.root}, host key {exchange.host_key}")


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
    typer.echo(f"SFTP on 127.0.0.1:{exchange.port}, files in {exchange.root}")


@app.command()
def serve(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = DEFAULT_PORT,
    all_branches: Annotated[
        bool, typer.Option("--all-branches", help="First make what lacks: host key, every branch's account and folders")
    ] = False,
) -> None:
    """Serve until stopped; `start` runs this in the background."""
    settings = Settings()
    if all_branches:
        from ciq_demo.branches import delivering_branches

        prepare(home or settings.home, delivering_branches(settings))
    asyncio.run(_serve(home or settings.home, host, port))


@app.command()
def answers(
    host: Annotated[str, typer.Option(help="Address of the server")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the server")] = DEFAULT_PORT,
) -> None:
    """Exit 0 when an SSH server answers there, else 1."""
    raise typer.Exit(0 if _answers(port, host) else 1)


@app.command()
def connection(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Address under which Airflow reaches the server")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the server")] = DEFAULT_PORT,
) -> None:
    """Print the Airflow connection to the server, password included: what `airflow connections import` reads."""
    exchange = Exchange(home or Settings().home, port)
    typer.echo(json.dumps({EXCHANGE_CONNECTION: exchange.address(host).connection()}))


if __name__ == "__main__":
    app()
