"""What a person asks for, and what is refused before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, get_args

import psycopg

from ciq.contracts import load_contracts
from ciq.errors import CiqError
from ciq.settings import Settings

Mode = Literal["fetch", "landing", "marts"]
"""fetch: collect what is new, judge what has no verdict. landing: judge what was registered again, under today's rules.
marts: judge nothing, build the range's keys anew."""

MODES: tuple[Mode, ...] = get_args(Mode)
LONGEST_DAYS = 400
"""A year with the month before it, as the replay of 2010 wants it."""


class BackfillRefusedError(CiqError):
    """The request cannot be carried out as it stands; nothing was done."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A range of business dates, both ends included; empty `branches` or `feeds`: all."""

    first: date
    last: date
    branches: Sequence[str] = ()
    feeds: Sequence[str] = ()
    mode: Mode = "fetch"
    reason: str = ""
    ticket: str = ""
    is_dry_run: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is about all branches and feeds of its days."""
        return not self.branches and not self.feeds


def parse_day(name: str, text: object) -> date:
    """A business date as a form gives it. Raises BackfillRefusedError naming the field."""
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise _refused([f"{name}: {str(text)[:40]!r} 不是日期 / is no date, expected 2010-06-08"]) from error


def parse_mode(text: object) -> Mode:
    """A mode as a form gives it. Raises BackfillRefusedError."""
    for mode in MODES:
        if mode == text:
            return mode
    raise _refused([f"mode: {str(text)[:40]!r} 未知 / is not known, choose 可选 {', '.join(MODES)}"])


def check_range(settings: Settings, connection: psycopg.Connection, request: Request) -> None:
    """Raise BackfillRefusedError that names, in both languages, all that is wrong with range, branches and feeds."""
    problems = [*_range_problems(settings, request), *_name_problems(settings, connection, request)]
    if problems:
        raise _refused(problems)


def check_reason(request: Request) -> None:
    """Raise BackfillRefusedError for a backfill without a reason: a plan alone needs none."""
    if not request.reason.strip():
        raise _refused(["reason: 必须填写原因 / say why, it is kept with the difference report"])


def check_same(run_ref: str, *, kept: Request, asked: Request) -> None:
    """Raise BackfillRefusedError that names each field in which a run asks for something else than it did before."""
    before, now = _fields(kept), _fields(asked)
    differing = [f"{name}: {_brief(before[name])} -> {_brief(now[name])}" for name in now if now[name] != before[name]]
    if differing:
        raise BackfillRefusedError(
            f"运行 {run_ref} 登记的补数请求与本次不同 / run {run_ref} asked for another backfill before:"
            f" {'; '.join(differing)}",
            advice="请以新的运行提交, 原请求不变 / Ask in a new run; what was asked for before stays as it is.",
        )


def _fields(request: Request) -> dict[str, Any]:
    """By the names of the form; sets of branches and feeds have no order."""
    sets = {"branches": sorted(set(request.branches)), "feeds": sorted(set(request.feeds))}
    fields = {**asdict(request), **sets}
    return {{"first": "from", "last": "to", "is_dry_run": "dry_run"}.get(name, name): fields[name] for name in fields}


def _brief(value: object) -> str:
    text = ", ".join(map(str, value)) or "全部 all" if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else f"{text[:80]}..."


def _refused(problems: Sequence[str]) -> BackfillRefusedError:
    return BackfillRefusedError(
        f"补数请求被拒绝 / the backfill is refused: {'; '.join(problems)}",
        advice="请更正后重新提交, 尚未做任何改动 / Correct it and ask again; nothing was done.",
    )


def _range_problems(settings: Settings, request: Request) -> Iterator[str]:
    first, last = request.first, request.last
    if first > last:
        yield f"from {first} 晚于 / is after to {last}"
        return
    days = (last - first).days + 1
    if days > LONGEST_DAYS:
        yield f"{first}..{last}: {days} 天超过上限 / days are more than {LONGEST_DAYS}, split the range"
    low, high = settings.first_day, settings.last_day
    if (low and first < low) or (high and last > high):
        yield f"{first}..{last} 超出 / goes beyond CIQ_FIRST_DAY..CIQ_LAST_DAY ({low or ''}..{high or ''})"


def _name_problems(settings: Settings, connection: psycopg.Connection, request: Request) -> Iterator[str]:
    feeds = {contract.feed_code for contract in load_contracts(settings.contracts).feeds}
    unknown = sorted(set(request.feeds) - feeds)
    if unknown:
        yield f"未知数据源 / unknown feed {_shown(unknown)}, known 已知: {', '.join(sorted(feeds))}"
    rows = connection.execute("select distinct org_code from ref.org where level in ('HQ', 'BRANCH') order by 1")
    branches = [str(row[0]) for row in rows]
    unknown = sorted(set(request.branches) - set(branches))
    if unknown:
        yield f"未知分支局 / unknown branch {_shown(unknown)}, known 已知: {', '.join(branches)}"


def _shown(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:10])
