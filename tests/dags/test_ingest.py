"""The shape of the daily DAG, and the decisions that its first task takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, Connection
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.serialization.serialized_objects import DagSerialization

from ciq.contracts import load_contracts
from ciq.errors import CiqError, Place, SettingsError
from ciq.settings import Settings, get_settings
from ciq_airflow.callbacks import describe_failure
from ciq_airflow.days import BUSINESS_ZONE, business_date, cut_off
from ciq_airflow.endpoints import endpoint_of
from ciq_airflow.operators import OpenDaySensor

PROJECT = Path(__file__).resolve().parents[2]
MOST_LOAD_GROUPS = 6


@pytest.fixture(scope="module")
def dag() -> DAG:
    return DagBag(str(PROJECT / "dags")).dags["ingest"]


def test_the_steps_follow_each_other(dag: DAG) -> None:
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "open_day": {"collect", "load", "build", "report"},
        "collect": {"load"},
        "load": {"build"},
        "build": {"report"},
        "report": set(),
    }


def test_a_clean_day_takes_at_most_twelve_task_instances(dag: DAG) -> None:
    collects = len(dag.get_task("collect").expand_input.value["group"])
    loads = len(load_contracts(Settings().contracts).load_groups)
    assert loads <= MOST_LOAD_GROUPS
    others = [task.task_id for task in dag.tasks if task.task_id not in ("collect", "load")]
    assert len(others) + collects + MOST_LOAD_GROUPS == 12, "with as many load groups as there may be"


def test_a_failed_branch_stops_no_step_and_a_refused_day_stops_all(dag: DAG) -> None:
    for task_id in ("load", "build", "report"):
        task = dag.get_task(task_id)
        assert task.trigger_rule == "all_done_min_one_success"
        # Its success is what lets a step run although another has failed; where it is refused or skipped, none runs.
        assert "open_day" in task.upstream_task_ids


def test_pools_are_those_that_are_imported_at_start(dag: DAG) -> None:
    pools = json.loads((PROJECT / "plugins" / "ciq_airflow" / "pools.json").read_text())
    assert {task.pool for task in dag.tasks} - {"default_pool"} <= set(pools)
    assert pools["ciq_build"]["slots"] == 1


@pytest.mark.parametrize("zone", [BUSINESS_ZONE, UTC], ids=str)
def test_backfilling_five_days_makes_exactly_their_five_partitions(dag: DAG, zone: tzinfo) -> None:
    """The form sends dates in the zone that the user's page shows; both name the days as they stand there."""
    read = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    first, last = (datetime(2010, 6, day, tzinfo=zone) for day in (7, 11))
    infos = read.iter_dagrun_infos_between(first, last)
    assert [info.partition_key for info in infos] == [f"2010-06-{day:02d}" for day in range(7, 12)]


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def set_due(**days: str) -> None:
        for name, day in days.items():
            monkeypatch.setenv(f"CIQ_{name.upper()}", day)
        get_settings.cache_clear()

    yield set_due
    get_settings.cache_clear()


def context(key: str | None, run_type: str = "manual") -> dict[str, Any]:
    run = SimpleNamespace(run_type=run_type, partition_key=key)
    return {"partition_key": key, "dag_run": run, "run_id": "test"}


def poke(key: str | None, run_type: str = "manual") -> Any:
    return OpenDaySensor(task_id="open_day").poke(context(key, run_type))


@pytest.mark.parametrize("key", [None, "", "2010-06-31", "20100608", "2010-06-08T00:00:00", "today", "2010-06-08\n"])
def test_a_run_without_a_business_date_is_refused_in_one_clear_error(key: str | None) -> None:
    with pytest.raises(AirflowFailException, match=r"业务日期.*partition key"):
        business_date(context(key))


def test_days_outside_the_due_ones_are_skipped(due: Callable[..., None]) -> None:
    due(first_day="2010-06-08", last_day="2010-06-09")
    for key in ("2010-06-07", "2010-06-10"):
        with pytest.raises(AirflowSkipException, match=key):
            poke(key, "scheduled")
    assert poke("2010-06-08").xcom_value == list(load_contracts(Settings().contracts).load_groups)


