"""`ciq mapping`, as a person uses it: without a warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ciq.cli.app import app
from ciq.mapping.model import MappingError
from support.third_party import rich


def test_the_list_names_each_mapping_with_its_feed() -> None:
    said = CliRunner().invoke(app, ["mapping", "list"]).output
    assert {tuple(line.split()[:3]) for line in said.splitlines()} >= {
        (f"rasff_{style}", "1.0.0", "F18") for style in ("portal", "rich", "window")
    }
    assert "rasff_rich_month_first 1.0.0  F18" in said
    assert said.count("(not by auto 不自动选用)") == 2


def test_a_check_says_what_would_come_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(rich("2020.1;20/07/2020;nuts;food;Spain", "Total"), encoding="utf-8")
    said = CliRunner().invoke(app, ["mapping", "check", str(file)]).output
    assert "mapping 映射 rasff_rich" in said
    assert "2 records 条记录, 1 of them mapped 已映射" in said
    assert "line 行 3 'S-fields, 1 of 共 5: Total'" in said
    assert "'2020.1 = 2020.1000'" in said


def test_a_check_names_the_mapping_that_reads_more(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    days = [f"07/{day:02d}/2020" for day in range(1, 20)]
    file.write_text(rich(*(f"2020.{1000 + n};{day};nuts;food;Spain" for n, day in enumerate(days))), encoding="utf-8")
    said = CliRunner().invoke(app, ["mapping", "check", str(file), "--mapping", "rasff_rich"]).output
    assert "more records can be used by 可多读记录的映射: rasff_rich_month_first" in said
    best = CliRunner().invoke(app, ["mapping", "check", str(file), "--mapping", "rasff_rich_month_first"]).output
    assert "more records can be used" not in best


def test_a_check_of_another_file_says_what_lacks(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("a,b\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["mapping", "check", str(file), "--mapping", "rasff_window"])
    assert isinstance(result.exception, MappingError)
    with pytest.raises(MappingError, match=r"notice_no \(reference\).*found 实有: a, b"):
        raise result.exception
