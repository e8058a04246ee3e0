"""`ciq doctor`: what the warehouse needs from its surroundings, each with what to do when it is not there."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import CiqError
from ciq.ledger.logins import RESERVED_CONNECTIONS
from ciq.ledger.pseudonyms import use_key
from ciq.ledger.roles import ROLES, WORKERS
from ciq.settings import Role, Settings

SMALLEST_DISK = 5 * 1024**3
WANTED_LOCKS = 64


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    well: bool
    what: str
    found: str
    advice: str = ""


def _well(what: str, found: str) -> Finding:
    return Finding(well=True, what=what, found=found)


def _ill(what: str, found: str, advice: str) -> Finding:
    return Finding(well=False, what=what, found=found, advice=advice)


def _either(well: bool, what: str, found: str, advice: str) -> Finding:
    return _well(what, found) if well else _ill(what, found, advice)


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a part that fails does not stop the others."""
    findings = [_disk(settings), _contracts(settings), _server_port(settings)]
    return findings + [
        _guarded(look, settings) for look in (_server, _roles, _reserve, _secrets, _pseudonyms, _calendar)
    ]


def _guarded(look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return look(settings)
    except (CiqError, psycopg.Error, OSError) as error:
        name = look.__name__.strip("_")
        return _ill(name, str(error).strip().splitlines()[0], "Start the database, then `ciq init`.")


def _disk(settings: Settings) -> Finding:
    folder = settings.landing_root
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / 1024**3:.1f} GiB free in {folder}"
    advice = "Make room, or set CIQ_LANDING to another disk."
    return _either(free >= SMALLEST_DISK, "disk for landing 落地区磁盘", found, advice)


def _contracts(settings: Settings) -> Finding:
    try:
        feeds = load_contracts(settings.contracts).feeds
    except CiqError as error:
        return _ill("contracts 数据契约", str(error), "Mend the contract that is named.")
    return _well("contracts 数据契约", ", ".join(f"{c.feed_code} {c.version}" for c in feeds))


def _server_port(settings: Settings) -> Finding:
    if settings.warehouse_url is None:
        return _ill("port 端口", "CIQ_WAREHOUSE_URL is not set", "Run `make demo`, or set it.")
    parts = urlsplit(settings.warehouse_url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 5432
    try:
        with socket.create_connection((host, port), timeout=3):
            return _well("port 端口", f"{host}:{port} answers")
    except OSError as error:
        return _ill("port 端口", f"{host}:{port}: {error}", "Start the server, or correct CIQ_WAREHOUSE_URL.")


def _server(settings: Settings) -> Finding:
    with connect(settings, "owner") as connection:
        version = connection.info.server_version // 10000
        row = connection.execute(
            "select current_setting('server_encoding'), current_setting('max_locks_per_transaction')::int,"
            " current_setting('data_checksums'), current_setting('fsync')"
        ).fetchone()
    assert row is not None
    encoding, locks, checksums, fsync = row
    well = version >= 16 and encoding == "UTF8" and locks >= WANTED_LOCKS and fsync == "on"
    found = f"PostgreSQL {version}, {encoding}, {locks} locks, checksums {checksums}, fsync {fsync}"
    return _either(well, "server 服务器", found, "PostgreSQL 16+, UTF8, fsync on are needed.")


def _roles(settings: Settings) -> Finding:
    for name in ROLES:
        role: Role = name  # type: ignore[assignment]
        with connect(settings, role) as connection:
            row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
            if row is None or row[0]:
                return _ill("roles 角色", f"ciq_{name} is a superuser", "Take SUPERUSER from it.")
    return _well("roles 角色", "ciq_" + ", ciq_".join(ROLES) + " log in, none is superuser")


def _reserve(settings: Settings) -> Finding:
    """Whether loads and builds still get in when readers have taken all other connections."""
    with connect(settings, "auditor") as connection:
        row = connection.execute(
            "select current_setting('reserved_connections')::int, array_agg(login order by login)"
            " filter (where not pg_has_role(login, %s, 'usage')) from unnest(%s::text[]) as login",
            (RESERVED_CONNECTIONS, list(WORKERS)),
        ).fetchone()
    assert row is not None
    kept, without = row[0], row[1] or []
    advice = []
    if not kept:
        advice.append("Set reserved_connections = 20 in postgresql.conf and restart the server.")
    if without:
        advice.append(f"As a superuser: grant {RESERVED_CONNECTIONS} to {', '.join(without)}.")
    found = f"{kept} kept for loads and builds; not for 未授权: {', '.join(without) or 'none 无'}"
    return _either(not advice, "reserved connections 预留连接", found, " ".join(advice))


def _secrets(settings: Settings) -> Finding:
    mode = settings.roles_file.stat().st_mode & 0o777
    found = f"{settings.roles_file} has mode {mode:o}"
    return _either(mode == 0o600, "secrets 口令文件", found, f"chmod 600 {settings.roles_file}")


def _pseudonyms(settings: Settings) -> Finding:
    with connect(settings, "loader") as connection:
        use_key(connection, settings)
    where = "CIQ_PSEUDONYM_KEY" if settings.pseudonym_key else str(settings.pseudonym_key_file)
    return _well("pseudonyms 假名密钥", f"{where} is the key of this warehouse; keep a copy elsewhere")


def _calendar(settings: Settings) -> Finding:
    with connect(settings, "auditor") as connection:
        row = connection.execute("select max(day) from ref.calendar").fetchone()
    last = row[0] if row else None
    wanted = settings.last_day or settings.first_day
    well = last is not None and (wanted is None or last >= wanted)
    advice = "Upgrade chinesecalendar and run `ciq init`: until then nothing is due on later days."
    return _either(well, "calendar 工作日历", f"workdays are known until {last}", advice)
