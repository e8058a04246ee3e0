"""Backfills of past days: a plan, loads over the whole range, one build, and a report of what moved.

The command line and Airflow's operators both call the steps here; each may be killed anywhere and run again.
"""

from ciq.backfilling.planning import Plan, PlannedSlice
from ciq.backfilling.report import BackfillLine, BackfillReport, list_backfills, read_backfill
from ciq.backfilling.request import BackfillRefusedError, Mode, Request, parse_day, parse_mode
from ciq.backfilling.run import Backfill, begin, fetch, find, finish, load_group, load_groups, plan, publish

__all__ = [
    "Backfill",
    "BackfillLine",
    "BackfillRefusedError",
    "BackfillReport",
    "Mode",
    "Plan",
    "PlannedSlice",
    "Request",
    "begin",
    "fetch",
    "find",
    "finish",
    "list_backfills",
    "load_group",
    "load_groups",
    "parse_day",
    "parse_mode",
    "plan",
    "publish",
    "read_backfill",
]
