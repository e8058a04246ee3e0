"""The embedded PostgreSQL: the wheel's programs, our own initdb, start and stop.

    python -m ciq_demo.postgres start|stop|status

Listens on 127.0.0.1 and on a socket, with passwords on both. It holds the database `ciq` (owner `ciq_owner`: may create
roles, is no superuser) and `airflow`, and outlives the process that started it. When CIQ_WAREHOUSE_URL is set in the
environment, the warehouse is there, and this server holds Airflow's metadata only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from ciq.errors import CiqError
from ciq_demo import databases
from ciq_demo.postgres_settings import initdb_options, render, server_settings
from ciq_demo.server_account import Account, data_root, installation, programs, server_account
from ciq_demo.state import free_port, only_one, secret, write_private

DEFAULT_VERSION = 18
DEFAULT_PORT = 54320
SUPERUSER = "postgres"
START_TIMEOUT_S = 600
"""How long a crash recovery may take."""


@dataclass(frozen=True)
class Server:
    """A running embedded server."""

    home: Path
    version: int
    port: int
    data: Path
    socket_dir: Path
    log: Path
    bin: Path

    def password(self, login: str) -> str:
        """The generated password of a login of this server."""
        return secret(self.home, "postgres", login)

    def url(self, database: str, login: str) -> str:
        """postgresql://login:password@127.0.0.1:port/database"""
        return f"postgresql://{login}:{quote(self.password(login), safe='')}@127.0.0.1:{self.port}/{database}"


def start(home: Path, *, version: int = DEFAULT_VERSION, throwaway: bool = False) -> Server:
    """Start the server of this state folder, or find it running; both databases are there afterwards.

    Raises CiqError with the log's place when it does not come up.
    """
    with only_one(home, "postgres"):
        account = server_account()
        server = _prepare(home, account, version=version, throwaway=throwaway)
        if _postmaster(server.data) is None:
            server = _launch(server, account)
        with _superuser(server) as admin:
            databases.create_login(admin, "ciq_owner", server.password("ciq_owner"), creates_roles=True)
            databases.create_login(admin, "airflow", server.password("airflow"), creates_roles=False)
            databases.create_database(admin, "ciq", "ciq_owner")
            databases.create_database(admin, "airflow", "airflow")
        return server


def stop(home: Path, *, immediately: bool = False) -> bool:
    """Stop the server of this state folder; False when it was not running.

    `immediately` ends it as a crash would: the next start recovers.
    """
    server = _known(home)
    if server is None or _postmaster(server.data) is None:
        return False
    mode = "immediate" if immediately else "fast"
    code = server_account().run(server.bin / "pg_ctl", "stop", "-D", server.data, "-m", mode, "-w", "-t", "120")
    if code != 0 and _postmaster(server.data) is not None:
        raise CiqError(f"PostgreSQL in {server.data} does not stop", advice=f"Its log: {server.log}")
    return True


def status(home: Path) -> Server | None:
    """The server of this state folder when it runs, else None."""
    server = _known(home)
    return server if server is not None and _postmaster(server.data) is not None else None


def destroy(home: Path) -> None:
    """Stop the server and delete its data, programs that were copied for it, and its passwords."""
    server = _known(home)
    stop(home, immediately=True)
    if server is not None:
        for folder in (server.data.parent, server.socket_dir):
            _remove_tree(folder)
    (home / "secrets" / "postgres.json").unlink(missing_ok=True)
    (home / "postgres.json").unlink(missing_ok=True)


def _remove_tree(folder: Path) -> None:
    """Delete a folder; children of a killed postmaster may still be writing into it for a moment."""
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def create_database(server: Server, name: str, owner: str, *, template: str = "template1") -> str:
    """Make a database, as a copy of `template`, if it is not there; returns the owner's URL."""
    with _superuser(server) as admin:
        databases.create_database(admin, name, owner, template=template)
    return server.url(name, owner)


def drop_database(server: Server, name: str) -> None:
    """Drop a database and end its sessions."""
    with _superuser(server) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _superuser(server: Server) -> psycopg.Connection:
    return psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True)


def _known(home: Path) -> Server | None:
    """The server as `home/postgres.json` describes it, running or not."""
    try:
        saved = json.loads((home / "postgres.json").read_text())
    except FileNotFoundError:
        return None
    paths = {name: Path(saved[name]) for name in ("data", "socket_dir", "log", "bin")}
    return Server(home=home, version=saved["version"], port=saved["port"], **paths)


def _remember(server: Server) -> None:
    paths = {name: str(getattr(server, name)) for name in ("data", "socket_dir", "log", "bin")}
    write_private(server.home / "postgres.json", json.dumps({"version": server.version, "port": server.port, **paths}))


