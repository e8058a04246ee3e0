"""All services of the demo together: start, stop, delete."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ciq.settings import Settings
from ciq_demo import airflow_services, postgres, sftp
from ciq_demo.airflow_environment import EXCHANGE_CONNECTION
from ciq_demo.airflow_services import Airflow
from ciq_demo.branches import delivering_branches
from ciq_demo.postgres_cli import write_warehouse_url
from ciq_demo.sftp import Exchange
from ciq_demo.state import update_env


@dataclass(frozen=True)
class Services:
    """What runs after a start."""

    database: postgres.Server
    exchange: Exchange
    airflow: Airflow


def start_database(home: Path) -> postgres.Server:
    """Start the embedded PostgreSQL and write where the warehouse is to `home/env`."""
    server = postgres.start(home)
    write_warehouse_url(server)
    return server


def start_exchange(settings: Settings) -> Exchange:
    """Start the SFTP server and write its address to `home/env`, where `ciq collect` finds it."""
    exchange = sftp.start(settings.home, delivering_branches(settings))
    if not os.environ.get("CIQ_ENDPOINTS"):
        update_env(settings.home, {"CIQ_ENDPOINTS": json.dumps({EXCHANGE_CONNECTION: exchange.url})})
    return exchange


def stop_all(home: Path) -> list[str]:
    """Stop everything that runs, in the reverse order; returns what was stopped."""
    stopped = []
    for name, stop in (("Airflow", airflow_services.stop), ("SFTP", sftp.stop), ("PostgreSQL", postgres.stop)):
        if stop(home):
            stopped.append(name)
    return stopped


def delete_data(home: Path) -> None:
    """Stop everything and delete the state folder, and the database's data wherever it lies."""
    stop_all(home)
    postgres.destroy(home)
    shutil.rmtree(home, ignore_errors=True)
