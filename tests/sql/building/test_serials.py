"""Gaps in numbers that are given one after another: what was never sent shows, and goes when it comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ciq.building import build
from support.bureau import GOOD, Bureau, rows_of

pytestmark = pytest.mark.slow

MISSING = "numbers between that are not there: "
NEXT_DAY, THIRD_DAY = date(2010, 6, 9), date(2010, 6, 10)


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Lots 1, 2, 5 and 6, penalties 1 and 3, complaints and reviews 1 and 2: two gaps."""
    made = make_bureau("serials")
    lots, penalties = rows_of("F01", 6), rows_of("F10", 3)
    made.deliver("F01", [lots[0], lots[1], lots[4], lots[5]])
    made.deliver("F10", [penalties[0], penalties[2]])
    made.deliver("F11", rows_of("F11", 2))
    made.deliver("F12", rows_of("F12", 2))
    publish(made)
    return made


def publish(bureau: Bureau) -> None:
    assert bureau.load().held == 0
    assert build(bureau.settings, "test").publication_no is not None


def gaps(bureau: Bureau) -> list[tuple[str, ...]]:
    query = """select rule_id, key, expected, found from published.fct_finding
        where rule_id like '%%_no-gap' order by 1, 2"""
    return [tuple(row.values()) for row in bureau.fetch(query)]


CASE = (
    "F10-case_no-gap", "320100CF201000003", "the number after 320100CF201000001", f"{MISSING}1",
)  # fmt: skip


def test_a_gap_closes_number_by_number(bureau: Bureau) -> None:
    fifth = "320100210000005"
    two = ("F01-decl_no-gap", fifth, "the number after 320100210000002", f"{MISSING}2")
    assert gaps(bureau) == [two, CASE]
    lots = rows_of("F01", 4)

    bureau.deliver("F01", [lots[2]], day=NEXT_DAY)
    publish(bureau)
    assert gaps(bureau) == [
        ("F01-decl_no-gap", fifth, "the number after 320100210000003", f"{MISSING}1"), CASE,
    ]  # fmt: skip

    bureau.deliver("F01", [lots[3]], day=THIRD_DAY)
    publish(bureau)
    assert gaps(bureau) == [CASE]

    bureau.deliver("F01", [], day=NEXT_DAY, seq=2)
    publish(bureau)
    assert gaps(bureau) == [
        ("F01-decl_no-gap", "320100210000004", "the number after 320100210000002", f"{MISSING}1"),
        CASE,
    ]


def test_a_gap_names_the_row_that_follows_it(bureau: Bureau) -> None:
    query = """select decl_no, entity, sender_org, severity, line_no from published.fct_finding
        where rule_id in ('F01-decl_no-gap', 'F10-case_no-gap') order by rule_id"""
    rows = [tuple(row.values()) for row in bureau.fetch(query)]
    assert rows == [
        ("320100210000004", "declaration", "320100", "info", 2), (None, "penalty_case", "320100", "info", 3),
    ]  # fmt: skip


Cells = dict[str, str]


def cert(number: str, **cells: str) -> Cells:
    return {**GOOD["F05"], "record_id": f"o{number}", "coo_no": number, **cells}


def series(prefix: str, *serials: int, **cells: str) -> list[Cells]:
    return [cert(f"{prefix}{serial:06d}", **cells) for serial in serials]


@pytest.fixture(scope="module")
def origin(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Certificates of origin of two kinds, two organisations and two years; 3 of the first series was never sent."""
    made = make_bureau("serials-origin")
    rows = [
        *series("G10320100", 1, 2, 4, 5),
        *series("C10320100", 2, 3, coo_type="CO"),
        *series("G10320111", 9, org_code="320111", issue_org="320111"),
        *series("G09320100", 700),
    ]
    made.deliver("F05", rows)
    publish(made)
    return made


def test_each_organisation_kind_and_year_of_certificates_of_origin_has_a_series(origin: Bureau) -> None:
    third = ("F05-coo_no-gap", "G10320100000004", "the number after G10320100000002", f"{MISSING}1")
    assert gaps(origin) == [third]
    void = {"op": "U", "version_no": "2", "status": "2"}
    deleted = {name: cert("G10320100000002")[name] for name in ("record_id", "op_time", "org_code", "coo_no")}
    rows = [
        cert("G10320100000005", **void),
        {**deleted, "op": "D", "version_no": "2"},
        cert("G10320100000006", status="4", replaces_coo_no="G10320100000001"),
        cert("C10320100000004", coo_type="??"),
        *series("C10320100", 5, coo_type="CO"),
    ]

    origin.deliver("F05", rows, day=NEXT_DAY)
    publish(origin)
    quarantined = ("F05-coo_no-gap", "C10320100000005", "the number after C10320100000003", f"{MISSING}1")
    assert gaps(origin) == [quarantined, third], "void, deleted and replacing numbers came; a broken row did not"

    origin.deliver("F05", series("G10320100", 3), day=THIRD_DAY)
    publish(origin)
    assert gaps(origin) == [quarantined]
