"""Cases folded from their events: penalties, disputes, returns and notices, whatever the order in which they come."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ciq.building import build
from ciq.building.explain import explain
from ciq.building.fingerprint import fingerprint
from ciq.building.verify_bridge import verify_bridge
from ciq.building.verify_marts import verify_marts
from ciq.collecting.days import close_day
from ciq.database import connect
from support.bureau import GOOD, Bureau
from support.cases import complaint, complaint_no, corrected, penalty, penalty_no, review, taken_back, the
from support.grains import marts_whose_grain_refuses_nulls

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("CIQ_TEST_SEED", "7"))
CALIBRES = Path(__file__).parents[3] / "docs" / "calibres.md"
MARTS = {
    "fct_penalties", "fct_disputes", "fct_case_milestone", "fct_case_month_end", "fct_dispute_months",
    "fct_legal_return", "fct_monthly_summary", "fct_notice", "fct_unused_case_row",
}  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """One delivery: feed, business date (mm-dd), its rows."""

    feed: str
    day: str
    rows: Sequence[dict[str, str]]
    seq: int = 1
    branch: str = "320100"

    def to(self, bureau: Bureau) -> None:
        bureau.deliver(self.feed, self.rows, day=the(self.day), seq=self.seq, branch=self.branch)


RETURN = {**GOOD["N12"], "reconsiderations_filed": "1"}
TOTAL = GOOD["N01"]
LANDBRIDGE = {**TOTAL, "topic": "LANDBRIDGE", "lots": "7", "value_usd": "70.25"}
FULL = [
    penalty(1, 1, "FILED", "06-01"),
    penalty(1, 2, "DECIDED", "06-04", fine_cny="1000.00", confiscation_cny="50.00"),
    penalty(1, 3, "AMENDED", "06-05", fine_cny="800.00"),
    penalty(1, 4, "EXECUTED", "06-06", paid_cny="800.00"),
    penalty(1, 5, "CLOSED", "06-07"),
    penalty(1, 6, "EXECUTED", "06-08", paid_cny="50.00"),
]
FIRST = (
    Sent(
        "F10",
        "06-08",
        [
            *FULL,
            penalty(2, 1, "FILED", "06-02"),
            penalty(2, 2, "DECIDED", "06-03", fine_cny="70.00"),
            penalty(3, 2, "DECIDED", "06-08", fine_cny="30.00"),  # its FILED comes late, from another branch's office
            penalty(4, 1, "FILED", "06-08"),
            penalty(5, 1, "FILED", "06-08"),
        ],
    ),
    Sent(
        "F11",
        "06-08",
        [
            complaint(1, 1, "RECEIVED", "06-01"),
            complaint(1, 2, "ACCEPTED", "06-02", accept_flag="1"),
            complaint(2, 1, "ACCEPTED", "06-04", root_case_no=complaint_no(9)),  # the root is not there yet
        ],
    ),
    Sent("F12", "06-08", [review(1, 1, "FILED", "06-01"), review(2, 1, "FILED", "06-02", "SS")]),
    Sent("N12", "06-30", [RETURN]),
    Sent("N01", "06-30", [TOTAL, LANDBRIDGE]),
    Sent("F18", "06-08", [GOOD["F18"], {**GOOD["F18"], "notice_no": "AQSIQ-2010-002"}], branch="320000"),
)
SECOND = (
    # The decision on 2 is taken back, 5 as a whole; 3 has its first event; a D without its I waits.
    Sent(
        "F10",
        "07-02",
        [
            taken_back(penalty(2, 2, "DECIDED", "06-03", fine_cny="70.00")),
            penalty(3, 1, "FILED", "06-05", org_code="320500"),
            taken_back(penalty(5, 1, "FILED", "06-08")),
            taken_back(penalty(7, 1, "FILED", "06-08")),
            corrected(penalty(1, 6, "EXECUTED", "06-08"), paid_cny="60.00"),
        ],
    ),
    # The slice again, without 4.
    Sent("F10", "06-08", [row for row in FIRST[0].rows if row["case_no"] != penalty_no(4)], seq=2),
    # The root comes, from headquarters; 3 joins it by way of 2. 1 is closed, opened again, and closed; 4 is rejected
    # after it was opened again: neither open nor closed.
    Sent("F11", "06-09", [complaint(9, 1, "ACCEPTED", "06-03", org_code="320000")], branch="320000"),
    Sent(
        "F11",
        "07-02",
        [
            complaint(3, 1, "ACCEPTED", "06-06", root_case_no=complaint_no(2)),
            complaint(1, 3, "CLOSED", "06-20"),
            complaint(1, 4, "REOPENED", "06-30"),
            complaint(1, 5, "CLOSED", "07-02"),
            complaint(4, 1, "ACCEPTED", "06-10"),
            complaint(4, 2, "CLOSED", "06-20"),
            complaint(4, 3, "REOPENED", "07-01"),
            complaint(4, 4, "REJECTED", "07-02"),
        ],
    ),
    Sent("N12", "06-30", [corrected(RETURN, reconsiderations_filed="2")], seq=2),
    Sent("N01", "06-30", [corrected(LANDBRIDGE, lots="8"), TOTAL, taken_back(TOTAL)], seq=2),
    Sent("F18", "06-09", [taken_back(GOOD["F18"])], branch="320000"),
)
MONTH_ENDS = ("06-30", "07-31")


def close(bureau: Bureau, *days: str) -> None:
    with connect(bureau.settings, "loader", autocommit=True) as connection:
        for day in days:
            close_day(connection, the(day), run_ref="test")


def send(bureau: Bureau, *sent: Sent) -> None:
    for delivery in sent:
        delivery.to(bureau)
    bureau.load()


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Two publications: what came first with the month end of June, and what came later with that of July."""
    bureau = make_bureau("cases")
    for sent, month_end in zip((FIRST, SECOND), MONTH_ENDS, strict=True):
        send(bureau, *sent)
        close(bureau, month_end)
        build(bureau.settings, "test")
    left = bureau.fetch("select rule_ids, raw_text from quarantine.rejected_row")
    held = bureau.fetch("select * from audit.verdict where verdict = 'held'")
    assert (left, held) == ([], []), "the story is of good rows"
    return bureau


