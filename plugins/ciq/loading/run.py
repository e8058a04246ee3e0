"""Run loads: claim deliveries, stage, judge, have Great Expectations audit them, accept."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from typing import BinaryIO

import psycopg
from psycopg import sql

from ciq.contracts import Contract, ContractSet, load_contracts
from ciq.contracts.predicates import complete_sets, judge_rows
from ciq.contracts.tables import candidate_table, create_candidate, create_raw, raw_table
from ciq.database import connect, words_without_cells
from ciq.errors import CiqError, LoadError, Place
from ciq.landing.journal import keep_texts
from ciq.landing.store import LandingStore
from ciq.ledger.events import append_event
from ciq.ledger.pseudonyms import use_key
from ciq.loading.accept import LoadContext, accept, log_verdicts, make_partitions
from ciq.loading.claim import Claim, Delivery, find_deliveries, find_unjudged, lock_slices
from ciq.loading.decode import UnreadableFileError
from ciq.loading.formats import Source
from ciq.loading.judge import Judgement, apply_decisions, judge_manifest, judge_rows_of, release_rows
from ciq.loading.rejects import RejectSource
from ciq.loading.results import store_delivery_results, store_gate_results, store_sql_results
from ciq.loading.rules import Group, grouped, read_rulebook
from ciq.loading.staging import Staged, stage_delivery
from ciq.settings import Settings

log = logging.getLogger(__name__)

MAX_DELIVERIES = 400
"""Deliveries of one load: bounds its locks, its staging space and the work that a crash repeats."""


@dataclass(kw_only=True)
class LoadReport:
    """What a call of `load` did. `errors` names deliveries that could not be judged for reasons of ours."""

    loads: list[int] = field(default_factory=list)
    accepted: int = 0
    held: int = 0
    rows_received: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_held: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, judgement: Judgement) -> None:
        """Count one verdict."""
        rows = judgement.rows
        self.accepted += judgement.accepted
        self.held += not judgement.accepted
        self.rows_received += rows.received
        self.rows_accepted += rows.accepted
        self.rows_quarantined += rows.quarantined
        self.rows_held += rows.held


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a call of `load` is, told after each group of deliveries of one feed."""

    feed_code: str
    first: date
    last: date
    """Business dates of the group, both included."""
    deliveries: int
    """Gone through so far, of `of` that were found."""
    of: int
    rows: int
    """Received so far."""


def load(
    settings: Settings, claim: Claim, *, run_ref: str, tell: Callable[[Progress], None] = lambda _: None
) -> LoadReport:
    """Judge every delivery of the claim that has no verdict yet, and publish nothing: that is the build's part.

    Safe to repeat and to kill at any point. Raises psycopg.OperationalError when the database is out of reach.
    """
    job = _Job(settings=settings, claim=claim, run_ref=run_ref, contracts=load_contracts(settings.contracts))
    with connect(settings, "loader", autocommit=True, application="ciq load") as connection:
        sweep(connection)
        deliveries = find_deliveries(connection, claim)
        rulebook = read_rulebook(settings, connection, job.contracts)
    if deliveries:
        keep_texts(settings)  # a decision on a verdict is judged under the contract that the verdict was given under
    done = 0
    for group in grouped(rulebook, deliveries, again=claim.again, most=MAX_DELIVERIES, errors=job.report.errors):
        _load_or_part(job, group)
        done += len(group.deliveries)
        tell(_progress(group, done, len(deliveries), job.report))
    return job.report


