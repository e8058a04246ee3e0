"""`ciq init` and `ciq doctor`."""

from __future__ import annotations

import typer

from ciq.cli.console import out
from ciq.settings import get_settings


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("init")(init)
    app.command("doctor")(doctor)


def init() -> None:
    """Bring the database to this version: roles, migrations, reference data, tables, published views. 初始化。"""
    from ciq.building import deploy
    from ciq.building.requeue import queue_what_changed
    from ciq.ledger.prepare import prepare_database

    settings = get_settings()
    applied = prepare_database(settings)
    out.print(f"migrations 迁移: {', '.join(applied) if applied else 'up to date 已是最新'}")
    deploy(settings)
    out.print("published views 发布视图: ready 就绪")
    if queue_what_changed(settings):
        out.print("reference data or models changed 基础数据或模型有变: all is queued 已全部排队; next: ciq build")


def doctor() -> None:
    """Look at what the warehouse needs: server, roles, disk, keys, calendar. 体检。"""
    from rich.table import Table

    from ciq.doctoring import examine

    table = Table(title="ciq doctor 体检")
    for heading in ("", "what 项目", "found 结果", "what to do 建议"):
        table.add_column(heading)
    findings = examine(get_settings())
    for finding in findings:
        table.add_row("[green]✓[/]" if finding.well else "[red]✗[/]", finding.what, finding.found, finding.advice)
    out.print(table)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
