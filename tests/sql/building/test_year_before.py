"""Growth over a year without declarations: facts of 2010 against monthly summaries of 2009, and the land bridge."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ciq.building import build, deploy
from ciq.building.requeue import queue_what_changed
from ciq.ledger.prepare import prepare_database
from ciq.reviewing import Review, make_period, review
from ciq.reviewing.rows import stream_rows
from ciq.settings import PROJECT_ROOT
from support.agreement import published_rows
from support.bureau import DAY, GOOD, Bureau, rows_of

pytestmark = pytest.mark.slow

THEN, JANUARY, THIS_YEAR = date(2009, 1, 31), date(2010, 1, 31), date(2010, 1, 11)
DECEMBER_2009 = date(2009, 12, 31)
BRIDGE = {"entry_exit_port": "CNLYG"}
LATE = "321300"
Row = dict[str, str]


def summary(branch: str, day: date, topic: str, way: str, lots: int, value: str) -> Row:
    told = {"period_end": f"{day}", "topic": topic, "ie_flag": way, "lots": str(lots), "value_usd": value}
    envelope = {"op_time": f"{day} 16:00:00", "record_id": f"{topic}-{way}", "org_code": branch}
    return {**GOOD["N01"], **told, **envelope}


def summaries(branch: str, told: dict[tuple[str, str], tuple[int, str]]) -> list[Row]:
    """All that a branch says of January 2009, zeros included."""
    parts = [("TOTAL", "E"), ("TOTAL", "I"), ("LANDBRIDGE", "E"), ("LANDBRIDGE", "I"), ("FOOD_AGRI", "E")]
    return [summary(branch, THEN, *part, *told.get(part, (0, "0.00"))) for part in parts]


def dated(row: Row) -> Row:
    return {name: cell.replace(f"{DAY}", f"{THIS_YEAR}") for name, cell in row.items()}


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Five lots: three of the land bridge (one from a town of Henan), one of Jiangsu, one by another port. At first the
    summaries of one branch are held."""
    made = make_bureau("year-before")
    places = (
        {**BRIDGE, "origin_province": "410000", "total_value": "2014.40"},
        {**BRIDGE, "origin_province": "410100", "total_value": "0.00"},
        {**BRIDGE, "origin_province": "650000", "ie_flag": "I", "decl_type": "11", "origin_country": "840"},
        {**BRIDGE, "origin_province": "320000"},
        {"entry_exit_port": "CNXYZ", "origin_province": "410000"},
    )
    lots = [dated(row | place) for row, place in zip(rows_of("F01", 5), places, strict=True)]
    made.deliver("F01", lots, day=THIS_YEAR)
    made.deliver("F03", [dated(row) for row in rows_of("F03", 5)], day=THIS_YEAR)
    told = {("LANDBRIDGE", "E"): (1, "1000.00"), ("TOTAL", "E"): (4, "8")}
    for row in made.fetch("select org_code from ref.org where level = 'BRANCH' and is_due order by 1"):
        branch = row["org_code"]
        stated = summaries(branch, told if branch == "320100" else {})
        made.deliver("N01", stated, day=THEN, branch=branch, **({"row_count": 6} if branch == LATE else {}))
    december = summary("320100", DECEMBER_2009, "LANDBRIDGE", "E", 9, "9000.00")
    made.deliver("N01", [december], day=DECEMBER_2009)
    assert made.load().held == 1
    assert build(made.settings, "test").publication_no == 1
    made.deliver("N01", summaries(LATE, {}), day=THEN, branch=LATE, seq=2)
    assert made.load().held == 0
    assert build(made.settings, "test").publication_no == 2
    return made


def of(bureau: Bureau, last: date | None, as_of: int | None = None) -> Review:
    return review(bureau.settings, make_period(bureau.settings, 2010, last), as_of)