def rows(bureau: Bureau, query: str, as_of: int = 2) -> list[tuple[Any, ...]]:
    with connect(bureau.settings, "auditor") as connection:
        connection.execute(f"set ciq.as_of = '{as_of}'".encode())
        return connection.execute(query.encode()).fetchall()


def case(bureau: Bureau, number: int, columns: str, as_of: int = 2) -> tuple[Any, ...]:
    query = f"select {columns} from published.fct_penalties where case_no = '{penalty_no(number)}'"
    (row,) = rows(bureau, query, as_of)
    return row


def matter(bureau: Bureau, number: str, columns: str, as_of: int = 2) -> tuple[Any, ...]:
    (row,) = rows(bureau, f"select {columns} from published.fct_disputes where matter_no = '{number}'", as_of)
    return row


COUNTED = "cases_filed, cases_decided, cases_closed, fine_cny, paid_cny"
DATES = "filed_date, decided_date, closed_date"


def test_a_penalty_from_filing_to_closing(story: Bureau) -> None:
    assert case(story, 1, COUNTED, 1) == (1, 1, 1, 800, 850)
    assert case(story, 1, COUNTED) == (1, 1, 1, 800, 860), "a payment is corrected"
    assert case(story, 1, DATES) == (the("06-01"), the("06-04"), the("06-07"))
    assert case(story, 1, "confiscation_cny, state, events, org_id") == (50, "EXECUTED", 6, "320100")


def test_a_decision_that_is_taken_back(story: Bureau) -> None:
    assert case(story, 2, COUNTED, 1) == (1, 1, 0, 70, 0)
    assert case(story, 2, COUNTED) == (1, 0, 0, 0, 0)
    assert case(story, 2, "state, decided_date, is_void") == ("FILED", None, False)


def test_a_first_event_that_comes_late_moves_the_case_to_its_branch(story: Bureau) -> None:
    assert case(story, 3, "org_id, cases_filed, cases_decided, filed_date", 1) == ("320100", 0, 1, None)
    assert case(story, 3, "org_id, cases_filed, cases_decided, filed_date") == ("320500", 1, 1, the("06-05"))


