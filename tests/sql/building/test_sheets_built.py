"""A workbook of two record types from the inbox to a publication, with a release between, and `ciq verify` after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ciq.building import build
from ciq.ledger.prepare import prepare_database
from ciq.loading import rejudge
from ciq.quality.decisions import Signature, release_rows
from ciq.verifying import verify
from support.bureau import Bureau
from support.post import Post, broken_on_line_3, contracts_with_parcels

BOSS = Signature(by="Wang Li", reason="Seen")
SLICE = "branch 320100, business date 2010-06-08, file F90_320100_20100608_01.xlsx"
COVERAGE = (
    "select received, rows_accepted, rows_quarantined from published.fct_coverage where feed_code = 'F90'"
    " and business_date = '2010-06-08'"
)


@pytest.fixture(scope="module")
def post(make_bureau: Callable[[str], Bureau], tmp_path_factory: pytest.TempPathFactory) -> Post:
    """It has sent a workbook with a broken row in each sheet, and one of them was released."""
    settings = make_bureau("sheets").settings
    contracts = contracts_with_parcels(tmp_path_factory.mktemp("sheets"))
    post = Post(settings.model_copy(update={"contracts": contracts}))
    prepare_database(post.settings)
    post.send(broken_on_line_3())
    post.load()
    build(post.settings, run_ref="test")
    return post


def found(post: Post) -> list[str]:
    return [f"{breach.place}: {breach.found}" for check in verify(post.settings) for breach in check.breaches]


def test_rows_of_both_sheets_are_published_and_verified(post: Post) -> None:
    assert post.fetch(COVERAGE) == [{"received": 1, "rows_accepted": 5, "rows_quarantined": 2}]
    delivery = post.verdict()["delivery_id"]
    release_rows(post.settings, delivery, "F90-seal-colour-format", [3], BOSS)
    rejudge(post.settings, [delivery], run_ref="test")
    build(post.settings, run_ref="test")
    assert post.fetch(COVERAGE) == [{"received": 1, "rows_accepted": 6, "rows_quarantined": 1}]
    assert found(post) == [f"{SLICE}: 6 <> 0 + 0 + 0 + 0"], "no model reads parcels, and nothing else is amiss"
