"""Render pages: every value escaped, nothing loaded from elsewhere, no script at all."""

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

_TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def _style() -> str:
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def policy() -> str:
    """The Content-Security-Policy: nothing but this one style sheet, which stands in the page."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals.update(share=_share, style=Markup(_style()), policy=policy())  # noqa: S704 our own file
    return environment


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "–"


def render_load(page: LoadPage, *, up: str | None = None) -> str:
    """The page of one load. `up`: relative path to the root of the site; None: a page that stands alone."""
    run = page.head.run_ref
    # Airflow's run ids hold two underscores; what a command did has no page there.
    run_link = f"{up}dags/ingest/runs/{quote(run, safe='')}" if up is not None and "__" in run else None
    return _environment().get_template("load.html").render(page=page, up=up, run_link=run_link, sample=SAMPLE_ROWS)


def render_loads(loads: Sequence[LoadHead], *, up: str, run_ref: str | None = None) -> str:
    """The list of loads."""
    return _environment().get_template("loads.html").render(loads=loads, up=up, run_ref=run_ref)


def render_missing(what: str, *, up: str) -> str:
    """The page that says that something is not there."""
    return _environment().get_template("missing.html").render(what=what, up=up)
