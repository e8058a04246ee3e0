"""Laws 1 to 3 at the ledger: whatever the order and the grouping of arrival, and wherever a load is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from support.bureau import Bureau, rows_of

Step = Callable[[Bureau], object]
NEXT_DAY = date(2010, 6, 9)
PERSON = {"party_type": "PERSON", "party_code": "320102197001011234", "party_name": "李四光"}


def broken(feed: str, count: int, **cells: str) -> list[dict[str, str]]:
    """Good rows of which the second is not."""
    rows = rows_of(feed, count)
    rows[1] |= cells
    return rows


DELIVERIES: tuple[Step, ...] = (
    lambda b: b.deliver("F01", broken("F01", 30, ie_flag="X"), seq=1),
    lambda b: b.deliver("F01", rows_of("F01", 28), seq=2),
    lambda b: b.deliver("F01", rows_of("F01", 28), seq=3, status="0"),
    lambda b: b.deliver("F02", broken("F02", 30, hs_code="123"), seq=1),
    lambda b: b.deliver("F03", rows_of("F03", 30), seq=1, sha256="0" * 64),
    lambda b: b.deliver("F01", rows_of("F01", 5), seq=1, day=NEXT_DAY),
    lambda b: b.deliver("F01", rows_of("F01", 5), seq=2, day=NEXT_DAY, status="3"),
    lambda b: b.deliver("F01", rows_of("F01", 4, total_value="-1"), seq=1, branch="320500"),
    lambda b: b.deliver("F10", [row | PERSON for row in broken("F10", 6, cause_code="X")], seq=1),
    lambda b: b.deliver("F10", rows_of("F10", 5, **PERSON), seq=2),
)
"""Corrected, held, withdrawn, broken: every kind of thing that a bureau may send."""

STATE = {
    "winners": """select feed_code, org_code, business_date, v.place, v.rows, v.digest
        from audit.slice_winner w
        join audit.slice_version v using (feed_code, org_code, business_date, slice_version_id)
        order by 1, 2, 3""",
    "verdicts": """select d.place, d.feed_code, d.org_code, v.verdict, v.hold_rules, v.rows_received, v.rows_accepted,
        v.rows_quarantined, v.rows_held
        from audit.verdict v join audit.delivery d using (delivery_id) order by 1, 2, 3""",
    "values": """select d.place, x.currency, x.received, x.accepted, x.quarantined, x.held
        from audit.verdict_value x join audit.verdict using (verdict_id) join audit.delivery d using (delivery_id)
        order by 1, 2""",
    "quarantine": """select d.place, q.line_no, q.rule_ids, q.cells, q.raw, q.state
        from quarantine.rejected_row q join audit.delivery d using (delivery_id) order by 1, 2""",
}


def state(bureau: Bureau) -> dict[str, list[dict[str, Any]]]:
    """What the ledger says, without numbers and times that depend on when it was said."""
    return {name: bureau.fetch(query) for name, query in STATE.items()}


def arrive(bureau: Bureau, groups: Sequence[Sequence[Step]]) -> dict[str, list[dict[str, Any]]]:
    for group in groups:
        for step in group:
            step(bureau)
        bureau.load()
    return state(bureau)


@pytest.fixture(scope="module")
def reference(prepared: str, make_settings: Callable[..., Any]) -> dict[str, list[dict[str, Any]]]:
    """All at once, in the senders' order."""
    return arrive(Bureau(make_settings("laws-reference", template=prepared)), [DELIVERIES])


def test_the_reference_holds_every_kind(reference: dict[str, list[dict[str, Any]]]) -> None:
    assert {v["verdict"] for v in reference["verdicts"]} == {"accepted", "held"}
    assert {q["state"] for q in reference["quarantine"]} == {"open", "superseded"}
    assert len(reference["winners"]) == 4


@hypothesis_settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(DELIVERIES), cuts=st.sets(st.integers(1, len(DELIVERIES) - 1), max_size=3))
def test_any_order_and_any_grouping_give_the_same_ledger(
    make_bureau: Callable[[], Bureau],
    reference: dict[str, list[dict[str, Any]]],
    order: list[Step],
    cuts: set[int],
) -> None:
    edges = [0, *sorted(cuts), len(order)]
    groups = [order[low:high] for low, high in pairwise(edges)]
    assert arrive(make_bureau(), groups) == reference


KILLED_LOADER = textwrap.dedent(
    """
    import os, signal, sys
    import psycopg
    from ciq.loading import Claim, load
    from ciq.settings import get_settings

    statements, fatal = 0, int(sys.argv[1])
    execute = psycopg.Cursor.execute

    def counted(self, *args, **kwargs):
        global statements
        statements += 1
        if statements == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *args, **kwargs)

    psycopg.Cursor.execute = counted
    load(get_settings(), Claim(), run_ref="doomed")
    print("finished", statements)
    """
)


def start_doomed(bureau: Bureau, fatal: int) -> subprocess.Popen[str]:
    """Run the loader in its own process and kill it in front of its `fatal`th statement; 0: let it live."""
    environment = {
        **os.environ, "CIQ_HOME": str(bureau.settings.home), "CIQ_WAREHOUSE_URL": str(bureau.settings.warehouse_url)
    }  # fmt: skip
    command = [sys.executable, "-c", KILLED_LOADER, str(fatal)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_doomed(bureau: Bureau, fatal: int) -> tuple[int, str]:
    """Exit code and output of a loader, see `start_doomed`."""
    process = start_doomed(bureau, fatal)
    out, error = process.communicate(timeout=300)
    return process.returncode, out or error


def some_deliveries(bureau: Bureau) -> None:
    for step in DELIVERIES[:2]:
        step(bureau)
    bureau.collect()


def test_a_loader_killed_before_any_of_its_statements_leaves_no_trace(make_bureau: Callable[[], Bureau]) -> None:
    """Law 2: each killed run is followed by another one that gets further; the last ends like one clean run."""
    clean = make_bureau()
    some_deliveries(clean)
    code, said = run_doomed(clean, 0)
    assert code == 0, said
    total = int(said.split()[-1])
    expected = state(clean)
    bureau = make_bureau()
    some_deliveries(bureau)
    for fatal in range(3, total, max(1, total // 5)):
        code, said = run_doomed(bureau, fatal)
        assert code == -signal.SIGKILL, said
        kept = len(bureau.fetch("select 1 from audit.verdict"))
        assert kept in (0, 2), f"killed at statement {fatal}: one of two verdicts stayed"
    bureau.load()
    assert state(bureau) == expected
    assert bureau.fetch("select tablename from pg_tables where schemaname = 'raw'") == []
    assert {r["state"] for r in bureau.fetch("select state from audit.load")} == {"finished", "abandoned"}


def test_two_loaders_at_once_give_each_delivery_one_verdict(bureau: Bureau) -> None:
    some_deliveries(bureau)
    loaders = [start_doomed(bureau, 0) for _ in range(2)]
    for loader in loaders:
        _, error = loader.communicate(timeout=300)
        assert loader.returncode == 0, error
    assert len(bureau.fetch("select 1 from audit.verdict")) == 2
    assert len(bureau.fetch("select 1 from audit.slice_version")) == 2
