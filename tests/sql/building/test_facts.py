"""What the facts say, after every step of a small history; and that the history itself stays readable."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from ciq.building import build
from ciq.building.explain import explain
from ciq.building.fingerprint import fingerprint
from ciq.building.verify_bridge import bridge_ends_in_volume, dollars_balance, verify_bridge
from ciq.building.verify_marts import verify_marts
from ciq.collecting.days import close_day
from ciq.database import connect
from support.bureau import GOOD, Bureau, workday_feeds
from support.forms import xml
from support.grains import marts_whose_grain_refuses_nulls
from support.history import DELIVERIES, TUESDAY, WEDNESDAY, Step, decl, header, load_and_build, one

pytestmark = pytest.mark.slow

OTHERS = tuple(feed for feed in workday_feeds() if feed not in {"F01", "F02", "F03"})
"""What else is due each workday beside F01, F02 and F03."""


def nil(feed: str, day: date) -> Step:
    if feed == "F05":
        data = xml(names=list(GOOD["F05"]), name="origin_cert")
        return lambda b: b.deliver(feed, [], day=day, data=data, encoding="GB18030", delimiter="XML")
    return lambda b: b.deliver(feed, [], day=day)


NIL = tuple(nil(feed, day) for day in (TUESDAY, WEDNESDAY) for feed in OTHERS)
"""What else is due of the branch of most lots, so that its days are final."""
ALL = (*NIL, *DELIVERIES)
STEPS = (0, *(len(NIL) + later for later in (3, 4, 5, 9)), len(ALL))

LOTS = """select decl_no, stat_date, is_void, is_counted, first_result, final_result, value_usd, goods_lines,
    value_usd_unallocated, principal_hs6 from published.fct_inspection_lot order by decl_no"""
SUMS = """select (select sum(lots) from published.fct_volume) as lots,
    (select sum(lots_nonconforming) from published.fct_volume) as bad,
    (select sum(value_usd_header) from published.fct_volume) as volume_usd,
    (select sum(value_usd) from published.fct_value) as value_usd"""


@pytest.fixture(scope="module")
def stepwise(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """A build after each group of deliveries, in the order in which they are listed."""
    bureau = make_bureau("stepwise")
    for first, last in pairwise(STEPS):
        load_and_build(bureau, *ALL[first:last])
    return bureau


def lot(bureau: Bureau, number: int) -> dict[str, Any]:
    return next(row for row in bureau.fetch(LOTS) if row["decl_no"] == decl(number))


def test_lots_at_the_end(stepwise: Bureau) -> None:
    assert {row["decl_no"] for row in stepwise.fetch(LOTS)} == {decl(n) for n in (1, 2, 3, 4, 7)}
    assert lot(stepwise, 1)["value_usd"] == Decimal("1800.60")
    assert lot(stepwise, 1)["goods_lines"] == 2
    assert lot(stepwise, 2)["is_void"]
    assert lot(stepwise, 2)["value_usd"] == Decimal("1000.50"), "the columns are those of the last I or U"
    assert not lot(stepwise, 3)["is_void"]
    assert lot(stepwise, 4)["first_result"] == "N"
    assert lot(stepwise, 4)["goods_lines"] == 0
    assert lot(stepwise, 4)["value_usd_unallocated"] == Decimal("1000.50")
    assert lot(stepwise, 7)["stat_date"] == date(2010, 6, 9)


def test_sums(stepwise: Bureau) -> None:
    (sums,) = stepwise.fetch(SUMS)
    assert sums["lots"] == 4
    assert sums["bad"] == 1
    assert sums["volume_usd"] == sums["value_usd"] == Decimal("1800.60") + 2 * Decimal("1000.50") + Decimal("2000.50")


def test_what_header_and_lines_differ_by_is_unallocated(stepwise: Bureau) -> None:
    rows = stepwise.fetch("select hs_code, sum(value_usd) as usd from published.fct_value group by 1 order by 1")
    assert {row["hs_code"]: row["usd"] for row in rows} == {
        "6403190000": Decimal("600.30"),
        "8541402000": Decimal("1200.30") + Decimal("1000.50"),
        "UNALLOCATED": Decimal("3001.00"),
    }


def test_rows_that_no_fact_shows(stepwise: Bureau) -> None:
    rows = stepwise.fetch("select feed_code, decl_no, reason from published.fct_unused_row where fate = 'waiting'")
    assert {(row["feed_code"], row["decl_no"], row["reason"]) for row in rows} == {
        ("F01", decl(99), "void_without_record"),
        *((feed, decl(n), "declaration_missing") for feed in ("F02", "F03") for n in (5, 6)),
    }


def test_coverage_and_completeness(stepwise: Bureau) -> None:
    rows = stepwise.fetch(
        "select org_code, feed_code, received, held, nil, rows_accepted from published.fct_coverage"
        " where business_date = %s and feed_code = 'F01'",
        TUESDAY,
    )
    found = {row["org_code"]: (row["received"], row["nil"], row["rows_accepted"]) for row in rows}
    assert found == {"320100": (1, 0, 5), "320200": (1, 1, 0), "320500": (1, 1, 0)}
    status = {
        (row["org_code"], row["business_date"].day): (row["completeness"], row["missing_feeds"])
        for row in stepwise.fetch("select * from published.fct_day_status")
    }
    assert status["320100", 8] == ("final", None)
    assert status["320500", 8] == ("provisional", ",".join(("F02", "F03", *OTHERS)))
    assert one(stepwise, "select string_agg(distinct completeness, ',') from published.fct_volume") == "final"


def test_every_invariant_holds(stepwise: Bureau) -> None:
    checks = (*verify_marts(stepwise.settings), *verify_bridge(stepwise.settings))
    assert [str(breach) for check in checks for breach in check.breaches] == []


def test_the_bridge_in_dollars_can_fail(stepwise: Bureau) -> None:
    """Its two sides have nothing in common: an amount changed in one of three places is told by the bridge itself."""

    def told(statement: str) -> str:
        with connect(stepwise.settings, "owner") as connection:
            connection.execute(statement.encode())
            checks = (dollars_balance(connection), bridge_ends_in_volume(connection))
            found = " ".join(str(breach) for breaches in checks for breach in breaches)
            connection.rollback()
        return found

    lot = f"decl_no = '{decl(4)}'"
    assert told("select 1") == ""
    for change in (
        f"update ods.f01_declaration set total_value = total_value + 1 where {lot}",
        f"update marts.fct_inspection_lot set value_usd = value_usd + 1 where {lot} and known_to_no is null",
    ):
        assert re.search(r"balances in USD.*2010-06-08, branch 320100.*USD [0-9.]+ should be reported", told(change))
    change = "update marts.fct_volume set value_usd_header = value_usd_header + 1 where known_to_no is null"
    assert re.search(r"ends in fct_volume.*stat_date 2010-06-08, branch 320100", told(change))


def test_no_column_of_a_grain_is_null(stepwise: Bureau) -> None:
    """Those that this history leaves empty, slice findings aside, are tried in test_cases and test_case_findings."""
    tried = marts_whose_grain_refuses_nulls(stepwise)
    assert tried >= {"fct_inspection_lot", "fct_volume", "fct_value", "fct_finding", "fct_coverage", "fct_unused_row"}
    assert len(tried) > 10


def test_published_lookups_have_their_index(stepwise: Bureau) -> None:
    """An index that covers the next state only is of no use to a view that reads any publication."""
    rows = stepwise.fetch(
        "select c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]"
        " where c.relnamespace = 'marts'::regnamespace and i.indpred is null"
    )
    found = {(row["relname"], row["attname"]) for row in rows}
    details = ("inspection_lot", "goods_line", "evaluation")
    assert {(f"fct_{mart}", "decl_no") for mart in (*details, "finding", "unused_row")} <= found
    assert {(f"fct_{mart}", "stat_date") for mart in (*details, "volume", "value")} <= found


def test_any_order_and_any_grouping_gives_the_same(stepwise: Bureau, make_bureau: Callable[[str], Bureau]) -> None:
    expected = fingerprint(stepwise.settings)
    at_once = make_bureau("at-once")
    load_and_build(at_once, *ALL)
    assert fingerprint(at_once.settings) == expected
    backwards = make_bureau("backwards")
    load_and_build(backwards, *reversed(ALL[8:]))
    load_and_build(backwards, *reversed(ALL[:8]))
    assert fingerprint(backwards.settings) == expected


def test_former_publications_stay_as_they_were(stepwise: Bureau) -> None:
    with connect(stepwise.settings, "bi_reader") as connection:
        connection.execute("set ciq.as_of = '1'")
        row = connection.execute("select sum(lots), sum(value_usd_header) from published.fct_volume").fetchone()
        assert row == (5, 5 * Decimal("1000.50"))
        connection.execute("set ciq.as_of = '0'")
        assert connection.execute("select count(*) from published.fct_inspection_lot").fetchone() == (0,)


def test_unchanged_rows_are_left_alone(stepwise: Bureau) -> None:
    """The lot of 3 was void and revived within one build, and 2 and 3 were delivered again, equal but for the file."""
    histories = {
        row["decl_no"]: row["numbers"]
        for row in stepwise.fetch(
            "select decl_no, array_agg(known_from_no order by known_from_no) as numbers"
            " from marts.fct_evaluation where eval_seq = 1 group by 1"
        )
    }
    assert histories[decl(3)] == [1]
    assert histories[decl(2)] == [1, 3]
    assert one(stepwise, "select count(*) from marts.fct_volume where known_from_no >= known_to_no") == 0


def test_nothing_to_do_ends_at_once(stepwise: Bureau) -> None:
    number = one(stepwise, "select audit.promoted_no()")
    assert build(stepwise.settings, "test").publication_no is None
    assert one(stepwise, "select audit.promoted_no()") == number


def test_explain_leads_to_file_and_line(stepwise: Bureau) -> None:
    found = explain(stepwise.settings, "fct_value", {"hs_code": "6403190000", "stat_date": "2010-06-08"})
    assert [row["decl_no"] for row in found.lots] == [decl(1)]
    sources = {(source.role, source.file, source.line) for source in found.sources}
    assert ("header", "F01_320100_20100609_01.csv", 2) in sources
    assert ("line 2", "F02_320100_20100609_01.csv", 3) in sources
    assert ("superseded (later_record)", "F01_320100_20100608_02.csv", 2) in sources


def test_a_closed_day_shows_what_is_missing(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("closing")
    load_and_build(bureau, lambda b: b.deliver("F01", [header(1)], report_time="2010-06-09 02:00:01"))
    assert one(bureau, "select count(*) from published.fct_coverage") == 1
    with connect(bureau.settings, "loader", autocommit=True) as connection:
        close_day(connection, TUESDAY, run_ref="test")
    build(bureau.settings, "test")
    due = 20 * (3 + len(OTHERS))
    (row,) = bureau.fetch("select sum(due) d, sum(received) r, sum(missing) m, sum(late) l from published.fct_coverage")
    assert (row["d"], row["r"], row["m"], row["l"]) == (due, 1, due - 1, 1)
    names = one(bureau, "select missing_feeds from published.fct_day_status where org_code = '320100'")
    assert names == ",".join(("F02", "F03", *OTHERS))


def test_an_altered_row_is_named(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("altered")
    load_and_build(bureau, *DELIVERIES[:3])

    def breaches() -> list[str]:
        return [str(breach) for check in verify_marts(bureau.settings) for breach in check.breaches]

    assert breaches() == []
    with connect(bureau.settings, "dbt", autocommit=True) as connection:
        change = "update marts.fct_inspection_lot set value_usd = 1 where decl_no = %s"
        connection.execute(change, (decl(2),))
        assert f"marts.fct_inspection_lot decl_no={decl(2)}" in breaches()[0]
        change = "update marts.fct_inspection_lot set value_usd = 1000.50 where decl_no = %s"
        connection.execute(change, (decl(2),))
        assert breaches() == []
        connection.execute("delete from marts.fct_evaluation where decl_no = %s", (decl(3),))
        found = breaches()
        assert any("marts.fct_evaluation, publication 1: 6 rows were published, 5 are there" in text for text in found)
        assert any("file F03_320100_20100608_01.csv" in text for text in found)


def test_the_reader_reads_what_is_published_and_nothing_else(stepwise: Bureau) -> None:
    with connect(stepwise.settings, "bi_reader", autocommit=True) as connection:
        views = connection.execute(
            "select relname from pg_class where relnamespace = 'published'::regnamespace and relkind = 'v'"
        ).fetchall()
        assert len(views) > 15
        for (view,) in views:
            connection.execute(f"select * from published.{view} limit 1")
        # The views ask with the reader's rights, so it may read the marts under them: what was promoted, no more.
        newest = connection.execute("select max(known_from_no) from marts.fct_volume").fetchone()
        assert newest
        assert newest[0] <= one(stepwise, "select audit.promoted_no()")
        for table in ("staging.stg_f01_declaration__declarations", "ods.f01_declaration", "audit.delivery"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from {table}")


def test_every_published_column_is_described_in_both_languages(stepwise: Bureau) -> None:
    rows = stepwise.fetch(
        "select c.relname, a.attname, col_description(c.oid, a.attnum) as said, format_type(a.atttypid, null) as type"
        " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
        " where c.relnamespace = 'published'::regnamespace and c.relkind = 'v'"
    )
    for row in rows:
        place, said = f"{row['relname']}.{row['attname']}", row["said"] or ""
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said), place
        assert any(letter.isascii() and letter.isalpha() for letter in said), place
        if row["type"] == "numeric" and row["relname"].startswith("fct_"):
            assert said.endswith(("[可加 additive]", "[半可加 semi-additive]", "[不可加 non-additive]")), place
