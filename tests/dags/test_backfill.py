"""The `backfill` DAG: its shape, its form, and its operators on a real warehouse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, DownstreamTasksSkipped
from airflow.serialization.serialized_objects import DagSerialization

from ciq.backfilling import find, list_backfills, read_backfill
from ciq.building import deploy
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings, get_settings
from support.bureau import Bureau, rows_of

PROJECT = Path(__file__).resolve().parents[2]
ASKED = {"from": "2010-06-08", "to": "2010-06-09", "reason": "files came late"}


@pytest.fixture(scope="module")
def dag() -> DAG:
    return DagBag(str(PROJECT / "dags")).dags["backfill"]


def form_of(dag: DAG) -> Any:
    """The form as the API server has it, from the serialized DAG."""
    return DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag)).params


def test_the_steps_follow_each_other(dag: DAG) -> None:
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "plan": {"fetch", "load", "build", "report"},
        "fetch": {"load"},
        "load": {"build"},
        "build": {"report"},
        "report": set(),
    }
    assert dag.timetable.can_be_scheduled is False
    for task_id in ("load", "build", "report"):
        task = dag.get_task(task_id)
        assert task.trigger_rule == "all_done_min_one_success"
        assert "plan" in task.upstream_task_ids, "a request that is refused stops it"


def test_the_form_asks_for_range_and_reason_and_takes_the_rest_as_given(dag: DAG) -> None:
    form = form_of(dag)
    assert list(form) == ["from", "to", "branches", "feeds", "mode", "reason", "ticket", "dry_run"]
    assert form.deep_merge({**ASKED, "branches": None, "feeds": None}).validate(), "fields that are left empty"
    filled = form.deep_merge(ASKED).validate()
    assert {name: filled[name] for name in ("branches", "feeds", "mode", "ticket", "dry_run")} == {
        "branches": [],
        "feeds": [],
        "mode": "fetch",
        "ticket": "",
        "dry_run": False,
    }


@pytest.mark.parametrize(
    "given",
    [
        {"reason": ""},
        {"from": "8 June"},
        {"to": "2010-06-31"},
        {"mode": "everything"},
        {"branches": "320100"},
        {"feeds": [1]},
        {"dry_run": "no"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_the_form_refuses_what_it_can_see(dag: DAG, given: dict[str, Any]) -> None:
    form = form_of(dag)
    with pytest.raises(Exception, match=next(iter(given))):
        form.deep_merge({**ASKED, **given}).validate()


def test_without_a_reason_the_form_is_not_sent(dag: DAG) -> None:
    form = form_of(dag)
    with pytest.raises(Exception, match="reason"):
        form.deep_merge({name: ASKED[name] for name in ("from", "to")}).validate()


@pytest.fixture(scope="module")
def deployed(settings: Settings) -> Settings:
    prepare_database(settings)
    deploy(settings)
    return settings


@pytest.fixture
def warehouse(deployed: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("CIQ_HOME", str(deployed.home))
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", str(deployed.warehouse_url))
    monkeypatch.setenv("CIQ_FIRST_DAY", "2010-06-08")
    monkeypatch.setenv("CIQ_LAST_DAY", "2010-06-09")
    connection = {"conn_type": "fs", "extra": {"path": str(deployed.home / "exchange")}}
    monkeypatch.setenv("AIRFLOW_CONN_CIQ_EXCHANGE", json.dumps(connection))
    get_settings.cache_clear()
    yield deployed
    get_settings.cache_clear()


@pytest.fixture
def execute(dag: DAG) -> Callable[..., Any]:
    """execute("plan", run_id, states={}, **form): the operator of a task, as the run of a person gives it."""

    def run(task_id: str, run_id: str, states: dict[str, str] | None = None, **form: Any) -> Any:
        instance = SimpleNamespace(get_task_states=lambda **_: {run_id: states or {}})
        context = {
            "run_id": run_id,
            "dag": dag,
            "ti": instance,
            "dag_run": SimpleNamespace(triggering_user_name="engineer"),
            "params": form_of(dag).deep_merge({**ASKED, **form}).validate(),
        }
        task = dag.get_task(task_id)
        operator = task.unmap({"load_group": "cargo"}) if task_id == "load" else task
        return operator.execute(context)

    return run


@pytest.mark.slow
def test_a_run_loads_the_range_and_keeps_who_asked_and_why(warehouse: Settings, execute: Callable[..., Any]) -> None:
    bureau = Bureau(warehouse)
    bureau.deliver("F01", rows_of("F01", 3))
    for branch in bureau.fetch("select distinct org_code from ref.org where endpoint is not null"):
        (warehouse.home / "exchange" / branch["org_code"] / "outbox").mkdir(parents=True, exist_ok=True)
    groups = execute("plan", "run-1", ticket="T-1")
    assert "cargo" in groups
    assert execute("fetch", "run-1") == {"fetched": 2, "registered": 1}
    assert execute("load", "run-1")["rows_accepted"] == 3
    with pytest.raises(AirflowFailException, match=r"差异报告.*load"):
        execute("report", "run-1", states={"load": "failed", "build": "success"})
    assert list_backfills(warehouse)[0].state == "unfinished"
    assert execute("build", "run-1") == {"publication_no": 1}
    told = execute("report", "run-1", states={"load": "success"})
    assert (told["publication_before"], told["publication_after"]) == (0, 1)
    assert execute("report", "run-1") == told, "run again it tells the same"
    report = read_backfill(warehouse, told["backfill_no"])
    assert report is not None
    assert (report.requested_by, report.reason, report.ticket) == ("engineer", "files came late", "T-1")
    assert execute("plan", "run-1", ticket="T-1") == groups, "run again it goes on with its plan"
    assert len(list_backfills(warehouse)) == 1

    execute("plan", "run-2", mode="landing")
    assert execute("fetch", "run-2") == {"fetched": 0, "registered": 0}, "not skipped: that would skip the rest"
    assert execute("load", "run-2")["accepted"] == 0, "the same rules were applied before"
    assert execute("build", "run-2") == {"publication_no": None}

    with pytest.raises(DownstreamTasksSkipped) as skipped:
        execute("plan", "run-3", dry_run=True)
    assert sorted(skipped.value.tasks) == ["build", "fetch", "load", "report"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"from": "2010-06-09", "to": "2010-06-08"}, r"晚于 / is after"),
        ({"branches": ["329999"]}, r"未知分支局 / unknown branch '329999'"),
        ({"feeds": ["F77"]}, r"未知数据源 / unknown feed 'F77'"),
        ({"from": "2010-06-01"}, r"CIQ_FIRST_DAY\.\.CIQ_LAST_DAY"),
        ({"reason": "  "}, r"必须填写原因 / say why"),
    ],
)
def test_a_request_that_cannot_be_carried_out_fails_at_once_and_leaves_nothing(
    warehouse: Settings, execute: Callable[..., Any], given: dict[str, Any], said: str
) -> None:
    with pytest.raises(AirflowFailException, match=said):
        execute("plan", "refused", **given)
    assert find(warehouse, "refused") is None
    with pytest.raises(AirflowFailException, match="no plan"):
        execute("load", "refused")
