"""Run dbt in a process of its own, and read what it says about its nodes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ciq.errors import BuildError
from ciq.settings import Settings

_START = "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; cli()"
_WORK_MEM = "128MB"
"""A build sorts a few million narrow rows; it runs alone, on a few connections."""

_WELL = {"success", "pass", "skipped", "no-op"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One node that dbt ran. `kind`: model, test or unit_test."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str
    compiled: str | None

    @property
    def is_well(self) -> bool:
        """Whether it neither failed nor broke off."""
        return self.status in _WELL


def run_dbt(settings: Settings, command: Sequence[str], *, build_id: int | None = None) -> list[Step]:
    """Run one dbt command; returns its nodes.

    A node that fails is in the result and does not raise. Raises BuildError when dbt itself ends without one: it was
    killed, or the project cannot be read.
    """
    home = settings.home / "dbt"
    target = home / "target"
    results = target / "run_results.json"
    target.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    folders = ["--project-dir", settings.dbt_project, "--profiles-dir", settings.dbt_project]
    options = [*map(str, folders), "--target-path", str(target), "--log-path", str(home / "logs")]
    options += ["--quiet", "--log-level-file", "info"]
    done = subprocess.run(
        [sys.executable, "-c", _START, *command, *options],
        env={**os.environ, **environment(settings, build_id)},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    steps = _read(results)
    if done.returncode != 0 and all(step.is_well for step in steps):
        said = (done.stdout + done.stderr).strip()[-2000:]
        ending = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        raise BuildError(f"dbt ended with {ending}: {said}", advice=f"Its log: {home / 'logs' / 'dbt.log'}")
    return steps


def environment(settings: Settings, build_id: int | None) -> dict[str, str]:
    """What dbt's profile reads. The number of the build reaches the fence as a session setting, so that dbt need not
    parse its project again for each build."""
    url = urlsplit(settings.dsn("dbt"))
    session = ["timezone=Asia/Shanghai", "datestyle=ISO,YMD", "client_connection_check_interval=2s"]
    session.append(f"work_mem={_WORK_MEM}")
    if build_id is not None:
        session.append(f"ciq.build_id={build_id}")
    return {
        "CIQ_DBT_HOST": url.hostname or "",
        "CIQ_DBT_PORT": str(url.port or 5432),
        "CIQ_DBT_USER": unquote(url.username or ""),
        "CIQ_DBT_DATABASE": url.path.lstrip("/"),
        "DBT_ENV_SECRET_CIQ_DBT_PASSWORD": unquote(url.password or ""),
        "PGOPTIONS": " ".join(f"-c {setting}" for setting in session),
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
    }


def _read(results: Path) -> list[Step]:
    if not results.exists():
        return []
    nodes: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))["results"]
    return [
        Step(
            name=node["unique_id"].split(".")[2],
            kind=node["unique_id"].split(".")[0],
            status=node["status"],
            seconds=round(float(node["execution_time"]), 3),
            message=node.get("message") or "",
            compiled=node.get("compiled_code"),
        )
        for node in nodes
    ]
