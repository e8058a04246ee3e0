"""The page of a review: one file that carries its style, its charts and the script that draws them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from markupsafe import Markup

from ciq.indicators import PublishedReview
from ciq.portal.charts import Chart, plotly_script, review_charts
from ciq.portal.pages import TEMPLATES, environment, style
from ciq.reviewing import FrozenReview, Review
from ciq.reviewing.asking import reading
from ciq.reviewing.rendering import bounds, plain_number, unit
from ciq.reviewing.rows import Sample, sample_rows
from ciq.reviewing.series import read_series
from ciq.settings import Settings

SAMPLE_ROWS = 10
"""Rows behind a figure that the page shows; the command that it names has all of them."""

_KINDS = {
    "D": "推导 derived from feeds",
    "B": "推导, 与上年比 derived against the year before",
    "X": "外部结论 a claim",
    "N": "叙述 narrative",
}


@lru_cache(maxsize=1)
def _own_script() -> str:
    return (TEMPLATES / "review.js").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _own_style() -> str:
    return style() + (TEMPLATES / "review.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def review_policy() -> str:
    """The Content-Security-Policy: the two scripts that stand in the page and no other. Plotly writes styles into the
    elements that it draws, so style is open."""
    scripts = " ".join(f"'sha256-{_digest(text)}'" for text in (plotly_script(), _own_script()))
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def make_page(settings: Settings, review: Review, frozen: FrozenReview | None, *, up: str | None = None) -> str:
    """The page of a review with its charts and the first rows behind each figure, read at its publication.

    `up`: relative path to the root of the site; None: a page that stands alone.
    """
    with reading(settings, review.as_of.publication_no, application="ciq review page") as (connection, _):
        samples = {one.indicator_id: sample_rows(connection, one, SAMPLE_ROWS) for one in review.indicators}
        charts = review_charts(read_series(connection, review))
    return render_review(review, frozen, charts, samples, up=up)


def render_review(
    review: Review,
    frozen: FrozenReview | None,
    charts: Sequence[Chart],
    samples: dict[int, Sample | None],
    *,
    up: str | None = None,
) -> str:
    """The page of a review."""
    codes = {code for one in review.indicators for code in one.feeds}
    names = {one.feed_code: f"{one.name_zh} {one.name_en}" for one in review.feeds}
    return (
        environment()
        .get_template("review.html")
        .render(
            review=review,
            frozen=frozen,
            charts=charts,
            samples=samples,
            up=up,
            feed_names={code: names.get(code) for code in codes},
            kinds=_KINDS,
            plain=plain_number,
            unit=unit,
            bounds=bounds,
            signed=_signed,
            plotly=Markup(plotly_script()),  # noqa: S704 the package's own file
            script=Markup(_own_script()),  # noqa: S704 our own file
            style=Markup(_own_style()),  # noqa: S704 our own files
            policy=review_policy(),
        )
    )


def render_reviews(published: Sequence[PublishedReview], frozen: Sequence[FrozenReview], *, up: str) -> str:
    """The list of reviewed years and of frozen reviews."""
    return environment().get_template("reviews.html").render(published=published, frozen=frozen, up=up)


def _signed(value: Decimal) -> str:
    return f"{value:+,f}"