def _progress(group: Group, done: int, found: int, report: LoadReport) -> Progress:
    days = [delivery.business_date for delivery in group.deliveries]
    return Progress(
        feed_code=group.deliveries[0].feed_code,
        first=min(days),
        last=max(days),
        deliveries=done,
        of=found,
        rows=report.rows_received,
    )


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What is common to the loads of one call."""

    settings: Settings
    claim: Claim
    run_ref: str
    contracts: ContractSet
    report: LoadReport = field(default_factory=LoadReport)


def _load_or_part(job: _Job, group: Group) -> None:
    """Load a group; where one delivery makes it fail, load each by itself, so that it stops no other.

    Raises psycopg.OperationalError when the database is out of reach: then nothing would help.
    """
    try:
        _load_group(job, group)
    except (CiqError, psycopg.Error, ArithmeticError, LookupError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, psycopg.OperationalError) and not isinstance(error, psycopg.errors.ProgramLimitExceeded):
            # psycopg's words quote a piece of the record that was on its way, and whoever called us logs them.
            raise type(error)(words_without_cells(error)) from None
        first = group.deliveries[0]
        if len(group.deliveries) == 1:
            place = Place(
                feed=first.feed_code, branch=first.org_code, business_date=first.business_date, file=first.data_name
            )
            words = words_without_cells(error)
            said = error if isinstance(error, CiqError) else LoadError(f"It cannot be judged: {words}", place=place)
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("delivery %s makes its load fail: %s\n%s", first.data_name, words, frames)
            job.report.errors.append(str(said))
            return
        words = words_without_cells(error)
        log.warning("a load of %d deliveries failed and is tried one by one: %s", len(group.deliveries), words)
        for delivery in group.deliveries:
            _load_or_part(job, replace(group, deliveries=[delivery]))


def rejudge(settings: Settings, delivery_ids: Sequence[int], *, run_ref: str) -> LoadReport:
    """Judge deliveries again from landing after decisions on them, under the rules of the verdicts decided on."""
    return load(settings, Claim(deliveries=delivery_ids), run_ref=run_ref)


def journal_rejudging(settings: Settings, claim: Claim, *, reason: str) -> None:
    """Log that deliveries are to be judged again under today's rules, and why: rules never reach back by themselves."""
    with connect(settings, "loader", application="ciq load") as connection:
        append_event(
            connection,
            "rejudging",
            {
                "first": claim.first,
                "last": claim.last,
                "feeds": sorted(claim.feeds),
                "branches": sorted(claim.branches),
                "reason": reason,
            },
        )


def _load_group(job: _Job, group: Group) -> None:
    settings, contract, report = job.settings, group.contract, job.report
    first = group.deliveries[0]
    with connect(settings, "loader", autocommit=True, application="ciq load") as connection:
        lock_slices(connection, group.deliveries)
        still = find_unjudged(connection, job.claim, group.deliveries, group.rules_hash)
        if not still:  # another load was faster, or the same rules were to be applied again
            return
        load_id = _begin(connection, first.feed_code, len(still), job.run_ref)
        # Without a contract in force nothing is staged; any contract gives the empty tables their shape.
        shape = contract or job.contracts.feeds[0]
        context = LoadContext(contract=shape, load_id=load_id, rules_hash=group.rules_hash)
        try:
            judgements = _judge(settings, connection, context, still, contract, report)
            store = LandingStore(settings.landing_root)
            make_partitions(connection, context.contract, judgements)
            with connection.transaction():
                accepted = accept(connection, context, judgements, lambda j: _reject_source(store, context.contract, j))
                if contract:
                    store_sql_results(connection, context)
                store_delivery_results(connection, context, judgements)
                connection.execute(
                    "update audit.load set state = 'finished', finished_at = clock_timestamp() where load_id = %s",
                    (load_id,),
                )
                log_verdicts(connection, context, judgements, accepted)
            report.loads.append(load_id)
            for judgement in judgements:
                report.add(judgement)
        except BaseException as error:
            _abandon(connection, load_id, error)
            raise
        finally:
            _drop_staging(connection, load_id)


def _begin(connection: psycopg.Connection, feed_code: str, deliveries: int, run_ref: str) -> int:
    row = connection.execute("select nextval(pg_get_serial_sequence('audit.load', 'load_id'))").fetchone()
    assert row is not None
    # Held while the load lives, and before anybody can see it: `sweep` knows a dead load by its free lock.
    connection.execute("select pg_advisory_lock(7300010, %s::int)", (row[0],))
    connection.execute(
        "insert into audit.load (load_id, run_ref, feed_code, deliveries, software) overriding system value"
        " values (%s, %s, %s, %s, %s)",
        (row[0], run_ref, feed_code, deliveries, f"ciq {version('ciq-warehouse')}"),
    )
    return int(row[0])


def _judge(
    settings: Settings,
    connection: psycopg.Connection,
    context: LoadContext,
    deliveries: Sequence[Delivery],
    contract: Contract | None,
    report: LoadReport,
) -> list[Judgement]:
    for record_type in context.contract.record_types:
        connection.execute(create_raw(record_type, context.load_id))
        connection.execute(create_candidate(record_type, context.load_id))
    judgements = []
    for delivery in deliveries:
        judgement = Judgement(delivery=delivery, holds=judge_manifest(delivery, contract))
        if contract is None or not judgement.holds:
            try:
                if contract:
                    _stage(settings, connection, contract, context.load_id, judgement)
            except CiqError as error:  # its bytes are not to be had: the others go on, this one stays unjudged
                log.error("delivery %s cannot be judged: %s", delivery.data_name, error)
                report.errors.append(str(error))
                continue
        judgements.append(judgement)
    if contract and any(judgement.staged for judgement in judgements):
        _judge_rows(settings, connection, context, judgements)
    apply_decisions(connection, judgements)
    return judgements


