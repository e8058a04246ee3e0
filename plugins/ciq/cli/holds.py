"""`ciq hold`: held deliveries, and their release or rejection by a named person."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from ciq.cli.console import cut, out, print_json
from ciq.cli.decided import By, Reason, judge_again, signature
from ciq.cli.options import AsJson
from ciq.plain import visible
from ciq.settings import get_settings

if TYPE_CHECKING:
    from ciq.reports.holds import HoldLine

app = typer.Typer(no_args_is_help=True, help="What holds up a branch: list, release, reject. 扣留的交付。")

Delivery = Annotated[int, typer.Argument(help="Delivery id (see `ciq hold list`).")]


@app.command("list")
def list_(
    as_json: AsJson = False,
    settled: Annotated[bool, typer.Option("--settled", help="Also what needs nothing any more, and why.")] = False,
) -> None:
    """What holds up a branch: held deliveries, one line per reason, and files that make up none. 列出扣留的交付。"""
    from ciq.database import connect
    from ciq.reports.holds import read_holds

    with connect(get_settings(), "engineer", application="ciq hold list") as connection:
        holds = read_holds(connection, settled=settled)
    if as_json:
        print_json([hold.as_json() for hold in holds])
    elif holds:
        _print_holds(holds)
    else:
        out.print("holds 扣留: none 无")


def _print_holds(holds: Sequence[HoldLine]) -> None:
    deliveries = len({hold.delivery_id for hold in holds if hold.pairing == "paired"})
    files = len({hold.delivery_id for hold in holds if hold.pairing != "paired"})
    done = len({hold.delivery_id for hold in holds if hold.settled_en})
    caption = f"{deliveries} deliveries 批交付, {files} files that make up no delivery 个未成交付的文件"
    table = Table(
        *(
            Column("id", justify="right"),
            Column("file 文件", overflow="fold", ratio=1),
            Column("why 原因", overflow="fold", ratio=2),
        ),
        caption=caption + (f" ({done} settled 已了结)" if done else ""),
        show_lines=True,
    )
    for delivery_id, group in groupby(holds, key=lambda hold: hold.delivery_id):
        members = list(group)
        first = members[0]
        rows = f"\nrows 记录: {first.rows_held:,}" if first.pairing == "paired" else ""
        table.add_row(
            *map(Text, (str(delivery_id), visible(first.data_name) + rows, "\n".join(map(_reason, members)))),
            style="dim" if first.settled_en else None,
        )
    out.print(table)
    out.print("* cannot be released: correct the file and send it again 不可解除, 须更正后重新报送")


def _reason(hold: HoldLine) -> str:
    found = [
        f"  {word} {cut(visible(value))}"
        for word, value in (("expected 应为:", hold.expected), ("found 实为:", hold.found))
        if value
    ]
    mark = "" if hold.releasable or hold.settled_en else " *"
    return "\n".join([f"{hold.rule_id}{mark}: {hold.message_en}", f"  {hold.message_zh}", *found])


@app.command("release")
def release(
    delivery: Delivery,
    by: By,
    reason: Reason,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Rule that shall not hold it; may be repeated. Default: all.")
    ] = None,
) -> None:
    """Take holds off a delivery: recorded with name and reason, then the delivery is judged again. 解除扣留。"""
    from ciq.database import connect
    from ciq.quality.decisions import release_holds
    from ciq.reports.holds import refuse_files

    with connect(get_settings(), "engineer", application="ciq hold release") as connection:
        refuse_files(connection, delivery)
    released = release_holds(get_settings(), delivery, rule or (), signature(by, reason))
    out.print(f"released 已解除: {', '.join(released)}, delivery 交付 {delivery}")
    judge_again(delivery, was_held=True)


@app.command("reject")
def reject(delivery: Delivery, by: By, reason: Reason) -> None:
    """Keep a delivery held for good, or a file that makes up none out of the lists; the receipt says so. 拒收。"""
    from ciq.quality.decisions import reject_hold
    from ciq.reports.holds import dismiss_file

    if dismiss_file(get_settings(), delivery, signature(by, reason)):
        out.print(f"dismissed 不予处理: file 文件 {delivery}")
        return
    rules = reject_hold(get_settings(), delivery, signature(by, reason))
    out.print(f"rejected 已拒收: delivery 交付 {delivery} ({', '.join(rules)})")
    judge_again(delivery, was_held=True)
