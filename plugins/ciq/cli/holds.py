"""`ciq hold`: held deliveries, and their release or rejection by a named person."""

from __future__ import annotations

from typing import Annotated

import typer

from ciq.cli.console import out, print_json
from ciq.cli.decided import By, Reason, judge_again, signature
from ciq.cli.options import AsJson
from ciq.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Held deliveries: list, release, reject. 扣留的交付。")

Delivery = Annotated[int, typer.Argument(help="Delivery id (see `ciq hold list`).")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Deliveries that are held, one line per rule that holds them. 列出扣留的交付。"""
    from ciq.database import connect
    from ciq.quality.decisions import held

    with connect(get_settings(), "engineer", application="ciq hold list") as connection:
        holds = held(connection)
    if as_json:
        print_json([hold.__dict__ for hold in holds])
        return
    if not holds:
        out.print("holds 扣留: none 无")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(caption=f"{len({hold.delivery_id for hold in holds})} deliveries 批交付")
    for name in ("delivery 交付", "file 文件", "rows 记录", "rule 规则", "expected 应为", "found 实为"):
        table.add_column(name, overflow="fold")
    table.add_column("message 说明", overflow="fold", ratio=1)
    for hold in holds:
        cells = (
            str(hold.delivery_id),
            hold.data_name,
            f"{hold.rows_held:,}",
            hold.rule_id + ("" if hold.releasable else " *"),
            hold.expected[:120],
            hold.found[:120],
            f"{hold.message_zh}\n{hold.message_en}",
        )
        table.add_row(*map(Text, cells))
    out.print(table)
    out.print("* cannot be released: correct the file and send it again 不可解除, 须更正后重新报送")


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
    from ciq.quality.decisions import release_holds

    released = release_holds(get_settings(), delivery, rule or (), signature(by, reason))
    out.print(f"released 已解除: {', '.join(released)}, delivery 交付 {delivery}")
    judge_again(delivery)


@app.command("reject")
def reject(delivery: Delivery, by: By, reason: Reason) -> None:
    """Keep a delivery held for good; its sender's receipt says so. 拒收。"""
    from ciq.quality.decisions import reject_hold

    rules = reject_hold(get_settings(), delivery, signature(by, reason))
    out.print(f"rejected 已拒收: delivery 交付 {delivery} ({', '.join(rules)})")
    judge_again(delivery)
