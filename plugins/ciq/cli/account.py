"""Commands that account for figures: what is in no total, what moved, who decided, what a branch got back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from ciq.cli.console import cut, out, print_json
from ciq.cli.options import AsJson, Day, FromDay, ToDay, day_range
from ciq.plain import visible
from ciq.settings import get_settings

if TYPE_CHECKING:
    from datetime import date

Branch = Annotated[str | None, typer.Option("--branch", help="One branch, for example 320500.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("outstanding")(outstanding)
    app.command("changes")(changes)
    app.command("decisions")(decisions)
    app.command("receipts")(receipts)


def outstanding(
    branch: Branch = None, day: Day = None, first: FromDay = None, last: ToDay = None, as_json: AsJson = False
) -> None:
    """What is in no total: held, quarantined, waiting, missing; how much, since when. 未入统计。"""
    from ciq.database import connect
    from ciq.reports.outstanding import KINDS, read_outstanding

    from_day, to_day = _range(day, first, last)
    with connect(get_settings(), "auditor", application="ciq outstanding") as connection:
        found = read_outstanding(connection, from_day, to_day, branch)
    if as_json:
        print_json([one.as_json() for one in found])
        return
    table = _table(
        "日期 day",
        "分支局 branch",
        "数据源 feed",
        "何者 kind",
        "记录 rows",
        "金额 value",
        "自 since",
        "原因 why",
        "文件 file",
    )
    for one in found:
        rows = "?" if one.rows is None else f"{one.rows:,}"
        _row(table, one.business_date, one.org_code, one.feed_code, KINDS[one.kind], rows, _money(one.value),
             _minute(one.since), one.why, one.file or "")  # fmt: skip
    out.print(table if found else "everything is in the totals 全部已入统计")


def changes(
    since: Annotated[
        str | None, typer.Option(help="A publication number, or a time; without it: the newest publication.")
    ] = None,
    branch: Branch = None,
    as_json: AsJson = False,
) -> None:
    """What changed since a publication, by how much, and through which deliveries. 变动。

    `--branch` names the sender of the deliveries; figures are those of the whole province.
    """
    from ciq.database import connect
    from ciq.reports.changes import read_changes

    with connect(get_settings(), "auditor", application="ciq changes") as connection:
        found = read_changes(connection, since, branch)
    if as_json:
        print_json(found.as_json())
        return
    out.print(f"publication 发布号 {found.before} → {found.after}")
    slices = _table(
        "发布号 no", "生效 promoted", "日期 day", "分支局 branch", "数据源 feed", "现 stands now", "原 stood before"
    )
    for one in found.slices:
        _row(slices, one.publication_no, _minute(one.promoted_at), one.business_date, one.org_code, one.feed_code,
             _file(one.came, one.came_rows), _file(one.went, one.went_rows))  # fmt: skip
    moved = _table("事实表 fact", "日期 day", "度量 measure", "变动 change")
    for movement in found.moved:
        _row(moved, movement.fact, movement.day or "", movement.measure, f"{Decimal(movement.change):+,}")
    out.print(moved if found.moved else "no figure moved 数字无变动")
    out.print(slices if found.slices else "no delivery came or went 无交付变动")


def decisions(
    branch: Branch = None, day: Day = None, first: FromDay = None, last: ToDay = None, as_json: AsJson = False
) -> None:
    """Who released or rejected what, and why, in the order of the decisions. 决定。"""
    from ciq.database import connect
    from ciq.reports.decided import read_decisions

    from_day, to_day = _range(day, first, last)
    with connect(get_settings(), "auditor", application="ciq decisions") as connection:
        found = read_decisions(connection, from_day, to_day, branch)
    if as_json:
        print_json([one.as_json() for one in found])
        return
    table = _table("时间 at", "决定 kind", "文件 file", "行 line", "规则 rule", "何人 by", "登录 login", "原因 reason")
    for one in found:
        _row(table, _minute(one.decided_at), one.kind, one.file, "" if one.line is None else one.line, one.rule_id,
             one.decided_by, one.login, one.reason)  # fmt: skip
    out.print(table if found else "nobody decided anything 无决定")


def receipts(
    branch: Annotated[str, typer.Argument(help="A branch, for example 320500.")],
    day: Day = None,
    first: FromDay = None,
    last: ToDay = None,
    as_json: AsJson = False,
) -> None:
    """What a branch got back: the answer to each of its files. 回执。"""
    from ciq.collecting.receipts import read_receipts

    from_day, to_day = _range(day, first, last)
    found = read_receipts(get_settings(), branch, from_day, to_day)
    if as_json:
        print_json(found)
        return
    table = _table("回执 receipt", "结论 what it says", "记录 rows", "发现 findings", "返回文件 return file")
    for one in found:
        for entry in one["deliveries"]:
            findings = "\n".join(map(_finding, entry["findings"]))
            says = f"{entry['state_zh']} / {entry['state_en']}"
            _row(table, one["receipt"], says, _counts(entry.get("rows")), findings, entry.get("return_file", ""))
    out.print(table if found else "nothing came from it 未收到文件")


def _range(day: datetime | None, first: datetime | None, last: datetime | None) -> tuple[date | None, date | None]:
    return day_range(day, first, last, everything=day is None and first is None and last is None)


def _table(*headings: str) -> Table:
    return Table(*(Column(heading, overflow="fold") for heading in headings))


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(Text(cut(visible(str(cell), keep="\n"))) for cell in cells))


def _money(value: Mapping[str, str] | None) -> str:
    return "\n".join(f"{currency} {Decimal(amount):,}" for currency, amount in (value or {}).items())


def _file(name: str | None, rows: int | None) -> str:
    return f"{name} ({rows:,} rows 行)" if name else ""


def _minute(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _counts(rows: Mapping[str, int] | None) -> str:
    return " ".join(f"{name} {count}" for name, count in (rows or {}).items() if count)


def _finding(finding: Mapping[str, Any]) -> str:
    times = f" x{finding['rows']}" if finding.get("rows") else ""
    return f"{finding['rule_id']}{times}: {finding['message_zh']} {finding['message_en']}"
