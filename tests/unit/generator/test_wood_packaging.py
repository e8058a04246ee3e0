"""F08: about 1.2 packages of each entering lot that declares wood packaging, told when the lot is accepted."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from ciq_demo.generator import Generator, workdays

DAY, NEXT, LATER = date(2010, 6, 8), date(2010, 6, 9), date(2010, 6, 10)


def whole(generator: Generator, day: date, feed: str) -> pd.DataFrame:
    frames = generator.day(day) if feed == "F01" else generator.wood_packaging(day)
    return pd.concat([frame for (name, _), frame in frames.items() if name == feed], ignore_index=True)


@pytest.fixture(scope="module")
def declared(generator: Generator) -> pd.DataFrame:
    """Declarations accepted on the day."""
    return whole(generator, DAY, "F01").query("op == 'I'")


@pytest.fixture(scope="module")
def told(generator: Generator) -> pd.DataFrame:
    return whole(generator, DAY, "F08").query("op == 'I'")


def test_the_lots_are_those_that_enter_in_wood(declared: pd.DataFrame, told: pd.DataFrame) -> None:
    wooden = declared.query("ie_flag == 'I' and wood_pack_flag == '1'")
    assert set(told["decl_no"]) == set(wooden["decl_no"])
    assert 1.1 < len(told) / len(wooden) < 1.3
    assert not told.duplicated(["decl_no", "pack_seq"]).any()


def test_each_branch_tells_its_own(declared: pd.DataFrame, told: pd.DataFrame, generator: Generator) -> None:
    accepted = declared.set_index("decl_no")["visa_org"]
    assert (told["decl_no"].map(accepted) == told["org_code"]).all()
    assert {org for _, org in generator.wood_packaging(DAY)} == set(generator.branches)


def test_some_are_inspected_later_and_keep_what_was_told(generator: Generator, told: pd.DataFrame) -> None:
    later = whole(generator, LATER, "F08").query("op == 'U'")
    again = later.merge(told, on=["decl_no", "pack_seq"], suffixes=("", "_before"))
    assert len(again) == len(later) > 5
    assert set(again["inspected_flag_before"] + again["inspected_flag"]) == {"01"}
    for column in ("pack_type", "pieces", "ippc_mark_flag", "ippc_country", "producer_mark_no", "treatment"):
        assert (again[column] == again[f"{column}_before"]).all()


def test_a_pest_is_found_by_an_inspection_and_disposed_of(generator: Generator) -> None:
    days = workdays.all_days(date(2010, 6, 7), date(2010, 6, 18))
    rows = pd.concat([whole(generator, day, "F08") for day in days if workdays.is_workday(day)])
    pests = rows.query("live_pest_flag == '1'")
    assert 5 < len(pests) < 100
    assert set(pests["inspected_flag"]) == {"1"}
    assert (pests["disposal"] != "").all()
    assert (rows.query("live_pest_flag == '0'")["disposal"] == "").all()


def test_a_day_is_the_same_whatever_was_asked_before(generator: Generator) -> None:
    again = Generator(2010).wood_packaging(NEXT)
    for key, frame in generator.wood_packaging(NEXT).items():
        pd.testing.assert_frame_equal(frame, again[key])


def test_since_leaves_out_lots_accepted_before() -> None:
    cut = Generator(2010, since=LATER)
    assert set(whole(cut, LATER, "F08")["op"]) == {"I"}
    assert all(frame.empty for frame in cut.wood_packaging(DAY).values())


def test_on_a_day_of_rest_only_branches_with_lots_tell_some(generator: Generator) -> None:
    frames = generator.wood_packaging(date(2010, 6, 5))
    assert 0 < len(frames) < len(generator.branches)
    assert all(len(frame) for frame in frames.values())
