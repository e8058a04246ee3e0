"""`ciq backfill`: plan a range of past days, run it, and read what it moved."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer
from rich.markup import escape
from rich.table import Column, Table

from ciq.cli.console import cut, err, out, print_json
from ciq.cli.options import AsJson, Feeds
from ciq.settings import Settings, get_settings

if TYPE_CHECKING:
    from ciq.backfilling import Backfill, BackfillReport, Plan, PlannedSlice, Request

app = typer.Typer(no_args_is_help=True, help="Past days again: plan, run, what moved. 补数。")

First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")]
Last = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")]
Branches = Annotated[list[str] | None, typer.Option("--branch", help="Branch code, 6 digits; may be repeated.")]
ModeName = Annotated[
    str,
    typer.Option(
        "--mode",
        help="fetch: collect and load what is new. landing: judge what is registered again, under today's rules."
        " marts: build the range anew.",
    ),
]

SHOWN_SLICES = 60
"""Slices that a plan lists on a terminal; `--json` has all."""


@app.command()
def plan(
    first: First,
    last: Last,
    branch: Branches = None,
    feed: Feeds = None,
    mode: ModeName = "fetch",
    as_json: AsJson = False,
) -> None:
    """What stands of the range, slice by slice, and what a backfill would do. Changes nothing. 补数计划。"""
    from ciq.backfilling import plan as make_plan

    made = make_plan(get_settings(), _request(first, last, branch, feed, mode))
    if as_json:
        print_json({"counts": made.counts, "slices": [one.as_json() for one in made.slices]})
    else:
        _print_plan(made)


@app.command()
def run(
    first: First,
    last: Last,
    reason: Annotated[str, typer.Option(help="Why; kept with the difference report.")],
    branch: Branches = None,
    feed: Feeds = None,
    mode: ModeName = "fetch",
    ticket: Annotated[str, typer.Option(help="Number of the request or the incident.")] = "",
    by: Annotated[str, typer.Option(help="Who asks for it; default: the login of this machine.")] = "",
    is_dry_run: Annotated[bool, typer.Option("--dry-run", help="End after the plan, which is kept.")] = False,
) -> None:
    """Plan, load over the whole range, build once, and report what moved. 执行补数。"""
    from ciq.backfilling import begin, finish, publish

    settings = get_settings()
    request = _request(first, last, branch, feed, mode, reason=reason, ticket=ticket, is_dry_run=is_dry_run)
    backfill = begin(settings, request, run_ref=f"cli {uuid4()}", requested_by=by or getpass.getuser())
    out.print(f"backfill 补数: {backfill.number}")
    if not is_dry_run:
        failures = [*_fetch(settings, backfill), *_load(settings, backfill)]
        number = publish(settings, backfill).publication_no
        out.print(f"publication 发布号: {number}" if number else "build 构建: nothing to do 无变化")
        _answer(settings)
        if failures:
            for failure in failures:
                err.print(f"[red]failed 未完成[/] {escape(failure)}")
            err.print(
                "no difference report is kept, for a step failed: mend it and run the backfill again 未出具差异报告"
            )
            raise typer.Exit(1)
        finish(settings, backfill)
    _show(settings, backfill.number)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every backfill that was asked for, the newest first. 补数记录。"""
    from ciq.backfilling import list_backfills

    lines = list_backfills(get_settings())
    if as_json:
        print_json([line.as_json() for line in lines])
        return
    table = Table(
        *(Column(name, overflow="fold") for name in ("no.", "asked 申请", "by 申请人", "range 范围", "mode 方式")),
        *(Column(name, overflow="fold") for name in ("state 状态", "publication 发布号", "reason 原因")),
    )
    for line in lines:
        numbers = f"{line.publication_before} → {'' if line.publication_after is None else line.publication_after}"
        cells = (
            *(str(line.backfill_no), f"{line.requested_at:%Y-%m-%d %H:%M}", line.requested_by),
            *(f"{line.first_day}..{line.last_day}", line.mode, line.state, numbers),
            f"{line.reason}{f' ({line.ticket})' if line.ticket else ''}",
        )
        table.add_row(*(escape(cut(cell)) for cell in cells))
    out.print(table if lines else "backfills 补数: none 无")


@app.command()
def show(number: Annotated[int, typer.Argument(help="See `ciq backfill list`.")], as_json: AsJson = False) -> None:
    """The difference report of one backfill: who, why, the plan, what moved. 差异报告。"""
    _show(get_settings(), number, as_json=as_json)


def _request(
    first: datetime,
    last: datetime,
    branches: Iterable[str] | None,
    feeds: Iterable[str] | None,
    mode: str,
    *,
    reason: str = "",
    ticket: str = "",
    is_dry_run: bool = False,
) -> Request:
    from ciq.backfilling import Request, parse_mode

    return Request(
        first=first.date(),
        last=last.date(),
        branches=tuple(branches or ()),
        feeds=tuple(feeds or ()),
        mode=parse_mode(mode),
        reason=reason,
        ticket=ticket,
        is_dry_run=is_dry_run,
    )


