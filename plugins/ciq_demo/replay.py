"""`make replay-2010`: thirteen months of all feeds, from their files to the annual review, without the scheduler.

Files are made month by month beside the load of the month before, and are gone from the inbox once they are loaded, so
that at most two months lie there; landing keeps the bytes. The state is a folder of its own: the demo, and a warehouse
that the environment names, are left alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg
from rich.console import Console

from ciq.errors import CiqError
from ciq.reviewing.model import Review
from ciq.settings import PROJECT_ROOT, Settings
from ciq_demo.databases import WAREHOUSE_VARIABLE
from ciq_demo.generator import workdays
from ciq_demo.generator.baseline import FEED as BASELINE_FEED
from ciq_demo.journey import ciq_command, run_ciq
from ciq_demo.replay_summary import show_replay
from ciq_demo.services import start_database
from ciq_demo.state import read_env, update_env
from ciq_demo.steps import Steps

YEAR = 2010
FIRST_DAY = workdays.FIRST_DECLARED
LAST_DAY = date(YEAR, 12, 31)
"""Lots declared in December of the year before are evaluated in the year: they are carried in."""

NEEDED_BYTES = 30 * 1024**3
"""Free space that a whole replay wants: landing, the warehouse, and what a build sorts on disk."""


@dataclass(frozen=True)
class Chunk:
    """Business dates that are made, landed and loaded together: one calendar month, or the baseline."""

    name: str
    first: date
    last: date
    feed: str | None = None

    @property
    def range(self) -> tuple[str, ...]:
        """The options by which `ciq load` knows these dates."""
        only = ("--feed", self.feed) if self.feed else ()
        return ("--from", self.first.isoformat(), "--to", self.last.isoformat(), *only)


def replay_home(home: Path) -> Path:
    """The state folder of the replay, inside that of the demo."""
    return home / "replay"


def chunks(first: date, last: date) -> Iterator[Chunk]:
    """The summaries of the year before, then the calendar months from `first` to `last`, both included."""
    yield Chunk("baseline", date(YEAR - 1, 1, 1), date(YEAR - 1, 12, 31), BASELINE_FEED)
    while first <= last:
        next_month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield Chunk(f"{first:%Y-%m}", first, min(last, next_month - timedelta(days=1)))
        first = next_month


def replay(console: Console, *, first: date = FIRST_DAY, last: date = LAST_DAY) -> Review:
    """Load the range, build, verify, and show the review of the year and how long each stage took.

    Running it again goes on with the months that are not loaded yet. Raises CiqError with the place of the logs when a
    command fails, or the disk is too small.
    """
    steps = Steps(console)
    home = replay_home(Settings().home)
    _forget_other_places()
    _check_space(home)
    with steps.step("PostgreSQL · 数据库"):
        start_database(home)
        update_env(home, {"CIQ_FIRST_DAY": first.isoformat(), "CIQ_LAST_DAY": last.isoformat()})
    with steps.step("ciq init · 初始化数据仓库"):
        run_ciq(home, "init")
    _load_all(steps, home, [chunk for chunk in chunks(first, last) if not _is_loaded(home, chunk)])
    with steps.step("ciq build · 构建并发布"):
        run_ciq(home, "build")
    with steps.step("ciq verify · 核验账目"):
        run_ciq(home, "verify")
    with steps.step(f"ciq review {YEAR} · 年度回顾"):
        found = _review(home)
    show_replay(console, found, steps.seconds, home=home, ciq=ciq_command())
    return found


def _load_all(steps: Steps, home: Path, todo: list[Chunk]) -> None:
    """Load one chunk after another; the files of the next are made meanwhile."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        ready = beside.submit(_make_files, home, todo[0]) if todo else None
        for position, chunk in enumerate(todo):
            assert ready is not None
            with steps.step(f"files of {chunk.name}, as far as they were not ready · 等待数据文件"):
                files = ready.result()
            _move_into_inbox(home, files)
            ready = _begin_next(beside, home, todo[position + 1 :])
            with steps.step(f"ciq load {chunk.name} ({position + 1}/{len(todo)}) · 装载"):
                run_ciq(home, "load", *chunk.range, "--no-build")
            _clear_inbox(home)


def _begin_next(beside: ThreadPoolExecutor, home: Path, todo: list[Chunk]) -> Future[Path] | None:
    return beside.submit(_make_files, home, todo[0]) if todo else None


def _make_files(home: Path, chunk: Chunk) -> Path:
    """Files in a folder that nobody collects from, made by a process of its own: its memory goes with it."""
    folder = home / "outgoing" / chunk.name
    shutil.rmtree(folder, ignore_errors=True)
    days = ("--baseline",) if chunk.feed else ("--first-day", f"{chunk.first}", "--last-day", f"{chunk.last}")
    command = [sys.executable, "-m", "ciq_demo.generator", str(folder), *days]
    _said(home, command, f"The files of {chunk.name} could not be made 数据文件未能生成")
    return folder


def _move_into_inbox(home: Path, files: Path) -> None:
    _clear_inbox(home)
    files.rename(home / "inbox")


def _clear_inbox(home: Path) -> None:
    """What was loaded stands in landing: the senders' side of the replay forgets it."""
    shutil.rmtree(home / "inbox", ignore_errors=True)


def _is_loaded(home: Path, chunk: Chunk) -> bool:
    """Whether the ledger knows the chunk whole: its last day is closed, and each of its deliveries has a verdict."""
    with psycopg.connect(read_env(home)[WAREHOUSE_VARIABLE]) as connection:
        row = connection.execute(_LEDGER, {**vars(chunk), "baseline": BASELINE_FEED}).fetchone()
    assert row is not None
    deliveries, judged, closed = row
    return bool(deliveries and deliveries == judged and (closed or chunk.feed))


_LEDGER = """
select count(*), count(v.delivery_id),
    exists (select from audit.closed_day where business_date = %(last)s)
from audit.delivery d left join audit.delivery_verdict v using (delivery_id)
where d.business_date between %(first)s and %(last)s and (d.feed_code = %(feed)s or %(feed)s::text is null)
    and (d.feed_code <> %(baseline)s or d.feed_code = %(feed)s)
"""


def _forget_other_places() -> None:
    """The environment stands above `home/env`: a warehouse or folder that it names is not the replay's."""
    for name in _PLACES:
        os.environ.pop(name, None)


_PLACES = (
    WAREHOUSE_VARIABLE, "CIQ_LANDING", "CIQ_INBOX", "CIQ_ENDPOINTS", "CIQ_FIRST_DAY", "CIQ_LAST_DAY",
    "CIQ_PSEUDONYM_KEY",
)  # fmt: skip


def _check_space(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(home).free
    if free < NEEDED_BYTES and not (home / "landing").exists():
        raise CiqError(
            f"{home} has {free / 1024**3:.0f} GiB free, and a year needs about {NEEDED_BYTES // 1024**3} 磁盘空间不足",
            advice="Set CIQ_HOME to a folder with more room.",
        )


def _review(home: Path) -> Review:
    """The review as the command gives it to programs."""
    command = [str(ciq_command()), "review", str(YEAR), "--json"]
    return Review.model_validate(json.loads(_said(home, command, f"`ciq review {YEAR}` failed")))


def _said(home: Path, command: Sequence[str], problem: str) -> str:
    """What a program of the replay wrote. Raises CiqError with `problem` and its last words when it fails."""
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, "CIQ_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CiqError(problem, advice=done.stderr[-2000:])
    return done.stdout
