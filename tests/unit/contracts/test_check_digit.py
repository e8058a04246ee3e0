"""A rule on a check digit says all of it, or the contract is refused."""

from __future__ import annotations

import pytest

from ciq.contracts.reading import parse_contract
from ciq.errors import ContractError
from ciq.settings import PROJECT_ROOT

TEXT = (PROJECT_ROOT / "expectations" / "f09_enterprise_class.odcs.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("modulus: 11", "modulus: 10"),
        ("weights: [3, 7, 9, 10, 5, 8, 4, 2]", "weights: []"),
        ("weights: [3, 7, 9, 10, 5, 8, 4, 2]", "weights: [3.5, 7, 9, 10, 5, 8, 4, 2]"),
        ('check_digits: "0123456789X"', 'check_digits: "0123456789"'),
    ],
    ids=["modulus", "no weights", "broken weights", "check digits"],
)
def test_a_check_digit_that_cannot_be_worked_out_is_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(ContractError, match="F09-org_inst_code-check_digit says no check digit"):
        parse_contract(TEXT.replace(old, new), name="f09.yaml")
