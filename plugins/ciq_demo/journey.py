"""`make demo`: from nothing to a published week, through the scheduler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from rich.console import Console

from ciq.errors import CiqError
from ciq.settings import PROJECT_ROOT, Settings, get_settings
from ciq_demo import airflow_services, processes
from ciq_demo.airflow_api import AirflowApi, RunState
from ciq_demo.airflow_services import Airflow
from ciq_demo.exchange import DAYS, deliver_day
from ciq_demo.services import Services, start_database, start_exchange
from ciq_demo.state import update_env
from ciq_demo.steps import Steps

DAG = "ingest"
ON_DEMAND = "backfill"
POOLS = PROJECT_ROOT / "plugins" / "ciq_airflow" / "pools.json"


def travel(console: Console) -> tuple[Services, Steps]:
    """Start everything, load day after day through the scheduler, verify; returns what runs and how long it took.

    Running it again is safe: what is there is reused, and deliveries that are known are not loaded twice. Raises
    CiqError with the place of the logs when anything fails.
    """
    steps = Steps(console)
    home = Settings().home
    _note_installation(steps)
    with steps.step("PostgreSQL · 数据库"):
        database = start_database(home)
        update_env(home, {"CIQ_FIRST_DAY": DAYS[0].isoformat(), "CIQ_LAST_DAY": DAYS[-1].isoformat()})
    with steps.step("SFTP server of the bureaus · 各局交换服务器"):
        exchange = start_exchange(Settings())
    with ThreadPoolExecutor(max_workers=1) as beside:
        starting = beside.submit(airflow_services.start, home, database, exchange)
        with steps.step("ciq init (while Airflow starts) · 初始化数据仓库"):
            run_ciq(home, "init")
        with steps.step(f"the bureaus' files of {DAYS[0]} · 各局生成数据文件"):
            deliver_day(exchange.root, DAYS[0])
        with steps.step("Airflow is up · 调度系统就绪"):
            airflow = starting.result()
    with AirflowApi(airflow.url, login="engineer", password=airflow.password("engineer")) as api:
        for dag in (DAG, ON_DEMAND):
            api.wait_for_dag(dag)
        api.make_pools(json.loads(POOLS.read_text(encoding="utf-8")))
        for dag in (DAG, ON_DEMAND):
            api.unpause(dag)
        _load_day(api, airflow, steps, DAYS[0])
        for day in DAYS[1:]:
            with steps.step(f"the bureaus' files of {day} · 各局生成数据文件"):
                deliver_day(exchange.root, day)
            _load_day(api, airflow, steps, day)
    with steps.step("ciq verify · 核验账目"):
        run_ciq(home, "verify")
    with steps.step("Data Docs of the loads · 校验文档"):
        run_ciq(home, "docs", "build")
    return Services(database, exchange, airflow), steps


def fresh_settings() -> Settings:
    """The settings as `home/env` says now."""
    get_settings.cache_clear()
    return get_settings()


def ciq_command() -> Path:
    """The `ciq` command of this environment."""
    return Path(sys.executable).parent / "ciq"


def run_ciq(home: Path, *arguments: str) -> None:
    """Run a `ciq` command as a user would; its output goes to a log.

    Raises CiqError with the end of that log when it fails.
    """
    name = f"ciq-{arguments[0]}"
    log = processes.log_file(home, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as sink:
        done = subprocess.run(
            [str(ciq_command()), *arguments],
            env={**os.environ, "CIQ_HOME": str(home)},
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            check=False,
        )
    if done.returncode != 0:
        end = processes.log_end(home, name)
        raise CiqError(f"`ciq {' '.join(arguments)}` failed", advice=f"Its log: {log}\n{end}")


def _note_installation(steps: Steps) -> None:
    """The Makefile notes when it began: what came before Python is download and installation."""
    started = os.environ.get("CIQ_DEMO_STARTED_AT")
    if started:
        steps.done("packages · 下载与安装软件包", max(0.0, time.time() - float(started)))


def _load_day(api: AirflowApi, airflow: Airflow, steps: Steps, day: date) -> None:
    run_id = api.trigger(DAG, partition=day, note="make demo")
    run = steps.show_run(f"Airflow loads {day} · 调度装载", api.watch(DAG, run_id))
    if run.state != "success":
        raise _failed(api, airflow, run)


def _failed(api: AirflowApi, airflow: Airflow, run: RunState) -> CiqError:
    logs = airflow.home / "airflow" / "logs"
    failed = [task for task in run.tasks if task.state == "failed"]
    if not failed:
        return CiqError(f"The run {run.run_id} ended as {run.state}", advice=f"Logs: {logs}")
    said = "\n".join(api.log_text(run, failed[0]).splitlines()[-25:])
    return CiqError(f"Task {failed[0].name} of {run.run_id} failed", advice=f"Logs: {logs}\n{said}")
