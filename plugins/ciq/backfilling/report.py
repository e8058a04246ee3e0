"""The difference report: what was asked for, by whom and why, and what moved. Read from the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from ciq.backfilling.request import Mode
from ciq.building.totals import Totals
from ciq.database import connect
from ciq.settings import Settings


@dataclass(frozen=True, kw_only=True)
class BackfillLine:
    """One backfill in the list."""

    backfill_no: int
    requested_at: datetime
    requested_by: str
    first_day: date
    last_day: date
    mode: Mode
    reason: str
    ticket: str
    state: str
    """dry run, finished, or unfinished: under way, or broken off."""
    publication_before: int
    publication_after: int | None

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class BackfillReport:
    """One backfill with its plan and, once finished, what came of it. None: not finished, or a dry run."""

    backfill_no: int
    run_ref: str
    requested_by: str
    login: str
    requested_at: datetime
    finished_at: datetime | None
    first_day: date
    last_day: date
    branches: Sequence[str]
    feeds: Sequence[str]
    mode: Mode
    reason: str
    ticket: str
    is_dry_run: bool
    plan: Mapping[str, Any]
    publication_before: int
    publication_after: int | None
    totals_before: Totals
    totals_after: Totals | None
    publications: Sequence[Mapping[str, Any]] | None
    moved: Sequence[Mapping[str, Any]] | None
    open_slices: Sequence[str] | None
    """Due in the range and not published when it finished."""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)

    @property
    def differences(self) -> list[tuple[str, str, Decimal, Decimal]]:
        """(fact, measure, before, after) of every total that moved."""
        after = self.totals_after or {}
        return [
            (fact, measure, Decimal(self.totals_before.get(fact, {}).get(measure, "0")), Decimal(value))
            for fact, measures in after.items()
            for measure, value in measures.items()
            if Decimal(self.totals_before.get(fact, {}).get(measure, "0")) != Decimal(value)
        ]


def list_backfills(settings: Settings) -> list[BackfillLine]:
    """Every backfill that was asked for, the newest first."""
    with (
        connect(settings, "auditor", application="ciq backfill list") as connection,
        connection.cursor(row_factory=class_row(BackfillLine)) as cursor,
    ):
        return cursor.execute(
            "select backfill_no, requested_at, requested_by, first_day, last_day, mode, reason, ticket,"
            " case when is_dry_run then 'dry run' when r.finished_at is null then 'unfinished' else 'finished' end"
            " as state, publication_before, publication_after"
            " from audit.backfill left join audit.backfill_result r using (backfill_no) order by backfill_no desc"
        ).fetchall()


def read_backfill(settings: Settings, number: int) -> BackfillReport | None:
    """One backfill by its number; None when there is none."""
    with (
        connect(settings, "auditor", application="ciq backfill show") as connection,
        connection.cursor(row_factory=class_row(BackfillReport)) as cursor,
    ):
        return cursor.execute(
            "select backfill_no, run_ref, requested_by, login, requested_at, finished_at, first_day, last_day,"
            " branches, feeds, mode, reason, ticket, is_dry_run, plan, publication_before, publication_after,"
            " totals_before, totals_after, publications, moved, open_slices"
            " from audit.backfill left join audit.backfill_result using (backfill_no) where backfill_no = %s",
            (number,),
        ).fetchone()
