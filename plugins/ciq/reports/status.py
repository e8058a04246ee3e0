"""The day x branch matrix: what came, what is held, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from psycopg.rows import class_row
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ciq.database import connect
from ciq.settings import Settings

MARKS = {"received": "●", "nil": "○", "late": "◐", "held": "✗", "missing": "–", "not due": " "}
NAMED = 6
"""Branches that the title of a day names; of more it says how many."""
UNPAIRED = "!"
"""Beside a mark: a file of the slice makes up no delivery, and nobody accounts for it."""

_STATES_ZH = {"received": "已收", "nil": "零报", "late": "迟报", "held": "扣留", "missing": "未报"}
_STYLES = {"received": "green", "nil": "green", "late": "yellow", "held": "red", "missing": "bold red", "not due": ""}


@dataclass(frozen=True, kw_only=True)
class SliceStatus:
    """One feed of one branch on one business date, as published."""

    business_date: date
    org_code: str
    branch_zh: str
    branch_en: str
    feed_code: str
    state: str
    completeness: str
    rows_accepted: int
    rows_quarantined: int
    unpaired: int
    """Files of the slice that make up no delivery and that nobody accounts for."""

    def as_json(self) -> dict[str, Any]:
        """For `ciq status --json`."""
        return asdict(self)


_SELECT = """
select c.business_date, c.org_code, o.name_zh as branch_zh, o.name_en as branch_en, c.feed_code,
    case when c.missing > 0 then 'missing' when c.held > 0 and c.received = 0 then 'held'
        when c.late > 0 then 'late' when c.nil > 0 then 'nil' when c.received > 0 then 'received'
        else 'not due' end as state,
    case when d.business_date is null then 'open' else coalesce(s.completeness, 'final') end as completeness,
    c.rows_accepted, c.rows_quarantined, coalesce(u.files, 0) as unpaired
from published.fct_coverage c
join ref.org_period o on o.org_code = c.org_code
    and o.valid_from <= c.business_date and c.business_date < o.valid_to
left join audit.closed_day d on d.business_date = c.business_date
left join published.fct_day_status s on s.business_date = c.business_date and s.org_code = c.org_code
left join (
    select feed_code, org_code, business_date, count(*) as files from audit.unpaired_file
    where settled_how is null group by 1, 2, 3
) u on (u.feed_code, u.org_code, u.business_date) = (c.feed_code, c.org_code, c.business_date)
where (%(first)s::date is null or c.business_date >= %(first)s)
    and (%(last)s::date is null or c.business_date <= %(last)s)
order by c.business_date, c.org_code, c.feed_code
"""


def read_status(settings: Settings, *, first: date | None = None, last: date | None = None) -> list[SliceStatus]:
    """Every slice that is due or came, between the days (inclusive; None: open)."""
    with connect(settings, "auditor") as connection, connection.cursor(row_factory=class_row(SliceStatus)) as cursor:
        return cursor.execute(_SELECT, {"first": first, "last": last}).fetchall()


def render_status(rows: Sequence[SliceStatus]) -> Group | Text:
    """A table per day: a line per branch, a mark per feed."""
    if not rows:
        return Text("nothing is due and nothing came 无应交付, 亦无交付")
    days = sorted({row.business_date for row in rows})
    marks = [f"{mark} {state} {_STATES_ZH[state]}" for state, mark in MARKS.items() if mark.strip()]
    if any(row.unpaired for row in rows):
        marks.append(f"{UNPAIRED} a file makes up no delivery 有文件未成交付")
    legend = Text("  ".join(marks), style="dim")
    return Group(*(_render_day(day, [row for row in rows if row.business_date == day]) for day in days), legend)


def _render_day(day: date, rows: Sequence[SliceStatus]) -> Table:
    feeds = sorted({row.feed_code for row in rows})
    state = _day_state(rows)
    table = Table(title=f"{day} {state}", title_justify="left")
    table.add_column("branch 分支局", no_wrap=True)
    for feed in feeds:
        table.add_column(feed, justify="center")
    table.add_column("accepted\n接受", justify="right")
    table.add_column("quarantined\n隔离", justify="right")
    for org in dict.fromkeys(row.org_code for row in rows):
        mine = {row.feed_code: row for row in rows if row.org_code == org}
        first = next(iter(mine.values()))
        marks = [_mark(mine.get(feed)) for feed in feeds]
        table.add_row(
            f"{org} {first.branch_zh} {first.branch_en}",
            *marks,
            f"{sum(row.rows_accepted for row in mine.values()):,}",
            f"{sum(row.rows_quarantined for row in mine.values()):,}",
        )
    return table


def _day_state(rows: Sequence[SliceStatus]) -> str:
    if any(row.completeness == "open" for row in rows):
        return "open 未截止"
    lacking = sorted({row.org_code for row in rows if row.completeness != "final"})
    if not lacking:
        return "final 完整"
    return f"provisional 暂定: {', '.join(lacking) if len(lacking) <= NAMED else f'{len(lacking)} branches 个分支局'}"


def _mark(row: SliceStatus | None) -> Text:
    state = row.state if row else "not due"
    mark = Text(MARKS[state], style=_STYLES[state])
    return mark.append(UNPAIRED, style="bold yellow") if row and row.unpaired else mark
