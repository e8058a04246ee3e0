"""The summary says, in words that a person understands, what the figures say."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from ciq.settings import Settings
from ciq_demo.airflow_services import Airflow
from ciq_demo.figures import Bridge, Correction, DayLedger, Figures, Held, Late, OpenBranch, Quarantined, Volume
from ciq_demo.postgres import Server
from ciq_demo.services import Services
from ciq_demo.sftp import Exchange
from ciq_demo.summary import show_summary

DAY = date(2010, 6, 8)
FIGURES = Figures(
    publication_no=2,
    days=[DayLedger(DAY, 60, 58, 1, 1, 40_000, 39_950, 20, 30, 7)],
    bridge=[Bridge(DAY, 6500, 0, 20, 5, 9, 3, 200, 2000, 4263, Decimal(287_600_000))],
    open_branches=[OpenBranch(DAY, "320200", "无锡局", "Wuxi CIQ", "F02")],
    corrections=[Correction("F01", DAY, "320100", "南京局", "Nanjing CIQ", 500, 498)],
    late=[Late(DAY, "320500", "苏州局", "Suzhou CIQ", "F01, F02", 1, 1234)],
    held=[Held("F03", DAY, "320600", "南通局", "Nantong CIQ", "F03_x.csv", 30, "哈希不符", "the hash differs")],
    quarantined=[Quarantined("F01-R03", "货值须为正", "value must be positive", 20, 4)],
    directions=[Volume("I", "进境", "entry", 3000, 21, Decimal("123456789.10"))],
    branches=[Volume(f"3{n:05d}", f"局{n}", f"Branch {n}", 10, 1, Decimal(1000 - n)) for n in range(20)],
    revised={"320100": ((500, Decimal(2000000)), (498, Decimal(1900000)))},
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
        "4,263", "US$ 287.6 M",
        "12 more", "12.3", "http://127.0.0.1:3", "postgresql://ciq_bi_reader:reading@127.0.0.1:1/ciq",
        str(tmp_path / "secrets" / "airflow_logins.json"), "make down",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_day_without_open_branches_is_final(say: Callable[[Figures], str]) -> None:
    text = say(replace(FIGURES, open_branches=[]))
    assert "final 完整" in text
    assert "provisional" not in text


def test_a_quiet_day_needs_no_special_cases(say: Callable[[Figures], str]) -> None:
    quiet = replace(FIGURES, open_branches=[], corrections=[], late=[], held=[], quarantined=[], branches=[])
    assert say(quiet).count("none 无") == 2
