"""The steps of the `backfill` DAG as operators. A run finds its backfill in the ledger by its run id."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, DownstreamTasksSkipped

from ciq.database import connect
from ciq.errors import CiqError
from ciq.settings import Settings, get_settings
from ciq_airflow.endpoints import connected_endpoints
from ciq_airflow.operators import failed_steps
from ciq_airflow.quality_link import QualityReportLink

if TYPE_CHECKING:
    from airflow.sdk import Context

    from ciq.backfilling import Backfill, Request

log = logging.getLogger(__name__)


def request_of(form: Mapping[str, Any]) -> Request:
    """The trigger form as a request. Raises BackfillRefusedError naming the field that cannot be read."""
    from ciq.backfilling import Request, parse_day, parse_mode

    return Request(
        first=parse_day("from", form["from"]),
        last=parse_day("to", form["to"]),
        branches=tuple(form["branches"] or ()),
        feeds=tuple(form["feeds"] or ()),
        mode=parse_mode(form["mode"]),
        reason=form["reason"],
        ticket=form["ticket"] or "",
        is_dry_run=form["dry_run"],
    )


class PlanBackfillOperator(BaseOperator):
    """Check the form, keep the plan and the totals of before; a dry run ends here.

    Returns the load groups of the feeds that are asked for.
    """

    def execute(self, context: Context) -> list[str]:
        """Raises AirflowFailException, so that nothing is retried, for a request that cannot be carried out."""
        from ciq.backfilling import BackfillRefusedError, begin, load_groups, read_backfill

        settings = get_settings()
        requested_by = context["dag_run"].triggering_user_name or "airflow"
        try:
            request = request_of(context["params"])
            backfill = begin(settings, request, run_ref=context["run_id"], requested_by=requested_by)
        except BackfillRefusedError as refused:
            raise AirflowFailException(str(refused)) from refused
        report = read_backfill(settings, backfill.number)
        assert report is not None
        log.info("补数 / backfill %d: %s slices 数据片", backfill.number, report.plan["slices"])
        for what, count in report.plan["counts"].items():
            log.info("  %s %s", count, what)
        if backfill.request.is_dry_run:
            log.info("试算, 到此为止 / a dry run ends here: ciq backfill show %d", backfill.number)
            rest = sorted(self.get_flat_relative_ids(upstream=False))
            raise DownstreamTasksSkipped(tasks=rest)  # type: ignore[no-untyped-call]
        return load_groups(settings, backfill.request)


class FetchOperator(BaseOperator):
    """Collect what is new up to the last day from the branches asked for; in the other modes there is nothing to do."""

    def execute(self, context: Context) -> dict[str, int]:
        """Raises CiqError, after all branches have been tried, when one could not be collected."""
        from ciq.backfilling import fetch
        from ciq.collecting.branches import branch_endpoints, delivering_branches

        settings = get_settings()
        backfill = _backfill(settings, context)
        if backfill.request.mode != "fetch":
            # No skip: Airflow would skip every task after it too.
            log.info("方式 %s 不收取 / this mode fetches nothing", backfill.request.mode)
            return {"fetched": 0, "registered": 0}
        wanted = set(backfill.request.branches)
        with connect(settings, "loader", application="ciq backfill") as connection:
            branches = [one for one in delivering_branches(connection) if not wanted or one[0] in wanted]
        endpoints, errors = connected_endpoints(settings, (name for _, name in branches))
        report = fetch(settings, backfill, branch_endpoints(branches, endpoints, demand_all=False))
        errors += [branch.error for branch in report.failed if branch.error]
        if errors:
            raise CiqError(f"{len(errors)} branches not collected: {' | '.join(map(str, errors[:20]))}")
        return {"fetched": report.fetched, "registered": len(report.registered)}


class LoadRangeOperator(BaseOperator):
    """Judge the range's deliveries of one load group."""

    operator_extra_links = (QualityReportLink(),)

    def __init__(self, *, load_group: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.load_group = load_group
        self.load_ids: list[int] = []
        """The loads of this run, for the link to their pages."""

    def execute(self, context: Context) -> dict[str, int]:
        """Raises CiqError when deliveries could not be judged for reasons of ours; the others are accepted."""
        from ciq.backfilling import load_group

        settings = get_settings()
        report = load_group(settings, _backfill(settings, context), self.load_group)
        self.load_ids = list(report.loads)
        if report.errors:
            raise CiqError(f"{len(report.errors)} deliveries not judged: {' | '.join(report.errors[:20])}")
        return {
            "accepted": report.accepted,
            "held": report.held,
            "rows_received": report.rows_received,
            "rows_accepted": report.rows_accepted,
        }


class BuildRangeOperator(BaseOperator):
    """Close the range's days, build once, test and promote."""

    def execute(self, context: Context) -> dict[str, int | None]:
        """Raises BuildError when the build failed: the former publication stays readable."""
        from ciq.backfilling import publish

        settings = get_settings()
        return {"publication_no": publish(settings, _backfill(settings, context)).publication_no}


class DifferenceOperator(BaseOperator):
    """Answer the senders and keep what moved; fails, and keeps nothing, when a step of the run has failed."""

    def execute(self, context: Context) -> dict[str, int | None]:
        """Raises AirflowFailException naming the failed steps; clear them, and this one follows."""
        from ciq.backfilling import finish
        from ciq.collecting.branches import delivering_branches
        from ciq.collecting.receipts import write_due_receipts

        settings = get_settings()
        backfill = _backfill(settings, context)
        with connect(settings, "loader", application="ciq backfill report") as connection:
            names = [name for _, name in delivering_branches(connection)]
        endpoints, _ = connected_endpoints(settings, names)
        for error in write_due_receipts(settings, endpoints):
            log.warning("回执未送达 / receipt not written: %s", error)
        failed = failed_steps(context)
        if failed:
            raise AirflowFailException(
                f"以下步骤失败, 未出具差异报告 / these steps failed, no difference report is kept: {', '.join(failed)}"
            )
        report = finish(settings, backfill)
        for fact, measure, before, after in report.differences:
            log.info("%s %s: %s → %s", fact, measure, before, after)
        log.info("差异报告 / difference report: ciq backfill show %d", backfill.number)
        return {
            "backfill_no": backfill.number,
            "publication_before": report.publication_before,
            "publication_after": report.publication_after,
            "open_slices": len(report.open_slices or ()),
        }


def _backfill(settings: Settings, context: Context) -> Backfill:
    from ciq.backfilling import find

    backfill = find(settings, context["run_id"])
    if backfill is None:
        raise AirflowFailException(f"运行没有计划 / the run {context['run_id']} has no plan: clear its task plan")
    return backfill
