"""The summary says, in words that a person understands, what the figures say."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from ciq.settings import Settings
from ciq_demo.airflow_services import Airflow
from ciq_demo.figures import (
    Bridge,
    Casework,
    Correction,
    DayLedger,
    Figures,
    Held,
    Late,
    OpenBranch,
    Quarantined,
    Revised,
    Volume,
)
from ciq_demo.postgres import Server
from ciq_demo.services import Services
from ciq_demo.sftp import Exchange
from ciq_demo.summary import show_summary

DAY, NEXT = date(2010, 6, 28), date(2010, 6, 29)
MONTH_END = date(2010, 6, 30)
CASEWORK = Casework(
    70, 51, 39, Decimal(81_150), Decimal(1_200), Decimal(60_300), 4, 3, 2, 1, 0, 3, MONTH_END, 33, 5, 20, 19, 18, 113
)
FIGURES = Figures(
    publication_no=2,
    days=[
        DayLedger(DAY, 60, 58, 1, 1, 40_000, 39_950, 20, 30, 7),
        DayLedger(NEXT, 100, 100, 0, 0, 2_000, 2_000, 0, 0, 0),
    ],
    bridge=[
        Bridge(DAY, 6500, 0, 20, 5, 9, 3, 200, 2000, 4263, Decimal(287_600_000)),
        Bridge(NEXT, 1500, 0, 0, 0, 0, 0, 0, 500, 1000, Decimal(100_000_000)),
    ],
    open_branches=[OpenBranch(DAY, "320200", "无锡局", "Wuxi CIQ", "F02")],
    corrections=[
        Correction("F01", DAY, "320100", "南京局", "Nanjing CIQ", 500, 498),
        Correction("F10", NEXT, "320583", "昆山局", "Kunshan CIQ", 12, 12),
    ],
    late=[Late(DAY, "320500", "苏州局", "Suzhou CIQ", "F01, F02", 1, 1234)],
    held=[Held("F03", DAY, "320600", "南通局", "Nantong CIQ", "F03_x.csv", 30, "哈希不符", "the hash differs")],
    quarantined=[Quarantined("F01-R03", "货值须为正", "value must be positive", 20, 4)],
    directions=[Volume("I", "进境", "entry", 3000, 21, Decimal("123456789.10"))],
    branches=[Volume(f"3{n:05d}", f"局{n}", f"Branch {n}", 10, 1, Decimal(1000 - n)) for n in range(20)],
    revised={
        (DAY, "320100"): Revised((500, 498), (Decimal(2000000), Decimal(1900000)), (Decimal(0), Decimal(0))),
        (NEXT, "320583"): Revised((9, 9), (Decimal(7), Decimal(7)), (Decimal(1000), Decimal(1100))),
    },
    casework=CASEWORK,
)


@pytest.fixture
def say(tmp_path: Path) -> Callable[[Figures], str]:
    settings = Settings(home=tmp_path, warehouse_url="postgresql://o:p@127.0.0.1:1/ciq")
    (tmp_path / "secrets").mkdir()
    settings.roles_file.write_text('{"ciq_bi_reader": "reading"}')
    server = Server(tmp_path, 18, 1, tmp_path, tmp_path, tmp_path, tmp_path)
    services = Services(server, Exchange(tmp_path, 2), Airflow(tmp_path, 3, {}))

    def render(figures: Figures) -> str:
        out = io.StringIO()
        console = Console(file=out, width=140, highlight=False)
        show_summary(console, figures, services, settings, seconds={"day 1": 12.3}, ciq=tmp_path / "bin" / "ciq")
        return out.getvalue()

    return render


def test_every_figure_and_address_is_there(say: Callable[[Figures], str], tmp_path: Path) -> None:
    text = say(FIGURES)
    for expected in (
        "publication 2", "40,000", "provisional 暂定", "无锡局 F02", "F01 500 → 498", "US$ 2.0 M → US$ 1.9 M",
        "missing at publication 1", "1,234 rows", "the hash differs", "value must be positive", "US$ 123.5 M",
        "4,263", "US$ 287.6 M", "5,263", "US$ 387.6 M", "42,000", "06-28 Mon",
        "fines of that day 当日罚款 CNY 1,000 → CNY 1,100", "70 filed 立案, 51 decided 决定, 39 closed 结案",
        "fines 罚款 CNY 81,150", "accepted 受理: 4 complaints 投诉, 3 reports 举报; 2 of them closed",
        "1 reconsiderations 复议, 0 lawsuits 诉讼 filed; monthly returns 月报 19 of 20, zero 零报告 18",
        "2010-06-30: 33 penalties 处罚, 5 disputes 争议", "113: nothing happened",
        "12 more", "12.3", "http://127.0.0.1:3", "postgresql://ciq_bi_reader:reading@127.0.0.1:1/ciq",
        str(tmp_path / "secrets" / "airflow_logins.json"), "make down",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_day_without_open_branches_is_final(say: Callable[[Figures], str]) -> None:
    text = say(replace(FIGURES, open_branches=[]))
    assert "final 完整" in text
    assert "provisional" not in text


def test_the_days_fit_a_page_of_120_columns(say: Callable[[Figures], str]) -> None:
    (ledger, bridge) = (part.splitlines() for part in re.split("从收到|特别的", say(FIGURES))[:2])
    rows = [line.rstrip() for line in [*ledger, *bridge] if line.startswith(("06-", "合计"))]
    assert len(rows) == 6
    assert max(cell_len(row) for row in rows) <= 120


def test_a_quiet_day_needs_no_special_cases(say: Callable[[Figures], str]) -> None:
    quiet = replace(FIGURES, open_branches=[], corrections=[], late=[], held=[], quarantined=[], branches=[])
    assert say(quiet).count("none 无") == 2
