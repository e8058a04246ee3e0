"""What the demo says at its end."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from rich.align import Align
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ciq.settings import Settings
from ciq_demo.exchange import DAYS
from ciq_demo.figures import DayLedger, Figures, Revised, Volume
from ciq_demo.services import Services

TOP_BRANCHES = 8
TOP_RULES = 8
LABEL_CELLS = 22
_BAR_CELLS = 30


def show_summary(
    console: Console, figures: Figures, services: Services, settings: Settings, seconds: Mapping[str, float], ciq: Path
) -> None:
    """Print the summary: what came, what became of it, what it adds up to, where to look, where the time went."""
    number = figures.publication_no
    title = f"江苏检验检疫数据仓库 · Jiangsu CIQ warehouse\n第 {number} 次发布 · publication {number}"
    console.print()
    console.print(Panel(Align.center(Text(title, justify="center", style="bold")), border_style="green"))
    for heading, body in (
        ("每日账目 · What came, and where it is", _ledger(figures)),
        ("从收到到统计 · Lots from received to reported", _bridge(figures)),
        ("特别的交付 · The deliveries that were not plain", _events(figures)),
        (
            "隔离未处理的记录, 按规则 (一条可违反多条) · Rows open in quarantine, by rule (a row may break several)",
            _quarantine(figures),
        ),
        ("批次与货值 · Volume and value", _volume(figures)),
        ("办案 · Cases", _casework(figures)),
        ("用时 · Where the time went", _times(seconds)),
        ("入口 · Open these", _addresses(services, settings, ciq)),
    ):
        console.print()
        console.print(Text(heading, style="bold cyan"))
        console.print(body, crop=False)


def _ledger(figures: Figures) -> RenderableType:
    table = _wide_table("", "deliveries\n交付", *_headings(_LEDGER), "state 状态, and who is missing 缺交")
    for day in figures.days:
        cells = (Text(f"{getattr(day, field):,}", style=style) for field, _, style in _LEDGER)
        table.add_row(f"{day.business_date:%m-%d %a}", f"{day.deliveries:,}", *cells, _day_state(figures, day))
    totals = (f"{sum(getattr(day, field) for day in figures.days):,}" for field, _, _ in _LEDGER)
    deliveries = sum(day.deliveries for day in figures.days)
    table.add_row("合计 total", f"{deliveries:,}", *totals, "", style="bold")
    return table


_LEDGER = (
    ("accepted", "accepted\n接受", "green"),
    ("held", "held\n扣留", "yellow"),
    ("unpaired", "unpaired\n未配对", "yellow"),
    ("rows_received", "rows\n收到记录", "bold"),
    ("rows_accepted", "= accepted\n接受", "green"),
    ("rows_quarantined", "+ quarant.\n隔离", "yellow"),
    ("rows_held", "+ held\n扣留", "yellow"),
    ("rows_waiting", "waiting\n待报检单", "dim"),
)
"""Field of a day's ledger, heading, style; rows = accepted + quarantined + held, and of the accepted some wait."""


def _bridge(figures: Figures) -> RenderableType:
    table = _wide_table("", *_headings(_BRIDGE), "worth\n货值")
    for day in figures.bridge:
        cells = (Text(f"{getattr(day, field):,}", style=style) for field, _, style in _BRIDGE)
        table.add_row(f"{day.business_date:%m-%d %a}", *cells, Text(_usd(day.usd_reported), style="green"))
    totals = (f"{sum(getattr(day, field) for day in figures.bridge):,}" for field, _, _ in _BRIDGE)
    worth = sum((day.usd_reported for day in figures.bridge), Decimal(0))
    table.add_row("合计 total", *totals, _usd(worth), style="bold")
    return table


_BRIDGE = (
    ("received", "received\n收到", ""),
    ("held", "- held\n扣留", ""),
    ("superseded", "- superseded\n被更正取代", ""),
    ("quarantined", "- quarant.\n隔离", ""),
    ("waiting", "- waiting\n待报检单", ""),
    ("void", "- void\n撤销", ""),
    ("outside", "- no lots\n不计入", ""),
    ("in_progress", "- in progress\n检验未完成", ""),
    ("reported", "= reported\n统计批次", "green"),
)


