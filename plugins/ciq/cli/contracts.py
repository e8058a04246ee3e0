"""`ciq contracts`: validate the contracts, show what they would change, compile what is committed."""

from __future__ import annotations

import typer
from rich.markup import escape

from ciq.cli.console import err, out
from ciq.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Feed contracts. 数据契约。")


@app.command("check")
def check() -> None:
    """Validate the contracts against ODCS and our compilers, and the review's indicators; show what drifts. 检查。"""
    from ciq.contracts.drift import drifted_files, drifted_tables
    from ciq.reviewing.checking import review_problems

    settings = get_settings()
    problems = drifted_files(settings)
    problems += drifted_tables(settings) if settings.warehouse_url else []
    problems += review_problems(settings)
    for problem in problems:
        err.print(f"[red]drift 漂移[/] {escape(problem)}")
    if problems:
        raise typer.Exit(1)
    out.print("contracts 契约: valid, nothing drifts 有效, 无漂移")


@app.command("compile")
def compile_() -> None:
    """Write the files that are compiled from the contracts: dbt sources and the data dictionary. 编译。"""
    from ciq.contracts.drift import compiled_files

    for path, text in compiled_files(get_settings()).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        out.print(f"written 已写 {path}")
