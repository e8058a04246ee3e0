"""The annual review of a small bureau: figures from its facts, before and after a change, and frozen."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from ciq.database import connect
from ciq.errors import SettingsError
from ciq.indicators import IndicatorError
from ciq.ledger.claims import fill_claims
from ciq.portal.review_page import make_page
from ciq.portal.router import create_router
from ciq.reviewing import Review, ReviewError, freeze, list_frozen, make_period, read_frozen, review
from ciq.reviewing.asking import ask, reading
from ciq.reviewing.checking import review_problems
from ciq.reviewing.rows import stream_rows
from ciq.reviewing.series import read_series
from ciq.settings import Settings
from ciq.verifying import verify
from support.bureau import Bureau
from support.reviewed import Reviewed, make_reviewed, of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reviewed(make_bureau: Callable[[str], Bureau]) -> Reviewed:
    return make_reviewed(make_bureau("review"))


@pytest.fixture
def planned(reviewed: Reviewed, tmp_path: Path) -> Settings:
    """Of the same warehouse, with an indicator of a feed that is planned only."""
    contracts = tmp_path / "expectations"
    shutil.copytree(reviewed.settings.contracts, contracts)
    path = contracts / "review" / "2_capability.yaml"
    before, other, after = path.read_text(encoding="utf-8").partition("  - id: 41\n")
    after = after.replace("feeds: [F14]", "feeds: [F99]", 1).replace(
        "from fct_lab_recognition", "from fct_lab_planned", 1
    )
    path.write_text(before + other + after, encoding="utf-8")
    return reviewed.settings.model_copy(update={"contracts": contracts})


def values(made: Review) -> dict[int, Decimal | None]:
    return {one.indicator_id: one.derived for one in made.indicators}


def facts(made: Review) -> dict[str, Any]:
    """What a review says, without its distance from reviews that were frozen since."""
    told = made.as_json()
    for one in told["indicators"]:
        del one["drift"]
    return told


def evidence(made: Review, indicator_id: int) -> dict[str, Decimal | None]:
    return {one.name_en: one.value for one in made.indicator(indicator_id).evidence}


def test_a_server_that_goes_away_makes_no_figure_unavailable(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(connection: psycopg.Connection, query: str) -> Decimal | None:
        connection.execute("select pg_terminate_backend(pg_backend_pid())")
        return ask(connection, query)

    monkeypatch.setattr("ciq.reviewing.run.ask", interrupted)
    with pytest.raises(psycopg.OperationalError):
        review(reviewed.settings, make_period(reviewed.settings, 2010))


def test_every_query_fits_what_is_deployed(reviewed: Reviewed) -> None:
    assert review_problems(reviewed.settings) == []


def test_figures_are_the_sums_of_what_was_delivered(reviewed: Reviewed) -> None:
    found = values(reviewed.before)
    assert found[1] == 3
    assert found[2] == 3 * Decimal("1000.50")
    assert found[5] == 1
    assert (found[18], found[76], found[79]) == (1, 1, 0), "F10 came, so none is zero"
    assert (found[74], found[75]) == (2, 1)
    assert (found[15], found[16]) == (1, 1), "two notices of one lot are one lot"
    assert (found[95], found[96], found[97]) == (0, 1, 0)
    assert found[103] == 0
    assert evidence(reviewed.before, 103)["not attributed"] == 1
    assert evidence(reviewed.before, 17)["our own pre-shipment lots"] == 1
    assert evidence(reviewed.before, 76) == {"filed": 2, "closed": 0, "fines (CNY)": 500}


def test_claims_are_what_the_document_says_and_pass_nothing(reviewed: Reviewed) -> None:
    claims = {one.indicator_id: one.derived for one in reviewed.before.indicators if one.kind == "X"}
    assert claims == {7: 1, 8: 1, 17: 2, 42: 1, 43: 1, 45: 7, 83: 9, 105: None, 109: 1, 110: 1}
    assert {one.passes for one in reviewed.before.indicators if one.kind in ("X", "N")} == {None}


def test_bounds_decide_and_what_has_no_value_says_why(reviewed: Reviewed) -> None:
    made = reviewed.before
    assert len(made.bounded) == 85
    assert made.indicator(1).passes is False
    assert made.indicator(15).passes is True
    assert made.indicator(103).passes is True
    nothing_came = made.indicator(41)
    assert (nothing_came.derived, nothing_came.passes, nothing_came.state) == (None, None, "absent")
    assert nothing_came.reason_en == "no file of F14 came in the period"
    for one in made.indicators:
        assert one.derived is not None or one.reason_en, one.indicator_id


def test_a_figure_whose_tables_are_not_deployed_says_which_feed_it_waits_for(planned: Settings) -> None:
    made = of(planned)
    missing = made.indicator(41)
    assert (missing.derived, missing.passes, missing.state) == (None, None, "unavailable")
    assert missing.reason_en == "needs feed F99, which does not deliver yet"
    assert missing.reason_zh == "需要数据源 F99, 尚未报送"
    assert "needs feed F99" in make_page(planned, made, None)
    with pytest.raises(ReviewError, match="needs feed F99"):
        list(stream_rows(planned, made, 41))


def test_zero_lawsuits_needs_every_return(reviewed: Reviewed) -> None:
    lacking, complete = reviewed.january_before.indicator(77), reviewed.january_after.indicator(77)
    assert (lacking.derived, lacking.state) == (None, "unknown")
    assert (
        lacking.reason_en == "not all monthly returns have come, or they differ from the cases, so zero is not known:"
        " see returns expected and received, and organisations that differ"
    )
    assert evidence(reviewed.january_before, 77)["returns received"] == 19
    assert complete.derived == 0
    assert evidence(reviewed.january_after, 77)["returns expected"] == 20
    assert reviewed.after.indicator(77).derived is None, "eleven months are still to come"


def test_what_counts_nowhere_stands_beside_the_figure(reviewed: Reviewed) -> None:
    exposure = reviewed.before.indicator(1).exposure
    assert exposure is not None
    assert (exposure.quarantined, exposure.held, exposure.waiting) == (1, 0, 1), (
        "a broken lot, an evaluation without one"
    )
    assert exposure.if_all_accepted == 5
    for one in reviewed.before.indicators:
        found = one.exposure
        if one.state == "derived" and found and not found.quarantined + found.held + found.waiting:
            assert found.if_all_accepted == one.derived, "nothing is open"
    assert reviewed.before.indicator(18).exposure.if_all_accepted == 1  # type: ignore[union-attr]
    assert reviewed.before.indicator(109).exposure is None, "no feed brings a rank"


def test_a_change_moves_exactly_the_right_figures_and_not_the_review_of_before(reviewed: Reviewed) -> None:
    before, after = values(reviewed.before), values(reviewed.after)
    assert {number for number in before if before[number] != after[number]} == {1, 2, 76, 96}
    assert (after[1], after[2], after[76], after[96]) == (2, 2 * Decimal("1000.50"), 2, 0)
    assert facts(of(reviewed.settings, as_of=1)) == facts(reviewed.before)
    at = reviewed.before.as_of.promoted_at
    assert at is not None
    assert facts(of(reviewed.settings, as_of=at.isoformat())) == facts(reviewed.before), "a time names the same number"


def test_drift_is_told_from_what_was_published_and_what_was_frozen(reviewed: Reviewed) -> None:
    drift = reviewed.after.indicator(1).drift
    assert drift.since_publication == 2 - 1_631_000
    assert (drift.review_no, drift.since_frozen) == (reviewed.frozen_no, -1)
    assert reviewed.after.indicator(5).drift.since_frozen == 0
    assert reviewed.january_after.indicator(1).drift.since_publication is None, "part of a year is not compared"


def test_what_never_came_is_not_zero(reviewed: Reviewed) -> None:
    nothing = of(reviewed.settings, as_of=0)
    assert {one.derived for one in nothing.indicators if one.kind in ("D", "B")} == {None}
    assert nothing.indicator(103).reason_en == "no file of F18 came in the period"
    assert reviewed.january_after.indicator(76).state == "absent", "its file came in June"


@pytest.mark.parametrize(("as_of", "said"), [("99", "99"), ("yesterday evening", "no time and no number")])
def test_a_publication_that_never_was_is_refused(reviewed: Reviewed, as_of: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        of(reviewed.settings, as_of=as_of)
    with pytest.raises(ReviewError, match="is no day of 2010"):
        make_period(reviewed.settings, 2010, date(2011, 1, 1))


def test_the_rows_behind_a_figure_add_up_to_it(reviewed: Reviewed) -> None:
    names, *rows = stream_rows(reviewed.settings, reviewed.before, 2)
    assert sum(row[list(names).index("value_usd_header")] for row in rows) == reviewed.before.indicator(2).derived  # type: ignore[misc]


def test_a_frozen_review_is_kept_once_with_who_and_why(reviewed: Reviewed) -> None:
    settings = reviewed.settings
    assert freeze(settings, reviewed.after, by="someone", reason="again", run_ref="first") == reviewed.frozen_no
    for by, reason in (("", "x"), ("x", " ")):
        with pytest.raises(ReviewError, match="冻结须有姓名与原因"):
            freeze(settings, reviewed.after, by=by, reason=reason, run_ref="nobody")
    with connect(settings, "auditor") as connection:
        (head,) = list_frozen(connection, 2010)
        _, kept = read_frozen(connection, reviewed.frozen_no)
        with pytest.raises(ReviewError, match="no frozen review 7"):
            read_frozen(connection, 7)
    assert (head.as_of_no, head.frozen_by, head.reason) == (1, "王敏", "for the press")
    assert kept == reviewed.before
    with connect(settings, "owner") as connection, pytest.raises(psycopg.Error, match="append-only"):
        connection.execute("update audit.frozen_review set reason = 'other'")


def breaches(settings: Settings) -> dict[str, list[str]]:
    return {check.name_en: [str(one) for one in check.breaches] for check in verify(settings) if not check.holds}


def test_verify_asks_frozen_reviews_again_and_names_what_differs(reviewed: Reviewed) -> None:
    settings = reviewed.settings
    assert breaches(settings) == {}
    with connect(settings, "owner", autocommit=True) as owner:
        owner.execute("alter table marts.fct_volume disable trigger all")
        owner.execute("update marts.fct_volume set lots = lots + 1 where known_from_no = 1")
        try:
            found = breaches(settings)["Frozen reviews come out again"]
        finally:
            owner.execute("update marts.fct_volume set lots = lots - 1 where known_from_no = 1")
        assert f"audit.frozen_review {reviewed.frozen_no} (2010, publication 1), indicator 1: frozen 3, now" in found[0]
        owner.execute("alter table audit.frozen_review disable trigger append_only")
        owner.execute("update audit.frozen_review set results = replace(results, '王敏', '李敏'), reason = 'other'")
        try:
            assert "it is not what was frozen" in breaches(settings)["Frozen reviews are as logged"][0]
        finally:
            owner.execute("update audit.frozen_review set reason = 'for the press'")
            owner.execute("alter table audit.frozen_review enable trigger append_only")
    assert breaches(settings) == {}


def test_a_figure_that_a_frozen_review_was_compared_with_cannot_change(reviewed: Reviewed, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    shutil.copytree(reviewed.settings.contracts / "review", folder)
    path = folder / "published" / "jsciq_review_2010.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("163.1万批", "163.2万批"), encoding="utf-8")
    with connect(reviewed.settings, "owner") as connection:
        with pytest.raises(
            IndicatorError, match=r"Indicator 指标 1 of a document that frozen review 1.*higher edition"
        ):
            fill_claims(connection, tmp_path)
        fill_claims(connection, reviewed.settings.contracts)


def test_the_page_carries_all_that_it_needs(reviewed: Reviewed) -> None:
    page = make_page(reviewed.settings, reviewed.after, None)
    assert page.count('<tr class="figure">') == 112
    for part in ("Plotly.newPlot", "320100CF201000001", "ciq review 2010 --as-of 2 --rows 76", "no file of F14 came"):
        assert part in page
    assert "src=" not in page.split("<script>", maxsplit=1)[0]


def test_a_month_of_which_no_file_came_is_unknown_in_the_charts(reviewed: Reviewed) -> None:
    with reading(reviewed.settings, None, application="test") as (connection, _):
        months = {one.month.month: one for one in read_series(connection, reviewed.after).months}
    assert months[6].lots == reviewed.after.indicator(1).derived
    assert {(months[number].lots, months[number].value_usd, months[number].filed) for number in (5, 8)} == {
        (None, None, None)
    }


@pytest.mark.parametrize(
    ("path", "status", "shown"),
    [
        ("/reviews", 200, "for the press"),
        ("/reviews/2010", 200, "发布号 Publication <b>2</b>"),
        ("/reviews/2010/frozen/1", 200, "Frozen by 王敏"),
        ("/reviews/2011/frozen/1", 404, "Frozen review 1 is of 2010"),
        ("/reviews/2010/frozen/99", 404, "There is no frozen review 99"),
        ("/reviews/1066", 422, "greater than or equal to 2009"),
    ],
)
def test_the_portal_shows_reviews(reviewed: Reviewed, path: str, status: int, shown: str) -> None:
    app = FastAPI()
    app.include_router(create_router(reviewed.settings))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client:
            return await client.get(path)

    answer = asyncio.run(ask())
    assert answer.status_code == status
    assert shown in answer.text
    if status == 200 and path != "/reviews":
        policy = answer.headers["content-security-policy"]
        assert "script-src 'sha256-" in policy
        assert "unsafe" not in policy.split("style-src", maxsplit=1)[0]


def test_the_command_prints_json_with_the_fields_that_programs_rely_on(reviewed: Reviewed, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "CIQ_HOME": str(reviewed.settings.home),
        "CIQ_WAREHOUSE_URL": str(reviewed.settings.warehouse_url),
    }

    def ciq(*arguments: str) -> str:
        command = [str(Path(sys.executable).with_name("ciq")), "review", "2010", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    told = json.loads(ciq("--as-of", "1", "--json"))
    assert told["year"] == 2010
    assert told["as_of"]["publication_no"] == 1
    assert len(told["indicators"]) == 112
    wanted = {
        *("indicator_id", "kind", "derived", "published", "lower_bound", "upper_bound", "pass", "sql", "feeds"),
        *("exposure", "drift", "reason_zh", "reason_en", "evidence", "rows_sql"),
    }
    assert all(wanted <= one.keys() for one in told["indicators"])
    assert {one["pass"] for one in told["indicators"]} == {True, False, None}
    assert told["indicators"][1]["derived"] == 3001.5
    last = ciq("--lang", "en").strip().splitlines()[-1]
    assert f"{len(reviewed.after.passing)} of 85 bounded D and B figures pass" in last
    ciq("--html", str(tmp_path / "review.html"))
    assert "年度回顾" in (tmp_path / "review.html").read_text(encoding="utf-8")
    assert ciq("--rows", "76").splitlines()[0].startswith("case_no,")
    assert "for the press" in ciq("--list")