def test_the_land_bridge_counts_its_provinces_through_its_port(bureau: Bureau) -> None:
    query = """select province_code, province_zh, ie_flag, org_id, stat_date, lots, value_usd
        from published.mart_landbridge order by 1, 3"""
    assert [tuple(row.values()) for row in bureau.fetch(query)] == [
        ("410000", "河南省", "E", "320100", THIS_YEAR, 2, Decimal("2014.40")),
        ("650000", "新疆维吾尔自治区", "I", "320100", THIS_YEAR, 1, Decimal("1000.50")),
    ]


def test_a_lot_finds_its_province_and_the_port_if_it_is_listed(bureau: Bureau) -> None:
    query = """select p.name_en, o.port_type, count(*)::int as lots from published.fct_inspection_lot l
        join published.dim_province p on left(l.origin_province, 2) || '0000' = p.province_code
        left join published.dim_port o on l.entry_exit_port = o.port_code group by 1, 2 order by 1, 2"""
    assert [tuple(row.values()) for row in bureau.fetch(query)] == [
        ("Henan", "SEAPORT", 2), ("Henan", None, 1), ("Jiangsu", "SEAPORT", 1), ("Xinjiang", "SEAPORT", 1),
    ]  # fmt: skip
    assert bureau.fetch("select count(*)::int as n from published.dim_province where is_landbridge") == [{"n": 8}]


def test_growth_compares_the_facts_with_the_summaries_of_the_same_months(bureau: Bureau) -> None:
    for last in (JANUARY, date(2010, 2, 10)):
        found = {one.indicator_id: one.derived for one in of(bureau, last).indicators}
        assert found[84] == Decimal("100.00"), "two lots over one; December is not compared, nor a month that goes on"
        assert found[85] == Decimal("101.44")
        assert found[86] is None, "no import was stated of 2009: growth is unknown, not infinite"
        assert found[3] == Decimal("25.00"), "five lots over four"


def test_growth_is_not_known_while_the_summary_of_a_branch_is_not_there(bureau: Bureau) -> None:
    made = of(bureau, JANUARY, 1)
    for number, missing in ((3, 2), (4, 2), (84, 1), (85, 1), (86, 1), (87, 1), (104, 1)):
        one = made.indicator(number)
        assert (one.derived, one.state) == (None, "unknown"), number
        assert "have not all come" in (one.reason_en or "")
        assert [figure.value for figure in one.evidence] == [19, missing], number
        assert one.exposure is not None
        assert one.exposure.held == 5, "the rows of the year before that are held"
    names, *rows = stream_rows(bureau.settings, made, 3)
    told = [dict(zip(names, row, strict=True)) for row in rows]
    assert [one["org_code"] for one in told if one["missing"]] == [LATE]


def test_growth_of_the_year_needs_every_month(bureau: Bureau) -> None:
    assert [one.value for one in of(bureau, None).indicator(3).evidence] == [20, 20 * 12 * 2 - 40]
    assert of(bureau, None).indicator(3).derived is None


def test_growth_without_a_file_of_the_year_itself_is_absent(bureau: Bureau) -> None:
    one = of(bureau, date(2010, 1, 10)).indicator(3)
    assert (one.state, one.reason_en) == ("absent", "no file of F01, F03 came in the period")


def test_a_province_that_is_taken_off_the_list_changes_no_earlier_figure(bureau: Bureau, tmp_path: Path) -> None:
    """Stands last: it publishes once more."""
    queue_what_changed(bureau.settings)
    lists = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", lists)
    provinces = lists / "code_lists" / "province.csv"
    text = provinces.read_text(encoding="utf-8")
    (xinjiang,) = (line for line in text.splitlines() if line.startswith("650000,"))
    changed = xinjiang.replace(",1,", ",0,", 1)
    assert changed != xinjiang
    provinces.write_text(text.replace(xinjiang, changed), encoding="utf-8")
    settings = bureau.settings.model_copy(update={"contracts": lists})
    prepare_database(settings)
    deploy(settings)
    assert queue_what_changed(settings)
    assert build(settings, "test").publication_no == 3
    told = [
        {row["province_code"] for row in published_rows(settings, "mart_landbridge", as_of=number)} for number in (2, 3)
    ]
    assert told == [{"410000", "650000"}, {"410000"}]
