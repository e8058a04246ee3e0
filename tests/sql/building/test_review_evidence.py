"""What a figure of the review needs before it is said: returns, notifications from abroad, cases that all ended, rows
whose worth is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from ciq.building import build
from ciq.reviewing import IndicatorResult, Review, make_period, review
from ciq.reviewing.rows import stream_rows
from support.bureau import DAY, GOOD, Bureau
from support.cases import complaint, complaint_no, corrected
from support.cases import review as dispute
from support.history import NEXT_DAY_TIMES, evaluation, header
from support.workbooks import GOOD as SHEETS
from support.workbooks import send_sheets

pytestmark = pytest.mark.slow

HEADQUARTERS = "320000"
JANUARY, JUNE = date(2010, 1, 31), date(2010, 6, 30)
NEXT, LATER, NEXT_YEAR = date(2010, 6, 9), date(2010, 6, 15), date(2011, 1, 4)
FOREIGN = {"direction": "FOREIGN_NOTIFICATION", "issuer": "RASFF", "national_flag": "0", "product_group": "FOOD"}
Row = dict[str, str]


def notice(number: int, **cells: str) -> Row:
    return {**GOOD["F18"], "record_id": f"n{number}", "notice_no": f"N-{number:03d}", **cells}


def dated(row: Row, day: date) -> Row:
    """The row with every 8 June 2010 in it moved to another day."""
    return {name: cell.replace(f"{DAY}", f"{day}") for name, cell in row.items()}


def pilot(number: int, **cells: str) -> Row:
    scope = SHEETS["F15"]["audit_scope"]
    told = {"audit_type": "PERFORMANCE_PILOT", "audit_no": "JX2010-01", "audit_date": "2010-06-02"}
    return {**scope, "record_id": f"a{number}", "op_time": f"{JUNE} 09:00:00", **told, **cells}


def legal_return(branch: str, lawsuits: int) -> Row:
    told = {"op_time": f"{JANUARY} 17:00:00", "period_end": f"{JANUARY}", "lawsuits_filed": f"{lawsuits}"}
    return {**GOOD["N12"], "org_code": branch, **told}


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Bureau:
    made = make_bureau("review-evidence")
    made.deliver("F01", [header(1), header(2), header(3, trade_mode="x")])
    made.deliver("F03", [evaluation(1)])
    made.deliver("F03", [evaluation(2, **NEXT_DAY_TIMES)], day=NEXT, row_count=7)
    made.deliver("F01", [dated(header(4, total_value="1,000"), NEXT_YEAR)], day=NEXT_YEAR)
    made.deliver(
        "F11",
        [
            complaint(1, 1, "ACCEPTED", "06-02", accept_flag="1"),
            complaint(1, 2, "CLOSED", "06-07", result="属实"),
            complaint(2, 1, "ACCEPTED", "06-03", accept_flag="1", root_case_no=complaint_no(1)),
            complaint(3, 1, "ACCEPTED", "06-04", accept_flag="1"),
            complaint(3, 2, "CLOSED", "06-07", result="属实"),
        ],
    )
    filed = {"op_time": "2010-01-20 10:00:00", "org_code": HEADQUARTERS, "filed_date": "2010-01-20"}
    lawsuit = dispute(1, 1, "FILED", "01-20", kind="SS", **filed)
    made.deliver("F12", [lawsuit], day=date(2010, 1, 20), branch=HEADQUARTERS)
    for row in made.fetch("select org_code from ref.org where level = 'BRANCH' and is_due"):
        made.deliver("N12", [legal_return(row["org_code"], 0)], day=JANUARY, branch=row["org_code"])
    made.deliver("F18", [notice(2, decl_no=header(1)["decl_no"]), notice(1)], branch=HEADQUARTERS)
    pilots = [pilot(1, unit_code="320100"), pilot(2, unit_level="HQ_DEPT", unit_code="HQ-LEGAL")]
    send_sheets(made, "F15", {"audit_scope": pilots}, day=JUNE, branch=HEADQUARTERS)
    zone = SHEETS["F16"]["demo_zone"]
    again = {**zone, "org_code": "320600", "zone_event_no": "320600SF201006001"}
    send_sheets(made, "F16", {"demo_zone": [zone]}, day=JUNE)
    send_sheets(made, "F16", {"demo_zone": [again]}, day=JUNE, branch="320600")
    assert made.load().held == 1
    assert build(made.settings, "test").publication_no == 1

    made.deliver("N12", [legal_return("320500", 3)], day=JANUARY, branch="320500", seq=2)
    abroad = [
        notice(number, **FOREIGN, origin_countries=countries, **cells)
        for number, countries, cells in (
            (3, "Slovakia", {}),
            (4, "Poland,Turkey", {}),
            (5, "China,Hong Kong", {}),
            (6, "China", {"origin_org": "320600"}),
            (7, "Taiwan", {"origin_org": "320600"}),
        )
    ]
    made.deliver("F18", [*abroad, corrected(notice(1), subject="更正")], day=NEXT, branch=HEADQUARTERS)
    assert made.load().held == 0
    assert build(made.settings, "test").publication_no == 2
    return made


def of(bureau: Bureau, last: date | None = None, as_of: int | None = None, year: int = 2010) -> Review:
    return review(bureau.settings, make_period(bureau.settings, year, last), as_of)


def evidence(one: IndicatorResult) -> dict[str, Decimal | None]:
    return {figure.name_en: figure.value for figure in one.evidence}


def test_a_lawsuit_against_headquarters_counts(bureau: Bureau) -> None:
    known = of(bureau, JANUARY, 1).indicator(77)
    assert (known.derived, known.state) == (1, "derived")
    assert evidence(known)["lawsuits known"] == 1
    assert evidence(known)["organisations whose returns and cases differ"] == 0


def test_a_return_that_states_other_lawsuits_than_the_cases_leaves_the_figure_unknown(bureau: Bureau) -> None:
    known = of(bureau, JANUARY).indicator(77)
    assert (known.derived, known.state) == (None, "unknown")
    assert "they differ from the cases" in (known.reason_en or "")
    assert evidence(known)["lawsuits that the returns state"] == 3
    assert evidence(known)["organisations whose returns and cases differ"] == 1


def test_part_of_a_month_needs_the_return_of_that_month(bureau: Bureau) -> None:
    known = of(bureau, date(2010, 2, 10), 1).indicator(77)
    assert known.derived is None
    assert (evidence(known)["returns expected"], evidence(known)["returns received"]) == (40, 20)


def test_warnings_of_the_own_country_are_no_evidence_that_none_came_from_abroad(bureau: Bureau) -> None:
    known = of(bureau, as_of=1).indicator(103)
    assert (known.derived, known.state, known.passes) == (None, "unknown", None)
    assert "neither notifications from abroad nor a file without any came" in (known.reason_en or "")


def test_notifications_about_other_countries_are_neither_counted_nor_called_unattributed(bureau: Bureau) -> None:
    known = of(bureau).indicator(103)
    assert known.derived == 1
    assert evidence(known) == {
        "not attributed": 1,
        "attributed here, though of another country": 1,
        "notifications from abroad, of any product": 5,
        "files without any": 0,
    }


def test_warnings_without_a_lot_stand_beside_the_lots(bureau: Bureau) -> None:
    known = of(bureau).indicator(16)
    assert known.derived == 1
    assert evidence(known) == {"warnings without a lot, which count nowhere": 1}


def test_only_branches_are_pilots(bureau: Bureau) -> None:
    assert of(bureau).indicator(72).derived == 1


@pytest.mark.parametrize("last", [LATER, JUNE, None], ids=["mid-month", "month-end", "year"])
def test_a_matter_of_which_a_case_is_open_is_not_closed_on_any_day(bureau: Bureau, last: date | None) -> None:
    made = of(bureau, last)
    assert made.indicator(74).derived == 2
    assert made.indicator(75).derived == 1


def test_the_most_that_the_value_may_become_counts_quarantined_amounts(bureau: Bureau) -> None:
    value = of(bureau, DAY).indicator(2)
    assert value.derived == Decimal("1000.50")
    assert value.exposure is not None
    assert (value.exposure.quarantined, value.exposure.if_all_accepted) == (1, Decimal("2001.00"))


@pytest.mark.parametrize(
    ("year", "last"), [(2010, NEXT), (2011, None)], ids=["held evaluations", "an amount that cannot be read"]
)
def test_the_most_that_the_value_may_become_is_not_said_when_it_is_not_known(
    bureau: Bureau, year: int, last: date | None
) -> None:
    value = of(bureau, last, year=year).indicator(2)
    assert value.derived is not None
    assert value.exposure is not None
    assert value.exposure.rows > 0
    assert value.exposure.if_all_accepted is None


def test_a_zone_that_two_organisations_tell_is_counted_twice_and_named(bureau: Bureau) -> None:
    known = of(bureau).indicator(99)
    assert known.derived == 2
    assert evidence(known) == {"suspected repeats: the same name under another number": 1}


def test_the_first_rows_are_the_same_ones_whenever_they_are_asked(bureau: Bureau) -> None:
    names, *rows = stream_rows(bureau.settings, of(bureau), 16)
    assert names[0] == "notice_no"
    assert [row[0] for row in rows] == ["N-001", "N-002"]
