"""Certificates: they wait for their lot and are void with it, they release it, and contradict it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from ciq.building.explain import explain
from ciq.building.verify_marts import verify_marts
from support.agreement import published_rows
from support.bureau import Bureau
from support.hard_cases import Cells, certificate, corrected, decl, evaluation, header, line, send, void
from support.history import WEDNESDAY, Step, load_and_build, one

pytestmark = pytest.mark.slow

FORM = {"cert_type": "21"}
ON_WEDNESDAY = {"op_time": "2010-06-09 15:00:00"}


def lots(*numbers: int) -> list[Step]:
    """Whole lots, accepted at 9:30 and evaluated at 15:00 on Tuesday."""
    return [
        send("F01", [header(n) for n in numbers]),
        send("F02", [line(n) for n in numbers]),
        send("F03", [evaluation(n) for n in numbers]),
    ]


FIRST: Sequence[Step] = (
    *lots(1, 2, 3, 4),
    send(
        "F04",
        [
            certificate(1),
            certificate(1, 2, **FORM, issue_time="2010-06-08 18:45:00"),
            certificate(2, **FORM),
            certificate(3, **FORM, status="2"),
            certificate(9, **FORM),  # its declaration comes later
        ],
    ),
)
THEN: Sequence[Step] = (
    send("F01", [void(header(2), 2), header(9)], day=WEDNESDAY),
    send(
        "F04",
        [
            corrected(certificate(1, 2, **FORM), 2, status="2"),
            corrected(certificate(3, **FORM), 2, decl_no=decl(4)),
            void(certificate(8), 1, decl_no=""),  # nobody told of it
        ],
        day=WEDNESDAY,
    ),
)
AT_LAST: Sequence[Step] = (
    send("F01", [corrected(header(2), 3)], branch="320500", day=WEDNESDAY),
    send("F04", [void(certificate(1, 2), 3), certificate(8)], day=WEDNESDAY, seq=2),
)
"""The lot is revived; the slice of Wednesday's certificates is another one."""


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    bureau = make_bureau("certificates")
    for steps in (FIRST, THEN, AT_LAST):
        load_and_build(bureau, *steps)
    return bureau


def certificates(bureau: Bureau, number: int) -> dict[tuple[str, str], Any]:
    """(lot, serial) -> (counts, void, the one that released its lot), at a publication."""
    rows = published_rows(bureau.settings, "fct_certificate", as_of=number)
    return {
        (row["decl_no"][-1], row["cert_no"][-4:]): (row["certificates"], row["is_void"], row["is_first_release"])
        for row in rows
    }


def released(bureau: Bureau, number: int) -> dict[str, Any]:
    rows = published_rows(bureau.settings, "fct_inspection_lot", as_of=number)
    return {row["decl_no"][-1]: (row["release_time"], row["hours_accept_to_release"]) for row in rows}


def test_a_certificate_waits_for_its_lot_and_is_void_with_it(story: Bureau) -> None:
    assert certificates(story, 1) == {
        ("1", "1001"): (1, False, False),
        ("1", "1002"): (1, False, True),
        ("2", "2001"): (1, False, True),
        ("3", "3001"): (0, True, False),
    }

    def waiting(number: int) -> list[tuple[str | None, str, str]]:
        rows = published_rows(story.settings, "fct_unused_row", as_of=number)
        return [(row["decl_no"], row["item"], row["reason"]) for row in rows if row["fate"] == "waiting"]

    assert waiting(1) == [(decl(9), f"{decl(9)}001", "declaration_missing")]
    assert waiting(2) == [(None, f"{decl(8)}001", "void_without_record")]
    assert waiting(3) == [(decl(8), f"{decl(8)}001", "declaration_missing")]


