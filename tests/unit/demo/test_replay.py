"""The replay's months, and how its steps add up to stages."""

from datetime import date, timedelta

from ciq_demo.replay import FIRST_DAY, LAST_DAY, chunks
from ciq_demo.replay_summary import stages


def test_chunks_are_the_baseline_and_then_each_day_once():
    baseline, *months = chunks(FIRST_DAY, LAST_DAY)

    assert baseline.range == ("--from", "2009-01-01", "--to", "2009-12-31", "--feed", "N01")
    assert [month.name for month in months] == ["2009-12", *(f"2010-{number:02}" for number in range(1, 13))]
    days = [month.first + timedelta(days=n) for month in months for n in range((month.last - month.first).days + 1)]
    assert days == [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]


def test_chunks_of_part_of_a_month_stay_within_the_range():
    months = list(chunks(date(2010, 1, 30), date(2010, 2, 2)))[1:]

    assert [(month.first, month.last) for month in months] == [
        (date(2010, 1, 30), date(2010, 1, 31)),
        (date(2010, 2, 1), date(2010, 2, 2)),
    ]


def test_stages_add_up_the_steps_of_all_months():
    seconds = {
        "ciq init · 初始化数据仓库": 3.0,
        "files of 2010-01, as far as they were not ready · 等待数据文件": 1.0,
        "ciq load 2010-01 (1/2) · 装载": 10.0,
        "files of 2010-02, as far as they were not ready · 等待数据文件": 2.0,
        "ciq load 2010-02 (2/2) · 装载": 20.0,
    }

    assert stages(seconds) == {
        "ciq init": 3.0,
        "waiting for files (made beside the loads)": 3.0,
        "ciq load, all months": 30.0,
    }
