"""Which held rows a coverage counts as open: those on which a person or a later delivery may still decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ciq.building import build
from ciq.database import connect
from ciq.indicators.period import Period
from ciq.loading import rejudge
from ciq.quality.decisions import Signature, held, reject_hold, release_holds
from ciq.reports.outstanding import read_outstanding
from ciq.reviewing.exposure import open_rows
from support.agreement import published_rows
from support.bureau import DAY, Bureau, rows_of

pytestmark = pytest.mark.slow

BOSS = Signature(by="王处长", reason="已电话核实 confirmed by telephone")
FIRST_HALF = Period(year=2010, last_day=date(2010, 6, 30))
LESS_THAN_TOLD = {"row_count": 5}
"""Of a manifest: what holds a delivery, and may be released."""

CORRECTED, OVERTAKEN, REJECTED, RELEASED = "320100", "320700", "320500", "320400"
WITHDRAWN, ABOVE, ABOVE_REJECTED = "320600", "320200", "320300"

Coverage = dict[str, tuple[int, int, int, int]]
"""Branch -> (received, held, deliveries held, rows held)."""


def decide(bureau: Bureau, branch: str, decision: Callable[..., object], *further: object) -> None:
    """Decide on the only delivery of the branch that is held."""
    with connect(bureau.settings, "auditor") as connection:
        (number,) = {hold.delivery_id for hold in held(connection) if hold.org_code == branch}
    decision(bureau.settings, number, *further, BOSS)
    assert not rejudge(bureau.settings, [number], run_ref="test").errors


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """Two publications: holds, and what became of them."""
    bureau = make_bureau("settled-holds")

    def send(branch: str, seq: int, rows: int, **manifest: object) -> None:
        bureau.deliver("F01", rows_of("F01", rows), branch=branch, seq=seq, **manifest)

    for branch in (CORRECTED, REJECTED, RELEASED, WITHDRAWN):
        send(branch, 1, 4, **LESS_THAN_TOLD)
    for branch in (ABOVE, ABOVE_REJECTED):
        send(branch, 1, 4)
        send(branch, 2, 3, **LESS_THAN_TOLD)
    send(OVERTAKEN, 2, 4)
    bureau.load()
    build(bureau.settings, "test")

    send(CORRECTED, 2, 4)
    send(OVERTAKEN, 1, 3, **LESS_THAN_TOLD)  # it comes late
    send(WITHDRAWN, 2, 4, status="3")
    send(WITHDRAWN, 3, 2, status="1")  # not audited yet
    bureau.load()
    decide(bureau, REJECTED, reject_hold)
    decide(bureau, ABOVE_REJECTED, reject_hold)
    decide(bureau, RELEASED, release_holds, ())
    build(bureau.settings, "test")
    return bureau


def coverage(bureau: Bureau, publication: int) -> Coverage:
    rows = published_rows(bureau.settings, "fct_coverage", as_of=publication)
    columns = ("received", "held", "deliveries_held", "rows_held")
    return {row["org_code"]: tuple(row[name] for name in columns) for row in rows}  # type: ignore[misc]


def test_rows_of_a_hold_are_open_until_it_is_settled(story: Bureau) -> None:
    before = {
        **dict.fromkeys((CORRECTED, REJECTED, RELEASED, WITHDRAWN), (0, 1, 1, 4)),
        **dict.fromkeys((ABOVE, ABOVE_REJECTED), (1, 0, 1, 3)),
        OVERTAKEN: (1, 0, 0, 0),
    }
    assert coverage(story, 1) == before
    assert coverage(story, 2) == {
        CORRECTED: (1, 0, 1, 0),
        OVERTAKEN: (1, 0, 1, 0),
        REJECTED: (0, 1, 1, 0),
        RELEASED: (1, 0, 0, 0),
        WITHDRAWN: (0, 1, 3, 2),
        ABOVE: (1, 0, 1, 3),
        ABOVE_REJECTED: (1, 0, 1, 0),
    }


def test_the_review_and_what_is_outstanding_say_the_same(story: Bureau) -> None:
    """`ciq outstanding` also lists what was withdrawn and rejected, with the rule that says so."""
    with connect(story.settings, "auditor") as connection:
        exposed = open_rows(connection, FIRST_HALF)["F01"].held
        listed = [one for one in read_outstanding(connection, DAY, DAY) if one.kind == "held"]
    assert exposed == sum(row[3] for row in coverage(story, 2).values()) == 5
    undecided = {(one.org_code, one.rows) for one in listed if "D-rejected" not in one.why}
    assert undecided >= {(ABOVE, 3), (WITHDRAWN, 2)}
    assert {one.org_code for one in listed} == {ABOVE, WITHDRAWN, REJECTED, ABOVE_REJECTED}
