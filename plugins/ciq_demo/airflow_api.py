"""Airflow's REST interface, as far as the demo needs it: unpause, trigger, watch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from ciq.errors import CiqError

FINAL_STATES = frozenset({"success", "failed"})
_POLL_S = 0.7


@dataclass(frozen=True, order=True)
class TaskState:
    """One task instance as seen now; `map_index` is -1 for a task that is not mapped."""

    task_id: str
    map_index: int
    state: str
    try_number: int
    label: str | None
    seconds: float | None

    @property
    def name(self) -> str:
        """The task's name as people see it."""
        return self.task_id if self.map_index < 0 else f"{self.task_id} [{self.label or self.map_index}]"


@dataclass(frozen=True)
class RunState:
    """A DAG run as seen now, with its task instances in the order in which they started."""

    dag_id: str
    run_id: str
    state: str
    tasks: tuple[TaskState, ...]


class AirflowApi:
    """A logged-in client. Raises CiqError when Airflow refuses or cannot be reached."""

    def __init__(self, url: str, *, login: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, transport=httpx.HTTPTransport(retries=3))
        answer = self._ask("POST", "/auth/token", json={"username": login, "password": password})
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def wait_for_dag(self, dag_id: str, *, timeout_s: float = 180) -> None:
        """Wait until the dag-processor has read a DAG.

        Raises CiqError with Airflow's own words when its file cannot be imported.
        """
        deadline = time.monotonic() + timeout_s
        while self._http.get(f"/api/v2/dags/{dag_id}").status_code != httpx.codes.OK:
            errors = self._ask("GET", "/api/v2/importErrors")["import_errors"]
            broken = [error for error in errors if error["filename"].endswith(f"{dag_id}.py")]
            if broken:
                raise CiqError(f"Airflow cannot import {broken[0]['filename']}", advice=broken[0]["stack_trace"])
            if time.monotonic() > deadline:
                raise CiqError(f"Airflow does not know the DAG {dag_id} after {timeout_s:.0f} s")
            time.sleep(_POLL_S)

    def make_pools(self, pools: Mapping[str, Mapping[str, Any]]) -> None:
        """Make the pools that are missing; `airflow pools import` reads the same shape."""
        there = {pool["name"] for pool in self._ask("GET", "/api/v2/pools", params={"limit": 100})["pools"]}
        for name, pool in pools.items():
            if name not in there:
                self._ask("POST", "/api/v2/pools", json={"name": name, **pool})

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run a DAG."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str, *, partition: date, note: str) -> str:
        """Ask the scheduler for a run of one partition; returns the run's id."""
        body = {"partition_key": partition.isoformat(), "logical_date": None, "note": note}
        return str(self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def watch(self, dag_id: str, run_id: str) -> Iterator[RunState]:
        """The run's state again and again, until it is final (which is yielded too)."""
        while True:
            state = self.look(dag_id, run_id)
            yield state
            if state.state in FINAL_STATES:
                return
            time.sleep(_POLL_S)

    def look(self, dag_id: str, run_id: str) -> RunState:
        """The run's state now."""
        # The run first: were it read last, a final run could be shown with tasks that look unfinished.
        tasks = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances", params={"limit": 100})
        run = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        instances = sorted(tasks["task_instances"], key=lambda item: (item["start_date"] or "9", item["task_id"]))
        return RunState(dag_id, run_id, run["state"], tuple(_task_state(item) for item in instances))

    def log_text(self, run: RunState, task: TaskState) -> str:
        """The log of the last try of a task, as plain lines."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        try:
            content = self._ask("GET", path, params={"map_index": task.map_index, "full_content": "true"})["content"]
        except CiqError:
            return ""
        return "\n".join(str(line.get("event", "")) if isinstance(line, dict) else str(line) for line in content)

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise CiqError(f"Airflow does not answer at {self._http.base_url}: {error}") from error
        if answer.is_error:
            raise CiqError(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()


def _task_state(item: dict[str, Any]) -> TaskState:
    return TaskState(
        task_id=item["task_id"],
        map_index=item["map_index"],
        state=item["state"] or "none",
        try_number=item["try_number"],
        label=item.get("rendered_map_index"),
        seconds=_seconds(item),
    )


def _seconds(item: dict[str, Any]) -> float | None:
    if not item["start_date"]:
        return None
    end = datetime.fromisoformat(item["end_date"]) if item["end_date"] else datetime.now().astimezone()
    return (end - datetime.fromisoformat(item["start_date"])).total_seconds()
