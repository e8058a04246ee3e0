"""`ciq docs`: Great Expectations' Data Docs from the stored results."""

from __future__ import annotations

from typing import Annotated

import typer

from ciq.cli.console import out
from ciq.cli.options import Day
from ciq.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Data Docs of Great Expectations. 校验文档。")


@app.command("build")
def build(
    date: Day = None,
    load: Annotated[list[int] | None, typer.Option("--load", help="Load id; may be repeated. Default: all.")] = None,
) -> None:
    """Write the pages of loads and their index; safe to run beside loads. 生成。"""
    from ciq.quality.docs import build_data_docs

    index = build_data_docs(get_settings(), business_date=date.date() if date else None, load_ids=load or ())
    out.print(f"data docs 校验文档: {index}", soft_wrap=True)


@app.callback()
def _group() -> None:
    """Keep `docs` a group while it has one command."""