def test_what_becomes_of_it_later(story: Bureau) -> None:
    """1: its form is void, so the slip releases it. 2: void with its lot. 3: it was lot 4's. 9: its lot has come."""
    assert certificates(story, 2) == {
        ("1", "1001"): (1, False, True),
        ("1", "1002"): (0, True, False),
        ("2", "2001"): (0, True, True),
        ("4", "3001"): (1, False, True),
        ("9", "9001"): (1, False, True),
    }
    revived = certificates(story, 3)
    assert revived["2", "2001"] == (1, False, True)
    assert revived["1", "1002"] == (0, True, False), "by its D now"
    assert ("3", "3001") in revived, "what made it lot 4's is gone with its slice"
    assert ("8", "8001") not in revived, "nobody declared its lot"


def test_when_a_lot_was_released(story: Bureau) -> None:
    four, quarter_to_seven = datetime(2010, 6, 8, 16), datetime(2010, 6, 8, 18, 45)  # noqa: DTZ001
    assert released(story, 1) == {
        "1": (quarter_to_seven, Decimal("9.25")),
        "2": (four, Decimal("6.50")),
        "3": (None, None),
        "4": (None, None),
    }
    assert released(story, 2)["1"] == (four, Decimal("6.50"))
    assert released(story, 2)["3"] == (None, None)
    assert released(story, 2)["4"] == (four, Decimal("6.50"))
    rows = published_rows(story.settings, "fct_inspection_lot", as_of=1)
    off = {row["decl_no"][-1]: row["is_released_off_hours"] for row in rows}
    assert off == {"1": True, "2": False, "3": None, "4": None}


def test_hours_of_clearance_are_summed_by_volume(story: Bureau) -> None:
    def sums(number: int) -> tuple[Decimal, int]:
        rows = published_rows(story.settings, "fct_volume", as_of=number)
        return sum(row["clearance_hours_sum"] for row in rows), sum(row["clearance_lots"] for row in rows)

    assert sums(1) == (Decimal("15.75"), 2)
    assert sums(2) == (Decimal("13.00"), 2), "lot 2 is void, lot 9 is not evaluated"


def test_every_invariant_holds(story: Bureau) -> None:
    assert [str(breach) for check in verify_marts(story.settings) for breach in check.breaches] == []
    assert one(story, "select count(*) from published.delivery_balance where not is_balanced") == 0


def test_explain_leads_from_a_certificate_to_file_and_line(story: Bureau) -> None:
    found = explain(story.settings, "fct_certificate", {"cert_no": f"{decl(1)}001"})
    assert (found.lots_total, len(found.rows)) == (1, 1)
    sources = {(source.role.partition(" (")[0], source.file, source.line) for source in found.sources}
    assert (f"certificate {decl(1)}001", "F04_320100_20100608_01.csv", 2) in sources
    assert ("header", "F01_320100_20100608_01.csv", 2) in sources
    assert ("superseded", "F04_320100_20100608_01.csv", 3) in sources, "the D stands over it"
    of_finding = explain(story.settings, "fct_finding", {"rule_id": "F04-parent-missing"})
    assert len(of_finding.rows) == 1


# --- findings --------------------------------------------------------------------------------------------------------

GOOD_LOTS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13)
GOOD: Sequence[Step] = (
    *lots(*GOOD_LOTS),
    send("F04", [certificate(n) for n in GOOD_LOTS]),
    send("F01", [header(20, ie_flag="I", decl_type="11", dest_country="", origin_country="392")], branch="320500"),
    # Customs releases imports to where they are inspected.
    send("F04", [certificate(20, cert_type="11", dest_country="")], branch="320500"),
)


def wrong(number: int, serial: int = 1, **cells: str) -> Cells:
    return corrected(certificate(number, serial), 2, **cells)


