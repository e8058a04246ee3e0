"""What happens when a task has failed for good: it is said in both languages, and the ledger knows."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ciq.errors import CiqError, Place

log = logging.getLogger(__name__)


def record_failure(context: Mapping[str, Any]) -> None:
    """Log the failure with its place and append it to the ledger's events.

    Never raises: the task has failed already.
    """
    failure = describe_failure(context)
    log.error(
        "任务失败 / task failed: task=%(task)s group=%(group)s run=%(run_ref)s business_date=%(business_date)s"
        " branch=%(branch)s feed=%(feed)s file=%(file)s: %(error)s",
        failure,
    )
    try:
        _append(failure)
    except Exception:
        log.exception("事件未能写入台账 / the failure could not be written to the ledger")


def describe_failure(context: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a failed task: where it stands in the run, and in the data when the error says so."""
    instance, error = context["ti"], context.get("exception")
    place = error.place if isinstance(error, CiqError) else Place()
    return {
        "task": instance.task_id,
        "group": getattr(instance, "rendered_map_index", None),
        "run_ref": context["run_id"],
        "business_date": context.get("partition_key"),
        "branch": place.branch,
        "feed": place.feed,
        "file": place.file,
        "error": str(error)[:2000],
    }


def _append(failure: dict[str, Any]) -> None:
    from ciq.database import connect
    from ciq.ledger.events import append_event
    from ciq.settings import get_settings

    with connect(get_settings(), "loader", application="airflow callback") as connection:
        append_event(connection, "task_failed", failure)
