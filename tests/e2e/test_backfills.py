"""Past days through the real Airflow, day by day in either order and as one range: the same tables each time.

One Airflow, as the demo starts it, serves all cases; each tells it in `env` which warehouse to use.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from ciq.backfilling import read_backfill
from ciq.building import deploy
from ciq.building.fingerprint import fingerprint
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from ciq.verifying import verify
from ciq_demo import airflow_services, postgres, sftp
from ciq_demo.airflow_api import FINAL_STATES, AirflowApi
from ciq_demo.airflow_services import Airflow
from ciq_demo.branches import delivering_branches
from ciq_demo.generator import Defect, Scenario, write_days
from ciq_demo.generator.scenario import Correction
from ciq_demo.journey import POOLS
from ciq_demo.state import free_port, keep_port, update_env

DAYS = [date(2010, 6, 8) + timedelta(days=n) for n in range(int(os.environ.get("CIQ_TEST_BACKFILL_DAYS", "2")))]
"""CIQ_TEST_BACKFILL_DAYS=30 tries a month."""
BRANCHES = ["320800", "321300"]
LIMIT_S = 450.0 * len(DAYS)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * LIMIT_S)]


@dataclass(frozen=True)
class Site:
    """One Airflow, one exchange, and a PostgreSQL with a warehouse for each way of loading."""

    home: Path
    server: postgres.Server
    airflow: Airflow
    api: AirflowApi

    def warehouse(self, name: str) -> Settings:
        """A prepared warehouse, empty of deliveries, and from now on the one that Airflow's tasks load into."""
        url = postgres.create_database(self.server, name, "ciq_owner")
        made = Settings(
            home=self.home,
            warehouse_url=url,
            landing=self.home / f"landing-{name}",
            first_day=DAYS[0],
            last_day=DAYS[-1],
        )
        prepare_database(made)
        deploy(made)
        self.use(made)
        return made

    def use(self, settings: Settings) -> None:
        """Have Airflow's tasks load into this warehouse from now on."""
        variables = {
            "CIQ_WAREHOUSE_URL": settings.warehouse_url,
            "CIQ_LANDING": str(settings.landing),
            "CIQ_FIRST_DAY": DAYS[0].isoformat(),
            "CIQ_LAST_DAY": DAYS[-1].isoformat(),
        }
        update_env(self.home, variables)

    def backfill(self, **wanted: Any) -> dict[str, str]:
        """What the form of `ingest` sends: from first to last day; partition key -> state of the runs it made."""
        dates = {"from_date": f"{DAYS[0]}T00:00:00+08:00", "to_date": f"{DAYS[-1]}T00:00:00+08:00"}
        made = self.ask("POST", "backfills", dag_id="ingest", max_active_runs=len(DAYS), **dates, **wanted)
        return self.runs_of(made["id"])

    def runs_of(self, backfill_id: int) -> dict[str, str]:
        """Wait until a native backfill is over: before that Airflow refuses the next one, even where it made no run.

        Whether the days are complete is asked of the ledger, not of this.
        """
        deadline = time.monotonic() + LIMIT_S
        while not self.is_over(backfill_id):
            assert time.monotonic() < deadline, self.runs(backfill_id)
            time.sleep(1)
        return {key: state for key, state, _ in self.runs(backfill_id)}

    def is_over(self, backfill_id: int) -> bool:
        with psycopg.connect(self.server.url("airflow", postgres.SUPERUSER)) as metadata:
            row = metadata.execute("select completed_at from backfill where id = %s", (backfill_id,)).fetchone()
        states = {state for _, state, _ in self.runs(backfill_id)}
        return row is not None and row[0] is not None and states <= FINAL_STATES

    def runs(self, backfill_id: int) -> list[tuple[str, str, str]]:
        """(partition key, state, run id) in the order in which the runs were made."""
        with psycopg.connect(self.server.url("airflow", postgres.SUPERUSER)) as metadata:
            return metadata.execute(
                "select partition_key, state, run_id from dag_run where backfill_id = %s order by id", (backfill_id,)
            ).fetchall()

    def ask(self, method: str, path: str, **body: Any) -> Any:
        return self.api._ask(method, f"/api/v2/{path}", json=body)

    def by_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`airflow backfill create`, with the environment of the demo's Airflow."""
        span = ("--dag-id", "ingest", "--from-date", str(DAYS[0]), "--to-date", str(DAYS[-1]))
        return subprocess.run(
            [sys.executable, "-m", "airflow", "backfill", "create", *span, *arguments],
            env={**os.environ, **self.airflow.variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("backfills")
    home.chmod(0o755)
    settings = Settings(home=home)
    for service in ("sftp", "airflow"):  # not the demo's ports, which somebody may be about to take
        keep_port(home, service, free_port())
    server = postgres.start(home, throwaway=True)
    exchange = sftp.start(home, delivering_branches(settings))
    scenario = Scenario().add("F01", BRANCHES[0], DAYS[1], Defect("full_width_digits", rows=2))
    for feed in ("F01", "F02", "F03"):
        scenario = scenario.add(feed, BRANCHES[1], DAYS[0], Correction(days=1))
    write_days(exchange.root, first_day=DAYS[0], last_day=DAYS[-1], scenario=scenario, cutover=True, orgs=BRANCHES)
    try:
        airflow = airflow_services.start(home, server, exchange)
        with AirflowApi(airflow.url, login="engineer", password=airflow.password("engineer")) as api:
            for dag in ("ingest", "backfill"):
                api.wait_for_dag(dag)
            api.make_pools(json.loads(POOLS.read_text(encoding="utf-8")))
            yield Site(home, server, airflow, api)
    finally:
        airflow_services.stop(home)
        sftp.stop(home)
        postgres.destroy(home)


def one(settings: Settings, query: str) -> Any:
    with connect(settings, "auditor") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode()).fetchall()


def breaches(settings: Settings) -> list[Any]:
    return [breach for check in verify(settings) for breach in check.breaches]


def is_complete(settings: Settings) -> bool:
    """By the ledger: each day is closed, and no delivery of these days waits for a verdict or a build."""
    found = one(
        settings,
        "select (select count(*) from audit.closed_day) as days,"
        " (select count(*) from audit.delivery d where d.pairing = 'paired'"
        "  and not exists (select from audit.delivery_verdict v where v.delivery_id = d.delivery_id)) as waiting,"
        " (select count(*) from audit.build_queue) + (select count(*) from audit.build_key) as queued",
    )
    return found == [{"days": len(DAYS), "waiting": 0, "queued": 0}]


@pytest.fixture(scope="module")
def forward(site: Site) -> dict[str, Any]:
    """The days in their order, by Airflow's command line; no run of these days was there before."""
    settings = site.warehouse("forward")
    site.api.unpause("ingest")
    said = site.by_command("--max-active-runs", str(len(DAYS)))
    assert said.returncode == 0, said.stderr
    backfill_id = site.ask("GET", "backfills?dag_id=ingest&order_by=-id")["backfills"][0]["id"]
    return {"settings": settings, "id": backfill_id, "runs": site.runs_of(backfill_id)}


def test_forward_each_day_has_one_run_and_is_complete_in_the_ledger(site: Site, forward: dict[str, Any]) -> None:
    assert forward["runs"] == {str(day): "success" for day in DAYS}
    assert [key for key, _, _ in site.runs(forward["id"])] == [str(day) for day in DAYS]
    assert is_complete(forward["settings"])
    lots = one(forward["settings"], "select sum(lots) as lots from published.fct_volume")[0]["lots"]
    assert lots > 0
    assert breaches(forward["settings"]) == []


def test_a_day_takes_at_most_twelve_task_instances(site: Site, forward: dict[str, Any]) -> None:
    for _, _, run_id in site.runs(forward["id"]):
        assert len(site.api.look("ingest", run_id).tasks) <= 12


def test_the_backfill_dag_leaves_the_same_tables_and_a_report(site: Site, forward: dict[str, Any]) -> None:
    """A third warehouse: the first day and the rest are asked for at once, and serialise on the locks."""
    settings = site.warehouse("ranges")
    site.api.unpause("backfill")
    asked = [
        {"from": str(DAYS[0]), "to": str(DAYS[0]), "reason": "first"},
        {"from": str(DAYS[1]), "to": str(DAYS[-1]), "reason": "rest", "ticket": "T-1"},
    ]
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda form: trigger(site, {**form, "branches": [], "feeds": []}), asked))
    for run_id in runs:
        *_, last = site.api.watch("backfill", run_id)
        assert last.state == "success", [(task.name, task.state) for task in last.tasks]
    assert is_complete(settings)
    assert fingerprint(settings) == fingerprint(forward["settings"])
    assert breaches(settings) == []
    reports = [read_backfill(settings, number) for number in (1, 2)]
    assert sorted((report.reason, report.requested_by) for report in reports if report) == [
        ("first", "engineer"),
        ("rest", "engineer"),
    ]
    assert all(report and report.finished_at and report.publication_after for report in reports)
    for mode in ("landing", "marts"):
        form = {"from": str(DAYS[0]), "to": str(DAYS[-1]), "reason": f"again from {mode}", "mode": mode}
        *_, last = site.api.watch("backfill", trigger(site, form))
        assert {task.state for task in last.tasks} == {"success"}, [(task.name, task.state) for task in last.tasks]
    assert fingerprint(settings) == fingerprint(forward["settings"])
    assert [report.finished_at is not None for number in (3, 4) if (report := read_backfill(settings, number))] == [
        True
    ] * 2


