"""Figures as JSON writes them: exact, or as text."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ciq.reviewing.model import EvidenceFigure, number


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (Decimal(0), "0"),
        (Decimal("1631000.00"), "1631000"),
        (Decimal("2.06"), "2.06"),
        (Decimal("107979999999.99"), "107979999999.99"),
        (Decimal("-0.005"), "-0.005"),
        (Decimal(9007199254740993), "9007199254740993"),
        (Decimal("123456789012345678.91"), '"123456789012345678.91"'),
    ],
)
def test_each_digit_is_kept(value: Decimal | None, written: str) -> None:
    assert json.dumps(number(value)) == written
    figure = EvidenceFigure(name_zh="一", name_en="one", value=value, sql="select 1")
    assert EvidenceFigure.model_validate(json.loads(figure.model_dump_json(), parse_float=Decimal)).value == value
