"""Files that hold secrets."""

from __future__ import annotations

import os
from pathlib import Path

from ciq.landing.durable import make_durable


def keep_secret(path: Path, text: str) -> None:
    """Write or replace a file of mode 0600: it is never there half written, and a power cut does not lose it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    make_durable([unfinished])
    unfinished.replace(path)
    make_durable([path.parent])
