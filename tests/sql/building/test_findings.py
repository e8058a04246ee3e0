"""Findings come with their cause and go with it, whatever the order in which deliveries arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest

from ciq.building.explain import explain
from support.agreement import published_rows
from support.bureau import Bureau, rows_of
from support.hard_cases import Cells, corrected, decl, evaluation, header, line, of, void
from support.history import NONCONFORMING, TUESDAY, WEDNESDAY, Step, load_and_build
from support.oracle.reference import is_workday

pytestmark = pytest.mark.slow

Finding = tuple[str, str, int | None]


def send(feed: str, rows: Sequence[Cells], **manifest: object) -> Step:
    return lambda bureau: bureau.deliver(feed, rows, **manifest)  # type: ignore[arg-type]


# --- one branch contradicts itself ---------------------------------------------------------------------------------

AT_NIGHT = {"op_time": "2010-06-08 23:00:00"}
GOOD_HEADERS = [header(n) for n in (1, 2, 3, 4)]
GOOD_LINES = [line(n) for n in (1, 2, 3, 4)]
GOOD_EVALUATIONS = [evaluation(1), evaluation(2), evaluation(3, **NONCONFORMING), evaluation(4)]
FIRST: Sequence[Step] = (
    send("F01", GOOD_HEADERS),
    send("F02", GOOD_LINES),
    send("F03", GOOD_EVALUATIONS),
)
CONTRADICTING: Sequence[Step] = (
    send("F01", [of("320500", corrected(header(1), 2))], branch="320500", day=WEDNESDAY),
    send(
        "F01",
        [
            {**void(header(2), 2), "op_time": "2010-06-08 12:00:00", "void_reason": "x", "void_approver": "a1b2c3d4"},
            {**void(header(3), 2), **AT_NIGHT, "void_reason": "x", "void_approver": "a1b2c3d4"},
            {**void(header(98), 1), "void_reason": "x", "void_approver": "a1b2c3d4"},
            header(5, status="REL"),
            header(6, ie_flag="I", decl_type="11", fee_officer="c3d4e5f6", cashier="c3d4e5f6"),
        ],
        day=WEDNESDAY,
    ),
    send(
        "F02",
        [line(1), corrected(line(4), 3), line(5), line(5), line(6), void(line(97), 1)],
        day=WEDNESDAY,
    ),
    send(
        "F03",
        [
            corrected(evaluation(1, 3), 2),
            corrected(evaluation(4), 3),
            evaluation(6, dispatch_time="2010-06-08 09:00:00"),
            void(evaluation(96), 1),
        ],
        day=WEDNESDAY,
    ),
)
CONTRADICTIONS: set[Finding] = {
    ("F01-decl_no-reused", decl(1), 0),
    ("F03-void-evaluated", decl(2), 1),
    ("F03-void-nonconforming", decl(3), 1),
    ("F01-void-unknown", decl(98), 0),
    ("F01-status-unevaluated", decl(5), 0),
    ("F01-decl_no-direction", decl(6), 0),
    ("F01-duty-same_person", decl(6), 0),
    ("F03-time-order", decl(6), 1),
    ("F02-version-duplicate", decl(1), 0),
    ("F02-version-gap", decl(4), 0),
    ("F02-goods_no-duplicate", decl(5), 1),
    ("F02-void-unknown", decl(97), 1),
    ("F03-eval_seq-gap", decl(1), 3),
    ("F03-version-gap", decl(1), 3),
    ("F03-version-gap", decl(4), 1),
    ("F03-void-unknown", decl(96), 1),
}
TAKEN_BACK: Sequence[Step] = (
    send("F01", [], branch="320500", day=WEDNESDAY, seq=2),
    *(send(feed, [], day=WEDNESDAY, seq=2) for feed in ("F01", "F02", "F03")),
)


# --- another delivers more and less --------------------------------------------------------------------------------

SATURDAY = date(2010, 6, 19)
WORKDAYS = tuple(islice((day for n in range(40) if is_workday(day := TUESDAY + timedelta(days=n))), 12))
"""A make-up weekend among them, and no holiday."""
*HISTORY, LOW_DAY, NEXT_DAY = WORKDAYS
assert date(2010, 6, 12) in HISTORY
assert date(2010, 6, 16) not in WORKDAYS
assert len(HISTORY) == 10


def volume(rows: int, day: date, seq: int = 1) -> Step:
    sent = [of("320200", row) | {"decl_no": f"3202002101{n:05d}"} for n, row in enumerate(rows_of("F01", rows))]
    return send("F01", sent, branch="320200", day=day, seq=seq)


VOLUMES: Sequence[Step] = (
    *(volume(40, day) for day in HISTORY),
    volume(10, LOW_DAY),
    volume(40, NEXT_DAY),
    volume(10, SATURDAY),
)
SMALLER_HISTORY: Sequence[Step] = tuple(volume(12, day, seq=2) for day in HISTORY[:6])


# --- one story, and the same shuffled ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Three publications: before the contradictions, with them and a smaller history, and without them again."""
    bureau = make_bureau("findings")
    for steps in ([*FIRST, *VOLUMES], [*CONTRADICTING, *SMALLER_HISTORY], TAKEN_BACK):
        load_and_build(bureau, *steps)
    return bureau