def test_scheduled_runs_wait_for_the_cut_off_and_others_do_not(due: Callable[..., None]) -> None:
    due()
    today = datetime.now(BUSINESS_ZONE).date().isoformat()
    assert not poke(today, "scheduled")
    assert poke(today, "scheduled").xcom_value is None
    for run_type in ("manual", "backfill"):
        assert poke(today, run_type)
    assert poke("2010-06-08", "scheduled")


def test_the_cut_off_is_the_latest_of_the_feeds_on_the_next_day() -> None:
    contracts = load_contracts(Settings().contracts)
    assert cut_off(contracts, date(2010, 6, 8)).isoformat() == "2010-06-09T02:00:00+08:00"
    later = tuple(replace(one, cutoff="03:30" if one.feed_code == "F02" else one.cutoff) for one in contracts.contracts)
    assert cut_off(replace(contracts, contracts=later), date(2010, 6, 30)).isoformat() == "2010-07-01T03:30:00+08:00"


def test_connections_become_endpoints() -> None:
    extra = json.dumps({"host_key": "ssh-ed25519 AAAA", "path": "/in", "conn_timeout": 5, "key_file": "/k"})
    connection = Connection(
        conn_id="ciq_exchange", conn_type="sftp", host="h", port=2222, login="ciq", password="p", extra=extra
    )
    endpoint = endpoint_of(connection)
    assert (endpoint.name, endpoint.kind, endpoint.host, endpoint.port) == ("ciq_exchange", "sftp", "h", 2222)
    assert (endpoint.user, endpoint.password, endpoint.root) == ("ciq", "p", "/in")
    assert (endpoint.host_key, endpoint.timeout_s, str(endpoint.key_file)) == ("ssh-ed25519 AAAA", 5.0, "/k")

    plain = endpoint_of(Connection(conn_id="ciq_exchange", conn_type="sftp", host="h"))
    assert (plain.root, plain.port, plain.host_key, plain.password) == ("/", 22, None, None)
    folder = endpoint_of(Connection(conn_id="disk", conn_type="fs", extra='{"path": "/srv"}'))
    assert (folder.kind, folder.root) == ("folder", "/srv")
    with pytest.raises(SettingsError, match="ftp"):
        endpoint_of(Connection(conn_id="old", conn_type="ftp"))


@pytest.mark.parametrize(
    "fields",
    [
        {"conn_type": "http", "host": "h"},
        {"conn_type": "https", "host": "h"},
        {"conn_type": "http", "host": "https://h/"},
        {"conn_type": "http", "host": "h", "schema": "https"},
    ],
)
def test_a_web_connection_becomes_an_endpoint_over_tls(fields: dict[str, str]) -> None:
    extra = json.dumps({"path": "/in", "ca_file": "/ca.pem", "conn_timeout": 5})
    endpoint = endpoint_of(Connection(conn_id="web", port=8443, password="t0ken", extra=extra, **fields))
    assert (endpoint.kind, endpoint.host, endpoint.port, endpoint.root) == ("https", "h", 8443, "/in")
    assert (endpoint.password, str(endpoint.ca_file), endpoint.timeout_s) == ("t0ken", "/ca.pem", 5.0)
    assert "t0ken" not in repr(endpoint)
    assert endpoint_of(Connection(conn_id="web", **fields)).port == 443


@pytest.mark.parametrize(
    "fields", [{"host": "http://h"}, {"host": "h", "schema": "http"}, {"host": "h", "schema": "in"}]
)
def test_a_web_connection_without_tls_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="web"):
        endpoint_of(Connection(conn_id="web", conn_type="http", **fields))


def test_a_failure_says_where_it_happened() -> None:
    error = CiqError("gone", place=Place(branch="320100", feed="F01", file="a.csv"))
    instance = SimpleNamespace(task_id="collect", rendered_map_index="group 2")
    failure = describe_failure({**context("2010-06-08"), "ti": instance, "exception": error})
    assert failure == {
        "task": "collect",
        "group": "group 2",
        "run_ref": "test",
        "business_date": "2010-06-08",
        "branch": "320100",
        "feed": "F01",
        "file": "a.csv",
        "error": str(error),
    }
