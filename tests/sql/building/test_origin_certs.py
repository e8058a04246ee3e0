"""Certificates of origin: what was amended or reissued counts once, and what is not known is not zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from ciq.building.explain import explain
from ciq.building.verify_marts import verify_marts
from ciq.settings import PROJECT_ROOT
from ciq_demo.generator import write_days
from ciq_demo.generator.formats import load_formats
from ciq_demo.generator.forms import encode_form
from ciq_demo.generator.scenario import Missing, Scenario
from support.agreement import disagreements, expected_verdicts, published_rows, verdicts
from support.bureau import GOOD, Bureau, rows_of
from support.forms import xml
from support.history import WEDNESDAY, Step, load_and_build, one
from support.oracle import facts_of

pytestmark = pytest.mark.slow

Cells = dict[str, str]
SAVED = Decimal("2391.55")


def coo(number: int) -> str:
    return f"G10320100{number:06d}"


def cert(number: int, **cells: str) -> Cells:
    return {**GOOD["F05"], "record_id": f"o{number}", "coo_no": coo(number), **cells}


def replacing(number: int, old: int, **cells: str) -> Cells:
    """A certificate of Wednesday in the place of another."""
    day = {"issue_date": "2010-06-09", "op_time": "2010-06-09 10:00:00"}
    return cert(number, replaces_coo_no=coo(old), status="4", **{**day, **cells})


def as_xml(rows: Sequence[Cells], **manifest: object) -> Step:
    """Deliver the rows as branches do: elements, GB18030 under the name of GB2312."""
    names = [*GOOD["F05"], "replaces_coo_no"]
    data = xml(*[[row.get(name, "") for name in names] for row in rows], names=names, name="origin_cert")
    return lambda b: b.deliver("F05", rows, data=data, encoding="GB18030", delimiter="XML", **manifest)


FIRST: Sequence[Step] = (
    as_xml(
        [
            *(cert(number) for number in (1, 2, 3)),
            cert(4, mfn_rate="", est_duty_saving_cny="0"),
            cert(5, dest_country="840"),
            cert(6, est_duty_saving_cny="350.00"),  # in USD
            cert(7, coo_type="CO", mfn_rate="", pref_rate="", est_duty_saving_cny=""),
            replacing(8, 99, issue_date="2010-06-08"),  # of the year before
            cert(9, mfn_rate="3", pref_rate="4"),
        ]
    ),
)
THEN: Sequence[Step] = (
    as_xml(
        [
            replacing(11, 1),
            replacing(12, 2),
            replacing(13, 2),
            {**cert(3, op="U", version_no="2"), "status": "2"},
            {name: cert(7)[name] for name in ("record_id", "op_time", "org_code", "coo_no")}
            | {"op": "D", "version_no": "2"},
        ],
        day=WEDNESDAY,
        control_sum="",
    ),
)
AT_LAST: Sequence[Step] = (as_xml([replacing(12, 2)], day=WEDNESDAY, seq=2),)
"""Wednesday again: 1 was not replaced after all, 2 once; 3 and 7 stand."""


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    bureau = make_bureau("origin_certs")
    for steps in (FIRST, THEN, AT_LAST):
        load_and_build(bureau, *steps)
    return bureau


def certificates(bureau: Bureau, number: int) -> dict[int, tuple[Any, ...]]:
    """Number -> (counts, saving, in whose favour it no longer does), at a publication."""
    rows = published_rows(bureau.settings, "fct_origin_cert", as_of=number)
    return {
        int(row["coo_no"][-3:]): (row["certificates"], row["est_duty_saving_cny"], row["replaced_by_coo_no"])
        for row in rows
    }


def found(bureau: Bureau, number: int) -> set[tuple[str, int]]:
    rows = published_rows(bureau.settings, "fct_finding", as_of=number)
    return {(row["rule_id"], int(row["key"][-3:])) for row in rows if row["rule_id"].startswith("F05")}


def test_each_counts_and_what_is_not_known_is_no_zero(story: Bureau) -> None:
    first = certificates(story, 1)
    assert {number: row[0] for number, row in first.items()} == dict.fromkeys(range(1, 10), 1)
    assert [first[number][1] for number in (1, 4, 6, 7)] == [SAVED, None, Decimal("350.00"), None]


def test_what_was_replaced_or_is_void_saves_nothing_twice(story: Bureau) -> None:
    then = certificates(story, 2)
    assert {number: then[number] for number in (1, 2, 3, 7, 11, 12, 13)} == {
        1: (0, 0, coo(11)),
        2: (0, 0, coo(12)),
        3: (0, 0, None),
        7: (0, 0, None),
        11: (1, SAVED, None),
        12: (1, SAVED, None),
        13: (1, SAVED, None),
    }


def test_a_slice_delivered_again_takes_it_back(story: Bureau) -> None:
    last = certificates(story, 3)
    assert {number: row[0] for number, row in last.items()} == {**dict.fromkeys(range(1, 10), 1), 2: 0, 12: 1}
    assert last[2] == (0, 0, coo(12))
    assert certificates(story, 2)[1] == (0, 0, coo(11)), "as it was known then"


def test_findings_name_what_does_not_fit(story: Bureau) -> None:
    once = {
        ("F05-saving-unfounded", 4),
        ("F05-saving-graduated", 5),
        ("F05-saving-differs", 6),
        ("F05-replaced-unknown", 8),
        ("F05-rate-order", 9),
        ("F05-saving-differs", 9),
    }
    assert found(story, 1) == once
    assert found(story, 2) == once | {("F05-replaced-twice", 12), ("F05-replaced-twice", 13), ("F05-coo_no-gap", 11)}
    assert found(story, 3) == once | {("F05-coo_no-gap", 12)}


def test_the_marts_balance_and_a_certificate_leads_to_its_lines(story: Bureau) -> None:
    assert not [check for check in verify_marts(story.settings) if check.breaches]
    assert one(story, "select bool_and(is_balanced) from published.delivery_balance") is True
    told = explain(story.settings, "fct_origin_cert", {"coo_no": coo(2)})
    roles = {(source.role, source.line) for source in told.sources}
    assert {("certificate", 4), (f"replaced by {coo(12)}", 3)} <= roles


def test_a_form_a_where_it_saves_nothing_is_told_and_accepted(story: Bureau) -> None:
    warned = (
        "select rows_broken from audit.rule_result where rule_id = 'F05-dest_country-gsp' and delivery_id is not null"
    )
    assert one(story, warned) == 1
    assert one(story, "select count(*) from quarantine.rejected_row") == 0


def test_fixed_width_of_one_branch_is_read_by_the_contract(make_bureau: Callable[[str], Bureau]) -> None:
    """The contract says bytes and no header of 320281; the file was written by the generator's own means."""

    bureau = make_bureau("origin_fixed")
    formats = load_formats(PROJECT_ROOT / "expectations")["F05"]
    rows = [{**row, "org_code": "320281", "issue_org": "320281"} for row in rows_of("F05", 4)]
    frame = pd.DataFrame([[row.get(name, "") for name in formats.columns] for row in rows], columns=formats.columns)
    data = encode_form(frame, formats, formats.of("320281"))
    bureau.deliver("F05", rows, data=data, branch="320281", encoding="GB18030", delimiter="FIXED")
    assert bureau.load().rows_accepted == 4
    names = bureau.fetch("select distinct apply_ent_name from ods.f05_origin_cert")
    assert names == [{"apply_ent_name": GOOD["F05"]["apply_ent_name"]}]


