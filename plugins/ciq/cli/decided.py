"""What the commands that decide share: who, why, and judging the delivery again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ciq.cli.console import err, out
from ciq.settings import get_settings

if TYPE_CHECKING:
    from ciq.quality.decisions import Signature

By = Annotated[str, typer.Option("--by", help="The person who decides.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the ledger.")]


def signature(by: str, reason: str) -> Signature:
    """The name and the reason, as the ledger keeps them."""
    from ciq.quality.decisions import Signature

    return Signature(by=by, reason=reason)


def judge_again(delivery_id: int, *, was_held: bool = False) -> None:
    """Judge the delivery under the decision and say what came of it. Publishing is the build's part.

    `was_held`: it published nothing before, so that only an acceptance asks for a build.
    """
    from ciq.loading import rejudge

    report = rejudge(get_settings(), [delivery_id], run_ref="cli decision")
    for problem in report.errors:
        err.print(f"not judged 未判定: {problem}", style="red", markup=False)
    if report.errors:
        raise typer.Exit(1)
    verdict = "accepted 接受" if report.accepted else "held 扣留"
    out.print(f"verdict 判定: {verdict}")
    out.print(
        f"rows 记录: received 收到 {report.rows_received:,} = accepted 接受 {report.rows_accepted:,}"
        f" + quarantined 隔离 {report.rows_quarantined:,} + held 扣留 {report.rows_held:,}"
    )
    if report.accepted or not was_held:
        out.print("publish 发布: ciq build")
