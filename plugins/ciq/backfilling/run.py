"""The steps of a backfill: begin with a plan, fetch, load, publish, and finish with what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ciq.backfilling.planning import Plan, make_plan
from ciq.backfilling.report import BackfillReport, read_backfill
from ciq.backfilling.request import Request, check_range, check_reason, check_same
from ciq.building import BuildReport, build
from ciq.building.totals import read_facts, read_movements, read_totals
from ciq.collecting.collect import CollectReport, collect
from ciq.collecting.days import close_days
from ciq.contracts import load_contracts
from ciq.contracts.tables import ods_table
from ciq.database import connect
from ciq.errors import CiqError
from ciq.ledger.events import append_event
from ciq.loading import Claim, LoadReport, journal_rejudging, load
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint

ONE_SNAPSHOT = "set transaction isolation level repeatable read"


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """A backfill that was asked for, as the ledger keeps it."""

    number: int
    request: Request
    run_ref: str
    publication_before: int

    @property
    def claim(self) -> Claim:
        """What its loads take: its range only."""
        request = self.request
        return Claim(
            first=request.first,
            last=request.last,
            feeds=request.feeds,
            branches=request.branches,
            again=request.mode == "landing",
        )


def plan(settings: Settings, request: Request) -> Plan:
    """What a backfill would do. Changes nothing. Raises BackfillRefusedError."""
    with connect(settings, "auditor", application="ciq backfill plan") as connection:
        connection.execute(ONE_SNAPSHOT)
        check_range(settings, connection, request)
        return make_plan(connection, request)


def begin(settings: Settings, request: Request, *, run_ref: str, requested_by: str) -> Backfill:
    """Check the request, plan it, and keep both with the totals of before; under a known `run_ref` go on with that one.

    Raises BackfillRefusedError, with nothing kept, for what cannot be done, and for a known `run_ref` under which
    something else was asked for.
    """
    known = find(settings, run_ref)
    if known is not None:
        check_same(run_ref, kept=known.request, asked=request)
        return known
    check_reason(request)
    with connect(settings, "auditor", application="ciq backfill plan") as connection:
        connection.execute(ONE_SNAPSHOT)
        check_range(settings, connection, request)
        made = make_plan(connection, request)
        before = _promoted_no(connection)
        totals = read_totals(connection, read_facts(connection))
    kept = {"slices": len(made.slices), "counts": made.counts, "to_do": [one.as_json() for one in made.to_do]}
    asked = _asked(request, run_ref=run_ref, requested_by=requested_by)
    with connect(settings, "loader", application="ciq backfill") as connection:
        row = connection.execute(
            "insert into audit.backfill (run_ref, requested_by, first_day, last_day, branches, feeds, mode, reason,"
            " ticket, is_dry_run, plan, publication_before, totals_before) values (%(run_ref)s, %(requested_by)s,"
            " %(first)s, %(last)s, %(branches)s::text[], %(feeds)s::text[], %(mode)s, %(reason)s, %(ticket)s,"
            " %(is_dry_run)s, %(plan)s, %(before)s, %(totals)s) on conflict (run_ref) do nothing"
            " returning backfill_no, encode(sha256(convert_to((plan -> 'to_do')::text, 'UTF8')), 'hex')",
            {**asked, "plan": Jsonb(kept), "before": before, "totals": Jsonb(totals)},
        ).fetchone()
        if row is not None:
            number, digest = row  # the planned slices may be thousands: the log takes their digest
            summary = {"slices": kept["slices"], "counts": kept["counts"], "to_do_sha256": digest}
            payload = {"backfill_no": number, **asked, "plan": summary, "publication_before": before}
            append_event(connection, "backfill_requested", {**payload, "totals_before": totals})
    found = find(settings, run_ref)
    assert found is not None
    check_same(run_ref, kept=found.request, asked=request)
    return found


def _asked(request: Request, *, run_ref: str, requested_by: str) -> dict[str, Any]:
    sets = {"branches": sorted(set(request.branches)), "feeds": sorted(set(request.feeds))}
    return {**asdict(request), **sets, "run_ref": run_ref, "requested_by": requested_by}


def find(settings: Settings, run_ref: str) -> Backfill | None:
    """The backfill that a run asked for."""
    with (
        connect(settings, "auditor", application="ciq backfill") as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        row = cursor.execute(
            "select backfill_no as number, run_ref, publication_before, first_day as first, last_day as last, branches,"
            " feeds, mode, reason, ticket, is_dry_run from audit.backfill where run_ref = %s",
            (run_ref,),
        ).fetchone()
    if row is None:
        return None
    own = {name: row.pop(name) for name in ("number", "run_ref", "publication_before")}
    return Backfill(**own, request=Request(**row))


def load_groups(settings: Settings, request: Request) -> list[str]:
    """The load groups of the contracts that hold a requested feed."""
    groups = load_contracts(settings.contracts).load_groups
    return [group for group, feeds in groups.items() if not request.feeds or set(feeds) & set(request.feeds)]


def fetch(settings: Settings, backfill: Backfill, endpoints: Sequence[BranchEndpoint]) -> CollectReport:
    """Collect what is new up to the last day from the branches asked for. What a branch refuses is in the report."""
    wanted = set(backfill.request.branches)
    chosen = [one for one in endpoints if not wanted or one.org_code in wanted]
    return collect(settings, chosen, up_to=backfill.request.last, run_ref=backfill.run_ref)


def load_group(settings: Settings, backfill: Backfill, group: str) -> LoadReport:
    """Judge the range's deliveries of one load group; in mode `marts`, or without a requested feed in it, none."""
    feeds = load_contracts(settings.contracts).load_groups[group]
    wanted = [feed for feed in feeds if not backfill.request.feeds or feed in backfill.request.feeds]
    if backfill.request.mode == "marts" or not wanted:
        return LoadReport()
    claim = replace(backfill.claim, feeds=wanted)
    if claim.again:
        journal_rejudging(settings, claim, reason=f"backfill {backfill.number}: {backfill.request.reason}")
    return load(settings, claim, run_ref=backfill.run_ref)


