"""What Airflow loads of this project: the auditors' portal behind Airflow's login, and the link from tasks to it.

Airflow runs this file by itself, and only this one (`plugins/.airflowignore`): each file that it runs is registered
under its bare name and would replace a module of that name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

from ciq_airflow.quality_link import PORTAL, QualityReportLink, portal_url
from ciq_airflow.review_link import ReviewLink

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

INGEST = "ingest"

Message = MutableMapping[str, Any]


def create_portal() -> FastAPI:
    """The portal for those who may read the logs of the ingest DAG's tasks.

    Airflow gives the apps of plugins no authentication: every route takes it from the app, the one for unknown paths
    too, and there are no routes without it (documentation, OpenAPI).
    """
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
    from airflow.api_fastapi.core_api.security import requires_access_dag
    from fastapi import Depends, FastAPI

    from ciq.portal.pages import headers
    from ciq.portal.router import create_router

    allowed = Depends(requires_access_dag("GET", DagAccessEntity.TASK_LOGS, param_dag_id=INGEST))
    app = FastAPI(title="CIQ", dependencies=[allowed], docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(create_router())

    @app.middleware("http")
    async def _harden(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        for name, value in headers().items():
            response.headers.setdefault(name, value)
        return response

    return app


class Portal:
    """The portal, made at its first request: every process of Airflow loads plugins, and one of them serves pages."""

    @cached_property
    def app(self) -> FastAPI:
        """The app behind it."""
        return create_portal()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Serve one request."""
        await self.app(scope, receive, send)


class CiqPlugin(AirflowPlugin):
    """The portal, an entry of Airflow's menu for it, and the links of tasks."""

    name = "ciq"
    fastapi_apps = [{"app": Portal(), "url_prefix": PORTAL, "name": "CIQ portal"}]  # noqa: RUF012 as Airflow reads it
    external_views = [  # noqa: RUF012
        {"name": "装载质量 Load quality", "href": portal_url("/loads"), "destination": "nav", "category": "browse"},
        {"name": "年度回顾 Annual reviews", "href": portal_url("/reviews"), "destination": "nav", "category": "browse"},
    ]
    operator_extra_links = [QualityReportLink(), ReviewLink()]  # noqa: RUF012
