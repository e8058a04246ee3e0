"""`ciq quarantine`: rejected rows, their export, and their release by a named person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from rich.table import Column, Table
from rich.text import Text

from ciq.cli.console import cut, err, out, print_json
from ciq.cli.decided import By, Reason, judge_again, signature
from ciq.cli.options import AsJson, FromDay, ToDay, check_feeds
from ciq.errors import CiqError
from ciq.plain import visible
from ciq.settings import get_settings

if TYPE_CHECKING:
    import psycopg

    from ciq.reports.rejects import Reject, RejectFilter

app = typer.Typer(no_args_is_help=True, help="Rejected rows: list, export, release. 隔离区。")

LISTED = 5
"""Lines that a message names."""

Feed = Annotated[str | None, typer.Option("--feed", help="Feed code, for example F01.")]
Branch = Annotated[str | None, typer.Option("--branch", help="Organisation code of the sender.")]
Delivery = Annotated[int | None, typer.Option("--delivery", help="Delivery id.")]
Rule = Annotated[str | None, typer.Option("--rule", help="Rule id.")]
State = Annotated[str, typer.Option("--state", help="open, released, superseded or all.")]


@app.command("list")
def list_(
    feed: Feed = None,
    branch: Branch = None,
    delivery: Delivery = None,
    rule: Rule = None,
    first: FromDay = None,
    last: ToDay = None,
    state: State = "open",
    limit: Annotated[int, typer.Option(help="Rows to show at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Rejected rows, one line per broken rule. 列出隔离记录。"""
    from ciq.reports.rejects import count_rejects, read_rejects

    wanted = _filter(feed, branch, delivery, rule, first, last, state)
    with _engineer() as connection:
        total = count_rejects(connection, wanted)
        found = list(read_rejects(connection, wanted, rows=limit))
    if as_json:
        print_json({"rows": total, "rejects": [reject.as_json() for reject in found]})
        return
    if not total:
        out.print("quarantine 隔离区: nothing found 无记录")
        return
    _print_rejects(found, total, limit)


def _print_rejects(found: Sequence[Reject], total: int, limit: int) -> None:
    shown = min(total, limit)
    table = Table(
        *(
            Column("id", justify="right"),
            Column("where 位置", overflow="fold", ratio=1),
            Column("why 原因", overflow="fold", ratio=2),
        ),
        caption=f"{total:,} rows 条记录, {shown:,} shown 已显示"
        + ("" if shown == total else "; all of them 全部: ciq quarantine export FILE"),
    )
    for reject in found:
        place = f"{reject.file}\nline 行 {reject.place}, {cut(reject.record_id, 60)}"
        cell = f"\n{reject.field} = {cut(reject.value, 60)}" if reject.field and reject.value else ""
        mark = "" if reject.releasable else " *"
        why = f"{reject.rule_id}{mark}: {reject.message_en}\n{reject.message_zh}{cell}"
        cells = (str(reject.delivery_id), visible(place, keep="\n"), visible(why, keep="\n"))
        table.add_row(*map(Text, cells))
    out.print(table)
    out.print("* cannot be released: correct the row and send it again 不可放行, 须更正后重新报送")


@app.command("export")
def export(
    target: Annotated[Path, typer.Argument(help="CSV file to write (UTF-8 with BOM, opens in Excel).")],
    feed: Feed = None,
    branch: Branch = None,
    delivery: Delivery = None,
    rule: Rule = None,
    first: FromDay = None,
    last: ToDay = None,
    state: State = "open",
) -> None:
    """Write rejected rows to a CSV file, in the form of a return file. 导出隔离记录。"""
    from ciq.contracts import load_contracts
    from ciq.reports.rejects import read_rejects
    from ciq.reports.return_file import Expected, write_rejects

    wanted = _filter(feed, branch, delivery, rule, first, last, state)
    expected = Expected(load_contracts(get_settings().contracts))
    with _engineer() as connection, _writable(target) as file:
        lines = write_rejects(file, read_rejects(connection, wanted), expected)
    out.print(f"written 已写 {target}: {lines:,} lines 行")


@app.command("release")
def release(
    delivery: Annotated[int, typer.Option("--delivery", help="Delivery id.")],
    rule: Annotated[str, typer.Option("--rule", help="The rule that shall not stand against the rows.")],
    by: By,
    reason: Reason,
    line: Annotated[list[int] | None, typer.Option("--line", help="Line of the file; may be repeated.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every row of the delivery that the rule rejected.")] = False,
) -> None:
    """Accept rows in spite of a rule: recorded with name and reason, then the delivery is judged again. 放行记录。"""
    from ciq.quality.decisions import release_rows

    if bool(line) == every:
        raise typer.BadParameter("name the lines with --line, or say --all")
    count = release_rows(get_settings(), delivery, rule, line or (), signature(by, reason))
    out.print(f"released 已放行: {count:,} rows 条记录, {rule}, delivery 交付 {delivery}")
    judge_again(delivery)
    _tell_what_stays(delivery)


def _tell_what_stays(delivery: int) -> None:
    """Released rows that are in quarantine all the same, for other rules that they break."""
    from ciq.reports.rejects import released_in_vain

    with _engineer() as connection:
        kept = released_in_vain(connection, delivery)
    for line, rules in kept[:LISTED]:
        err.print(f"line 行 {line} stays in quarantine 仍在隔离区: {', '.join(rules)}", style="yellow")
    if len(kept) > LISTED:
        err.print(f"... and 另有 {len(kept) - LISTED} more 条", style="yellow")


def _filter(
    feed: str | None,
    branch: str | None,
    delivery: int | None,
    rule: str | None,
    first: FromDay,
    last: ToDay,
    state: str,
) -> RejectFilter:
    from ciq.reports.rejects import RejectFilter

    check_feeds(get_settings(), [feed] if feed else [])
    if state not in ("open", "released", "superseded", "all"):
        raise typer.BadParameter("--state is open, released, superseded or all")
    return RejectFilter(
        deliveries=[delivery] if delivery is not None else (),
        feed=feed,
        branch=branch,
        rule=rule,
        first=first.date() if first else None,
        last=last.date() if last else None,
        state=state,  # type: ignore[arg-type]
    )


@contextmanager
def _writable(target: Path) -> Iterator[TextIO]:
    """The file to write. Raises CiqError when it cannot be written."""
    try:
        with target.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise CiqError(
            f"Cannot write 无法写入 {target}: {error.strerror}", advice="Name a file in a folder of yours."
        ) from error


@contextmanager
def _engineer() -> Iterator[psycopg.Connection]:
    from ciq.database import connect

    with connect(get_settings(), "engineer", application="ciq quarantine") as connection:
        yield connection
