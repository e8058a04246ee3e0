"""The portal's routes to annual reviews: derived now, or as they were frozen."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from ciq.database import connect
from ciq.indicators import load_definitions, load_published
from ciq.portal.pages import headers, render_missing
from ciq.portal.review_page import make_page, render_reviews, review_policy
from ciq.reviewing import ReviewError, list_frozen, make_period, read_frozen, review
from ciq.settings import Settings

Year = Annotated[int, Path(ge=2009, le=2100)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]

KEPT = 3
"""Pages kept in memory, each some MB: of the years asked for last."""


class _Pages:
    """The page of a year as it is now, derived once for what it depends on, and by one request at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[int, tuple[tuple[object, ...], str]] = {}

    def page(self, settings: Settings, year: int) -> str:
        """Derived anew after a publication, a change of the definitions or a review frozen meanwhile."""
        with self._lock:
            basis = self._basis(settings, year)
            known, page = self._made.pop(year, ((), ""))
            if known != basis:
                page = make_page(settings, review(settings, make_period(settings, year)), None, up="../../")
            self._made[year] = (basis, page)
            while len(self._made) > KEPT:
                del self._made[next(iter(self._made))]
        return page

    @staticmethod
    def _basis(settings: Settings, year: int) -> tuple[object, ...]:
        with connect(settings, "auditor", application="ciq portal") as connection:
            frozen = [head.review_no for head in list_frozen(connection, year)]
            row = connection.execute("select published.as_of_no()").fetchone()
        return (row, frozen, load_definitions(settings.contracts).sha256, load_published(settings.contracts))


def add_review_routes(router: APIRouter, current: Callable[[], Settings]) -> None:
    """Add them to the portal; `current` gives the settings of the warehouse."""

    pages = _Pages()

    @router.get("/reviews")
    def reviews() -> Response:
        with connect(current(), "auditor", application="ciq portal") as connection:
            frozen = list_frozen(connection)
        page = render_reviews(load_published(current().contracts)[::-1], frozen, up="../")
        return HTMLResponse(page, headers=headers())

    @router.get("/reviews/{year:int}")
    def one_review(year: Year) -> Response:
        return HTMLResponse(pages.page(current(), year), headers=headers(review_policy()))

    @router.get("/reviews/{year:int}/frozen/{number:int}")
    def frozen_review(year: Year, number: Number) -> Response:
        up = "../../../../"
        try:
            with connect(current(), "auditor", application="ciq portal") as connection:
                head, made = read_frozen(connection, number)
        except ReviewError as error:
            return HTMLResponse(render_missing(str(error), up=up), status_code=404, headers=headers())
        if head.year != year:
            what = f"冻结回顾 {number} 不属于该年 Frozen review {number} is of {head.year}"
            return HTMLResponse(render_missing(what, up=up), status_code=404, headers=headers())
        return HTMLResponse(make_page(current(), made, head, up=up), headers=headers(review_policy()))
