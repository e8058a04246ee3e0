"""Airflow on this machine: api-server, scheduler with its local executor, and dag-processor, as detached processes."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from ciq.errors import CiqError
from ciq.settings import PROJECT_ROOT
from ciq_demo import processes
from ciq_demo.airflow_environment import LOGINS, AirflowSecrets, airflow_environment
from ciq_demo.postgres import Server
from ciq_demo.sftp import Exchange
from ciq_demo.state import free_port, keep_port, known_port, only_one, secret, write_private

COMPONENTS = {
    "airflow-api-server": ("api-server",),
    "airflow-scheduler": ("scheduler", "--skip-serve-logs"),  # the API server reads the logs from the disk
    "airflow-dag-processor": ("dag-processor",),
}
START_TIMEOUT_S = 240.0
_DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Airflow:
    """Where Airflow answers, and with which variables its components run."""

    home: Path
    api_port: int
    variables: dict[str, str]

    @property
    def url(self) -> str:
        """The address of the user interface."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def logins_file(self) -> Path:
        """User names and passwords, mode 0600."""
        return _logins_file(self.home)

    @property
    def digest(self) -> str:
        """Changes with any variable."""
        return hashlib.sha256(json.dumps(self.variables, sort_keys=True).encode()).hexdigest()

    def password(self, login: str) -> str:
        """The generated password of one of the named users."""
        return secret(self.home, "airflow_logins", login)


def start(home: Path, database: Server, exchange: Exchange) -> Airflow:
    """Start all components, or find them running; they answer afterwards.

    Raises CiqError with the log's place when one does not come up.
    """
    with only_one(home, "airflow"):
        airflow = _prepare(home, database, exchange)
        if running(home) and _digest_file(home).exists() and _digest_file(home).read_text() == airflow.digest:
            return airflow
        stop(home)  # a component is missing, or something moved to another port since they were started
        _migrate(airflow)
        for name, command in COMPONENTS.items():
            program = [sys.executable, "-m", "airflow", *command]
            processes.launch(home, name, program, variables=airflow.variables, cwd=PROJECT_ROOT)
        processes.wait_until(home, list(COMPONENTS), lambda: _healthy(airflow), timeout_s=START_TIMEOUT_S)
        write_private(_digest_file(home), airflow.digest)
        return airflow


def stop(home: Path) -> bool:
    """Stop all components, the scheduler first so that nothing new begins; False when none was running."""
    stopped = [processes.stop(home, name) for name in ("airflow-scheduler", *COMPONENTS)]
    return any(stopped)


def running(home: Path) -> bool:
    """Whether every component's process is there."""
    return all(processes.running(home, name) for name in COMPONENTS)


def _logins_file(home: Path) -> Path:
    return home / "secrets" / "airflow_logins.json"


def _digest_file(home: Path) -> Path:
    return home / "airflow" / "variables.sha256"


def _prepare(home: Path, database: Server, exchange: Exchange) -> Airflow:
    port = known_port(home, "airflow")
    if port is None or not running(home):
        port = free_port(port, _DEFAULT_PORT)
        keep_port(home, "airflow", port)
    for login in LOGINS:
        secret(home, "airflow_logins", login, size=12)  # people type these
    variables = airflow_environment(
        project=PROJECT_ROOT,
        airflow_home=home / "airflow",
        ciq_home=home,
        metadata_url=database.url("airflow", "airflow"),
        api_port=port,
        secrets=AirflowSecrets(
            jwt=secret(home, "airflow", "jwt", size=64),
            fernet=_fernet_key(home),
            session=secret(home, "airflow", "session"),
        ),
        exchange=exchange.address(),
        passwords_file=_logins_file(home),
    )
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
    write_private(home / "airflow" / "env.sh", exports)  # for a person's shell: `. .ciq/airflow/env.sh`
    return Airflow(home, port, variables)


def _fernet_key(home: Path) -> str:
    """Fernet wants 32 bytes in URL-safe base64."""
    seed = secret(home, "airflow", "fernet")
    return base64.urlsafe_b64encode(seed.encode().ljust(32, b"=")[:32]).decode()


def _migrate(airflow: Airflow) -> None:
    """Bring Airflow's metadata to this version; also writes its default configuration, before three would at once."""
    log = processes.log_file(airflow.home, "airflow-db")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env={**os.environ, **airflow.variables},
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            check=False,
        )
    if done.returncode != 0:
        end = processes.log_end(airflow.home, "airflow-db")
        raise CiqError("Airflow's metadata could not be set up", advice=f"Its log: {log}\n{end}")


def _healthy(airflow: Airflow) -> bool:
    """Whether the API answers and both the scheduler and the dag-processor report to it."""
    try:
        health = httpx.get(f"{airflow.url}/api/v2/monitor/health", timeout=5).json()
    except (httpx.HTTPError, ValueError):
        return False
    parts = ("metadatabase", "scheduler", "dag_processor")
    return all(health.get(part, {}).get("status") == "healthy" for part in parts)
