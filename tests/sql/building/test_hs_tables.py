"""Yearly tables of HS codes: the customs administration's own files, and what the lots' codes find in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ciq.building import build
from ciq.collecting.deliver import deliver
from ciq.settings import PROJECT_ROOT
from support.agreement import published_rows
from support.bureau import GOOD, Bureau, rows_of

pytestmark = pytest.mark.slow

GACC = PROJECT_ROOT.parent / "shared/data/hs_cn_gacc_gb18030"
HQ = "320000"
JULY_2014 = date(2014, 7, 1)


def table_of(year: int, *codes: str) -> list[dict[str, str]]:
    """Rows of H01: `code` or `code=name`."""
    rows = []
    for code in codes:
        hs8, _, name = code.partition("=")
        cells = {"hs8": hs8, "tariff_year": f"{year}", "name_zh": name or "名称", "record_id": f"{year}-{hs8}"}
        rows.append({**GOOD["H01"], **cells, "op_time": f"{year}-01-01 00:00:00"})
    return rows


def lots_of(bureau: Bureau, day: date, *hs_codes: str) -> None:
    """A lot of each code, declared and evaluated on the day."""
    told = {"op_time": f"{day} 10:00:00"}
    dated = told | {"decl_date": f"{day}", "accept_time": f"{day} 09:30:00"}
    numbers = [f"32010021{day.year % 100:02d}{place:05d}" for place in range(1, len(hs_codes) + 1)]
    of_each = [{"decl_no": number} for number in numbers]
    codes = [{"decl_no": number, "hs_code": code} for number, code in zip(numbers, hs_codes, strict=True)]
    bureau.deliver(
        "F01", [row | dated | own for row, own in zip(rows_of("F01", len(codes)), of_each, strict=True)], day=day
    )
    bureau.deliver(
        "F02", [row | told | own for row, own in zip(rows_of("F02", len(codes)), codes, strict=True)], day=day
    )


def unlisted(bureau: Bureau) -> list[tuple[str, str]]:
    query = "select found, severity from published.fct_finding where rule_id = 'F02-hs_code-unlisted' order by 1"
    return [(row["found"], row["severity"]) for row in bureau.fetch(query)]


def meaning(bureau: Bureau, hs8: str, day: str) -> tuple[object, ...]:
    """The one row that holds for the code on the day."""
    (row,) = bureau.fetch(
        "select tariff_year, basis, name_zh from published.dim_hs_tariff"
        " where hs8 = %s and valid_from <= %s and %s < valid_to",
        hs8, day, day,
    )  # fmt: skip
    return tuple(row.values())


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Lots of 2014, then the tables of 2014 and 2016, then a correction of 2014: publications 1, 2 and 3."""
    bureau = make_bureau("hs-tables")
    lots_of(bureau, JULY_2014, "8541402000", "0101210010", "9609999999")
    lots_of(bureau, date(2013, 7, 1), "9609999998")
    assert bureau.load().held == 0
    assert build(bureau.settings, "test").publication_no == 1
    bureau.deliver("H01", table_of(2014, "85414020=太阳能电池", "01012100=马"), day=date(2014, 12, 31), branch=HQ)
    bureau.deliver("H01", table_of(2016, "85414020=光伏电池"), day=date(2016, 12, 31), branch=HQ)
    assert bureau.load().held == 0
    assert build(bureau.settings, "test").publication_no == 2
    bureau.deliver(
        "H01", table_of(2014, "85414020=太阳能电池", "96099999=其他"), seq=2, day=date(2014, 12, 31), branch=HQ
    )
    assert bureau.load().held == 0
    assert build(bureau.settings, "test").publication_no == 3
    return bureau


def test_a_code_means_what_the_table_of_its_year_says_or_the_nearest_earlier_one(story: Bureau) -> None:
    assert meaning(story, "85414020", "2013-07-01") == (None, "INFERRED", "太阳能电池")
    assert meaning(story, "85414020", "2014-07-01") == ("2014", "LISTED", "太阳能电池")
    assert meaning(story, "85414020", "2015-07-01") == ("2014", "LISTED", "太阳能电池")
    assert meaning(story, "85414020", "2016-01-01") == ("2016", "LISTED", "光伏电池")
    assert meaning(story, "96099999", "2016-07-01") == ("2016", "INFERRED", "其他")