def _fetch(settings: Settings, backfill: Backfill) -> list[str]:
    """Collect in mode fetch; returns what went wrong."""
    from ciq.backfilling import fetch
    from ciq.collecting.branches import branch_endpoints, configured_endpoints, delivering_branches
    from ciq.database import connect

    if backfill.request.mode != "fetch":
        return []
    with connect(settings, "loader", application="ciq backfill") as connection:
        branches = delivering_branches(connection)
    endpoints = branch_endpoints(branches, configured_endpoints(settings), demand_all=False)
    report = fetch(settings, backfill, endpoints)
    out.print(f"fetched 收取: {report.fetched} files 个文件, registered 登记: {len(report.registered)}")
    return [str(one.error) for one in report.failed]


def _load(settings: Settings, backfill: Backfill) -> list[str]:
    from ciq.backfilling import load_group, load_groups

    failures = []
    for group in load_groups(settings, backfill.request):
        report = load_group(settings, backfill, group)
        failures += report.errors
        if report.loads:
            out.print(
                f"load 装载 {group}: accepted 接受 {report.accepted}, held 扣留 {report.held};"
                f" rows 记录: {report.rows_received:,} = {report.rows_accepted:,} accepted"
                f" + {report.rows_quarantined:,} quarantined 隔离 + {report.rows_held:,} held"
            )
    return failures


def _answer(settings: Settings) -> None:
    from ciq.collecting.receipts import write_due_receipts

    for problem in write_due_receipts(settings):
        err.print(f"[yellow]receipt 回执[/] {escape(str(problem))}")


def _print_plan(made: Plan) -> None:
    out.print(f"slices 数据片: {len(made.slices)}, due and not published 应报未发布: {len(made.open_slices)}")
    _print_counts(made.counts)
    to_do = made.to_do
    if to_do:
        out.print(_slices_table(to_do[:SHOWN_SLICES]))
    if len(to_do) > SHOWN_SLICES:
        out.print(f"… and {len(to_do) - SHOWN_SLICES} more 另有; all 全部: --json")


def _print_counts(counts: dict[str, int]) -> None:
    for what, count in counts.items():
        out.print(f"  {count:>6,}  {what}", markup=False)


def _slices_table(slices: Sequence[PlannedSlice]) -> Table:
    table = Table(
        *("day 日期", "branch 分支局", "feed", "state 状态", "to do 待办", "published delivery 已发布交付"),
        *(Column(name, justify="right") for name in ("rows 记录", "quarantined 隔离")),
    )
    for one in slices:
        table.add_row(
            *(str(one.business_date), one.org_code, one.feed_code, one.state, one.action, one.published_file or "–"),
            *(f"{one.rows:,}", f"{one.rows_quarantined:,}"),
        )
    return table


def _show(settings: Settings, number: int, *, as_json: bool = False) -> None:
    from ciq.backfilling import read_backfill
    from ciq.errors import CiqError

    report = read_backfill(settings, number)
    if report is None:
        raise CiqError(f"There is no backfill {number} 无此补数", advice="See `ciq backfill list`.")
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report)


def _print_report(report: BackfillReport) -> None:
    scope = [f"{report.first_day}..{report.last_day}", *report.branches, *report.feeds, f"mode {report.mode}"]
    ticket = f" ({report.ticket})" if report.ticket else ""
    for line in (
        f"backfill 补数 {report.backfill_no}: {', '.join(scope)}",
        f"asked 申请: {report.requested_by}, {report.requested_at:%Y-%m-%d %H:%M} ({report.run_ref})",
        f"reason 原因: {report.reason}{ticket}",
        f"plan 计划: {report.plan['slices']:,} slices 数据片",
    ):
        out.print(line, markup=False)
    _print_counts(report.plan["counts"])
    if report.is_dry_run:
        out.print("dry run 试算: nothing was done 未执行")
    elif report.totals_after is None:
        out.print("not finished 未完成: under way, or a step failed or was killed; run it again 请重新执行")
    else:
        _print_differences(report)


def _print_differences(report: BackfillReport) -> None:
    out.print(f"publication 发布号: {report.publication_before} → {report.publication_after}")
    for one in report.publications or ():
        out.print(
            f"  {one['publication_no']}: rows opened 新增 {one['rows_opened']:,}, closed 关闭 {one['rows_closed']:,}"
            f" ({one['run_ref']})",
            markup=False,
        )
    out.print(f"due and not published 应报未发布: {len(report.open_slices or ())}")
    if not report.differences:
        out.print("totals 合计: nothing moved 无变化")
        return
    table = Table(
        *("fact 事实表", "measure 度量"), *(Column(n, justify="right") for n in ("before 前", "after 后", "moved 变动"))
    )
    for fact, measure, before, after in report.differences:
        table.add_row(fact, measure, f"{before:,}", f"{after:,}", f"{after - before:+,}")
    out.print(table)
    days = {(one["fact"], one["day"]) for one in report.moved or ()}
    out.print(f"by day 按日: {len(days)} facts and days moved; ciq backfill show {report.backfill_no} --json")