def _stage(
    settings: Settings, connection: psycopg.Connection, contract: Contract, load_id: int, judgement: Judgement
) -> Staged | None:
    delivery = judgement.delivery
    with LandingStore(settings.landing_root).open(delivery.data_sha256) as file:
        try:
            staged = stage_delivery(
                connection,
                contract=contract,
                load_id=load_id,
                delivery_id=delivery.delivery_id,
                source=_source(file, delivery, contract),
            )
        except UnreadableFileError as unreadable:
            judgement.holds[unreadable.rule] = unreadable.detail
            return None
    judgement.staged = True
    judgement.source = staged
    return staged


def _source(file: BinaryIO, delivery: Delivery, contract: Contract) -> Source:
    """The manifest says how the file is written; for what it has no word for, the contract."""
    manifest = delivery.manifest
    return Source(
        file=file,
        encoding=str(manifest["encoding"]),
        form=str(manifest["delimiter"]),
        layout=contract.format_of(delivery.org_code),
    )


def _judge_rows(
    settings: Settings, connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement]
) -> None:
    load_id = context.load_id
    for record_type in context.contract.record_types:
        connection.execute(sql.SQL("analyze {}").format(raw_table(record_type, load_id)))
        if record_type.pseudonymised:
            use_key(connection, settings)
        connection.execute(judge_rows(record_type, load_id))
        release_rows(connection, record_type, load_id)
        sets = complete_sets(record_type, load_id)
        if sets is not None:
            connection.execute(sets)
        connection.execute(sql.SQL("analyze {}").format(candidate_table(record_type, load_id)))
    judge_rows_of(connection, context.contract, load_id, judgements)
    _audit(settings, connection, context, judgements)


def _audit(
    settings: Settings, connection: psycopg.Connection, context: LoadContext, judgements: Sequence[Judgement]
) -> None:
    """Great Expectations audits the rows about to be accepted; where it disagrees the delivery is held."""
    from ciq.quality.gate import audit_candidates

    gate = audit_candidates(settings.dsn("loader"), context.contract, context.load_id)
    for judgement in judgements:
        delivery_id = judgement.delivery.delivery_id
        rules = gate.disagrees.get(delivery_id, ())
        if rules:
            judgement.holds["D-audit_disagrees"] = {"expected": "no broken rows", "found": list(rules)}
        if judgement.staged and (delivery_id in gate.over_limit) != ("D-reject_limit" in judgement.holds):
            judgement.holds["D-audit_disagrees"] = {"expected": "the same reject limit", "found": ["D-reject_limit"]}
    with connection.transaction():
        store_gate_results(connection, context, gate)


def _reject_source(store: LandingStore, contract: Contract, judgement: Judgement) -> Iterator[RejectSource]:
    assert judgement.source is not None
    with store.open(judgement.delivery.data_sha256) as file:
        yield RejectSource(_source(file, judgement.delivery, contract), contract, judgement.source)


def _abandon(connection: psycopg.Connection, load_id: int, error: BaseException) -> None:
    try:
        connection.execute(
            "update audit.load set state = 'failed', finished_at = clock_timestamp(), error = %s where load_id = %s",
            (words_without_cells(error)[:2000], load_id),
        )
    except psycopg.Error:
        log.warning("load %s: the database is gone; the next load will mark it abandoned", load_id)


def _drop_staging(connection: psycopg.Connection, load_id: int) -> None:
    try:
        names = connection.execute(
            "select tablename from pg_tables where schemaname = 'raw' and tablename like %s", (f"l{load_id}\\_%",)
        ).fetchall()
        for (name,) in names:
            connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier("raw", name)))
    except psycopg.Error:
        log.warning("load %s: its staging tables are left to the next load", load_id)


def sweep(connection: psycopg.Connection) -> None:
    """Clean up after loads whose process died: their lock is free, so nobody is at work on them."""
    rows = connection.execute("select load_id from audit.load where state = 'running'").fetchall()
    for (load_id,) in rows:
        free = connection.execute("select pg_try_advisory_lock(7300010, %s)", (load_id,)).fetchone()
        if free is None or not free[0]:
            continue
        connection.execute(
            "update audit.load set state = 'abandoned', finished_at = clock_timestamp() where load_id = %s"
            " and state = 'running'",
            (load_id,),
        )
        _drop_staging(connection, load_id)
        connection.execute("select pg_advisory_unlock(7300010, %s)", (load_id,))