BROKEN: Sequence[Step] = (
    send("F01", [void(header(6), 2), header(14)], day=WEDNESDAY),
    send(
        "F04",
        [
            wrong(1, issue_time="2010-06-08 09:00:00", cert_type="31"),
            wrong(2, issue_time="2010-06-08 14:00:00"),
            wrong(3, status="4", valid_to="2010-06-08", used_time="2010-06-09 10:00:00"),
            wrong(4, hs_code="6403190000"),
            wrong(5, dest_country="392"),
            wrong(7, decl_no=decl(8)),
            certificate(8, 3),
            certificate(10, op="U", version_no="4"),
            certificate(11, 2),
            certificate(11, 2),
            void(certificate(12, 2), 1),
            certificate(14, issue_time="2010-06-09 12:00:00"),
            certificate(99),
            wrong(13, status="4", used_time="2010-06-08 15:30:00"),
        ],
        day=WEDNESDAY,
    ),
)
FOUND = {
    ("F04-time-order", 1, 1),
    ("F04-cert_no-reused", 1, 1),
    ("F04-release-early", 2, 1),
    ("F04-valid_to-expired", 3, 1),
    ("F04-hs_code-differs", 4, 1),
    ("F04-dest_country-differs", 5, 1),
    ("F04-void-certified", 6, 1),
    ("F04-cert_no-foreign", 7, 1),
    ("F04-cert_no-reused", 7, 1),
    ("F04-cert_no-gap", 8, 3),
    ("F04-version-gap", 10, 1),
    ("F04-version-duplicate", 11, 2),
    ("F04-void-unknown", 12, 2),
    ("F04-release-unevaluated", 14, 1),
    ("F04-parent-missing", 99, 1),
    ("F04-time-order", 13, 1),
}
PUT_RIGHT: Sequence[Step] = (
    send("F01", [], day=WEDNESDAY, seq=2),
    send("F04", [], day=WEDNESDAY, seq=2),
)


@pytest.fixture(scope="module")
def contradicting(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Publications: good certificates; bad ones; the bad ones are taken back."""
    bureau = make_bureau("certificate-findings")
    for steps in (GOOD, BROKEN, PUT_RIGHT):
        load_and_build(bureau, *steps)
    return bureau


def found_at(bureau: Bureau, number: int) -> list[dict[str, Any]]:
    rows = published_rows(bureau.settings, "fct_finding", as_of=number)
    return [row for row in rows if row["feed_code"] == "F04"]


def test_good_certificates_have_no_finding(contradicting: Bureau) -> None:
    assert found_at(contradicting, 1) == []


def test_each_rule_finds_what_breaks_it_and_nothing_else(contradicting: Bureau) -> None:
    rows = found_at(contradicting, 2)
    assert {(row["rule_id"], row["key"]) for row in rows} == {
        (rule, f"{decl(number)}{serial:03d}") for rule, number, serial in FOUND
    }
    assert {row["entity"] for row in rows} == {"certificate"}
    assert all(row["expected"] and row["found"] and row["line_no"] for row in rows)
    assert all(row["message_zh"] and row["message_en"] for row in rows)
    rules = contradicting.fetch("select rule_id from ref.rule where scope = 'build' and feed_code = 'F04'")
    assert {row["rule_id"] for row in rules} == {rule for rule, *_ in FOUND} | {"F04-volume-unusual"}


def test_findings_go_with_their_cause(contradicting: Bureau) -> None:
    assert found_at(contradicting, 3) == []


def test_a_finding_says_what_was_expected(contradicting: Bureau) -> None:
    said = {row["rule_id"]: (row["expected"], row["found"]) for row in found_at(contradicting, 2)}
    assert said["F04-hs_code-differs"] == ("that of a goods line, such as 8541402000", "6403190000")
    assert said["F04-cert_no-gap"] == ("002", "003")
    assert said["F04-valid_to-expired"] == ("used by 2010-06-08", "2010-06-09 10:00:00")
    assert said["F04-release-early"] == ("not before 2010-06-08 15:00:00", "2010-06-08 14:00:00")


def test_flags_say_the_same(contradicting: Bureau) -> None:
    flags = {
        "is_used_expired": 3, "has_other_hs_code": 4, "has_other_country": 5, "is_before_evaluation": 2,
        "is_without_evaluation": 14, "is_on_void_lot": 6,
    }  # fmt: skip
    rows = published_rows(contradicting.settings, "fct_certificate", as_of=2)
    for flag, number in flags.items():
        assert [row["cert_no"] for row in rows if row[flag]] == [f"{decl(number)}001"], flag