def publish(settings: Settings, backfill: Backfill) -> BuildReport:
    """Close the range's days when all branches and feeds were fetched, then build once.

    The other modes collect nothing, so they cannot say that what is not there is missing.

    Raises BuildError: the former publication stays readable, the queue is kept.
    """
    request = backfill.request
    with connect(settings, "loader", autocommit=True, application="ciq backfill") as connection:
        if request.is_whole and request.mode == "fetch":
            close_days(connection, request.first, request.last, run_ref=backfill.run_ref)
        if request.mode == "marts":
            _queue_keys(settings, connection, backfill)
    return build(settings, run_ref=backfill.run_ref)


def _queue_keys(settings: Settings, connection: psycopg.Connection, backfill: Backfill) -> None:
    """Queue the slices of the range, its closed days, and every key that a row of it speaks of. One transaction."""
    request = backfill.request
    parameters = {
        "first": request.first,
        "last": request.last,
        "branches": list(request.branches),
        "feeds": list(request.feeds),
        "reason": f"backfill {backfill.number}",
    }
    branch = "(%(branches)s::text[] = '{{}}' or {} = any(%(branches)s))"
    queue = "insert into audit.build_queue (entity, key, reason) "
    with connection.transaction():
        for record_type in load_contracts(settings.contracts).record_types:
            if record_type.entity is None or (request.feeds and record_type.feed_code not in request.feeds):
                continue
            entity, column = record_type.entity
            statement = sql.SQL(
                queue + "select distinct {}, {}, %(reason)s from {}"
                f" where business_date between %(first)s and %(last)s and {branch}"
            ).format(sql.Literal(entity), sql.Identifier(column), ods_table(record_type), sql.Identifier("sender_org"))
            connection.execute(statement, parameters)
        statement = sql.SQL(
            queue + "select distinct 'slice', feed_code || '|' || org_code || '|' || business_date, %(reason)s"
            " from audit.slice_version where business_date between %(first)s and %(last)s"
            f" and {branch} and (%(feeds)s::text[] = '{{{{}}}}' or feed_code = any(%(feeds)s))"
        ).format(sql.Identifier("org_code"))
        connection.execute(statement, parameters)
        if request.is_whole:
            connection.execute(
                queue.encode() + b"select 'day', business_date::text, %(reason)s from audit.closed_day"
                b" where business_date between %(first)s and %(last)s",
                parameters,
            )


def finish(settings: Settings, backfill: Backfill) -> BackfillReport:
    """Keep the difference report; once kept it stays. Call it when every step has succeeded."""
    with connect(settings, "auditor", application="ciq backfill report") as connection:
        connection.execute(ONE_SNAPSHOT)
        facts = read_facts(connection)
        after = _promoted_no(connection)
        totals = read_totals(connection, facts)
        before = backfill.publication_before
        moved = [one.as_json() for one in read_movements(connection, facts, before=before, after=after)]
        publications = _publications(connection, before, after)
        open_slices = make_plan(connection, backfill.request).open_slices
    with connect(settings, "loader", application="ciq backfill report") as connection:
        row = connection.execute(
            "insert into audit.backfill_result (backfill_no, publication_after, totals_after, publications, moved,"
            " open_slices) values (%s, %s, %s, %s, %s, %s) on conflict do nothing returning backfill_no",
            (backfill.number, after, Jsonb(totals), Jsonb(publications), Jsonb(moved), Jsonb(open_slices)),
        ).fetchone()
        if row is not None:
            payload = {
                "backfill_no": backfill.number,
                "run_ref": backfill.run_ref,
                "publication_after": after,
                "totals_after": totals,
                "publications": publications,
                "moved": moved,
                "open_slices": open_slices,
            }
            append_event(connection, "backfill_finished", payload)
    report = read_backfill(settings, backfill.number)
    if report is None:
        raise CiqError(f"Backfill {backfill.number} is gone from the ledger")
    return report


def _promoted_no(connection: psycopg.Connection) -> int:
    row = connection.execute("select audit.promoted_no()").fetchone()
    assert row is not None
    return int(row[0])


def _publications(connection: psycopg.Connection, before: int, after: int) -> list[dict[str, Any]]:
    """Those promoted since the plan, whichever run built them: builds coalesce, so one may hold the work of several."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select p.publication_no, p.run_ref, sum(m.rows_opened)::bigint as rows_opened,"
            " sum(m.rows_closed)::bigint as rows_closed from audit.publication p"
            " join audit.publication_mart m using (publication_no)"
            " where publication_no > %s and publication_no <= %s group by 1, 2 order by 1",
            (before, after),
        ).fetchall()