def test_a_code_that_the_table_of_its_year_lacks_is_a_finding_however_late_the_table_comes(story: Bureau) -> None:
    assert unlisted(story) == [("0101210010", "warning")], "the correction lists 96099999, and lists horses no longer"
    as_of_2 = "select found from marts.fct_hs_finding where known_from_no = 2 order by 1"
    assert [row["found"] for row in story.fetch(as_of_2)] == ["9609999999"], "2013 has no table: nothing is said"


def years(bureau: Bureau, publication: int) -> dict[str, tuple[Any, ...]]:
    """Year -> judged, codes listed, declared and unlisted, lines declared and unlisted."""
    rows = published_rows(bureau.settings, "mart_tariff_year", as_of=publication)
    names = ("is_judged", "codes_listed", "codes_declared", "codes_unlisted", "lines_declared", "lines_unlisted")
    return {row["tariff_year"]: tuple(row[name] for name in names) for row in rows}


def test_a_year_without_a_table_is_not_judged_and_says_so(story: Bureau) -> None:
    not_judged = {"2013": (False, 0, 1, None, 1, None), "2014": (False, 0, 3, None, 3, None)}
    assert years(story, 1) == not_judged
    assert years(story, 2) == not_judged | {"2014": (True, 2, 3, 1, 3, 1), "2016": (True, 1, 0, 0, 0, 0)}
    assert years(story, 3) == years(story, 2), "another code is listed, and another one is not"
    assert sum(row[-1] or 0 for row in years(story, 3).values()) == len(unlisted(story))


def test_no_other_edition_judges_a_code(story: Bureau) -> None:
    """85414020 is none of the nomenclature that names come from, and is the right code of 2014."""
    query = "select distinct is_in_nomenclature, name_en from published.dim_hs where hs_code = '8541402000'"
    (told,) = story.fetch(query)
    assert not told["is_in_nomenclature"]
    assert told["name_en"].startswith("Semiconductor devices"), "the name of its heading"
    found = published_rows(story.settings, "fct_finding")
    assert {row["rule_id"] for row in found if row["found"] == "8541402000"} == set()


def test_every_row_of_the_tables_is_accounted_for(story: Bureau) -> None:
    query = "select count(*)::int as n from published.delivery_balance where feed_code = 'H01' and is_balanced"
    assert story.fetch(query) == [{"n": 3}]


@pytest.mark.skipif(not GACC.is_dir(), reason="the customs tables stand beside this checkout, in ../shared/data")
def test_the_published_tables_load_as_they_are(make_bureau: Callable[[str], Bureau], tmp_path: Path) -> None:
    bureau = make_bureau("gacc-tables")
    for year in (2015, 2018):
        source = GACC / f"zh-hs8-{year}.csv"
        deliver(bureau.settings, source, feed="H01", branch=HQ, business_date=date(year, 12, 31), mapping="gacc_hs8")
    wrong = deliver(
        bureau.settings, GACC / "zh-hs8-2023.csv", feed="H01", branch=HQ, business_date=date(2022, 12, 31),
        mapping="gacc_hs8",
    )  # fmt: skip
    assert wrong
    assert bureau.load().held == 1
    rules = bureau.fetch("select hold_rules from audit.verdict where verdict = 'held'")
    assert rules == [{"hold_rules": ["D-reject_limit"]}], "the table of 2023 is none of 2022"
    assert build(bureau.settings, "test").publication_no == 1
    query = """select tariff_year, count(*)::int as codes, count(unit2_code)::int as with_second_unit,
        min(name_zh) filter (where hs8 = '01012100') as horses, max(unit2_code) filter (where hs8 = '63031210') as nul
        from published.dim_hs_tariff where basis = 'LISTED' group by 1 order by 1"""
    assert [tuple(row.values()) for row in bureau.fetch(query)] == [
        ("2015", 8292, 8292 - 6585 - 9, "改良种用马", None),
        ("2018", 8571, 8571 - 6453, "改良种用马", None),
    ]
