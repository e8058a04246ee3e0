"""The `review` DAG: when it runs and for what, and its operators on a real warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.serialization.serialized_objects import DagSerialization

from ciq.building import build, deploy
from ciq.collecting.days import close_day
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from ciq.reviewing import list_frozen, read_frozen
from ciq.settings import Settings, get_settings
from ciq_airflow.days import BUSINESS_ZONE
from ciq_airflow.review_link import ReviewLink
from ciq_airflow.review_operators import ReviewedPeriod, reviewed_period
from support.bureau import Bureau, rows_of

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def dag() -> DAG:
    return DagBag(str(PROJECT / "dags")).dags["review"]


def test_it_is_paused_until_a_person_switches_it_on(dag: DAG) -> None:
    assert dag.is_paused_upon_creation is True
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "open_period": {"freeze"},
        "freeze": set(),
    }


def test_backfilling_a_quarter_makes_exactly_its_three_months(dag: DAG) -> None:
    read = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    first, last = datetime(2010, 4, 1, tzinfo=BUSINESS_ZONE), datetime(2010, 6, 30, tzinfo=BUSINESS_ZONE)
    infos = read.iter_dagrun_infos_between(first, last)
    assert [info.partition_key for info in infos] == ["2010-04", "2010-05", "2010-06"]


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2010-06", date(2010, 6, 1), date(2010, 6, 30)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("2010-12", date(2010, 12, 1), date(2010, 12, 31)),
    ],
)
def test_the_period_is_the_partition_key(key: str, first: date, last: date) -> None:
    assert reviewed_period({"partition_key": key}) == ReviewedPeriod(first=first, last=last)


@pytest.mark.parametrize("key", [None, "", "June", "2010", "2010-13", "2010-06-08", "10-06"])
def test_a_run_without_a_period_fails_at_once(key: str | None) -> None:
    with pytest.raises(AirflowFailException, match=r"分区键.*partition key"):
        reviewed_period({"partition_key": key})


@pytest.fixture(scope="module")
def deployed(settings: Settings) -> Settings:
    prepare_database(settings)
    deploy(settings)
    return settings


@pytest.fixture
def warehouse(deployed: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """What the environment says of this module's warehouse; 8 and 9 June 2010 are due."""
    monkeypatch.setenv("CIQ_HOME", str(deployed.home))
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", str(deployed.warehouse_url))
    monkeypatch.setenv("CIQ_FIRST_DAY", "2010-06-08")
    monkeypatch.setenv("CIQ_LAST_DAY", "2010-06-09")
    get_settings.cache_clear()
    yield deployed
    get_settings.cache_clear()


@pytest.fixture
def task(dag: DAG) -> Callable[..., Any]:
    """task("freeze", key="2010-12", run_id="r", run_type="manual"): the task and the context that a run gives it."""

    def make(task_id: str, *, key: str, run_id: str = "test", run_type: str = "manual", reason: str = "") -> Any:
        run = SimpleNamespace(run_type=run_type, partition_key=key, triggering_user_name="auditor")
        context = {"partition_key": key, "dag_run": run, "run_id": run_id, "params": {"reason": reason}}
        return dag.get_task(task_id), context

    return make


def test_a_period_without_due_days_is_skipped(warehouse: Settings, task: Callable[..., Any]) -> None:
    for key, run_type in (
        ("2010-05", "manual"),
        ("2010-05", "scheduled"),
        ("2010-07", "scheduled"),
        ("2011-12", "manual"),
    ):
        sensor, context = task("open_period", key=key, run_type=run_type)
        with pytest.raises(AirflowSkipException, match=r"2010-06-08\.\.2010-06-09"):
            sensor.poke(context)


@pytest.mark.slow
def test_a_scheduled_run_waits_for_its_last_day_and_what_it_freezes_is_kept_once(
    warehouse: Settings, task: Callable[..., Any]
) -> None:
    with connect(warehouse, "auditor") as connection:
        assert list_frozen(connection) == []
    operator, context = task("freeze", key="2010-06", run_id="early")
    with pytest.raises(AirflowFailException, match=r"尚无发布"):
        operator.execute(context)
    bureau = Bureau(warehouse)
    bureau.deliver("F01", rows_of("F01", 3))
    bureau.deliver("F03", rows_of("F03", 3))
    assert bureau.load().held == 0
    assert build(warehouse, "test").publication_no == 1

    sensor, scheduled = task("open_period", key="2010-06", run_type="scheduled")
    assert not sensor.poke(scheduled).is_done
    assert sensor.poke(task("open_period", key="2010-06")[1]).is_done, "who triggers it takes what is there"
    with connect(warehouse, "loader", autocommit=True) as connection:
        close_day(connection, date(2010, 6, 9), run_ref="test")
    assert sensor.poke(scheduled).is_done

    operator, context = task("freeze", key="2010-06", run_id="month", run_type="scheduled")
    told = operator.execute(context)
    assert (told["publication_no"], told["bounded"], told["failing"]) == (1, 85, 0), "part of a year fails nothing"
    assert operator.execute(context) == told, "run again it keeps nothing new"
    assert ReviewLink().get_link(operator, ti_key=None).endswith(f"/ciq/reviews/2010/frozen/{told['review_no']}")  # type: ignore[arg-type]

    assert sensor.poke(task("open_period", key="2010-12")[1]).is_done, "the year, as far as it is known"
    operator, context = task("freeze", key="2010-12", run_id="year", reason="for the press")
    assert operator.execute(context)["failing"] > 0
    with connect(warehouse, "auditor") as connection:
        heads = list_frozen(connection)
        _, month = read_frozen(connection, told["review_no"])
    assert [(head.run_ref, head.last_day, head.frozen_by, head.reason) for head in heads] == [
        ("year", date(2010, 12, 31), "auditor", "for the press"),
        ("month", date(2010, 6, 30), "auditor", "定期 scheduled: 2010-06"),
    ]
    assert month.indicator(1).derived == 3
    assert month.indicator(1).passes is None
