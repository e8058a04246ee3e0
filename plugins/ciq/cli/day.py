"""Commands of the daily work: deliver, collect, load, build, status."""

from __future__ import annotations

from datetime import date as date_type
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ciq.cli.console import err, out, print_json
from ciq.cli.options import AllDays, AsJson, Day, Feeds, FromDay, ToDay, check_feeds, day_range
from ciq.settings import Settings, get_settings

if TYPE_CHECKING:
    from ciq.collecting.collect import CollectReport
    from ciq.loading import LoadReport, Progress

RUN = "cli"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("deliver")(deliver)
    app.command("collect")(collect)
    app.command("load")(load)
    app.command("build")(build)
    app.command("status")(status)


def deliver(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The data file.")],
    feed: Annotated[str, typer.Option(help="Feed code, for example F01.")],
    branch: Annotated[str, typer.Option(help="Organisation code of the sender, 6 digits.")],
    date: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Business date.")],
    mapping: Annotated[
        str | None, typer.Option(help="Column mapping of a third party's file (`ciq mapping list`), or auto.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="GB18030, GBK, UTF-8 or UTF-8-SIG (with --mapping also CP1252, LATIN-1); else found out."),
    ] = None,
    status: Annotated[str, typer.Option(help="2 Audited; 3 UnPass withdraws what was delivered before.")] = "2",
    reporter: Annotated[str, typer.Option(help="Who reports it.")] = "",
    auditor: Annotated[str, typer.Option(help="Who approved it.")] = "",
    opinion: Annotated[str, typer.Option(help="What the approver wrote.")] = "",
) -> None:
    """Write the manifest of a file made by hand and put the pair into the local inbox. 手工交付。"""
    from ciq.collecting.deliver import deliver as deliver_file

    made = deliver_file(
        get_settings(),
        file,
        feed=feed,
        branch=branch,
        business_date=date.date(),
        mapping=mapping,
        encoding=encoding,
        status=status,
        reporter=reporter,
        auditor=auditor,
        opinion=opinion,
    )
    for line in made.mapped.lines() if made.mapped else ():
        out.print(line, markup=False)
    out.print(f"delivered 已交付 {made}")
    out.print("next 下一步: ciq load --all")


def collect() -> None:
    """Fetch and register what stands in the senders' folders. 收取。"""
    settings = get_settings()
    report = _collect(settings)
    out.print(f"registered 已登记: {len(report.registered)}")
    _print_unpaired(settings)
    if report.failed:
        raise typer.Exit(1)


def _collect(settings: Settings) -> CollectReport:
    from ciq.collecting.branches import branch_endpoints, configured_endpoints, delivering_branches
    from ciq.collecting.collect import collect as collect_all
    from ciq.database import connect

    with connect(settings, "loader") as connection:
        branches = delivering_branches(connection)
    endpoints = branch_endpoints(branches, configured_endpoints(settings), demand_all=False)
    report = collect_all(settings, endpoints, run_ref=RUN)
    for branch in report.failed:
        err.print(f"[red]branch 分支局 {branch.org_code}[/] {escape(str(branch.error))}")
    _warn_of_strangers(settings, {org_code for org_code, _ in branches})
    return report


def _print_unpaired(settings: Settings) -> None:
    """One line on files that make up no delivery and that nobody accounts for."""
    from ciq.database import connect
    from ciq.reports.holds import read_unpaired, unpaired_summary

    with connect(settings, "auditor", application="ciq unpaired") as connection:
        summary = unpaired_summary(read_unpaired(connection))
    if summary:
        out.print(f"[yellow]{summary}[/]; why 原因: ciq hold list")


def _warn_of_strangers(settings: Settings, branches: set[str]) -> None:
    """Folders of the inbox that belong to no branch with an endpoint: what stands in them is not read."""
    root = settings.inbox_root
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.is_dir() and folder.name not in branches and any(folder.glob("outbox/*")):
            err.print(
                f"[yellow]not read 未读取[/] {escape(str(folder))}: no branch with an endpoint has this code;"
                " add it to expectations/code_lists/org.csv, or move the files 该代码不是交付单位"
            )


def load(
    date: Day = None,
    first: FromDay = None,
    last: ToDay = None,
    all_: AllDays = False,
    feed: Feeds = None,
    again: Annotated[
        str | None, typer.Option(metavar="REASON", help="Judge once more, under today's contracts: why.")
    ] = None,
    build_after: Annotated[bool, typer.Option("--build/--no-build", help="Build and publish afterwards.")] = True,
) -> None:
    """Load registered deliveries (what stands in the inbox is registered first), then build and publish. 装载。"""
    from ciq.loading import Claim, journal_rejudging
    from ciq.loading import load as load_claim

    settings = get_settings()
    from_day, to_day = day_range(date, first, last, all_)
    check_feeds(settings, feed or ())
    collected = _collect(settings)
    claim = Claim(first=from_day, last=to_day, feeds=feed or (), again=again is not None)
    if again is not None:
        journal_rejudging(settings, claim, reason=again)
    report = load_claim(settings, claim, run_ref=RUN, tell=_print_progress)
    _print_load(report)
    _print_unpaired(settings)
    if from_day is not None and to_day is not None:
        _close(settings, from_day, to_day)
    elif all_ and not feed:
        _close_delivered(settings)
    if build_after:
        build()
    else:
        _answer(settings)
    if report.errors or collected.failed:
        raise typer.Exit(1)


def _print_progress(progress: Progress) -> None:
    """One line for each of several loads: a range of months takes a while."""
    if progress.deliveries < progress.of or progress.first != progress.last:
        days = f"{progress.first}" if progress.first == progress.last else f"{progress.first}..{progress.last}"
        out.print(
            f"  {progress.feed_code} {days}: {progress.deliveries:,} of {progress.of:,} deliveries 交付,"
            f" {progress.rows:,} rows 行",
            markup=False,
        )


def _print_load(report: LoadReport) -> None:
    out.print(
        f"deliveries 交付: accepted 接受 {report.accepted}, held 扣留 {report.held}\n"
        f"rows 记录: received 收到 {report.rows_received:,} = accepted 接受 {report.rows_accepted:,}"
        f" + quarantined 隔离 {report.rows_quarantined:,} + held 扣留 {report.rows_held:,}"
    )
    if report.held:
        out.print("why 原因: ciq hold list; bad rows 问题记录: ciq quarantine list")
    for error in report.errors:
        err.print(f"[red]not judged 未判定[/] {escape(error)}")


def _close(settings: Settings, first: date_type, last: date_type) -> None:
    """Days that were asked for by name are closed, as a run of `ingest` does: what is due and not there is missing."""
    from ciq.collecting.days import close_days, due_part
    from ciq.database import connect

    with connect(settings, "loader", autocommit=True) as connection:
        low, high = due_part(connection, first, last)
        if (low, high) != (first, last):
            out.print(
                "days outside those due are not closed (CIQ_FIRST_DAY..CIQ_LAST_DAY as of the last `ciq init`)"
                " 期外日期未截止"
            )
        close_days(connection, low, high, run_ref=RUN)


def _close_delivered(settings: Settings) -> None:
    """Days that `--all` found deliveries of; one feed alone says nothing of a day."""
    from ciq.collecting.days import close_delivered_days
    from ciq.database import connect

    with connect(settings, "loader", autocommit=True) as connection:
        closed = close_delivered_days(connection, run_ref=RUN)
    if closed:
        out.print(f"days closed 已截止: {closed}; what is due and not there is missing 未到者记为缺报")


def _answer(settings: Settings) -> None:
    """Receipts and return files for what was judged; a sender that cannot be reached gets them next time."""
    from ciq.collecting.receipts import write_due_receipts

    for problem in write_due_receipts(settings):
        err.print(f"[yellow]receipt 回执[/] {escape(str(problem))}")


def build() -> None:
    """Build the marts from what was loaded, test them and promote the next publication. 构建并发布。"""
    from ciq.building import build as build_marts

    settings = get_settings()
    report = build_marts(settings, run_ref=RUN)
    if report.publication_no is None:
        out.print("build 构建: nothing to do 无变化")
    else:
        out.print(f"publication 发布号: {report.publication_no}")
    _answer(settings)


def status(first: FromDay = None, last: ToDay = None, as_json: AsJson = False) -> None:
    """Day x branch: what came, what is held, what is missing; final or provisional. 状态。"""
    from ciq.reports.status import read_status, render_status

    settings = get_settings()
    rows = read_status(settings, first=first.date() if first else None, last=last.date() if last else None)
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        out.print(render_status(rows))
        _print_unpaired(settings)