def test_a_case_that_its_slice_has_no_longer_vanishes_and_one_taken_back_stays_void(story: Bureau) -> None:
    numbers = "select right(case_no, 1) from published.fct_penalties order by 1"
    assert [number for (number,) in rows(story, numbers, 1)] == list("12345")
    assert [number for (number,) in rows(story, numbers)] == list("1235")
    assert case(story, 5, f"is_void, filed_date, events, {COUNTED}") == (True, the("06-08"), 0, 0, 0, 0, 0, 0)


def test_a_matter_is_counted_once_under_its_root(story: Bureau) -> None:
    assert matter(story, complaint_no(9), "cases, org_id, accepted_date", 1) == (1, "320100", the("06-04"))
    assert matter(story, complaint_no(9), "cases, org_id, accepted_date") == (3, "320000", the("06-03"))
    assert rows(story, "select sum(complaints_accepted) from published.fct_disputes") == [(3,)]
    linked = "select distinct right(case_no, 1) from published.fct_case_milestone where matter_no = '{}' order by 1"
    assert rows(story, linked.format(complaint_no(9))) == [("2",), ("3",), ("9",)]


def test_disputes_have_one_measure_each(story: Bureau) -> None:
    sums = "sum(complaints_accepted), sum(reports_accepted), sum(reconsiderations_filed), sum(lawsuits_filed)"
    assert rows(story, f"select {sums} from published.fct_disputes") == [(3, 0, 1, 1)]
    assert matter(story, complaint_no(1), "is_closed, closed_date, state") == (True, the("07-02"), "CLOSED")
    assert matter(story, complaint_no(1), "is_closed, closed_date, state", 1) == (False, None, "ACCEPTED")


def test_month_ends_are_told_by_the_days_of_events(story: Bureau) -> None:
    query = """select to_char(month_end, 'MM-DD'), substr(case_no, 7, 2) || right(case_no, 1), state
        from published.fct_case_month_end where case_kind = 'COMPLAINT' or case_no like '%CF%' order by 1, 2"""
    june = [("06-30", "CF2", "DECIDED"), ("06-30", "CF4", "FILED"), ("06-30", "CF5", "FILED")]
    complaints = [("06-30", "TS1", "ACCEPTED"), ("06-30", "TS2", "ACCEPTED")]
    assert rows(story, query, 1) == [*june, *complaints], "case 3 has no FILED yet, case 1 is closed"
    of_june = [("CF2", "FILED"), ("CF3", "DECIDED"), ("TS1", "REOPENED"), ("TS2", "ACCEPTED"), ("TS3", "ACCEPTED")]
    later = [name for name in of_june if name[0] != "TS1"]
    assert rows(story, query) == [
        *(("06-30", *known) for known in [*of_june, ("TS9", "ACCEPTED")]),
        *(("07-31", *known) for known in [*later, ("TS9", "ACCEPTED")]),
    ], "what came in July tells of June, too"


def test_branches_have_their_months_without_days_and_numbers(story: Bureau) -> None:
    query = """select org_id, to_char(month_end, 'MM-DD'), matters_accepted, matters_closed, matters_open
        from published.fct_dispute_months where case_kind = 'COMPLAINT' order by 1, 2"""
    assert rows(story, query, 1) == [("320100", "06-30", 2, 0, 2)]
    assert rows(story, query) == [
        ("320000", "06-30", 1, 0, 1),
        ("320000", "07-31", 0, 0, 1),
        ("320100", "06-30", 2, 0, 1),
        ("320100", "07-31", 0, 1, 0),
    ]


def test_complaints_closed_of_those_accepted_in_the_year(story: Bureau) -> None:
    """Q6: the documented query asks for the state on the last day by valid time; here on two days of the year."""
    (query,) = re.findall(r"```sql\n(with states as.*?)```", CALIBRES.read_text(encoding="utf-8"), re.DOTALL)
    assert query.count("2010-12-31") == 2

    def closed_by(day: str, what: str = "count(*)") -> list[tuple[Any, ...]]:
        asked = query.replace("2010-12-31", day).replace("count(*)", what)
        return rows(story, re.sub(r"\b(from|join) fct_", r"\1 published.fct_", asked))

    name = "right(matter_no, 1)"
    assert closed_by("2010-06-30", name) == [("4",)], "1 was opened again on that day"
    assert closed_by("2010-07-31", name) == [("1",)], "4 was closed, but opened again and rejected"
    now = "select count(*) from published.fct_disputes where complaints_accepted = 1 and is_closed"
    assert closed_by("2010-07-31") == rows(story, now) == [(1,)]


