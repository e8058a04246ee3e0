"""The business date of a run is its partition key, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk.exceptions import AirflowFailException

from ciq.contracts import ContractSet
from ciq.settings import Settings

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def business_date(context: Mapping[str, Any]) -> date:
    """The partition key of the run as a date.

    Raises AirflowFailException, so that nothing is retried, when the run has none or it is no date.
    """
    key = context.get("partition_key") or getattr(context.get("dag_run"), "partition_key", None)
    if key and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", key):
        try:
            return date.fromisoformat(key)
        except ValueError:
            pass
    raise AirflowFailException(
        "手工触发须填写分区键, 即业务日期, 如 2010-06-08。 / This run has no business date: trigger it with a"
        f" partition key such as 2010-06-08, or use `airflow backfill create`. Found: {key!r}."
    )


def is_due(settings: Settings, day: date) -> bool:
    """Whether a day lies within CIQ_FIRST_DAY..CIQ_LAST_DAY; bounds that are not set are open."""
    return (settings.first_day or day) <= day <= (settings.last_day or day)


def cut_off(contracts: ContractSet, day: date) -> datetime:
    """When a business date is taken as it is: the latest cut-off of any feed, on the next day, Asia/Shanghai."""
    latest = max(time.fromisoformat(contract.cutoff) for contract in contracts.feeds)
    return datetime.combine(day + timedelta(days=1), latest, tzinfo=BUSINESS_ZONE)
