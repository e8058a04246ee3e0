"""The portal's routes. Whoever mounts them puts them behind authentication (see `ciq_airflow.ciq_plugin`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.portal.pages import headers, render_load, render_loads, render_missing
from ciq.portal.review_routes import add_review_routes
from ciq.reports.load_page import read_load_page, read_loads
from ciq.settings import Settings, get_settings

MOUNT = "/ciq"
"""Where the portal stands below the site's root; its pages link to each other relative to that."""

_MOST_IDS = 20


def create_router(settings: Settings | None = None) -> APIRouter:
    """Routes over the warehouse of `settings`, read as the auditor; of this process's settings when None.

    Plain functions, not coroutines: they wait for the database in a thread of the pool.
    """
    router = APIRouter(default_response_class=HTMLResponse)

    def current() -> Settings:
        return settings or get_settings()

    @router.get("/loads")
    def loads(
        run: Annotated[str | None, Query(max_length=250)] = None,
        ids: Annotated[str, Query(pattern=r"^(\d{1,18}(,\d{1,18})*)?$", max_length=400)] = "",
    ) -> Response:
        wanted = [int(part) for part in ids.split(",")[:_MOST_IDS] if part]
        with connect(current(), "auditor", application="ciq portal") as connection:
            found = read_loads(connection, run_ref=run, load_ids=wanted)
        if (run or wanted) and len(found) == 1:
            return RedirectResponse(f"loads/{found[0].load_id}", status_code=303, headers=headers())
        return HTMLResponse(render_loads(found, up="../", run_ref=run), headers=headers())

    @router.get("/loads/{load_id:int}")
    def load(load_id: int) -> Response:
        contracts = load_contracts(current().contracts)
        personal = {
            column.name
            for contract in contracts.contracts
            for record_type in contract.record_types
            for column in record_type.columns
            if column.classification
        }
        with connect(current(), "auditor", application="ciq portal") as connection:
            page = read_load_page(connection, load_id, personal)
        if page is None:
            what = f"没有装载 There is no load {load_id}"
            return HTMLResponse(render_missing(what, up="../../"), status_code=404, headers=headers())
        return HTMLResponse(render_load(page, up="../../"), headers=headers())

    add_review_routes(router, current)

    @router.get("/")
    def index() -> Response:
        return RedirectResponse("loads", status_code=303, headers=headers())

    @router.get("/{path:path}")
    def missing(path: str) -> Response:
        """A route like the others, so that what is not there is behind authentication as well."""
        up = "../" * (path.count("/") + 1)
        return HTMLResponse(render_missing(path[:200], up=up), status_code=404, headers=headers())

    return router
