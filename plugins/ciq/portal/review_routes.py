"""The portal's routes to annual reviews: derived now, or as they were frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from ciq.database import connect
from ciq.indicators import load_published
from ciq.portal.pages import headers, render_missing
from ciq.portal.review_page import make_page, render_reviews, review_policy
from ciq.reviewing import ReviewError, list_frozen, make_period, read_frozen, review
from ciq.settings import Settings

Year = Annotated[int, Path(ge=2009, le=2100)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


def add_review_routes(router: APIRouter, current: Callable[[], Settings]) -> None:
    """Add them to the portal; `current` gives the settings of the warehouse."""

    @router.get("/reviews")
    def reviews() -> Response:
        with connect(current(), "auditor", application="ciq portal") as connection:
            frozen = list_frozen(connection)
        page = render_reviews(load_published(current().contracts)[::-1], frozen, up="../")
        return HTMLResponse(page, headers=headers())

    @router.get("/reviews/{year:int}")
    def one_review(year: Year) -> Response:
        made = review(current(), make_period(current(), year))
        return HTMLResponse(make_page(current(), made, None, up="../../"), headers=headers(review_policy()))

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