def test_generated_days_are_as_the_oracle_says(make_bureau: Callable[[str], Bureau]) -> None:
    """XML of one branch and fixed width of another, over two days: what was amended, reissued or void among them."""
    bureau = make_bureau("origin_oracle")
    days = {"first_day": date(2010, 6, 28), "last_day": date(2010, 6, 29)}
    write_days(bureau.settings.inbox_root, orgs={"320281", "320500"}, feeds={"F05"}, cutover=True, **days)
    load_and_build(bureau)
    facts = facts_of(bureau.settings.inbox_root, due=(days["first_day"], days["last_day"]))
    assert len(facts.origin_certs) > 600
    assert any(not counted for counted in facts.origin_certs["is_counted"])
    frames = ("origin_certs", "unused_cases", "findings", "balance")
    assert disagreements(bureau.settings, facts, frames=frames) == []
    assert verdicts(bureau.settings) == expected_verdicts(facts)


def test_numbers_of_a_day_that_was_never_sent_lack_until_it_comes(make_bureau: Callable[[str], Bureau]) -> None:
    """A generated week begins amid the year; one branch never sends its Wednesday, and then does."""
    bureau = make_bureau("origin_gaps")
    days = (date(2010, 6, 28), date(2010, 7, 2))
    lacking = Scenario().add("F05", "320500", date(2010, 6, 30), Missing())

    def gaps(scenario: Scenario) -> set[tuple[str, str]]:
        """Organisation and kind of the series with a gap, once the oracle has said the same."""
        write_days(
            bureau.settings.inbox_root,
            first_day=days[0],
            last_day=days[1],
            orgs={"320281", "320500"},
            feeds={"F05"},
            cutover=True,
            scenario=scenario,
        )
        load_and_build(bureau)
        facts = facts_of(bureau.settings.inbox_root, due=days)
        assert disagreements(bureau.settings, facts, frames=("origin_certs", "findings", "balance")) == []
        rows = published_rows(bureau.settings, "fct_finding")
        keys = [row["key"] for row in rows if row["rule_id"] == "F05-coo_no-gap"]
        assert all(row["business_date"] == date(2010, 7, 1) for row in rows if row["rule_id"] == "F05-coo_no-gap")
        return {(key[3:9], key[0]) for key in keys}

    assert {("320500", "G"), ("320500", "C"), ("320500", "E")} <= (found := gaps(lacking))
    assert {org for org, _ in found} == {"320500"}
    assert gaps(Scenario()) == set()
