"""Every environment variable that the demo's Airflow runs with: those of production too, and the demo's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from ciq.settings import PROJECT_ROOT

SHARED = PROJECT_ROOT / "plugins" / "ciq_airflow" / "airflow.env"
"""What the demo and production have in common; docker-compose.yml names the same file."""

EXCHANGE_CONNECTION = "ciq_exchange"
"""The Airflow connection behind which the branches' folders are; the organisations' list names it as endpoint."""

LOGINS = {"engineer": "admin", "analyst": "viewer", "auditor": "viewer"}
"""Named users of the demo and their roles in Airflow's simple auth manager."""


@dataclass(frozen=True, kw_only=True)
class AirflowSecrets:
    """Secrets that all components of one Airflow share."""

    jwt: str
    fernet: str
    session: str


@dataclass(frozen=True, kw_only=True)
class SftpAddress:
    """The exchange as a connection needs it. `host_key`: `ssh-ed25519 AAAA...`."""

    host: str
    port: int
    login: str
    password: str
    host_key: str

    def connection(self) -> dict[str, Any]:
        """The Airflow connection, as `airflow connections import` and `AIRFLOW_CONN_...` read it."""
        return {
            "conn_type": "sftp",
            "host": self.host,
            "port": self.port,
            "login": self.login,
            "password": self.password,
            "extra": {"host_key": self.host_key},
        }


def shared_variables() -> dict[str, str]:
    """The variables of `SHARED`, which holds no secret and refers to no other variable."""
    return {name: value or "" for name, value in dotenv_values(SHARED, interpolate=False).items()}


def airflow_environment(
    *,
    project: Path,
    airflow_home: Path,
    ciq_home: Path,
    metadata_url: str,
    api_port: int,
    secrets: AirflowSecrets,
    exchange: SftpAddress,
    passwords_file: Path,
    parallelism: int = 4,
) -> dict[str, str]:
    """The variables of every Airflow component.

    `metadata_url` is a plain `postgresql://` URL.
    """
    options = _options(
        project=project,
        airflow_home=airflow_home,
        metadata_url=metadata_url,
        api_port=api_port,
        secrets=secrets,
        passwords_file=passwords_file,
        parallelism=parallelism,
    )
    variables = {
        f"AIRFLOW__{section.upper()}__{option.upper()}": str(value)
        for section, values in options.items()
        for option, value in values.items()
    }
    return {
        **shared_variables(),
        **variables,
        "AIRFLOW_HOME": str(airflow_home),
        f"AIRFLOW_CONN_{EXCHANGE_CONNECTION.upper()}": json.dumps(exchange.connection()),
        "CIQ_HOME": str(ciq_home),
    }


def _options(
    *,
    project: Path,
    airflow_home: Path,
    metadata_url: str,
    api_port: int,
    secrets: AirflowSecrets,
    passwords_file: Path,
    parallelism: int,
) -> Mapping[str, Mapping[str, object]]:
    """The demo's own settings: section -> option -> value."""
    address = f"http://127.0.0.1:{api_port}"
    return {
        "core": {
            "dags_folder": project / "dags",
            "plugins_folder": project / "plugins",
            "executor": "LocalExecutor",
            "parallelism": parallelism,  # a worker keeps about 150 MB for as long as Airflow runs
            "fernet_key": secrets.fernet,
            "execution_api_server_url": f"{address}/execution/",
            "simple_auth_manager_users": ",".join(f"{name}:{role}" for name, role in LOGINS.items()),
            "simple_auth_manager_passwords_file": passwords_file,
        },
        "database": {
            "sql_alchemy_conn": metadata_url.replace("postgresql://", "postgresql+psycopg2://", 1),
            "sql_alchemy_conn_async": metadata_url.replace("postgresql://", "postgresql+asyncpg://", 1),
        },
        "api": {
            "host": "127.0.0.1",
            "port": api_port,
            "base_url": address,
            "workers": 1,
            "secret_key": secrets.session,
        },
        "api_auth": {"jwt_secret": secrets.jwt},
        "logging": {"base_log_folder": airflow_home / "logs"},
    }
