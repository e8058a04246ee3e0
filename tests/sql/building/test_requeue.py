"""What models read reaches the facts that were published before it changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from ciq.building import build
from ciq.building.fingerprint import fingerprint
from ciq.building.requeue import queue_what_changed
from ciq.building.verify_bridge import verify_bridge
from ciq.collecting.days import close_day
from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.ledger.reference import fill_due_days
from support.bureau import Bureau, rows_of
from support.history import TUESDAY, WEDNESDAY, evaluation, header, line


def test_a_rate_that_changes_reaches_the_lots_that_used_it(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("requeue")
    assert queue_what_changed(bureau.settings) is False
    bureau.deliver("F01", rows_of("F01", 2, currency="TWD", usd_rate="", total_value="1000.00"))
    bureau.load()
    build(bureau.settings, "test")
    assert queue_what_changed(bureau.settings) is False
    values = "select distinct value_usd from published.fct_inspection_lot"
    before = bureau.fetch(values)
    assert len(before) == 1
    with connect(bureau.settings, "owner") as connection:
        connection.execute("update ref.fx_rate set usd_per_100 = usd_per_100 * 2 where currency = 'TWD'")
    assert bridge_breaches(bureau), "the rows as received are worth what the rates now say"
    assert queue_what_changed(bureau.settings) is True
    assert bridge_breaches(bureau) == [], "what waits for a build is not asked"
    assert build(bureau.settings, "test").publication_no == 2
    assert bridge_breaches(bureau) == []
    after = bureau.fetch(values)
    assert abs(after[0]["value_usd"] - 2 * before[0]["value_usd"]) <= Decimal("0.01")
    assert bureau.fetch("select count(*) as n from marts.fct_inspection_lot where known_to_no = 2") == [{"n": 2}]


def test_other_days_that_are_due_change_what_is_missing(make_bureau: Callable[[str], Bureau]) -> None:
    """Both days are closed with one delivery on the first; the bounds come later, and go again."""
    bureau = make_bureau("due-days")
    due = 20 * sum(feed.calendar == "workday" for feed in load_contracts(bureau.settings.contracts).feeds)
    queue_what_changed(bureau.settings)
    bureau.deliver("F01", rows_of("F01", 1))
    bureau.load()
    with connect(bureau.settings, "loader", autocommit=True) as connection:
        for day in (TUESDAY, WEDNESDAY):
            close_day(connection, day, run_ref="test")
    build(bureau.settings, "test")
    first = fingerprint(bureau.settings)
    assert due_by_day(bureau) == {TUESDAY: (due, due - 1), WEDNESDAY: (due, due)}
    assert "provisional" in completeness(bureau)

    bound(bureau, None, TUESDAY)
    assert due_by_day(bureau) == {TUESDAY: (due, due - 1)}
    bound(bureau, WEDNESDAY, None)
    assert due_by_day(bureau) == {TUESDAY: (0, 0), WEDNESDAY: (due, due)}
    assert completeness(bureau) == {"final"}
    bound(bureau, None, None)
    assert fingerprint(bureau.settings) == first


def test_completeness_of_a_publication_is_fixed(make_bureau: Callable[[str], Bureau]) -> None:
    """Facts stand under days of branches of which nothing came, none of them closed; then other days are due."""
    bureau = make_bureau("fixed")
    queue_what_changed(bureau.settings)
    bureau.deliver("F01", [header(1, insp_org="320200"), header(2), header(3, insp_org="320000")])
    bureau.deliver("F02", [line(1)])
    bureau.deliver("F02", [line(3)], branch="320300", day=WEDNESDAY)
    bureau.deliver("F03", [evaluation(n) for n in (1, 2, 3)])
    bureau.deliver("F01", [header(2, version_no="2", op="U")], branch="320500", day=WEDNESDAY)
    bureau.load()
    build(bureau.settings, "test")
    first, facts = statuses(bureau, 1), fingerprint(bureau.settings)
    shown = {("320200", "provisional"), ("320300", "provisional"), ("320500", "provisional"), ("320000", "final")}
    assert shown <= {(org, found) for day, org, found in first if day == TUESDAY}

    with connect(bureau.settings, "owner") as connection:
        fill_due_days(connection, date(2010, 6, 10), None)
    assert statuses(bureau, 1) == first
    assert queue_what_changed(bureau.settings) is True
    assert build(bureau.settings, "test").publication_no == 2
    assert {found for _, _, found in statuses(bureau, 2)} == {"final"}
    assert statuses(bureau, 1) == first
    bound(bureau, None, None)
    assert fingerprint(bureau.settings) == facts


def statuses(bureau: Bureau, publication: int) -> set[tuple[date, str, str]]:
    """Day, branch and completeness of every fact of a publication; each has its row in fct_day_status."""
    keys = {
        **dict.fromkeys(("fct_volume", "fct_value", "agg_commodity_lots"), "stat_date as day, org_id as org"),
        **dict.fromkeys(
            ("fct_inspection_lot", "fct_goods_line", "fct_evaluation"), "business_date as day, sender_org as org"
        ),
    }
    parts = " union ".join(f"select {key}, completeness from published.{mart}" for mart, key in keys.items())
    with connect(bureau.settings, "auditor") as connection:
        connection.execute(f"set ciq.as_of = '{publication}'".encode())
        found = connection.execute(
            f"select day, org, facts.completeness, status.completeness from ({parts}) facts"
            " left join published.fct_day_status status on (business_date, org_code) = (day, org)".encode()
        ).fetchall()
    assert all(row[2] == row[3] for row in found)
    return {row[:3] for row in found}


def bridge_breaches(bureau: Bureau) -> list[str]:
    return [str(breach) for check in verify_bridge(bureau.settings) for breach in check.breaches]


def bound(bureau: Bureau, first: date | None, last: date | None) -> None:
    with connect(bureau.settings, "owner") as connection:
        fill_due_days(connection, first, last)
    assert queue_what_changed(bureau.settings) is True
    reasons = "select distinct reason, entity from audit.build_queue"
    assert {row["reason"] for row in bureau.fetch(reasons)} == {"days that are due changed"}
    build(bureau.settings, "test")
    assert queue_what_changed(bureau.settings) is False


def due_by_day(bureau: Bureau) -> dict[date, tuple[int, int]]:
    rows = bureau.fetch(
        "select business_date, sum(due) as due, sum(missing) as lacks from published.fct_coverage group by 1"
    )
    return {row["business_date"]: (row["due"], row["lacks"]) for row in rows}


def completeness(bureau: Bureau) -> set[str]:
    """Of Tuesday's lot."""
    return {row["completeness"] for row in bureau.fetch("select completeness from published.fct_inspection_lot")}
