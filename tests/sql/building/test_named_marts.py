"""The marts under the names that the bureau's users know add up to the facts that they are made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ciq.building import build
from support.bureau import GOOD, Bureau, rows_of

pytestmark = pytest.mark.slow

GOODS = ("0203120000", "0805100000", "3304990000", "8541402000", "8541402000")
"""Pork, oranges, cosmetics and twice solar cells: one lot each."""


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Five lots of a day: the second is N, the third R and good in the end, the fifth is void."""
    made = make_bureau("named-marts")
    lots = rows_of("F01", 5)
    lots[4] |= {"op": "D", "version_no": "2"}
    lots[0] |= {"direct_release_mode": "NONE"}  # said, and left empty by the others
    made.deliver("F01", [lots[0], *rows_of("F01", 5)[1:], lots[4]])
    made.deliver("F02", [row | {"hs_code": code} for row, code in zip(rows_of("F02", 5), GOODS, strict=True)])
    failed = {"result": "N", "nc_category": "02", "nc_item": "铅", "nc_reason_code": "0201", "disposal": "01"}
    results = rows_of("F03", 5)
    results[1] |= failed
    results[2] |= failed | {"result": "R", "nc_category": "05"}
    made.deliver("F03", [*results, results[2] | {"record_id": "again", "eval_seq": "2", "result": "Q"}])
    made.deliver("F04", [row | {"decl_no": row["cert_no"][:15]} for row in rows_of("F04", 4)])
    made.deliver("F05", rows_of("F05", 2))
    made.deliver("F06", rows_of("F06", 2))
    made.deliver("F07", rows_of("F07", 3))
    decided = {"record_id": "p2", "event_seq": "2", "event_type": "DECIDED", "decision_no": "1", "fine_cny": "500.00"}
    made.deliver("F10", [{**GOOD["F10"], **decided}, GOOD["F10"]])
    assert made.load().held == 0
    assert build(made.settings, "test").publication_no == 1
    return made


def only(bureau: Bureau, query: str) -> dict[str, Any]:
    (row,) = bureau.fetch(query)
    return row


def test_the_overview_adds_up_each_subject(bureau: Bureau) -> None:
    row = only(bureau, "select * from published.mart_branch_month")
    assert row == row | {
        "month_end": date(2010, 6, 30), "org_id": "320100", "lots_entry": 0, "lots_exit": 4,
        "lots_nonconforming_exit": 2, "value_usd_exit": Decimal("4002.00"), "certificates": 4,
        "origin_certificates": 2, "origin_fob_usd": Decimal("20000.00"), "interceptions": 3, "persons_screened": 42,
        "penalties_decided": 1, "fine_cny": Decimal("500.00"), "complaints_accepted": None,
        "completeness": "provisional",
    }  # fmt: skip


def test_goods_stand_in_the_categories_of_the_statistical_tables(bureau: Bureau) -> None:
    query = (
        "select goods_category, lots, lots_conforming, lots_nonconforming from published.mart_goods_month order by 1"
    )
    assert [tuple(row.values()) for row in bureau.fetch(query)] == [
        ("ANIMAL", 1, 1, 0), ("FOOD", 1, 0, 1), ("INDUSTRIAL", 1, 1, 0), ("PLANT", 1, 0, 1),
    ]  # fmt: skip


def test_the_rate_of_conformity_has_numerator_and_denominator(bureau: Bureau) -> None:
    query = """select hs2, nc_category, lots, lots_conforming, lots_nonconforming
        from published.mart_quality where lots_nonconforming > 0 order by 1"""
    assert [tuple(row.values()) for row in bureau.fetch(query)] == [("08", "02", 1, 0, 1), ("33", "05", 1, 0, 1)]
    sums = "select sum(lots)::int as lots, sum(lots_conforming)::int as good from published.mart_quality"
    assert only(bureau, sums) == {"lots": 4, "good": 2}


def test_nonconformities_are_evaluations_and_lots_their_first(bureau: Bureau) -> None:
    query = """select count(*)::int as found, count(*) filter (where is_first and is_counted)::int as lots,
        count(*) filter (where is_final)::int as final from published.fct_nonconformity"""
    assert only(bureau, query) == {"found": 2, "lots": 2, "final": 1}


def test_clearance_counts_lots_from_acceptance_to_release(bureau: Bureau) -> None:
    row = only(bureau, "select * from published.mart_clearance_sla")
    assert row == row | {
        "release_mode": "NONE", "lots_released": 4, "lots_timed": 4, "hours_sum": Decimal("26.00"),
        "lots_within_24_hours": 4, "lots_over_7_days": 0, "lots_released_off_hours": 0, "completeness": "provisional",
    }  # fmt: skip


def test_enforcement_counts_each_step_in_its_own_month(bureau: Bureau) -> None:
    row = only(bureau, "select * from published.mart_enforcement")
    assert row == row | {
        "cause_code": "EVASION", "procedure": "ORDINARY", "cases_filed": 1, "cases_decided": 1, "cases_closed": 0,
        "fine_cny": Decimal("500.00"),
    }  # fmt: skip


def test_certificates_and_health_have_their_tables(bureau: Bureau) -> None:
    assert only(bureau, "select cert_type, certificates from published.mart_certificate_month") == {
        "cert_type": "52", "certificates": 4,
    }  # fmt: skip
    row = only(bureau, "select * from published.mart_health_month")
    assert row == row | {"event_type": "VESSEL", "conveyance_events": 2, "inspected": 2, "vector_positive": 2}


def test_feed_health_adds_up_the_coverage(bureau: Bureau) -> None:
    query = """select sum({0})::int as n from published.{1} where feed_code = 'F01'"""
    for measure in ("due", "received", "missing", "rows_accepted"):
        coverage = only(bureau, query.format(measure, "fct_coverage"))
        assert only(bureau, query.format(measure, "mart_feed_health")) == coverage
    row = only(bureau, "select * from published.mart_feed_health where feed_code = 'F01' and org_code = '320100'")
    assert (row["received"], row["on_time"], row["late"], row["not_due"], row["rows_accepted"]) == (1, 1, 0, 0, 6)
    assert row["month_end"] == date(2010, 6, 30)


GRAINS = {
    "mart_branch_month": "month_end, org_id",
    "mart_goods_month": "month_end, org_id, ie_flag, goods_category",
    "mart_quality": "month_end, org_id, ie_flag, hs2, nc_category",
    "mart_clearance_sla": "month_end, org_id, ie_flag, release_mode",
    "mart_enforcement": "month_end, org_id, cause_code, procedure",
    "mart_certificate_month": "month_end, org_id, ie_flag, cert_type",
    "mart_health_month": "month_end, org_id, event_type",
    "mart_feed_health": "month_end, feed_code, org_code",
    "mart_tariff_year": "tariff_year",
    "fct_nonconformity": "decl_no, eval_seq",
}


@pytest.mark.parametrize("mart", GRAINS)
def test_each_row_of_a_mart_is_one_of_its_grain(bureau: Bureau, mart: str) -> None:
    assert bureau.fetch(f"select 1 from published.{mart} limit 1")
    assert (
        bureau.fetch(f"select {GRAINS[mart]} from published.{mart} group by {GRAINS[mart]} having count(*) > 1") == []
    )