def test_returns_and_notices(story: Bureau) -> None:
    query = "select month_end, org_id, reconsiderations_filed, lawsuits_filed, is_void from published.fct_legal_return"
    assert rows(story, query, 1) == [(the("06-30"), "320100", 1, 0, False)]
    assert rows(story, query) == [(the("06-30"), "320100", 2, 0, False)]
    query = "select topic, ie_flag, org_id, lots, value_usd, is_void from published.fct_monthly_summary order by 1"
    assert rows(story, query, 1) == [
        ("LANDBRIDGE", "E", "320100", 7, Decimal("70.25"), False),
        ("TOTAL", "E", "320100", 120, Decimal("1000.50"), False),
    ]
    assert rows(story, query) == [
        ("LANDBRIDGE", "E", "320100", 8, Decimal("70.25"), False),
        ("TOTAL", "E", "320100", None, None, True),
    ]
    query = "select notice_no, is_void, notices from published.fct_notice order by 1"
    assert rows(story, query) == [("AQSIQ-2010-001", True, 0), ("AQSIQ-2010-002", False, 1)]


def test_rows_that_no_fact_shows(story: Bureau) -> None:
    query = """select feed_code, right(key, 1), item, fate, reason, value_orig from published.fct_unused_case_row
        order by 1, 2, 3, 4"""
    assert rows(story, query) == [
        ("F10", "1", "6", "superseded", "later_record", 0),
        ("F10", "2", "2", "superseded", "later_record", 70),
        ("F10", "2", "2", "void", "taken_back", 70),
        ("F10", "5", "1", "superseded", "later_record", 0),
        ("F10", "5", "1", "void", "taken_back", 0),
        ("F10", "7", "1", "waiting", "void_without_record", 0),
        ("F18", "1", None, "superseded", "later_record", None),
        ("N01", "0", "2010-06-30 TOTAL E", "superseded", "later_record", None),
    ]
    waiting = "select sum(rows_waiting) from published.fct_coverage where feed_code = 'F10'"
    assert rows(story, waiting) == [(1,)]


def test_fines_as_received_are_current_or_the_bridge_says_where_they_went(story: Bureau) -> None:
    sums = "select {} from published.bridge_penalties"
    (total,) = story.fetch(sums.format("sum(value_received) as received, sum(value_current) as current"))
    received = story.fetch(
        "select sum(received) as received from audit.verdict_value join audit.verdict using (verdict_id)"
        " join audit.delivery using (delivery_id) where feed_code = 'F10'"
    )
    assert total["received"] == received[0]["received"]
    assert 0 < total["current"] < total["received"], "what was taken back or superseded is not current"
    steps = " - ".join(f"value_{step}" for step in ("received", "held", "superseded", "quarantined", "waiting", "void"))
    assert story.fetch(f"select * from published.bridge_penalties where {steps} <> value_current") == []


def test_every_invariant_holds(story: Bureau) -> None:
    assert rows(story, "select count(*), sum(rows_void) from published.delivery_balance where is_balanced") == [(13, 4)]
    checks = (*verify_marts(story.settings), *verify_bridge(story.settings))
    assert [str(breach) for check in checks for breach in check.breaches] == []


def test_a_monthly_return_is_due_and_shows_when_it_is_missing(story: Bureau) -> None:
    query = """select sum(due), sum(received), sum(missing) from published.fct_coverage
        where feed_code = 'N12' and business_date = '2010-06-30'"""
    assert rows(story, query) == [(20, 1, 19)]


def test_branches_read_their_penalties_and_months_and_no_dispute(story: Bureau) -> None:
    query = """select relname from pg_class where relnamespace = 'published'::regnamespace
        and has_table_privilege('ciq_branch_reader', oid, 'select')"""
    readable = {name for (name,) in rows(story, query)}
    assert readable & MARTS == {
        "fct_penalties", "fct_dispute_months", "fct_legal_return", "fct_monthly_summary", "fct_notice",
    }  # fmt: skip


