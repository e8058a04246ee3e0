"""The demo's state on disk: secrets, free ports, and the `env` file that `ciq` reads."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_ENV_LINE = re.compile(r"^(?P<name>[A-Z_][A-Z0-9_]*)='(?P<value>.*)'$")


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, readable by the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def secret(home: Path, group: str, name: str, *, size: int = 24) -> str:
    """The secret `name` of `group`: made at first use of `size` random bytes, kept in `home/secrets/<group>.json`."""
    path = home / "secrets" / f"{group}.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if name not in known:
        known[name] = secrets.token_urlsafe(size)
        write_private(path, json.dumps(known, indent=2))
    return known[name]


def read_env(home: Path) -> dict[str, str]:
    """The variables in `home/env`; empty when there is no such file."""
    path = home / "env"
    if not path.exists():
        return {}
    found = (_ENV_LINE.match(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {match["name"]: match["value"].replace("\\'", "'").replace("\\\\", "\\") for match in found if match}


def update_env(home: Path, variables: Mapping[str, str | None]) -> None:
    """Set variables in `home/env` (mode 0600); None removes one. Single quotes keep `$` and `#` as they are."""
    merged = {name: value for name, value in {**read_env(home), **variables}.items() if value is not None}
    quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in merged.items()}
    write_private(home / "env", "".join(f"{name}='{value}'\n" for name, value in sorted(quoted.items())))


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(*wanted: int | None) -> int:
    """The first of the wanted ports that is free on 127.0.0.1, else any free one."""
    for port in wanted:
        if port is not None and port_is_free(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


def known_port(home: Path, service: str) -> int | None:
    """The port that a service of this state folder last used."""
    path = _port_file(home, service)
    return int(path.read_text()) if path.exists() else None


def keep_port(home: Path, service: str, port: int) -> None:
    """Note the port of a service, so that it is found there, and asks for the same one next time."""
    write_private(_port_file(home, service), str(port))


def _port_file(home: Path, service: str) -> Path:
    return home / service / "port"


@contextmanager
def only_one(home: Path, name: str) -> Iterator[None]:
    """Hold the lock `name` of this state folder, so that two starts do not race; released when the holder ends."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / f".{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
