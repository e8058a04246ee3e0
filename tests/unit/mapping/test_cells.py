"""Single cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciq.mapping.cells import clean, fill, read_moment, restore_fraction, whole


@given(st.integers(1990, 2099), st.integers(0, 9999))
def test_a_reference_that_went_through_a_float_comes_back(year: int, number: int) -> None:
    reference = f"{year}.{number:04d}"
    assert restore_fraction(reference, 4) == reference
    as_float = float(reference)
    if number:  # yyyy.0000 is never given out; as a float it is the bare year
        assert restore_fraction(str(as_float), 4) == reference
        assert restore_fraction(str(as_float).replace(".", ","), 4) == reference
        # What a spreadsheet shows of the binary number, seventeen digits of it.
        assert restore_fraction(f"{as_float:.17g}", 4) == reference


@pytest.mark.parametrize(
    ("cell", "restored"),
    [
        ("2020.29", "2020.2900"),
        ("2020.2", "2020.2000"),
        ("2020.0296", "2020.0296"),
        ("2020.2939999999999", "2020.2940"),
        ("2020.29401", None),
        ("2019.99999999999999", None),
        ("2020", None),
        ("2.02E+03", None),
        ("2.020296E3", None),
        ("2020.", None),
        ("2009.AYR", "2009.AYR"),
        ("2020.2960-add01", "2020.2960-add01"),
        ("２０２０.296", "２０２０.296"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(cell: str, restored: str | None) -> None:
    assert restore_fraction(cell, 4) == restored


def test_blanks_of_all_kinds_are_one_blank() -> None:
    assert clean(" fish\u00a0and \u3000fish\r\nproducts\ufeff ") == "fish and fish products"
    assert clean(" \u200b ") == ""


@pytest.mark.parametrize(("cell", "count"), [("1.0", "1"), ("12.000", "12"), ("1.5", "1.5"), ("1.", "1."), ("x", "x")])
def test_a_count_written_as_a_float(cell: str, count: str) -> None:
    assert whole(cell) == count


def test_a_date_is_read_in_the_styles_named_only() -> None:
    assert str(read_moment("20 JUL 2020", ["%Y-%m-%d", "%d %b %Y"])) == "2020-07-20 00:00:00"
    assert str(read_moment("20-07-2020 08:15:30", ["%d-%m-%Y %H:%M:%S"])) == "2020-07-20 08:15:30"
    assert read_moment("07/20/2020", ["%d/%m/%Y"]) is None
    assert read_moment("44032", ["%d/%m/%Y", "%Y-%m-%d"]) is None


def test_a_template_is_empty_where_what_it_names_is() -> None:
    assert fill("{issue_date} 00:00:00", {"issue_date": "2020-07-20"}) == "2020-07-20 00:00:00"
    assert fill("{issue_date} 00:00:00", {"issue_date": ""}) == fill("{issue_date}", {}) == ""
    assert fill("I", {}) == "I"