def test_a_dry_run_and_a_refusal_end_at_the_plan(site: Site, forward: dict[str, Any]) -> None:
    form = {"from": str(DAYS[0]), "to": str(DAYS[-1]), "reason": "look first"}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"dry_run": True}, "success", "skipped"),
        ({"branches": ["329999"]}, "failed", "upstream_failed"),
    ]
    for given, of_run, of_rest in cases:
        *_, last = site.api.watch("backfill", trigger(site, {**form, **given}))
        found = {task.task_id: task.state for task in last.tasks}
        assert last.state == of_run, found
        assert {found[name] for name in ("fetch", "load", "build", "report")} == {of_rest}, found
        if of_run == "failed":
            plan = next(task for task in last.tasks if task.task_id == "plan")
            assert plan.try_number == 1, "a refusal is not tried again"
            assert "unknown branch '329999'" in site.api.log_text(last, plan)


def test_loaded_days_run_again_publish_nothing(site: Site, forward: dict[str, Any]) -> None:
    """None makes no run, failed only that of the failed day, completed all; none of them changes a table."""
    settings = forward["settings"]
    site.use(settings)
    before = (fingerprint(settings), one(settings, "select max(publication_no), count(*) from audit.publication"))
    loads = one(settings, "select count(*) from audit.load")

    none = site.by_command("--reprocess-behavior", "none")
    assert none.returncode == 0, none.stderr
    assert site.runs_of(forward["id"] + 1) == {}

    failed_run = next(run_id for key, _, run_id in site.runs(forward["id"]) if key == str(DAYS[1]))
    site.ask("PATCH", f"dags/ingest/dagRuns/{failed_run}", state="failed")
    assert site.backfill(reprocess_behavior="failed") == {str(DAYS[1]): "success"}
    assert site.backfill(reprocess_behavior="completed", run_backwards=True) == {str(day): "success" for day in DAYS}

    assert is_complete(settings)
    after = (fingerprint(settings), one(settings, "select max(publication_no), count(*) from audit.publication"))
    assert after == before
    assert one(settings, "select count(*) from audit.load") == loads, "nothing was loaded twice"


def test_backwards_the_tables_are_the_same(site: Site, forward: dict[str, Any]) -> None:
    """A second warehouse sees the last day first, and both days at once."""
    settings = site.warehouse("backward")
    runs = site.backfill(reprocess_behavior="completed", run_backwards=True)
    assert runs == {str(day): "success" for day in DAYS}
    assert is_complete(settings)
    assert fingerprint(settings) == fingerprint(forward["settings"])
    assert breaches(settings) == []


def trigger(site: Site, form: dict[str, Any]) -> str:
    return str(site.ask("POST", "dags/backfill/dagRuns", logical_date=None, conf=form)["dag_run_id"])
