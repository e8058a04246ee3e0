"""A query of a definition for one period: what is shown is what is run."""

from __future__ import annotations

from datetime import date

import pytest

from ciq.indicators.period import Period, bind, figure_query

YEAR = Period(year=2010, last_day=date(2010, 12, 31), document="it's")


def test_values_are_written_out_where_parameters_stand_and_nowhere_else() -> None:
    query = "select ':year', x::date from t where a = :year and d between :first_day and :last_day and n = :document"
    assert bind(query, YEAR) == (
        "select ':year', x::date from t where a = 2010 and d between date '2010-01-01' and date '2010-12-31'"
        " and n = 'it''s'"
    )


def test_a_year_is_whole_only_at_its_end() -> None:
    assert YEAR.is_whole
    part = Period(year=2010, last_day=date(2010, 6, 30))
    assert not part.is_whole
    assert bind(":last_day - :first_day", part) == "date '2010-06-30' - date '2010-01-01'"


@pytest.mark.parametrize(
    ("last_day", "before"),
    [
        (date(2010, 12, 31), date(2009, 12, 31)),
        (date(2010, 6, 15), date(2009, 6, 15)),
        (date(2012, 2, 29), date(2011, 2, 28)),
        (date(2012, 2, 28), date(2011, 2, 28)),
        (date(2013, 2, 28), date(2012, 2, 29)),
    ],
    ids=str,
)
def test_the_year_before_has_the_same_months(last_day: date, before: date) -> None:
    period = Period(year=last_day.year, last_day=last_day).year_before
    assert (period.first_day, period.last_day) == (date(last_day.year - 1, 1, 1), before)


def test_a_figure_is_its_measure_over_its_rows() -> None:
    assert figure_query("sum(lots)", "select *\nfrom fct_volume\n", YEAR) == (
        "select sum(lots) as value\nfrom (\n    select *\n    from fct_volume\n) as behind"
    )
