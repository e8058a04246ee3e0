"""The steps of the `review` DAG as operators. The period of a run is its partition key, a month."""

from __future__ import annotations

import calendar
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ciq.database import connect
from ciq.settings import Settings, get_settings
from ciq_airflow.review_link import ReviewLink

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReviewedPeriod:
    """The year that is reviewed, up to `last`; `first`: the first day that this run adds."""

    first: date
    last: date


def reviewed_period(context: Mapping[str, Any]) -> ReviewedPeriod:
    """The period of a run: `2010-06` is the year 2010 to the end of June, `2010-12` the whole year.

    Raises AirflowFailException, so that nothing is retried, when the run has no such partition key.
    """
    key = context.get("partition_key") or getattr(context.get("dag_run"), "partition_key", None)
    found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", key or "")
    if found is None:
        raise AirflowFailException(
            "手工触发须填写分区键: 月份如 2010-06, 全年为 2010-12。 / This run has no period: trigger it"
            f" with a partition key such as 2010-06, for the year to the end of June; 2010-12 is all of it."
            f" Found: {key!r}."
        )
    year, month = int(found.group(1)), int(found.group(2))
    return ReviewedPeriod(first=date(year, month, 1), last=date(year, month, calendar.monthrange(year, month)[1]))


class OpenPeriodSensor(BaseSensorOperator):
    """Skip a period that no due day lies in; in a scheduled run wait until its last due day is closed.

    A scheduled run is for the days of its month. Whoever triggers one by hand wants the year to there, as far as it is
    known.
    """

    def poke(self, context: Context) -> PokeReturnValue:
        """True once the review may be made of what is there."""
        period, settings = reviewed_period(context), get_settings()
        is_scheduled = context["dag_run"].run_type == "scheduled"
        first = period.first if is_scheduled else period.first.replace(month=1)
        last_due = min(period.last, settings.last_day or period.last)
        if last_due < max(first, settings.first_day or first):
            raise AirflowSkipException(
                f"{first}..{period.last} 无应报之日 / lies outside {settings.first_day}..{settings.last_day}"
            )
        return PokeReturnValue(not is_scheduled or _is_closed(settings, last_due))


class FreezeReviewOperator(BaseOperator):
    """Make the review of the period as known now, and keep it. Run again, it keeps nothing and names the first."""

    operator_extra_links = (ReviewLink(),)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.review: tuple[int, int] | None = None
        """Year and number of what was frozen, for the link to its page."""

    def execute(self, context: Context) -> dict[str, int | str]:
        """Raises AirflowFailException when nothing is published yet."""
        from ciq.reviewing import ReviewError, freeze, make_period, review

        settings, period = get_settings(), reviewed_period(context)
        made = review(settings, make_period(settings, period.last.year, period.last))
        is_scheduled = context["dag_run"].run_type == "scheduled"
        how = "定期 scheduled" if is_scheduled else "手工, 未填原因 by hand, no reason given"
        reason = context["params"].get("reason") or f"{how}: {period.last:%Y-%m}"
        by = context["dag_run"].triggering_user_name or "airflow"
        try:
            number = freeze(settings, made, by=by, reason=reason, run_ref=context["run_id"])
        except ReviewError as refused:
            raise AirflowFailException(str(refused)) from refused
        self.review = (period.last.year, number)
        for one in made.failing:
            log.warning(
                "指标 %d %s / %s: %s 不在 %s..%s / outside",
                *(one.indicator_id, one.name_zh, one.name_en, one.derived, one.lower_bound, one.upper_bound),
            )
        log.info("冻结回顾 / frozen review: ciq review %d --frozen %d", period.last.year, number)
        return {
            "review_no": number,
            "publication_no": made.as_of.publication_no,
            "passing": len(made.passing),
            "failing": len(made.failing),
            "bounded": len(made.bounded),
        }


def _is_closed(settings: Settings, day: date) -> bool:
    with connect(settings, "auditor", application="ciq review") as connection:
        row = connection.execute("select 1 from audit.closed_day where business_date = %s", (day,)).fetchone()
    return row is not None
