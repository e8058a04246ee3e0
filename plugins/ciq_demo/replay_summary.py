"""What the replay of a year says at its end: the review, what was loaded, where the time went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ciq.reviewing.model import Review
from ciq.reviewing.rendering import render_review
from ciq_demo.state import read_env

_LOADED = """
select count(*), coalesce(sum(rows_received), 0)::bigint, pg_database_size(current_database())
from audit.delivery_verdict
"""


def show_replay(console: Console, found: Review, seconds: Mapping[str, float], *, home: Path, ciq: Path) -> None:
    """Print the review of the year, what stands behind it, and the seconds of each stage."""
    console.print(render_review(found))
    console.print()
    console.print(_loaded(home))
    console.print(_times(seconds))
    for one in found.bounded:
        if not one.passes:
            console.print(f"[bold red]✗[/] {one.indicator_id} {one.name_zh} {one.name_en}: {one.derived}")
    console.print(f"ask on 继续查询: CIQ_HOME={home} {ciq} review {found.year}", markup=False, soft_wrap=True)


def stages(seconds: Mapping[str, float]) -> dict[str, float]:
    """The steps' seconds added up by stage: a step's name up to its number, month or translation."""
    totals: dict[str, float] = {}
    for step, took in seconds.items():
        stage = _STAGES.get(" ".join(step.split()[:2]), step.partition(" · ")[0])
        totals[stage] = totals.get(stage, 0.0) + took
    return totals


_STAGES = {"ciq load": "ciq load, all months", "files of": "waiting for files (made beside the loads)"}


def _loaded(home: Path) -> Text:
    with psycopg.connect(read_env(home)["CIQ_WAREHOUSE_URL"]) as connection:
        deliveries, rows, size = connection.execute(_LOADED).fetchall()[0]
    landing = sum(file.stat().st_size for file in (home / "landing").rglob("*") if file.is_file())
    return Text(
        f"{deliveries:,} deliveries 份交付, {rows:,} rows 行; warehouse 数据库 {size / 1e9:.1f} GB,"
        f" landing 落地区 {landing / 1e9:.1f} GB"
    )


def _times(seconds: Mapping[str, float]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), title="用时 Where the time went", title_justify="left")
    table.add_column("stage 阶段")
    table.add_column("seconds 秒", justify="right")
    totals = stages(seconds)
    for stage, took in totals.items():
        table.add_row(stage, f"{took:,.1f}")
    table.add_row("total 合计", f"{sum(totals.values()):,.1f}", style="bold")
    return table
