"""N08: at the end of 2010 more than 93 of a hundred pilot enterprises are under eased supervision, each month more."""

from __future__ import annotations

from datetime import date

from ciq_demo.generator import Generator, workdays

MONTH_ENDS = [day for day in workdays.all_days(date(2009, 12, 31), date(2010, 12, 31)) if workdays.is_month_end(day)]


def test_the_share_grows_to_that_of_the_review(generator: Generator) -> None:
    shares = []
    for day in MONTH_ENDS:
        frames = [frame for (feed, _), frame in generator.cases(day).items() if feed == "N08"]
        assert len(frames) == 20
        rows = [cells for frame in frames for cells in frame.to_dict("records")]
        assert len({cells["ent_code"] for cells in rows}) == len(rows)
        pilots = [cells for cells in rows if cells["pilot_flag"] == "1"]
        eased = sum(cells["benefit_flag"] == "1" for cells in pilots)
        assert eased == sum(cells["benefit_flag"] == "1" for cells in rows)
        shares.append((len(pilots), eased))
    assert shares == sorted(shares)
    assert shares[-1] == (286, 267)
    assert round(100 * 267 / 286, 2) == 93.36


def test_there_is_none_on_other_days(generator: Generator) -> None:
    assert [feed for feed, _ in generator.cases(date(2010, 6, 29)) if feed == "N08"] == []
