"""Every named defect on every feed, in one warehouse: each ends where it should, is told, and stands on the page."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from ciq.settings import PROJECT_ROOT
from ciq.verifying import verify
from support.bureau import Bureau
from support.defects import DEFECTS, Defect, Tried, try_all
from support.defects.comparing import differences, usual_findings
from support.defects.page import RENEW, render

pytestmark = pytest.mark.slow

PAGE = PROJECT_ROOT / "docs" / "defects.md"


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Bureau:
    return make_bureau("defects")


@pytest.fixture(scope="module")
def tried(bureau: Bureau) -> Tried:
    return try_all(bureau, DEFECTS)


@pytest.mark.timeout(1800)  # the first one tries them all
def test_nothing_fails_for_reasons_of_ours(tried: Tried) -> None:
    assert tried.load.errors == []
    assert {key for key, trial in tried.trials.items() if len(trial.ends.states) and not tried.observed[key]} == set()


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_ends_as_it_should_in_each_feed(tried: Tried, defect: Defect) -> None:
    found = tried.of(defect)
    assert found, "no feed can have it"
    problems = [
        f"{feed}: {problem}"
        for feed, (trial, observed) in found.items()
        for problem in differences(trial, observed, usual_findings(tried, feed))
    ]
    assert problems == []


def test_a_file_that_grows_is_left_for_the_next_collection(tried: Tried) -> None:
    growing = {name for trial in tried.trials.values() for name in trial.growing if not name.endswith(".manifest.csv")}
    assert len(growing) == len(tried.contracts.feeds)
    assert tried.still_growing == growing


def test_the_ledger_knows_of_no_other_delivery(bureau: Bureau, tried: Tried) -> None:
    """What is settled since is told nowhere; everything else belongs to a trial."""
    open_deliveries = bureau.fetch(
        "select count(*) from audit.delivery d left join audit.unpaired_file f using (delivery_id)"
        " where f.settled_how is null"
    )
    assert open_deliveries == [{"count": sum(map(len, tried.observed.values()))}]


def test_each_row_accepted_has_one_fate(bureau: Bureau, tried: Tried) -> None:
    assert bureau.fetch("select data_name from published.delivery_balance where not is_balanced") == []


def test_no_name_of_a_person_stands_in_quarantine_or_in_an_answer(bureau: Bureau, tried: Tried) -> None:
    secrets = {trial.secret for trial in tried.trials.values() if trial.secret}
    assert secrets
    answers = [path.read_text("utf-8-sig") for path in bureau.settings.inbox_root.glob("*/inbox/*")]
    kept = [str(row) for row in bureau.fetch("select raw_text, cells, key from quarantine.rejected_row")]
    assert any("***" in text for text in kept)
    assert any("***" in text for text in answers)
    assert [text for text in [*answers, *kept] if any(secret in text for secret in secrets)] == []


def test_every_invariant_holds_after_them_all(bureau: Bureau, tried: Tried) -> None:
    assert [breach for check in verify(bureau.settings) for breach in check.breaches] == []


def test_the_page_says_what_was_seen(tried: Tried) -> None:
    seen = render(tried, DEFECTS)
    if os.environ.get("CIQ_TEST_RENEW_DOCS"):
        PAGE.write_text(seen, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == seen, f"docs/defects.md is not what was seen; renew it: {RENEW}"
