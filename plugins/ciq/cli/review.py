"""`ciq review`: the annual review from the facts, on a terminal, as JSON or as a page; and reviews that are frozen."""

from __future__ import annotations

import csv
import getpass
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from ciq.cli.console import out, print_json
from ciq.cli.options import AsJson
from ciq.errors import SettingsError
from ciq.plain import visible
from ciq.settings import Settings, get_settings

if TYPE_CHECKING:
    from ciq.reviewing import FrozenReview, Review
    from ciq.reviewing.rendering import Lang


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command("review")(review)


def review(
    year: Annotated[int, typer.Argument(min=2009, max=2100, help="The year that is reviewed.")],
    as_of: Annotated[str | None, typer.Option(help="As known at a publication number or time.")] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Up to this day of the year only.")
    ] = None,
    lang: Annotated[str, typer.Option(help="zh, en or both, on the terminal; JSON and page have both.")] = "both",
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write the page, with charts, to this file.")] = None,
    rows: Annotated[int | None, typer.Option(help="The rows behind this indicator, as CSV.")] = None,
    is_to_freeze: Annotated[bool, typer.Option("--freeze", help="Keep the review as it is, append-only.")] = False,
    by: Annotated[str, typer.Option(help="Who freezes it; default: the login of this machine.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is frozen.")] = "",
    frozen: Annotated[int | None, typer.Option(help="Show this frozen review instead.")] = None,
    is_list: Annotated[bool, typer.Option("--list", help="List the frozen reviews of the year.")] = False,
) -> None:
    """The annual review, each figure derived from the facts beside what was published. 年度回顾。"""
    settings = get_settings()
    if is_list:
        _list(settings, year, as_json=as_json)
        return
    if frozen is not None and (is_to_freeze or as_of or to):
        raise SettingsError(
            "A frozen review has its day and publication 冻结回顾不可再定", advice="Use --frozen alone."
        )
    found, head = _find(settings, year, as_of, to, frozen)
    if is_to_freeze:
        head = _freeze(settings, found, by=by or getpass.getuser(), reason=reason)
    if rows is not None:
        _print_rows(settings, found, rows)
    elif html is not None:
        _write_page(settings, found, head, html)
    elif as_json:
        print_json(_as_json(found, head))
    else:
        _print(found, head, lang)


def _find(
    settings: Settings, year: int, as_of: str | None, to: datetime | None, frozen: int | None
) -> tuple[Review, FrozenReview | None]:
    from ciq.database import connect
    from ciq.reviewing import make_period, read_frozen
    from ciq.reviewing import review as make_review

    if frozen is None:
        return make_review(settings, make_period(settings, year, to.date() if to else None), as_of), None
    with connect(settings, "auditor", application="ciq review") as connection:
        head, found = read_frozen(connection, frozen)
    if head.year != year:
        raise SettingsError(
            f"Frozen review {frozen} is of {head.year} 不属于该年", advice=f"Use `ciq review {head.year}`."
        )
    return found, head


def _freeze(settings: Settings, found: Review, *, by: str, reason: str) -> FrozenReview:
    from ciq.database import connect
    from ciq.reviewing import freeze, read_frozen

    number = freeze(settings, found, by=by, reason=reason, run_ref=f"cli {uuid4()}")
    with connect(settings, "auditor", application="ciq review") as connection:
        return read_frozen(connection, number)[0]


def _as_json(found: Review, head: FrozenReview | None) -> dict[str, Any]:
    return {**found.as_json(), "frozen": head.as_json() if head else None}


def _print(found: Review, head: FrozenReview | None, lang: str) -> None:
    from ciq.reviewing.rendering import render_review

    languages: dict[str, Lang] = {"zh": "zh", "en": "en", "both": "both"}
    if lang not in languages:
        raise SettingsError(f"--lang {visible(lang)!r} is unknown 未知语言", advice="Use zh, en or both.")
    out.print(render_review(found, languages[lang]))
    if head is not None:
        said = f"frozen 冻结 {head.review_no}: {head.frozen_by}, {head.frozen_at:%Y-%m-%d %H:%M}: {head.reason}"
        out.print(said, markup=False)


def _list(settings: Settings, year: int, *, as_json: bool) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    from ciq.database import connect
    from ciq.reviewing import list_frozen

    with connect(settings, "auditor", application="ciq review") as connection:
        heads = list_frozen(connection, year)
    if as_json:
        print_json([head.as_json() for head in heads])
        return
    names = ("no.", "to 截至", "publication 发布号", "by 何人", "at 时间", "reason 原因", "digest 摘要")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for head in heads:
        cells = (head.review_no, head.last_day, head.as_of_no, head.frozen_by, f"{head.frozen_at:%Y-%m-%d %H:%M}")
        table.add_row(*(Text(visible(str(cell))) for cell in (*cells, head.reason, head.digest[:16])))
    out.print(table if heads else "frozen reviews 冻结回顾: none 无")


def _print_rows(settings: Settings, found: Review, indicator_id: int) -> None:
    from ciq.reviewing.rows import stream_rows

    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in stream_rows(settings, found, indicator_id):
        writer.writerow("" if cell is None else visible(str(cell)) for cell in row)


def _write_page(settings: Settings, found: Review, head: FrozenReview | None, path: Path) -> None:
    from ciq.portal.review_page import make_page

    path.write_text(make_page(settings, found, head), encoding="utf-8")
    out.print(f"written 已写 {path}", markup=False)
