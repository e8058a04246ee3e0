"""The sixteen rules that hold across feeds, and what carries each: none is forgotten, and none carries a name only."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import yaml

from ciq.contracts import load_contracts
from ciq.indicators import load_definitions, published_of
from ciq.settings import PROJECT_ROOT

PUBLISHED = PROJECT_ROOT / "dbt_project" / "models" / "published"


@dataclass(frozen=True)
class Carried:
    """Rules of the contracts; for what no row can break, a column that shows it, or figures that it decides on."""

    rules: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    indicators: tuple[int, ...] = ()


MEASURED = ("F01", "F02", "F03", "F04", "F05")
CASES = ("F10", "F11", "F12")
CROSS_FEED_RULES = {
    "1 every line, evaluation and certificate has its declaration, or waits": Carried(
        ("F02-parent-missing", "F03-parent-missing", "F04-parent-missing")
    ),
    "2 the manifest's row count and control sum are those of the file": Carried(("D-row_count", "D-control_sum")),
    "3 what is due of each organisation, feed and workday is there, or missing": Carried(
        columns=(("fct_coverage", "missing"), ("fct_day_status", "missing_feeds"))
    ),
    "4 a declaration number has fifteen digits and begins with an organisation": Carried(
        ("F01-decl_no-format", "F01-decl_no-org")
    ),
    "5 an HS code is in the table of its year": Carried(("F02-hs_code-unlisted", "F02-hs_code-format")),
    "6 the direction fits the number's type digit and the categories": Carried(
        ("F01-decl_no-direction", "F02-ciq_category-direction")
    ),
    "7 the goods lines add up to the declaration": Carried(("F01-lines-total",)),
    "8 acceptance, dispatch, inspection, evaluation and release follow each other": Carried(
        ("F01-time-order", "F03-time-order", "F04-time-order", "F04-release-early")
    ),
    "9 who accepts does not inspect, and who sets the fee does not take it": Carried(
        ("F03-duty-same_person", "F01-duty-same_person")
    ),
    "10 a clearance form has the lot's HS code and country, and is valid when used": Carried(
        ("F04-hs_code-differs", "F04-dest_country-differs", "F04-valid_to-order", "F04-valid_to-expired")
    ),
    "11 nothing is released of a lot that was withdrawn": Carried(("F04-void-certified",)),
    "12 an enterprise's class changes by a legal step": Carried(
        ("F09-transition-illegal", "F09-prev_class_code-differs")
    ),
    "13 penalties and complaints follow their state machines": Carried(tuple(f"{feed}-state-order" for feed in CASES)),
    "14 a branch's volume is not far from its usual one": Carried(tuple(f"{feed}-volume-unusual" for feed in MEASURED)),
    "15 zero is said by a nil return": Carried(("N12-count-differs",), (("fct_coverage", "nil"),), (77,)),
    "16 published figures lie within their bounds": Carried(indicators=(1, 2, 3, 4, 5, 6)),
}


def derived_and_bounded() -> set[int]:
    """Figures of the annual review that our own data derive and the published bounds decide on."""
    review = published_of(PROJECT_ROOT / "expectations", 2010)
    assert review is not None
    derived = {one.id for _, one in load_definitions(PROJECT_ROOT / "expectations").indicators if one.measure}
    return derived & {figure.indicator_id for figure in review.figures if figure.is_bounded}


@pytest.mark.parametrize("carried", CROSS_FEED_RULES.values(), ids=CROSS_FEED_RULES.keys())
def test_each_rule_across_feeds_is_carried(carried: Carried) -> None:
    severities = {rule.id: rule.severity for rule in load_contracts(PROJECT_ROOT / "expectations").rules()}
    assert set(carried.rules) <= set(severities)
    assert not carried.rules or {severities[rule] for rule in carried.rules} & {"warning", "critical"}
    for table, column in carried.columns:
        (model,) = yaml.safe_load((PUBLISHED / f"published__{table}.yml").read_text(encoding="utf-8"))["models"]
        assert column in {one["name"] for one in model["columns"]}
    assert set(carried.indicators) <= derived_and_bounded()
    assert carried.rules or carried.columns or carried.indicators


def test_there_are_sixteen() -> None:
    assert [name.split()[0] for name in CROSS_FEED_RULES] == [str(number) for number in range(1, 17)]
