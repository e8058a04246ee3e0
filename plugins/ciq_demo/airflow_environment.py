"""Every environment variable that Airflow runs with, in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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

    `metadata_url` is a plain `postgresql://` URL. Options left out keep Airflow's defaults.
    """
    address = f"http://127.0.0.1:{api_port}"
    options: Mapping[str, Mapping[str, object]] = {
        "core": {
            "dags_folder": project / "dags",
            "plugins_folder": project / "plugins",
            "dag_ignore_file_syntax": "glob",
            "load_examples": False,
            "executor": "LocalExecutor",
            "parallelism": parallelism,  # a worker keeps about 150 MB for as long as Airflow runs
            "default_timezone": "Asia/Shanghai",
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
            "instance_name": "江苏检验检疫数据仓库 Jiangsu CIQ warehouse",
        },
        "api_auth": {"jwt_secret": secrets.jwt},
        "scheduler": {
            "scheduler_idle_sleep_time": 0.3,
            "job_heartbeat_sec": 2,
            "max_dagruns_per_loop_to_schedule": 400,  # runs beyond it can starve for ever in 3.3
            "catchup_by_default": False,
        },
        "dag_processor": {"parsing_processes": 1, "refresh_interval": 30},
        "workers": {
            "max_failed_heartbeats": 20,  # three, the default, kills tasks when a small machine is busy
            "execution_api_timeout": 30,
        },
        "logging": {"base_log_folder": airflow_home / "logs"},
    }
    variables = {
        f"AIRFLOW__{section.upper()}__{option.upper()}": str(value)
        for section, values in options.items()
        for option, value in values.items()
    }
    return {
        **variables,
        "AIRFLOW_HOME": str(airflow_home),
        f"AIRFLOW_CONN_{EXCHANGE_CONNECTION.upper()}": _connection(exchange),
        "CIQ_HOME": str(ciq_home),
        "DO_NOT_TRACK": "1",
    }


def _connection(exchange: SftpAddress) -> str:
    return json.dumps(
        {
            "conn_type": "sftp",
            "host": exchange.host,
            "port": exchange.port,
            "login": exchange.login,
            "password": exchange.password,
            "extra": {"host_key": exchange.host_key},
        }
    )