def _prepare(home: Path, account: Account, *, version: int, throwaway: bool) -> Server:
    """Programs, data folder and configuration, ready to start; an existing data folder keeps its version."""
    installation(version)  # refuse an unknown one before anything is made
    known = _known(home)
    root = known.data.parent if known and known.data.parent.exists() else data_root(home, account)
    data = root / "data"
    if (data / "PG_VERSION").exists():
        version = int((data / "PG_VERSION").read_text())
    folder = programs(version, account, root)
    port = known.port if known else DEFAULT_PORT
    server = Server(home, version, port, data, _socket_dir(data, account), root / "log" / "postgres.log", folder)
    for path in (root, server.log.parent):
        path.mkdir(parents=True, exist_ok=True)
        account.own(path)
    _remember(server)
    if not data.exists():
        _initialise(server, account)
    configuration = data / "ciq.conf"
    configuration.write_text(render(server_settings(socket_dir=server.socket_dir, throwaway=throwaway)))
    account.own(configuration)
    return server


def _initialise(server: Server, account: Account) -> None:
    """initdb beside the data folder, then rename: a killed start never leaves half of one."""
    draft = server.data.with_name("data.partial")
    shutil.rmtree(draft, ignore_errors=True)
    password_file = server.data.with_name("password")
    write_private(password_file, server.password(SUPERUSER))
    account.own(password_file)
    code = account.run(
        *(server.bin / "initdb", "-D", draft, "-U", SUPERUSER, f"--pwfile={password_file}"),
        *initdb_options(server.version),
        *("--auth=scram-sha-256", "--no-sync"),
        output=server.log,
    )
    password_file.unlink()
    if code != 0:
        raise CiqError("The embedded PostgreSQL could not be set up", advice=f"Its log: {server.log}")
    with (draft / "postgresql.conf").open("a") as file:
        file.write("\ninclude = 'ciq.conf'\n")
    draft.rename(server.data)


def _launch(server: Server, account: Account) -> Server:
    """Start the postmaster on the remembered port, or on a free one when that is taken."""
    account.own(_touched(server.log))
    deadline = time.monotonic() + START_TIMEOUT_S
    failures = 0
    while True:
        server = Server(**{**vars(server), "port": free_port(server.port, DEFAULT_PORT)})
        _remember(server)
        _drop_stale_lock_files(server)
        log_start = server.log.stat().st_size
        account.run(
            *(server.bin / "pg_ctl", "start", "-D", server.data, "-l", server.log, "-o", f"-p {server.port}"),
            *("-w", "-t", str(START_TIMEOUT_S)),
        )
        if _postmaster(server.data) is not None:
            return server
        said = server.log.read_bytes()[log_start:].decode(errors="replace")
        failures += 1
        # After a kill -9 of the postmaster its children take a moment to notice; a port can be lost to another.
        passing = "still in use" in said or "Address already in use" in said
        if (not passing and failures >= 2) or time.monotonic() > deadline:
            raise CiqError("The embedded PostgreSQL does not start", advice=f"Its log: {server.log}\n{said[-1500:]}")
        time.sleep(0.5)


def _touched(path: Path) -> Path:
    path.touch()
    return path


def _postmaster(data: Path) -> psutil.Process | None:
    """The running postmaster of a data folder. A pid file alone proves nothing: the pid may be another's by now."""
    pid = _pid_in_file(data)
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        ours = str(data) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if ours else None


def _pid_in_file(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _drop_stale_lock_files(server: Server) -> None:
    """Remove lock files whose pid is another program's by now, or a zombie's: PostgreSQL would believe them."""
    pid = _pid_in_file(server.data)
    if pid is not None and psutil.pid_exists(pid) and _postmaster(server.data) is None:
        (server.data / "postmaster.pid").unlink(missing_ok=True)
    for left in server.socket_dir.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _socket_dir(data: Path, account: Account) -> Path:
    """A short folder: a socket's path may have about 100 bytes, and a checkout's path may be longer."""
    uid = os.geteuid() if account.uid is None else account.uid
    digest = hashlib.sha256(f"{data}:{uid}".encode()).hexdigest()[:10]
    for attempt in range(100):
        folder = Path("/tmp") / f"ciq-{digest}-{attempt}"
        try:
            folder.mkdir(mode=0o755)
            account.own(folder)
        except FileExistsError:
            if folder.is_symlink() or folder.stat().st_uid != uid:
                continue
        return folder
    raise CiqError("No folder for the socket of PostgreSQL could be made", advice="Look at what fills the temp folder.")


def main() -> None:
    """Run the command line."""
    from ciq_demo.postgres_cli import app

    app()


if __name__ == "__main__":
    main()
