"""`ciq mapping`: which styles of third-party files are known, and whether a file fits one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ciq.cli.console import out
from ciq.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Column mappings of third-party files. 第三方文件的列映射。")


@app.command("list")
def list_() -> None:
    """Name the mappings, with their feed. 列出。"""
    from ciq.mapping.reading import load_mappings

    for mapping in load_mappings(get_settings().contracts):
        named = "" if mapping.auto else " (not by auto 不自动选用)"
        out.print(
            f"{mapping.name} {mapping.version}  {mapping.feed}  {mapping.name_zh}  {mapping.name_en}{named}",
            markup=False,
        )


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The third party's file.")],
    mapping: Annotated[str, typer.Option(help="Name of the mapping, or auto.")] = "auto",
    feed: Annotated[str | None, typer.Option(help="Feed code; else that of the mapping, and F18 for auto.")] = None,
    branch: Annotated[str, typer.Option(help="Organisation code of the sender.")] = "320000",
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Business date; else today's.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the file; found out when not said.")] = None,
) -> None:
    """Map a file and say what would come of it; nothing is delivered. 试映射。"""
    from ciq.mapping.deliverable import better_mappings, feed_of, try_mapping

    day = (date or datetime.now(tz=UTC)).date()
    wanted = feed or feed_of(get_settings(), mapping) or "F18"
    tried = try_mapping(get_settings(), file, mapping, feed=wanted, branch=branch, day=day, encoding=encoding)
    for line in tried.lines():
        out.print(line, markup=False)
    better = better_mappings(get_settings(), file, tried, branch=branch, encoding=encoding, day=day)
    if better:
        out.print(f"more records can be used by 可多读记录的映射: {', '.join(better)}", markup=False)
    out.print("nothing was delivered 未交付; next 下一步: ciq deliver FILE --mapping " + tried.reading.mapping.name)
