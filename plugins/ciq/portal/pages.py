"""Render pages: every value escaped, nothing loaded from elsewhere, and no script but where a page draws charts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ciq.reports.load_page import SAMPLE_ROWS, LoadHead, LoadPage

TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet that every page carries."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def policy() -> str:
    """The Content-Security-Policy: nothing but this one style sheet, which stands in the page."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def headers(content_policy: str | None = None) -> dict[str, str]:
    """Headers of every answer: nothing is loaded, nothing is kept, framed by the same site only.

    `content_policy`: of a page that carries scripts of its own.
    """
    return {
        "Content-Security-Policy": f"{content_policy or policy()}; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, with what all pages share."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.globals.update(share=_share, style=Markup(style()), policy=policy())  # noqa: S704 our own file
    return made


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "–"


def render_load(page: LoadPage, *, up: str | None = None) -> str:
    """The page of one load. `up`: relative path to the root of the site; None: a page that stands alone."""
    run = page.head.run_ref
    # Airflow's run ids hold two underscores; what a command did has no page there.
    run_link = f"{up}dags/ingest/runs/{quote(run, safe='')}" if up is not None and "__" in run else None
    return environment().get_template("load.html").render(page=page, up=up, run_link=run_link, sample=SAMPLE_ROWS)


def render_loads(loads: Sequence[LoadHead], *, up: str, run_ref: str | None = None) -> str:
    """The list of loads."""
    return environment().get_template("loads.html").render(loads=loads, up=up, run_ref=run_ref)


def render_missing(what: str, *, up: str) -> str:
    """The page that says that something is not there."""
    return environment().get_template("missing.html").render(what=what, up=up)
