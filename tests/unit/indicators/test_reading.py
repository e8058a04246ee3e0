"""The definitions and published figures that ship, and what is said about files that are wrong."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from ciq.indicators import IndicatorError, load_definitions, load_published, published_of
from ciq.indicators.model import marts_of
from ciq.indicators.reading import parameters_of
from ciq.reviewing.checking import review_problems
from ciq.settings import Settings

CONTRACTS = Settings().contracts

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """The shipped contracts, to be spoilt."""
    copy = tmp_path / "expectations"
    shutil.copytree(CONTRACTS, copy)
    return copy


def spoil(path: Path, edit: Edit) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(document)
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_all_indicators_are_there_in_the_order_of_the_review() -> None:
    definitions = load_definitions(CONTRACTS)
    assert [section.id for section in definitions.sections] == [
        "volume",
        "capability",
        "regulation",
        "service",
        "excellence",
    ]
    ids = [one.id for _, one in definitions.indicators]
    assert sorted(ids) == list(range(1, 113))
    assert Counter(one.kind for _, one in definitions.indicators) == {"D": 82, "B": 8, "X": 10, "N": 12}
    published = published_of(CONTRACTS, 2010)
    assert published is not None
    assert [figure.indicator_id for figure in published.figures] == ids, "the figures stand in the same order"
    bounded = {figure.indicator_id for figure in published.figures if figure.is_bounded}
    derived = {one.id for _, one in definitions.indicators if one.kind in "DB"}
    assert len(derived & bounded) == 85
    assert derived - bounded == {93, 94, 95, 96, 97}


def test_no_figure_of_another_year_or_document_is_there_by_accident() -> None:
    assert [(one.document, one.year) for one in load_published(CONTRACTS)] == [("jsciq_review_2010", 2010)]
    assert published_of(CONTRACTS, 2011) is None


def test_a_folder_without_a_review_has_no_indicators(tmp_path: Path) -> None:
    assert list(load_definitions(tmp_path).indicators) == []
    assert load_published(tmp_path) == []


def first(document: dict[str, Any]) -> dict[str, Any]:
    return document["indicators"][0]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda d: first(d).pop("definition"), r"indicators\.0\.definition \(indicator 指标 1\): is missing 缺少"),
        (lambda d: first(d).update(kind="Q"), r"kind \(indicator 指标 1\)"),
        (lambda d: first(d).update(measures="1"), r"measures \(indicator 指标 1\): unknown key 未知键"),
        (lambda d: first(d).update(id="1"), r"indicators\.0\.id"),
        (lambda d: first(d).update(feeds=["F1"]), r"feeds"),
        (lambda d: first(d).update(rows="select 1 where :yaer = 1"), r"Indicator 指标 1: rows: :yaer is unknown"),
        (
            lambda d: first(d).update(rows="select * from fct_volume; drop table x"),
            r"one statement, without a semicolon",
        ),
        (lambda d: first(d).update(rows="delete from fct_volume"), r"rows: is no select"),
        (lambda d: first(d).update(rows="select * from (select 1"), r"brackets do not close"),
        (
            lambda d: first(d).update(measure="count(*) filter (where stat_date < current_date)"),
            r"measure: current_date",
        ),
        (lambda d: first(d).update(if_accepted="sum(now())"), r"if_accepted: now gives another figure"),
        (lambda d: first(d).update(baseline=["N01"]), r"baseline: some of `feeds`"),
        (lambda d: first(d).update(baseline=["F01"]), r"if_accepted: says nothing of a baseline"),
        (lambda d: first(d).pop("rows"), r"`measure` and `rows` belong together"),
        (lambda d: first(d).update(feeds=[]), r"kind D is derived: say `feeds`"),
        (lambda d: first(d).update(kind="X"), r"its rows come from fct_published_claim"),
        (lambda d: first(d).update(id=106), r"Indicator 指标 106 is defined twice"),
        (lambda d: d.update(order=5), r"Two sections have order 5"),
        (lambda d: d.pop("name"), r"name: is missing"),
    ],
)
def test_a_definition_that_is_wrong_is_named_with_its_file_and_indicator(
    contracts: Path, edit: Edit, said: str
) -> None:
    spoil(contracts / "review" / "1_volume.yaml", edit)
    with pytest.raises(IndicatorError, match=said) as raised:
        load_definitions(contracts)
    assert "review" in str(raised.value.place)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda d: d["figures"][0].update(lower=1700000), r"Indicator 指标 1: lower is above upper"),
        (lambda d: d["figures"][0].update(value=1), r"Indicator 指标 1: the value lies outside its own bounds"),
        (lambda d: d["figures"][0].update(indicator_id=999), r"Indicator 指标 999 has no definition"),
        (lambda d: d["figures"][1].update(indicator_id=1), r"Indicator 指标 1 has two figures"),
        (lambda d: d["figures"][0].update(value="many"), r"figures\.0\.value"),
        (lambda d: d["figures"][0].update(value=True), r"figures\.0\.value"),
        (lambda d: d["figures"][0].pop("source"), r"figures\.0\.source: is missing"),
        (lambda d: d.update(year=10), r"year"),
    ],
)
def test_a_published_figure_that_is_wrong_is_named(contracts: Path, edit: Edit, said: str) -> None:
    spoil(contracts / "review" / "published" / "jsciq_review_2010.yaml", edit)
    with pytest.raises(IndicatorError, match=said) as raised:
        load_published(contracts)
    assert "jsciq_review_2010.yaml" in str(raised.value)


def test_of_two_documents_the_higher_edition_is_compared_with(contracts: Path) -> None:
    folder = contracts / "review" / "published"
    shutil.copy(folder / "jsciq_review_2010.yaml", folder / "erratum.yaml")
    with pytest.raises(IndicatorError, match=r"edition 1 of 2010"):
        load_published(contracts)
    spoil(folder / "erratum.yaml", lambda d: d.update(edition=2))
    found = published_of(contracts, 2010)
    assert found is not None
    assert found.document == "erratum"


def test_a_file_that_is_no_yaml_is_named(contracts: Path) -> None:
    (contracts / "review" / "1_volume.yaml").write_bytes(b"\xd6\xd0\xb9\xfa: [")
    with pytest.raises(IndicatorError, match=r"no YAML in UTF-8.*1_volume\.yaml"):
        load_definitions(contracts)


def test_the_tables_of_every_indicator_exist_or_wait_for_a_feed() -> None:
    assert review_problems(Settings(warehouse_url=None)) == []


def test_a_table_that_no_model_publishes_is_named_once_its_feeds_deliver(contracts: Path) -> None:
    spoil(contracts / "review" / "1_volume.yaml", lambda d: first(d).update(rows="select 1 as lots from fct_volumes"))
    problems = review_problems(Settings(warehouse_url=None, contracts=contracts))
    assert len(problems) == 1
    assert re.search(r"indicator 指标 1: no model publishes fct_volumes, though its feeds \(F01, F03\)", problems[0])


def test_what_a_query_reads_and_is_given() -> None:
    query = """with own as (select 1), other as (select * from dim_org)
        select a::text, ':no', :year from own join lateral (select 1) x on true left join Fct_Volume as v on true
        cross join generate_series(1, 2) where day = :first_day"""
    assert marts_of(query) == {"dim_org", "fct_volume"}
    assert parameters_of(query) == {"year", "first_day"}


@pytest.mark.parametrize("written", ["20.8", "20.80", "1079.8"])
def test_published_numbers_are_the_decimals_that_are_written(contracts: Path, written: str) -> None:
    path = contracts / "review" / "published" / "jsciq_review_2010.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("value: 20.8, lower: 20.75, upper: 20.85", f"value: {written}"), encoding="utf-8")
    found = published_of(contracts, 2010)
    assert found is not None
    figure = found.figure(3)
    assert figure is not None
    assert figure.value == Decimal(written)


@pytest.mark.parametrize(
    ("measure", "is_count"),
    [
        ("count(*)", True),
        ("count(distinct lab_code)", True),
        ("count(*) filter (where direction = 'OUT')", True),
        ("round(100.0 * count(*) filter (where benefit_flag = '1') / nullif(count(*), 0), 2)", False),
        ("coalesce(sum(lots), 0)", False),
        ("count(*) * 2", False),
    ],
)
def test_a_count_grows_by_one_for_each_row(measure: str, is_count: bool) -> None:
    one = next(one for _, one in load_definitions(CONTRACTS).indicators if one.measure)
    assert one.model_copy(update={"measure": measure}).is_count is is_count
