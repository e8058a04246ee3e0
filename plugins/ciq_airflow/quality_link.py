"""The button that leads from a load task to the page of its loads' quality."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

PORTAL = "/ciq"
"""Where ciq_plugin mounts the portal, below the site's root."""


def portal_url(path: str) -> str:
    """A page of the portal as a path of the site, also when Airflow stands below a path of its host."""
    return urlsplit(str(conf.get("api", "base_url", fallback=""))).path.rstrip("/") + PORTAL + path


class QualityReportLink(BaseOperatorLink):
    """Link to the loads of one task instance; of its whole run where the task told no loads.

    Airflow asks at the end of each try, in the worker, and keeps the answer.
    """

    @property
    def name(self) -> str:
        """The button's text."""
        return "装载质量 Quality"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """A path of the site."""
        load_ids: list[int] = getattr(operator, "load_ids", [])
        if len(load_ids) == 1:
            return portal_url(f"/loads/{load_ids[0]}")
        query = {"ids": ",".join(map(str, load_ids))} if load_ids else {"run": ti_key.run_id}
        return portal_url(f"/loads?{urlencode(query)}")
