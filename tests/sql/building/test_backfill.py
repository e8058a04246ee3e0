"""Backfills on a real warehouse: the plan is the ledger's, the result that of a daily load, and what moved is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ciq.backfilling import (
    Backfill,
    BackfillRefusedError,
    BackfillReport,
    Request,
    begin,
    fetch,
    finish,
    list_backfills,
    load_group,
    load_groups,
    plan,
    publish,
    read_backfill,
)
from ciq.building import build
from ciq.building.fingerprint import fingerprint
from ciq.collecting.branches import branch_endpoints, configured_endpoints, delivering_branches
from ciq.collecting.days import close_day
from ciq.database import connect
from ciq.ledger.events import first_broken_event
from ciq.settings import Settings
from ciq.verifying.backfills import backfills_as_logged
from support.bureau import Bureau
from support.history import DELIVERIES, TUESDAY, WEDNESDAY, evaluation, header, line, load_and_build

pytestmark = pytest.mark.slow

RANGE: dict[str, Any] = {"first": TUESDAY, "last": WEDNESDAY}


def asked(**fields: Any) -> Request:
    return Request(**{**RANGE, "reason": "disk was full", **fields})


def started(bureau: Bureau, run_ref: str = "run", **fields: Any) -> Backfill:
    return begin(bureau.settings, asked(**fields), run_ref=run_ref, requested_by="wang")


def run(bureau: Bureau, run_ref: str = "run", **fields: Any) -> BackfillReport:
    """All steps, as the command line and the DAG take them."""
    backfill = started(bureau, run_ref, **fields)
    if backfill.request.mode == "fetch":
        with connect(bureau.settings, "loader") as connection:
            branches = delivering_branches(connection)
        endpoints = branch_endpoints(branches, configured_endpoints(bureau.settings), demand_all=False)
        assert not fetch(bureau.settings, backfill, endpoints).failed
    for group in load_groups(bureau.settings, backfill.request):
        assert not load_group(bureau.settings, backfill, group).errors
    publish(bureau.settings, backfill)
    return finish(bureau.settings, backfill)


def states(bureau: Bureau, **fields: Any) -> dict[tuple[str, str, str], tuple[str, str]]:
    """(branch, feed, day) -> (state, action) of what is planned, missing slices of others left out."""
    return {
        (one.org_code, one.feed_code, str(one.business_date)): (one.state, one.action)
        for one in plan(bureau.settings, asked(**fields)).slices
        if one.deliveries or one.org_code == "320100"
    }


@pytest.fixture(scope="module")
def expected(make_bureau: Callable[[str], Bureau]) -> dict[str, str]:
    """The fingerprint of the history loaded by a plain load, both days closed."""
    bureau = make_bureau("plain")
    for step in DELIVERIES:
        step(bureau)
    bureau.load()
    with connect(bureau.settings, "loader", autocommit=True) as connection:
        for day in (TUESDAY, WEDNESDAY):
            close_day(connection, day, run_ref="test")
    build(bureau.settings, "test")
    return fingerprint(bureau.settings)


def test_the_plan_is_what_the_ledger_says(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("plan")
    load_and_build(
        bureau,
        lambda b: b.deliver("F01", [header(1), header(2, currency="XXQ")]),
        lambda b: b.deliver("F02", [line(1)], status="0"),
        lambda b: b.deliver("F01", [], branch="320500"),
    )
    bureau.deliver("F01", [header(3)], day=WEDNESDAY)
    bureau.load()  # accepted, not built
    bureau.deliver("F03", [evaluation(1)], branch="320500")
    bureau.collect()  # registered, not judged
    tuesday, wednesday = str(TUESDAY), str(WEDNESDAY)
    before = bureau.fetch("select count(*) from audit.event")
    found = states(bureau)
    assert {key: found[key] for key in found if key[1] in ("F01", "F02", "F03")} == {
        ("320100", "F01", tuesday): ("published", "nothing"),
        ("320100", "F02", tuesday): ("held", "nothing"),
        ("320100", "F03", tuesday): ("missing", "fetch"),
        ("320500", "F01", tuesday): ("nil", "nothing"),
        ("320500", "F03", tuesday): ("registered", "load"),
        ("320100", "F01", wednesday): ("accepted", "build"),
        ("320100", "F02", wednesday): ("missing", "fetch"),
        ("320100", "F03", wednesday): ("missing", "fetch"),
    }
    landing = states(bureau, mode="landing", feeds=["F01"], branches=["320100"])
    assert landing == {
        ("320100", "F01", tuesday): ("published", "judge again"),
        ("320100", "F01", wednesday): ("accepted", "judge again"),
    }
    assert states(bureau, mode="marts")["320100", "F01", tuesday] == ("published", "rebuild")
    (one,) = plan(bureau.settings, asked(last=TUESDAY, branches=["320100"], feeds=["F01"])).slices
    assert (one.published_file, one.rows, one.rows_quarantined) == ("F01_320100_20100608_01.csv", 1, 1)
    whole = plan(bureau.settings, asked(feeds=["F01", "F02", "F03"]))
    assert len(whole.slices) == sum(whole.counts.values()) == 20 * 3 * 2
    assert len(whole.open_slices) == 20 * 3 * 2 - 2, "two slices of those that are due are published"
    assert bureau.fetch("select count(*) from audit.event") == before, "a plan changes nothing"


def test_a_slice_that_was_withdrawn_is_held_and_open(
    make_bureau: Callable[[str], Bureau],
) -> None:
    bureau = make_bureau("withdrawn")
    load_and_build(bureau, lambda b: b.deliver("F01", [header(1)]))
    load_and_build(bureau, lambda b: b.deliver("F01", [header(1)], seq=2, status="3"))
    made = plan(bureau.settings, asked(last=TUESDAY, branches=["320100"], feeds=["F01"]))
    assert [(one.state, one.action, one.deliveries) for one in made.slices] == [("held", "nothing", 2)]
    assert made.open_slices == ["F01|320100|2010-06-08"]


def test_a_backfill_ends_as_a_daily_load_and_tells_what_moved(
    make_bureau: Callable[[str], Bureau], expected: dict[str, str]
) -> None:
    bureau = make_bureau("run")
    load_and_build(bureau, *DELIVERIES[:3])
    for step in DELIVERIES[3:]:
        step(bureau)
    report = run(bureau, ticket="T-7", feeds=[])
    assert fingerprint(bureau.settings) == expected
    assert (report.publication_before, report.publication_after) == (1, 2)
    assert [one["publication_no"] for one in report.publications or ()] == [2]
    sums = bureau.fetch("select sum(lots)::text as lots, sum(value_usd_header)::text as usd from published.fct_volume")[
        0
    ]
    volume = {measure: (b, a) for fact, measure, b, a in report.differences if fact == "fct_volume"}
    assert [str(volume[name][1]) for name in ("lots", "value_usd_header")] == [
        sums["lots"],
        sums["usd"].rstrip("0").rstrip("."),
    ]
    for fact, measure, before, after in report.differences:
        days = [float(m["change"]) for m in report.moved or () if (m["fact"], m["measure"]) == (fact, measure)]
        assert sum(days) == pytest.approx(float(after - before)), (fact, measure)
    assert report.open_slices
    assert "F01|320100|2010-06-08" not in report.open_slices
    kept = bureau.fetch("select requested_by, login, reason, ticket from audit.backfill")
    assert kept == [{"requested_by": "wang", "login": "ciq_loader", "reason": "disk was full", "ticket": "T-7"}]

    again = run(bureau, "again")
    assert (again.publication_before, again.publication_after, again.differences, again.moved) == (2, 2, [], [])
    for number, mode in enumerate(("landing", "marts"), start=3):
        rebuilt = run(bureau, mode, mode=mode)
        assert rebuilt.differences == [], mode
        assert fingerprint(bureau.settings) == expected, mode
        assert rebuilt.publication_after == (2 if mode == "landing" else 3), (mode, number)
    with connect(bureau.settings, "auditor") as connection:
        assert first_broken_event(connection) is None
    events = bureau.fetch(
        "select kind, count(*) as n from audit.event where kind like 'backfill%%' group by 1 order by 1"
    )
    assert events == [{"kind": "backfill_finished", "n": 4}, {"kind": "backfill_requested", "n": 4}]
    assert [line.state for line in list_backfills(bureau.settings)] == ["finished"] * 4


def test_a_part_is_loaded_and_nothing_else(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("part")
    for day in (TUESDAY, WEDNESDAY):
        for branch in ("320100", "320500"):
            org = {"org_code": branch, "accept_org": branch, "insp_org": branch}
            number = 10 * day.day + int(branch[3])
            bureau.deliver("F01", [header(number, **org)], day=day, branch=branch)
    run(bureau, first=WEDNESDAY, last=WEDNESDAY, branches=["320500"], feeds=["F01"])
    judged = bureau.fetch("select org_code, business_date from audit.verdict join audit.delivery using (delivery_id)")
    assert judged == [{"org_code": "320500", "business_date": WEDNESDAY}]
    assert bureau.fetch("select * from audit.closed_day") == [], "a part says nothing of the day"
    assert bureau.fetch("select distinct org_code from audit.arrival") == [{"org_code": "320500"}]


def test_a_dry_run_keeps_its_plan_and_does_nothing(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("dry")
    bureau.deliver("F01", [header(1)])
    backfill = started(bureau, is_dry_run=True)
    report = read_backfill(bureau.settings, backfill.number)
    assert report is not None
    assert report.is_dry_run
    assert report.plan["counts"]["missing: fetch"] >= 120
    assert bureau.fetch("select * from audit.arrival") == []
    assert [line.state for line in list_backfills(bureau.settings)] == ["dry run"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"first": WEDNESDAY, "last": TUESDAY}, "晚于 / is after"),
        ({"first": date(2009, 1, 1), "last": date(2010, 6, 1)}, "more than 400"),
        ({"branches": ["320100", "329999"]}, "unknown branch '329999', known 已知: 320000, 320100"),
        ({"feeds": ["F77"]}, "unknown feed 'F77', known 已知: F01, F02, F03"),
        ({"reason": " \n"}, "say why"),
        ({"first": date(2010, 6, 1)}, "CIQ_FIRST_DAY..CIQ_LAST_DAY"),
        ({"last": date(2010, 6, 10)}, "CIQ_FIRST_DAY..CIQ_LAST_DAY"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_message(
    make_bureau: Callable[[str], Bureau], fields: dict[str, Any], said: str
) -> None:
    bureau = make_bureau("refused")
    bounded = bureau.settings.model_copy(update={"first_day": TUESDAY, "last_day": WEDNESDAY})
    with pytest.raises(BackfillRefusedError, match=r"补数请求被拒绝.*nothing was done") as refused:
        begin(bounded, asked(**fields), run_ref="refused", requested_by="wang")
    assert said in str(refused.value)
    assert bureau.fetch("select * from audit.backfill") == []


def test_a_known_run_goes_on_with_its_request_and_no_other(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("known-run")
    first = started(bureau, branches=["320500", "320100"])
    assert started(bureau, branches=["320100", "320500"]) == first, "a retry, with the branches in another order"
    with pytest.raises(BackfillRefusedError, match="Ask in a new run") as refused:
        started(bureau, branches=[], mode="landing", first=WEDNESDAY)
    assert all(
        said in str(refused.value)
        for said in (
            "运行 run 登记的补数请求与本次不同 / run run asked for another backfill before",
            f"from: {TUESDAY} -> {WEDNESDAY}",
            "branches: 320100, 320500 -> 全部 all",
            "mode: fetch -> landing",
        )
    )
    assert bureau.fetch("select count(*) as n from audit.backfill") == [{"n": 1}]


def test_only_fetching_closes_days(make_bureau: Callable[[str], Bureau]) -> None:
    """Nothing was collected from the branches, so what is not there may only not have been fetched."""
    bureau = make_bureau("not-fetched")
    bureau.deliver("F01", [header(1)])
    for mode in ("landing", "marts"):
        run(bureau, mode, mode=mode)
        assert bureau.fetch("select * from audit.closed_day") == [], mode
    run(bureau, "fetch")
    closed = bureau.fetch("select distinct business_date from audit.closed_day order by 1")
    assert closed == [{"business_date": TUESDAY}, {"business_date": WEDNESDAY}]


def test_everything_that_is_wrong_is_said_at_once(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("refused-at-once")
    request = asked(first=WEDNESDAY, last=TUESDAY, branches=["x"], feeds=["y"])
    with pytest.raises(BackfillRefusedError, match=r"is after to.*unknown feed 'y'.*unknown branch 'x'"):
        plan(bureau.settings, request)


def test_a_kept_report_cannot_be_changed_and_one_that_was_is_named(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("kept")
    run(bureau, feeds=["F01"], branches=["320100"], ticket="T-1")
    assert not altered(bureau)
    with connect(bureau.settings, "owner", autocommit=True) as connection:
        for table in ("backfill", "backfill_result"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(f"delete from audit.{table}".encode())
            connection.execute(f"alter table audit.{table} disable trigger append_only".encode())
        connection.execute("update audit.backfill set reason = 'another'")
        assert altered(bureau) == [("audit.backfill 1", "it is not what was asked for")]
        connection.execute("update audit.backfill set reason = 'disk was full'")
        connection.execute("update audit.backfill set plan = jsonb_set(plan, '{to_do,0,state}', '\"held\"')")
        assert altered(bureau) == [("audit.backfill 1", "it is not what was asked for")]
        connection.execute("update audit.backfill set plan = jsonb_set(plan, '{to_do,0,state}', '\"missing\"')")
        assert not altered(bureau)
        connection.execute("update audit.backfill_result set open_slices = '[]'")
        assert altered(bureau) == [("audit.backfill 1", "its difference report is not what was logged")]
        connection.execute("delete from audit.backfill_result")
        assert altered(bureau) == [("audit.backfill 1", "its difference report is gone")]


def altered(bureau: Bureau) -> list[tuple[str, str]]:
    with connect(bureau.settings, "auditor") as connection:
        return [(breach.place, breach.found) for breach in backfills_as_logged(connection)]


def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "CIQ_HOME": str(settings.home), "CIQ_WAREHOUSE_URL": str(settings.warehouse_url)}


def command(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    program = [str(Path(sys.executable).with_name("ciq")), *arguments]
    return subprocess.Popen(
        program,
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def seen(bureau: Bureau, query: str, process: subprocess.Popen[str]) -> None:
    """Wait until the query finds a row; the process must not have ended before."""
    for _ in range(1200):
        if bureau.fetch(query):
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError(query)


@pytest.mark.parametrize(
    "moment",
    [
        "select 1 from audit.backfill",
        "select 1 from audit.load where state = 'running'",
        "select 1 from audit.build where state = 'running'",
    ],
    ids=["planned", "loading", "building"],
)
def test_killed_and_run_again_it_leaves_the_same_tables(
    make_bureau: Callable[[str], Bureau], expected: dict[str, str], moment: str, request: pytest.FixtureRequest
) -> None:
    bureau = make_bureau(f"killed-{request.node.name}")
    for step in DELIVERIES:
        step(bureau)
    span = ("--from", str(TUESDAY), "--to", str(WEDNESDAY), "--reason", "killed", "--by", "wang")
    process = command(bureau.settings, "backfill", "run", *span)
    seen(bureau, moment, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    rerun = command(bureau.settings, "backfill", "run", *span)
    said, errors = rerun.communicate(timeout=300)
    assert rerun.returncode == 0, errors
    assert fingerprint(bureau.settings) == expected
    assert [line.state for line in list_backfills(bureau.settings)] == ["finished", "unfinished"]
    assert "publication 发布号: 0 → 1" in said
    assert "fct_volume" in said


def test_the_commands_say_what_is_there(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("commands")
    bureau.deliver("F01", [header(1)])

    def ciq(*arguments: str) -> tuple[int, str, str]:
        process = command(bureau.settings, "backfill", *arguments)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    span = ("--from", "2010-06-08", "--to", "2010-06-08", "--branch", "320100", "--feed", "F01")
    code, out, _ = ciq("plan", *span, "--json")
    assert code == 0
    assert [(one["state"], one["action"]) for one in json.loads(out)["slices"]] == [("missing", "fetch")]
    assert "missing" in ciq("plan", *span)[1]
    code, out, _ = ciq("run", *span, "--reason", "late files", "--ticket", "T-9", "--by", "王丽")
    assert code == 0
    assert "accepted 接受 1" in out
    code, out, _ = ciq("show", "1", "--json")
    report = json.loads(out)
    assert (report["requested_by"], report["ticket"], report["publication_after"]) == ("王丽", "T-9", 1)
    assert report["open_slices"] == []
    assert "late files (T-9)" in ciq("list")[1]
    code, _, err = ciq("show", "99")
    assert (code, "There is no backfill 99" in err) == (1, True)
    code, _, err = ciq("plan", "--from", "2010-06-09", "--to", "2010-06-08")
    assert (code, "is after to" in err) == (1, True)
    code, _, err = ciq("run", *span, "--reason", "x", "--mode", "again")
    assert (code, "fetch, landing, marts" in err) == (1, True)
