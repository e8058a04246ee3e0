"""The button that leads from the task that freezes a review to the page of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink

from ciq_airflow.quality_link import portal_url

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class ReviewLink(BaseOperatorLink):
    """Link from the task to the page of what it froze; to the list of reviews when it froze nothing."""

    @property
    def name(self) -> str:
        """The button's text."""
        return "年度回顾 Review"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """A path of the site."""
        frozen: tuple[int, int] | None = getattr(operator, "review", None)
        return portal_url("/reviews" if frozen is None else f"/reviews/{frozen[0]}/frozen/{frozen[1]}")