def test_no_column_of_a_grain_is_null(story: Bureau) -> None:
    assert marts_whose_grain_refuses_nulls(story) >= MARTS


@pytest.mark.parametrize(
    ("table", "key", "source"),
    [
        ("fct_penalties", {"case_no": penalty_no(1)}, ("DECIDED", "F10_320100_20100608_02.csv", 3)),
        ("fct_penalties", {"case_no": penalty_no(5)}, ("void (taken_back)", "F10_320100_20100702_01.csv", 4)),
        ("fct_disputes", {"matter_no": complaint_no(9)}, ("ACCEPTED", "F11_320000_20100609_01.csv", 2)),
        ("fct_disputes", {"matter_no": complaint_no(9)}, ("F11-received-missing", "F11_320000_20100609_01.csv", 2)),
        ("fct_dispute_months", {"month_end": "2010-07-31"}, ("REOPENED", "F11_320100_20100702_01.csv", 4)),
        ("fct_legal_return", {"org_code": "320100"}, ("return", "N12_320100_20100630_02.csv", 2)),
        ("fct_monthly_summary", {"topic": "TOTAL", "ie_flag": "E"}, ("void", "N01_320100_20100630_02.csv", 4)),
        ("fct_monthly_summary", {"topic": "LANDBRIDGE"}, ("summary", "N01_320100_20100630_02.csv", 2)),
        ("fct_notice", {"notice_no": "AQSIQ-2010-001"}, ("void", "F18_320000_20100609_01.csv", 2)),
    ],
)
def test_explain_leads_to_file_and_line(
    story: Bureau, table: str, key: dict[str, str], source: tuple[str, str, int]
) -> None:
    found = explain(story.settings, table, key)
    assert found.rows
    assert found.records_total == len(found.records) > 0
    said, file, line = source
    assert [s for s in found.sources if said in s.role and (s.file, s.line) == (file, line)]


@pytest.mark.parametrize("number", range(2))
def test_any_order_of_arrival_publishes_the_same(
    story: Bureau, make_bureau: Callable[[str], Bureau], number: int
) -> None:
    """CIQ_TEST_SEED=n tries other orders."""
    random = Random(f"{SEED} {number}")
    order = random.sample(FIRST + SECOND, len(FIRST + SECOND))
    closed = random.sample(MONTH_ENDS, len(MONTH_ENDS))
    cut = random.randint(1, len(order) - 1)
    bureau = make_bureau(f"cases-shuffled-{number}")
    for sent, day in zip((order[:cut], order[cut:]), closed, strict=True):
        close(bureau, day)
        send(bureau, *sent)
        build(bureau.settings, "test")
    assert fingerprint(bureau.settings) == fingerprint(story.settings)


def test_a_rejected_row_that_comes_no_more_is_open_no_more(make_bureau: Callable[[str], Bureau]) -> None:
    """Law 3: a build between the reject and the delivery without its case changes nothing of what is said at last."""
    sent = (
        Sent("F10", "06-01", [penalty(1, 1, "FILED", "06-01"), penalty(2, 1, "FILED", "06-01")]),
        Sent(
            "F10", "06-02", [corrected(penalty(1, 1, "FILED", "06-01"), fine_cny="?"), penalty(3, 1, "FILED", "06-02")]
        ),
        Sent("F10", "06-02", [penalty(3, 1, "FILED", "06-02")], seq=2),
    )
    stepwise, at_once = make_bureau("rejects-stepwise"), make_bureau("rejects-at-once")
    for delivery in sent:
        send(stepwise, delivery)
        build(stepwise.settings, "test")
        if delivery is sent[1]:
            assert case(stepwise, 1, "has_open_quarantine", 2) == (True,)
    send(at_once, *sent)
    build(at_once.settings, "test")
    assert case(stepwise, 1, "has_open_quarantine", 3) == case(at_once, 1, "has_open_quarantine", 1) == (False,)
    assert fingerprint(stepwise.settings) == fingerprint(at_once.settings)