def _headings(fields: tuple[tuple[str, str, str], ...]) -> list[str]:
    return [heading for _, heading, _ in fields]


def _day_state(figures: Figures, day: DayLedger) -> Text:
    missing = [item for item in figures.open_branches if item.business_date == day.business_date]
    if not missing:
        return Text("final 完整", style="bold green")
    names = ", ".join(f"{item.name_zh} {item.missing_feeds or ''}".strip() for item in missing)
    return Text(f"provisional 暂定: {names}", style="bold yellow")


def _casework(figures: Figures) -> RenderableType:
    work = figures.casework
    table = _table("", "")
    for label, text in (
        (
            "penalties 行政处罚",
            f"{work.penalties_filed:,} filed 立案, {work.penalties_decided:,} decided 决定, "
            f"{work.penalties_closed:,} closed 结案",
        ),
        (
            "",
            f"fines 罚款 {_cny(work.fine_cny)}, confiscated 没收 {_cny(work.confiscation_cny)}, "
            f"paid 缴款 {_cny(work.paid_cny)}",
        ),
        (
            "complaints 投诉举报",
            f"accepted 受理: {work.complaints_accepted:,} complaints 投诉, {work.reports_accepted:,} reports 举报; "
            f"{work.disputes_closed:,} of them closed 其中办结",
        ),
        (
            "reviews 复议诉讼",
            f"{work.reconsiderations_filed:,} reconsiderations 复议, {work.lawsuits_filed:,} lawsuits 诉讼 filed; "
            f"monthly returns 月报 {work.returns_received} of {work.returns_due}, zero 零报告 {work.returns_of_zero}",
        ),
        (
            "open 在办",
            f"at {work.month_end or '-'}: {work.penalties_open:,} penalties 处罚, {work.disputes_open:,} disputes 争议",
        ),
        ("notices 警示通报", f"{work.notices:,}"),
        ("nil files 零报告", f"{work.nil_files:,}: nothing happened, and the branch says so 当日无业务, 已报明"),
    ):
        table.add_row(label, text)
    return table


def _events(figures: Figures) -> RenderableType:
    table = _table("what 事项", "branch 分支局", "what became of it 结果")
    for (day, org), feeds in groupby(figures.corrections, key=lambda item: (item.business_date, item.org)):
        slices = list(feeds)
        revised = figures.revised[day, org]
        changes = ", ".join(f"{item.feed} {item.rows_before:,} → {item.rows_after:,}" for item in slices)
        lots, usd, fines = (" → ".join(pair) for pair in _before_and_now(revised))
        is_cargo = any(item.feed == "F01" for item in slices)
        meant = f"lots of that day 当日批次 {lots}, {usd}" if is_cargo else f"fines of that day 当日罚款 {fines}"
        table.add_row(
            "correction 更正",
            f"{slices[0].name_zh} {slices[0].name_en}",
            f"{day}, rows 记录: {changes}; {meant}",
        )
    for late in figures.late:
        table.add_row(
            "late 迟到",
            f"{late.name_zh} {late.name_en}",
            f"{late.feeds} of {late.business_date}: missing at publication {late.missing_at}, now there with "
            f"{late.rows_accepted:,} rows 第 {late.missing_at} 次发布时缺, 现已补齐",
        )
    for held in figures.held:
        table.add_row(
            "broken 文件有误",
            f"{held.name_zh or held.org or '?'} {held.name_en or ''}",
            f"{held.file}: {held.reason_zh} / {held.reason_en}; "
            f"nothing of it is published 未发布 ({held.rows_held:,} rows held 扣留)",
        )
    return table if table.row_count else Text("none 无", style="dim")


def _before_and_now(revised: Revised) -> tuple[list[str], list[str], list[str]]:
    return (
        [f"{lots:,}" for lots in revised.lots],
        [_usd(usd) for usd in revised.usd],
        [_cny(fines) for fines in revised.fines_cny],
    )


