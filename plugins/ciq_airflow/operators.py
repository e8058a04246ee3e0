"""The steps of a day as operators: arguments in, one call into `ciq`, a short summary out.

All state is in the warehouse, so each step may be killed anywhere and run again. What is heavy is imported where a task
uses it, for this module is imported whenever a DAG file is parsed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import CiqError
from ciq.settings import Settings, get_settings
from ciq_airflow.days import BUSINESS_ZONE, business_date, cut_off, is_due
from ciq_airflow.endpoints import connected_endpoints
from ciq_airflow.quality_link import QualityReportLink

if TYPE_CHECKING:
    from airflow.sdk import Context

    from ciq.collecting.collect import CollectReport

log = logging.getLogger(__name__)

Summary = dict[str, int | str | None]


class OpenDaySensor(BaseSensorOperator):
    """Refuse a run without a business date, skip one outside the due days, wait for the cut-off in a scheduled one.

    Returns the load groups of the contracts.
    """

    def poke(self, context: Context) -> PokeReturnValue:
        """True once the day may be taken as it is."""
        day = business_date(context)
        settings = get_settings()
        if not is_due(settings, day):
            raise AirflowSkipException(
                f"{day} 不在 CIQ_FIRST_DAY..CIQ_LAST_DAY 之内 / lies outside {settings.first_day}..{settings.last_day}"
            )
        contracts = load_contracts(settings.contracts)
        # Backfills and manual runs take what is there; only the scheduler comes before the senders are due.
        waits = context["dag_run"].run_type == "scheduled"
        is_done = not waits or datetime.now(BUSINESS_ZONE) >= cut_off(contracts, day)
        return PokeReturnValue(is_done, xcom_value=list(contracts.load_groups) if is_done else None)


class CollectOperator(BaseOperator):
    """Fetch and register the deliveries of one of `groups` groups of branches, up to the run's business date."""

    def __init__(self, *, group: int, groups: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.group = group
        self.groups = groups

    def execute(self, context: Context) -> Summary:
        """Raises CiqError, after all branches have been tried, when one could not be collected."""
        from ciq.collecting.branches import branch_endpoints, branch_group, delivering_branches
        from ciq.collecting.collect import collect

        day, settings = business_date(context), get_settings()
        with connect(settings, "loader", application="ciq collect") as connection:
            branches = branch_group(delivering_branches(connection), self.group, self.groups)
        context["branches"] = ", ".join(org_code for org_code, _ in branches)  # type: ignore[typeddict-unknown-key]
        endpoints, errors = connected_endpoints(settings, (name for _, name in branches))
        folders = branch_endpoints(branches, endpoints, demand_all=False)
        report = collect(settings, folders, up_to=day, run_ref=context["run_id"])
        errors += [branch.error for branch in report.failed if branch.error]
        for error in errors:
            log.error("收取失败 / not collected: %s", error)
        if errors:
            raise errors[0] if len(errors) == 1 else CiqError(_together("branches not collected", errors))
        return _collected(report)


class LoadOperator(BaseOperator):
    """Judge and accept what is registered of one load group up to the run's business date."""

    operator_extra_links = (QualityReportLink(),)

    def __init__(self, *, load_group: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.load_group = load_group
        self.load_ids: list[int] = []
        """The loads of this run, for the link to their pages."""

    def execute(self, context: Context) -> Summary:
        """Raises CiqError when deliveries could not be judged for reasons of ours; the others are accepted."""
        from ciq.loading import Claim, load

        day, settings = business_date(context), get_settings()
        feeds = load_contracts(settings.contracts).load_groups[self.load_group]
        report = load(settings, Claim(last=day, feeds=feeds), run_ref=context["run_id"])
        self.load_ids = list(report.loads)
        if report.errors:
            raise CiqError(_together("deliveries not judged", report.errors))
        return {
            "accepted": report.accepted,
            "held": report.held,
            "rows_received": report.rows_received,
            "rows_accepted": report.rows_accepted,
            "rows_quarantined": report.rows_quarantined,
            "rows_held": report.rows_held,
        }


class BuildOperator(BaseOperator):
    """Close the day, so that what is due and not there shows as missing; then build, test and promote."""

    def execute(self, context: Context) -> Summary:
        """Raises BuildError when the build failed: the former publication stays readable."""
        from ciq.building import build
        from ciq.collecting.days import close_day

        day, settings, run_ref = business_date(context), get_settings(), context["run_id"]
        with connect(settings, "loader", autocommit=True, application="ciq close day") as connection:
            close_day(connection, day, run_ref=run_ref)
        return {"publication_no": build(settings, run_ref=run_ref).publication_no}


class ReportOperator(BaseOperator):
    """Answer the senders, log what came of the day, and fail when a step of the run has failed."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException naming the failed steps; what is published stays published."""
        from ciq.collecting.branches import delivering_branches
        from ciq.collecting.receipts import write_due_receipts

        day, settings = business_date(context), get_settings()
        with connect(settings, "loader", application="ciq report") as connection:
            names = [name for _, name in delivering_branches(connection)]
        endpoints, _ = connected_endpoints(settings, names)
        for error in write_due_receipts(settings, endpoints):
            log.warning("回执未送达 / receipt not written: %s", error)
        _log_day(settings, context, day.isoformat())
        failed = failed_steps(context)
        if failed:
            raise AirflowFailException(
                f"以下步骤失败, 当日数据为暂定 / these steps failed, the day stays provisional: {', '.join(failed)}"
            )


def _together(what: str, errors: Iterable[object]) -> str:
    texts = [str(error) for error in errors]
    return f"{len(texts)} {what}: " + " | ".join(texts[:20])


def _collected(report: CollectReport) -> Summary:
    registered = [one.delivery.pairing for one in report.registered]
    return {
        "fetched": report.fetched,
        "registered": len(registered),
        "unpaired": sum(pairing != "paired" for pairing in registered),
        "growing": sum(len(branch.growing) for branch in report.branches),
    }


def _log_day(settings: Settings, context: Context, day: str) -> None:
    from ciq.collecting.days import day_summary

    with connect(settings, "loader", application="ciq report") as connection:
        feeds = day_summary(connection, business_date(context))
    for feed in feeds:
        log.info(
            "业务日期 %s 数据源 %s / day %s feed %s: accepted=%d held=%d waiting=%d unpaired=%d rows_accepted=%d"
            " rows_quarantined=%d rows_held=%d missing=%s",
            day,
            feed.feed_code,
            day,
            feed.feed_code,
            feed.accepted,
            feed.held,
            feed.waiting,
            feed.unpaired,
            feed.rows_accepted,
            feed.rows_quarantined,
            feed.rows_held,
            ",".join(feed.missing) or "-",
        )


def failed_steps(context: Context) -> list[str]:
    """The tasks of this run that failed, or were not run because another failed."""
    run_id = context["run_id"]
    states = context["ti"].get_task_states(dag_id=context["dag"].dag_id, run_ids=[run_id]).get(run_id, {})
    return sorted(task for task, state in states.items() if state in ("failed", "upstream_failed"))
