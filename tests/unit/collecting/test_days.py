"""A closed day shows what is missing, and is queued for one build."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from ciq.collecting.days import close_day, close_days, close_delivered_days, day_summary, due_part
from ciq.database import connect
from ciq.ledger.reference import fill_due_days
from ciq.settings import Settings
from support.bureau import workday_feeds


def test_a_day_is_closed_once(warehouse: Settings, ledger: psycopg.Connection) -> None:
    day = date(2010, 6, 8)
    with connect(warehouse, "loader", autocommit=True) as connection:
        assert close_day(connection, day, run_ref="first") is True
        assert close_day(connection, day, run_ref="second") is False
    assert ledger.execute("select business_date, run_ref from audit.closed_day").fetchall() == [(day, "first")]
    assert ledger.execute("select entity, key from audit.build_queue").fetchall() == [("day", "2010-06-08")]
    assert ledger.execute("select count(*) from audit.event where kind = 'day_closed'").fetchone() == (1,)


def test_a_range_closes_the_days_whose_cut_off_has_passed(warehouse: Settings, ledger: psycopg.Connection) -> None:
    with connect(warehouse, "loader", autocommit=True) as connection:
        assert close_days(connection, date(2010, 6, 14), date(2010, 6, 16), run_ref="range") == 3
        row = ledger.execute("select (clock_timestamp() at time zone 'Asia/Shanghai')::date").fetchone()
        assert row is not None
        assert close_days(connection, row[0], row[0], run_ref="today") == 0
        assert close_delivered_days(connection, run_ref="all") == 0, "nothing was accepted"


def test_the_days_due_are_those_that_the_database_was_prepared_with(
    warehouse: Settings, ledger: psycopg.Connection
) -> None:
    june = date(2010, 6, 1), date(2010, 6, 30)
    assert due_part(ledger, *june) == (date(2010, 6, 8), date(2010, 6, 9))
    with connect(warehouse, "owner", autocommit=True) as owner, owner.transaction(force_rollback=True):
        fill_due_days(owner, None, None)
        assert due_part(owner, *june) == june


def test_a_weekly_feed_is_due_on_the_last_workday_of_the_week(warehouse: Settings) -> None:
    """Saturday and Sunday of that week were worked for the Dragon Boat Festival; the next one has its Friday."""
    with connect(warehouse, "owner", autocommit=True) as owner, owner.transaction(force_rollback=True):
        fill_due_days(owner, None, None)
        days = owner.execute(
            "select distinct business_date from ref.due where feed_code = 'F09'"
            " and business_date between '2010-06-07' and '2010-06-20' order by 1"
        ).fetchall()
    assert [row[0] for row in days] == [date(2010, 6, 13), date(2010, 6, 18)]


def test_the_summary_names_who_is_missing(warehouse: Settings, sender: Any, ledger: psycopg.Connection) -> None:
    sender.put_pair(sender.stem(), b"waits for its load\n")
    sender.put(sender.stem(2).data_name(), b"alone\n")
    sender.collect()
    feeds = {feed.feed_code: feed for feed in day_summary(ledger, date(2010, 6, 8))}
    assert sorted(feeds) == workday_feeds(), "those of workdays"
    assert (feeds["F01"].waiting, feeds["F01"].unpaired, feeds["F01"].accepted) == (1, 1, 0)
    assert len(feeds["F02"].missing) == 20
    # Nothing is due on a Sunday.
    assert day_summary(ledger, date(2010, 6, 6)) == []
