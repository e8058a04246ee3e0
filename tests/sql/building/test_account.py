"""What is in no total, who decided, and what a branch got back, as a person asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ciq.building import build
from ciq.cli.app import app
from ciq.collecting.days import close_day
from ciq.database import connect
from ciq.loading import rejudge
from ciq.quality.decisions import Signature, release_rows
from ciq.settings import get_settings
from support.bureau import DAY, Bureau, rows_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def accounted(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Two quarantined rows, one of them released; one held file; goods lines that wait; the rest of the day missing."""
    bureau = make_bureau("account")
    rows = rows_of("F01", 30)
    rows[0] |= {"trade_mode": "110"}
    rows[1] |= {"trade_mode": "110", "total_value": "2000.25", "currency": "EUR"}
    bureau.deliver("F01", rows, control_sum="")
    bureau.deliver("F02", [{**row, "decl_no": f"3201002109{n:05d}"} for n, row in enumerate(rows_of("F02", 3))])
    bureau.deliver("F01", rows_of("F01", 4, org_code="320500"), branch="320500", row_count=5)
    bureau.deliver("F01", rows_of("F01", 4, org_code="320900"), branch="320900", sha256="0" * 64)
    bureau.load()
    (delivery,) = bureau.fetch("select delivery_id from audit.delivery where feed_code = 'F01' and org_code = '320100'")
    release_rows(
        bureau.settings, delivery["delivery_id"], "F01-trade_mode-format", [2],
        Signature(by="Wang Li", reason="paper form seen"),
    )  # fmt: skip
    rejudge(bureau.settings, [delivery["delivery_id"]], run_ref="test")
    with connect(bureau.settings, "loader", autocommit=True) as connection:
        close_day(connection, DAY, run_ref="test")
    build(bureau.settings, run_ref="test")
    return bureau


@pytest.fixture
def run(accounted: Bureau, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("CIQ_HOME", str(accounted.settings.home))
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", str(accounted.settings.warehouse_url))
    monkeypatch.setenv("COLUMNS", "220")
    get_settings.cache_clear()
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_what_is_in_no_total(run: Callable[..., Result]) -> None:
    found = json.loads(run("outstanding", "--date", str(DAY), "--json").stdout)
    of_nanjing = {
        one["kind"]: one for one in found if one["org_code"] == "320100" and one["feed_code"] in ("F01", "F02")
    }
    assert of_nanjing["quarantined"]["rows"] == 1
    assert of_nanjing["quarantined"]["value"] == {"EUR": "2000.25"}
    assert of_nanjing["quarantined"]["why"] == "F01-trade_mode-format"
    assert (of_nanjing["waiting"]["rows"], of_nanjing["waiting"]["value"]) == (3, {"USD": "3001.50"})
    held, unread = (one for one in found if one["kind"] == "held")
    assert (unread["org_code"], unread["why"], unread["value"]) == ("320900", "D-hash", {"declared": "4002.00"})
    assert (held["org_code"], held["rows"], held["value"], held["why"]) == (
        "320500",
        4,
        {"USD": "4002.00"},
        "D-row_count",
    )
    missing = {(one["feed_code"], one["org_code"]) for one in found if one["kind"] == "missing"}
    assert ("F03", "320100") in missing
    assert ("F01", "320100") not in missing
    assert "扣留 held" in run("outstanding", "--branch", "320500").stdout
    assert "everything is in the totals" in run("outstanding", "--date", str(date(2010, 6, 12))).stdout


def test_who_decided_and_why(run: Callable[..., Result]) -> None:
    (decision,) = json.loads(run("decisions", "--json").stdout)
    assert (decision["line"], decision["decided_by"], decision["reason"]) == (2, "Wang Li", "paper form seen")
    assert "ciq_engineer" in run("decisions", "--date", str(DAY)).stdout
    assert "nobody decided" in run("decisions", "--branch", "320500").stdout


def test_what_a_branch_got_back(run: Callable[..., Result]) -> None:
    told = json.loads(run("receipts", "320100", "--date", str(DAY), "--json").stdout)
    assert [one["receipt"] for one in told] == ["F01_320100_20100608_01", "F02_320100_20100608_01"]
    (entry,) = told[0]["deliveries"]
    assert entry["return_file"] == "F01_320100_20100608_01.rejects.csv"
    assert entry["rows"] == {"received": 30, "accepted": 29, "quarantined": 1, "held": 0}
    shown = run("receipts", "320500").stdout
    assert "D-row_count" in shown
    assert "nothing came" in run("receipts", "321300").stdout


def test_what_changed_and_through_which_delivery(accounted: Bureau, run: Callable[..., Result]) -> None:
    before = accounted.fetch("select audit.promoted_no() as no")[0]["no"]
    accounted.deliver("F01", rows_of("F01", 28), seq=2)
    accounted.load()
    build(accounted.settings, run_ref="test")
    found = json.loads(run("changes", "--json").stdout)
    assert (found["before"], found["after"]) == (before, before + 1)
    (changed,) = found["slices"]
    assert (changed["went"], changed["went_rows"]) == ("F01_320100_20100608_01.csv", 29)
    assert (changed["came"], changed["came_rows"]) == ("F01_320100_20100608_02.csv", 28)
    moved = {one["measure"]: one["change"] for one in found["moved"] if one["fact"] == "fct_inspection_lot"}
    assert moved["rows"] == "-1"
    assert json.loads(run("changes", "--since", str(before + 1), "--json").stdout)["moved"] == []
    assert "no figure moved" in run("changes", "--since", str(before + 1)).stdout
    assert "320100_20100608_02.csv (28 rows" in run("changes", "--since", str(before)).stdout
    since_ever = json.loads(run("changes", "--since", "2000-01-01", "--json").stdout)
    assert (since_ever["before"], [one["went"] for one in since_ever["slices"]]) == (0, [None, None])
    assert run("changes", "--since", "next week").exit_code == 1
    assert run("changes", "--since", "99").exit_code == 1


def test_a_release_that_lets_nothing_in_says_so(accounted: Bureau, run: Callable[..., Result]) -> None:
    rows = rows_of("F01", 30)
    rows[0] |= {"trade_mode": "110", "total_value": "x"}
    accounted.deliver("F01", rows, branch="320800", control_sum="")
    accounted.load()
    (delivery,) = accounted.fetch("select delivery_id from audit.delivery where org_code = '320800'")
    said = run("quarantine", "release", "--delivery", str(delivery["delivery_id"]), "--rule", "F01-trade_mode-format",
               "--line", "2", "--by", "Wang Li", "--reason", "seen")  # fmt: skip
    assert said.exit_code == 0
    assert "line 行 2 stays in quarantine 仍在隔离区: F01-total_value-type" in said.stderr


def test_a_reader_that_is_not_there_is_no_reason_to_make_all_passwords_anew(run: Callable[..., Result]) -> None:
    for command in (("reader", "url", "ghost"), ("query", "--reader", "ghost", "select 1")):
        assert "There is no branch reader ghost" in str(run(*command).exception)