def rows_at(bureau: Bureau, number: int) -> list[dict[str, Any]]:
    """Findings as published under a number, without the ledger's own numbers."""
    rows = published_rows(bureau.settings, "fct_finding", as_of=number)
    return sorted(
        ({name: row[name] for name in row if name not in ("slice_version_id", "delivery_id")} for row in rows), key=repr
    )


def contradictions_at(bureau: Bureau, number: int) -> set[Finding]:
    rows = rows_at(bureau, number)
    return {(r["rule_id"], r["decl_no"], r["item_no"]) for r in rows if r["sender_org"] != "320200"}


def volumes_at(bureau: Bureau, number: int) -> list[dict[str, Any]]:
    return [row for row in rows_at(bureau, number) if row["rule_id"] == "F01-volume-unusual"]


def test_contradictions_are_found_and_go_with_their_cause(story: Bureau) -> None:
    assert contradictions_at(story, 1) == set()
    assert contradictions_at(story, 2) == CONTRADICTIONS
    assert contradictions_at(story, 3) == set()


def test_a_finding_says_what_was_expected_and_names_the_line(story: Bureau) -> None:
    rows = story.fetch(
        "select it.rule_id, it.expected, it.found, it.line_no, d.data_name from marts.fct_finding it"
        " join audit.delivery d using (delivery_id) where it.known_from_no = 2 and it.sender_org <> '320200'"
    )
    said = {row["rule_id"]: (row["expected"], row["found"], row["line_no"], row["data_name"]) for row in rows}
    assert said["F01-decl_no-reused"] == (
        "sender, direction and applicant 320100 E 3201000017",
        "320500 E 3201000017",
        2,
        "F01_320500_20100609_01.csv",
    )
    assert said["F02-version-gap"] == ("2", "3", 3, "F02_320100_20100609_01.csv")
    assert said["F03-void-evaluated"][1] == "2010-06-08 15:00:00"
    assert all(expected and found for expected, found, *_ in said.values())
    assert all(row["message_zh"] and row["message_en"] for row in rows_at(story, 2))


def test_a_volume_is_measured_by_the_workdays_before(story: Bureau) -> None:
    """A day of too little history has no finding, nor has a Saturday."""
    (row,) = volumes_at(story, 1)
    assert (row["sender_org"], row["business_date"], row["found"]) == ("320200", LOW_DAY, "10 records")
    assert row["expected"] == "14 to 120 records: the median of 10 workdays before is 40"
    assert (row["severity"], row["decl_no"], row["line_no"]) == ("warning", None, None)


def test_a_neighbouring_day_that_is_delivered_again_moves_the_finding(story: Bureau) -> None:
    (row,) = volumes_at(story, 2)
    assert (row["business_date"], row["found"]) == (NEXT_DAY, "40 records")
    assert row["expected"] == "4 to 36 records: the median of 11 workdays before is 12"
    assert volumes_at(story, 3) == [row]


def test_order_and_grouping_change_no_finding(story: Bureau, make_bureau: Callable[[str], Bureau]) -> None:
    steps = [*FIRST, *VOLUMES, *CONTRADICTING, *SMALLER_HISTORY]
    shuffled = make_bureau("findings-shuffled")
    Random(5).shuffle(steps)
    load_and_build(shuffled, *steps[::2])
    load_and_build(shuffled, *steps[1::2])
    assert rows_at(shuffled, 2) == rows_at(story, 2)


def test_explain_shows_the_findings_of_a_lot_and_takes_those_of_a_slice(story: Bureau) -> None:
    decl_no = "320200210100000"
    sources = explain(story.settings, "fct_inspection_lot", {"decl_no": decl_no}).sources
    told = [(source.role.partition(" (")[0], source.line) for source in sources if source.business_date == NEXT_DAY]
    assert ("finding F01-version-duplicate", 2) in told
    of_slice = explain(story.settings, "fct_finding", {"rule_id": "F01-volume-unusual"})
    assert (len(of_slice.rows), of_slice.lots_total) == (1, 0)


def test_no_column_of_the_grain_of_slice_findings_is_null(story: Bureau) -> None:
    rows = story.fetch(
        "select a.attname, a.attnotnull from pg_index i join pg_attribute a"
        " on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
        " where i.indexrelid = 'marts.fct_slice_finding_grain'::regclass"
    )
    assert {row["attname"]: row["attnotnull"] for row in rows} == dict.fromkeys(
        ("rule_id", "feed_code", "sender_org", "business_date"), True
    )
