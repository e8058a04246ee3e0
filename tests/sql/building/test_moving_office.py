"""An office that moves: its lots count to the branch above on their day, whenever the file said so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ciq.building import build, deploy
from ciq.building.fingerprint import fingerprint
from ciq.building.requeue import queue_what_changed
from ciq.building.verify_bridge import verify_bridge
from ciq.building.verify_marts import verify_marts
from ciq.collecting.days import close_day
from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from ciq.settings import PROJECT_ROOT
from support.bureau import Bureau
from support.history import NEXT_DAY_TIMES, TUESDAY, WEDNESDAY, decl, evaluation, header, line, one

pytestmark = pytest.mark.slow

STAYED = "320110,320100,OFFICE,南京局机场办事处,Nanjing airport office,南京,1999-08-10,,0,\n"
MOVED = (
    "320110,320100,OFFICE,南京局机场办事处,Nanjing airport office,南京,1999-08-10,2010-06-09,0,\n"
    "320110,320200,OFFICE,无锡局机场办事处,Wuxi airport office,南京,2010-06-09,,0,\n"
)
CLOSED = ("321300,320000,BRANCH,宿迁局,Suqian CIQ,宿迁,2006-01-01,,1,", "2006-01-01,,1,", "2006-01-01,2010-06-08,1,")
TOTALS = """select (select array[sum(lots), sum(value_usd_header)] from published.fct_volume) as volume,
    (select sum(value_usd) from published.fct_value) as value"""


def with_lists(bureau: Bureau, folder: Path) -> Bureau:
    """The same warehouse, with contracts and code lists of its own to be edited."""
    shutil.copytree(PROJECT_ROOT / "expectations", folder)
    return Bureau(bureau.settings.model_copy(update={"contracts": folder}))


def move_the_office(bureau: Bureau) -> bool:
    """Edit the list, run `ciq init`: the office moves, and a branch without offices closes. Was anything queued?"""
    path = bureau.settings.contracts / "code_lists" / "org.csv"
    text = path.read_text(encoding="utf-8")
    assert STAYED in text
    assert CLOSED[0] in text
    text = text.replace(STAYED, MOVED).replace(CLOSED[0], CLOSED[0].replace(CLOSED[1], CLOSED[2]))
    path.write_text(text, encoding="utf-8")
    prepare_database(bureau.settings)
    deploy(bureau.settings)
    return queue_what_changed(bureau.settings)


def build_two_days(bureau: Bureau) -> None:
    """The office's lots: one of each day, and one that nobody has evaluated."""
    bureau.deliver("F01", [header(1), header(2), header(3), header(4, insp_org="320111")])
    bureau.deliver("F02", [line(n) for n in (1, 2, 3)])
    bureau.deliver("F03", [evaluation(1), evaluation(4)])
    bureau.deliver("F03", [evaluation(2, **NEXT_DAY_TIMES)], day=WEDNESDAY)
    bureau.load()
    with connect(bureau.settings, "loader", autocommit=True) as connection:
        close_day(connection, TUESDAY, run_ref="test")
    build(bureau.settings, "test")


@pytest.fixture(scope="module")
def moved_later(make_bureau: Callable[[str], Bureau], tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The list changes after the facts were published."""
    bureau = with_lists(make_bureau("moved-later"), tmp_path_factory.mktemp("later") / "lists")
    queue_what_changed(bureau.settings)
    build_two_days(bureau)
    assert {row["org_id"] for row in bureau.fetch("select org_id from published.fct_inspection_lot")} == {"320100"}
    assert move_the_office(bureau)
    build(bureau.settings, "test")
    return bureau


def test_lots_count_to_the_branch_of_their_day(moved_later: Bureau) -> None:
    rows = moved_later.fetch("select decl_no, stat_date, org_id from published.fct_inspection_lot order by decl_no")
    assert [(row["decl_no"], row["stat_date"], row["org_id"]) for row in rows] == [
        (decl(1), TUESDAY, "320100"),
        (decl(2), WEDNESDAY, "320200"),
        (decl(3), None, "320100"),
        (decl(4), TUESDAY, "320100"),
    ]
    volume = moved_later.fetch("select org_id, sum(lots) as lots from published.fct_volume group by 1 order by 1")
    assert [(row["org_id"], row["lots"]) for row in volume] == [("320100", 2), ("320200", 1)]
    for fact in ("fct_goods_line", "fct_evaluation"):
        assert one(moved_later, f"select org_id from published.{fact} where decl_no = '{decl(2)}'") == "320200"


def test_totals_are_what_they_were(moved_later: Bureau) -> None:
    (now,) = moved_later.fetch(TOTALS)
    with connect(moved_later.settings, "auditor") as connection:
        connection.execute("set ciq.as_of = '1'")
        before = connection.execute(TOTALS.encode()).fetchone()
    assert before == (now["volume"], now["value"])
    assert now["volume"][0] == 3
    checks = (*verify_marts(moved_later.settings), *verify_bridge(moved_later.settings))
    assert [str(breach) for check in checks for breach in check.breaches] == []


def test_the_dimension_has_one_row_for_a_code_and_a_day(moved_later: Bureau) -> None:
    joined = moved_later.fetch(
        "select v.stat_date, v.office, v.org_id, o.name_en, o.branch_code, o.path, o.is_current"
        " from published.fct_volume v join published.dim_org o"
        " on o.org_code = v.office and v.stat_date >= o.valid_from and v.stat_date < o.valid_to order by 1, 2"
    )
    assert len(joined) == one(moved_later, "select count(*) from published.fct_volume") == 3
    assert all(row["branch_code"] == row["org_id"] for row in joined)
    assert [(row["name_en"], row["is_current"]) for row in joined if row["office"] == "320110"] == [
        ("Nanjing airport office", False),
        ("Wuxi airport office", True),
    ]
    assert joined[-1]["path"] == "000000/320000/320200/320110"
    days = "(values (date '1900-01-01'), ('2001-04-10'), ('2010-06-08'), ('2010-06-09'), ('2099-12-31')) days (day)"
    assert moved_later.fetch(
        f"select org_code, day, count(valid_from) from (select distinct org_code from published.dim_org) codes"
        f" cross join {days} left join published.dim_org using (org_code)"
        " where valid_from is null or (day >= valid_from and day < valid_to) group by 1, 2 having count(*) <> 1"
    ) == []  # fmt: skip
    keys = "select count(*) = count(distinct org_key) and count(*) = count(distinct (org_code, valid_from))"
    assert one(moved_later, f"{keys} from published.dim_org")


def test_a_branch_that_closed_is_due_no_longer(moved_later: Bureau) -> None:
    """Its feeds were missing on Tuesday until the list said that it had closed."""
    due = [feed for feed in load_contracts(moved_later.settings.contracts).feeds if feed.calendar == "workday"]
    missing = "select sum(missing) from published.fct_coverage where org_code = '321300'"
    assert one(moved_later, missing) is None
    with connect(moved_later.settings, "auditor") as connection:
        connection.execute("set ciq.as_of = '1'")
        assert connection.execute(missing.encode()).fetchone() == (len(due),)


def test_it_is_as_if_the_list_had_said_so_from_the_start(
    moved_later: Bureau, make_bureau: Callable[[str], Bureau], tmp_path: Path
) -> None:
    bureau = with_lists(make_bureau("moved-before"), tmp_path / "lists")
    move_the_office(bureau)
    build_two_days(bureau)
    assert fingerprint(bureau.settings) == fingerprint(moved_later.settings)
