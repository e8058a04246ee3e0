"""Services as detached processes: started once, found again by pid file, stopped without touching anyone else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from ciq.errors import CiqError
from ciq_demo.state import write_private

STOP_GRACE_S = 30.0


def launch(
    home: Path, name: str, command: Sequence[str], *, variables: Mapping[str, str], cwd: Path | None = None
) -> psutil.Process:
    """Start a service in a session of its own, so that it outlives its starter; what it says goes to its log."""
    path = log_file(home, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    with path.open("ab") as log:
        child = subprocess.Popen(
            list(command),
            cwd=cwd or home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    process = psutil.Process(child.pid)
    write_private(_pid_file(home, name), json.dumps({"pid": process.pid, "started": process.create_time()}))
    return process


def running(home: Path, name: str) -> psutil.Process | None:
    """The service's process, or None. A pid that another program got since then is told by its start time."""
    try:
        saved = json.loads(_pid_file(home, name).read_text())
        process = psutil.Process(saved["pid"])
        ours = abs(process.create_time() - saved["started"]) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, ValueError, KeyError, psutil.Error):
        return None
    return process if ours else None


def stop(home: Path, name: str) -> bool:
    """End a service and its children: asked first, killed after a grace; False when it was not running."""
    process = running(home, name)
    if process is None:
        _pid_file(home, name).unlink(missing_ok=True)
        return False
    family = [process, *_children(process)]
    _signal(process, psutil.Process.terminate)
    psutil.wait_procs([process], timeout=STOP_GRACE_S)
    # psutil compares start times before it signals, so a pid that was reused meanwhile is left alone.
    for member in psutil.wait_procs(family, timeout=2)[1]:
        _signal(member, psutil.Process.kill)
    _pid_file(home, name).unlink(missing_ok=True)
    return True


def wait_until(home: Path, names: Sequence[str], ready: Callable[[], bool], *, timeout_s: float) -> None:
    """Wait until services that were launched together answer.

    Raises CiqError with the end of a log when one of them ends before, or they do not answer in time.
    """
    deadline = time.monotonic() + timeout_s
    while not ready():
        ended = [name for name in names if running(home, name) is None]
        if ended or time.monotonic() > deadline:
            blamed = (ended or names)[0]
            what = "ended while starting" if ended else f"does not answer after {timeout_s:.0f} s"
            raise CiqError(f"{blamed} {what}", advice=f"Its log: {log_file(home, blamed)}\n{log_end(home, blamed)}")
        time.sleep(0.2)


def log_file(home: Path, name: str) -> Path:
    """Where a service's output goes."""
    return home / "logs" / f"{name}.log"


def log_end(home: Path, name: str, *, lines: int = 20) -> str:
    """The last lines of a service's log."""
    path = log_file(home, name)
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def _pid_file(home: Path, name: str) -> Path:
    return home / "run" / f"{name}.json"


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _signal(process: psutil.Process, how: Callable[[psutil.Process], None]) -> None:
    try:
        how(process)
    except psutil.NoSuchProcess:
        return