def _quarantine(figures: Figures) -> RenderableType:
    if not figures.quarantined:
        return Text("none 无", style="dim")
    table = _table("rule 规则", "message 说明", "rows 记录", "branches 分支局", numbers_from=2)
    for item in figures.quarantined[:TOP_RULES]:
        table.add_row(item.rule, f"{item.message_zh} {item.message_en}", f"{item.rows:,}", str(item.branches))
    rest = figures.quarantined[TOP_RULES:]
    if rest:
        rows = sum(item.rows for item in rest)
        table.add_row(f"… {len(rest)} more 其余", "ciq quarantine list", f"{rows:,}", "", style="dim")
    return table


def _volume(figures: Figures) -> RenderableType:
    table = _table("", "lots 批次", "non-conforming 不合格", "value 货值", "", numbers_from=1)
    for item in figures.directions:
        table.add_row(*_volume_cells(item), "")
    total = (
        sum(item.lots for item in figures.directions),
        sum(item.lots_nonconforming for item in figures.directions),
        sum((item.value_usd for item in figures.directions), Decimal(0)),
    )
    table.add_row("合计 total", f"{total[0]:,}", f"{total[1]:,}", _usd(total[2]), "", style="bold", end_section=True)
    largest = max((item.value_usd for item in figures.branches), default=Decimal(1))
    for item in figures.branches[:TOP_BRANCHES]:
        table.add_row(*_volume_cells(item), _bar(float(item.value_usd / largest), 16))
    if len(figures.branches) > TOP_BRANCHES:
        table.add_row(f"… {len(figures.branches) - TOP_BRANCHES} more 其余", "", "", "", "", style="dim")
    return table


def _volume_cells(item: Volume) -> tuple[str, str, str, str]:
    name = f"{item.name_zh} {item.name_en}"
    return name, f"{item.lots:,}", f"{item.lots_nonconforming:,}", _usd(item.value_usd)


def _times(seconds: Mapping[str, float]) -> RenderableType:
    table = _table("step 步骤", "seconds 秒", "", numbers_from=1)
    longest = max(seconds.values(), default=1.0) or 1.0
    for step, took in seconds.items():
        table.add_row(step, f"{took:.1f}", _bar(took / longest, _BAR_CELLS))
    return table


def _addresses(services: Services, settings: Settings, ciq: Path) -> RenderableType:
    airflow = services.airflow
    reader = settings.dsn("bi_reader")
    lines = []
    for label, text in (
        ("Airflow", airflow.url),
        ("  logins 用户", f"engineer, analyst, auditor; passwords in 密码见 {airflow.logins_file}"),
        ("quality 质量", f"{airflow.url}/ciq/loads  (behind Airflow's login 登录后可见)"),
        ("Data Docs 校验文档", str(settings.home / "data_docs" / "index.html")),
        ("BI reader 只读账号", reader),
        ("SFTP", f"{services.exchange.root}  (127.0.0.1:{services.exchange.port})"),
        ("command 命令", f"{ciq} status"),
        ("", f"{ciq} query 'select * from fct_volume limit 5'"),
        ("", f"{ciq} explain fct_volume stat_date={DAYS[0]}"),
        ("stop 停止", "make down"),
    ):
        # Addresses are there to be copied: a line is never broken, whatever the width.
        name = (label + " " * (LABEL_CELLS - cell_len(label)), "bold")
        lines.append(Text.assemble(name, text, no_wrap=True, overflow="ignore"))
    return Group(*lines)


def _table(*headings: str, numbers_from: int | None = None) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for index, heading in enumerate(headings):
        numeric = numbers_from is not None and index >= numbers_from and bool(heading)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    return table


def _wide_table(*headings: str) -> Table:
    """Days as rows: headings of two lines, numbers close together, so that it fits 120 columns."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for index, heading in enumerate(headings):
        numeric = index > 0 and not heading.startswith("state")
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold", no_wrap=index == 0)
    return table


def _bar(share: float, cells: int) -> Text:
    return Text("█" * max(1, round(share * cells)), style="cyan")


def _usd(value: Decimal) -> str:
    """Millions of US dollars with one decimal, or plain dollars when it is less."""
    return f"US$ {value / 1_000_000:,.1f} M" if abs(value) >= 1_000_000 else f"US$ {value:,.0f}"


def _cny(value: Decimal) -> str:
    return f"CNY {value:,.0f}"
