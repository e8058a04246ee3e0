"""`ciq quarantine`, `ciq hold` and `ciq docs` as a person types them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ciq.cli.app import app
from ciq.quality.decisions import DecisionError
from ciq.settings import get_settings
from support.bureau import Bureau

Run = Callable[..., Result]


@pytest.fixture
def run(messy: Bureau, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CIQ_HOME", str(messy.settings.home))
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", str(messy.settings.warehouse_url))
    monkeypatch.setenv("COLUMNS", "200")
    get_settings.cache_clear()
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_quarantine_list(run: Run) -> None:
    found = json.loads(run("quarantine", "list", "--json").stdout)
    assert found["rows"] == 5
    assert len(found["rejects"]) == 7
    assert found["rejects"][0]["rule_id"] == "F01-currency-known"
    assert json.loads(run("quarantine", "list", "--json", "--branch", "320500").stdout)["rows"] == 0
    assert json.loads(run("quarantine", "list", "--json", "--rule", "F01-decl_type-required").stdout)["rows"] == 1
    assert json.loads(run("quarantine", "list", "--json", "--from", "2010-06-09").stdout)["rows"] == 0
    assert "F01-total_value-type *" in run("quarantine", "list").stdout
    assert run("quarantine", "list", "--state", "lost").exit_code == 2


def test_quarantine_export(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    assert run("quarantine", "export", str(target), "--feed", "F01").exit_code == 0
    with target.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 7
    assert lines[0]["rule 规则"] == "F01-currency-known"


def test_hold_list(run: Run) -> None:
    (hold,) = json.loads(run("hold", "list", "--json").stdout)
    assert (hold["org_code"], hold["rule_id"], hold["expected"], hold["found"]) == ("320500", "D-row_count", "4", "3")
    assert "D-row_count" in run("hold", "list").stdout


@pytest.mark.parametrize(
    "group", [("quarantine", "release", "--delivery", "1", "--rule", "x"), ("hold", "reject", "1")]
)
def test_a_decision_demands_name_and_reason(run: Run, group: tuple[str, ...]) -> None:
    answer = run(*group)
    assert answer.exit_code == 2
    assert "--by" in answer.output


def test_release_says_lines_or_all(run: Run) -> None:
    who = ("--by", "a", "--reason", "b")
    assert run("quarantine", "release", "--delivery", "1", "--rule", "x", *who).exit_code == 2
    answer = run("quarantine", "release", "--delivery", "1", "--rule", "F01-decl_type-required", "--all", *who)
    assert isinstance(answer.exception, DecisionError)
    assert "cannot be released" in str(answer.exception)
