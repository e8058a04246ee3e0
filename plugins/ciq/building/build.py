"""One build: freeze, run dbt, test, promote; or undo."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from ciq.building.dbt_run import Step, run_dbt
from ciq.building.freeze import Frozen, freeze
from ciq.building.locks import building
from ciq.building.promote import MartChange, promote
from ciq.building.undo import abandon_running_builds, undo_marts
from ciq.database import connect
from ciq.errors import BuildError
from ciq.landing.journal import flush
from ciq.settings import Settings

log = logging.getLogger(__name__)

COMMAND = ("build", "--select", "tag:build", "--exclude-resource-type", "unit_test")
"""One invocation for all models and their tests; views and static dimensions are made at deploy only."""


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """What a build did. `publication_no` is None when nothing was queued."""

    publication_no: int | None
    slices: int = 0
    keys: int = 0
    seconds: float = 0.0
    steps: tuple[Step, ...] = ()
    marts: tuple[MartChange, ...] = ()


def build(settings: Settings, run_ref: str) -> BuildReport:
    """Build what is queued and promote it as the next publication; waits for a build that is under way.

    Whatever happens before the promotion, readers see the former publication, and the next call starts from the same
    queue. Raises BuildError naming the model or test that failed, and the key where one is known.
    """
    started = time.monotonic()
    with building(settings, application="ciq build") as connection:
        if abandon_running_builds(connection):
            log.info("a build was left unfinished: undoing it")
        undo_marts(settings)
        frozen = freeze(connection, run_ref=run_ref)
        if frozen is None:
            return BuildReport(publication_no=None)
        log.info("building publication %s: %s keys, %s slices", frozen.publication_no, frozen.keys, frozen.slices)
        try:
            steps = _run(settings, frozen)
            flush(settings, connection)
            marts = promote(settings, connection, frozen, run_ref=run_ref)
        except BaseException as error:
            _give_up(settings, connection, frozen, error)
            raise
    return BuildReport(
        publication_no=frozen.publication_no,
        slices=frozen.slices,
        keys=frozen.keys,
        seconds=round(time.monotonic() - started, 3),
        steps=tuple(steps),
        marts=tuple(marts),
    )


def _run(settings: Settings, frozen: Frozen) -> list[Step]:
    steps = run_dbt(settings, COMMAND, build_id=frozen.build_id)
    broken = [step for step in steps if not step.is_well]
    if broken:
        raise BuildError(_explain(settings, broken), advice="The former publication stays; the queue is kept.")
    return steps


def _explain(settings: Settings, broken: Sequence[Step]) -> str:
    """The first model or test that failed, in its own words, and for a test the first key that it found."""
    first = broken[0]
    text = f"{first.kind} {first.name} failed: {' '.join(first.message.split())}"
    if first.kind == "test" and first.compiled:
        with connect(settings, "dbt", autocommit=True, application="ciq build") as connection:
            try:
                cursor = connection.execute(f"select * from ({first.compiled}) found limit 1".encode())
                row = cursor.fetchone()
            except psycopg.Error as error:
                return f"{text} ({error})"
            if row is not None:
                names = [column.name for column in cursor.description or ()]
                text += f"; first: {dict(zip(names, map(str, row), strict=True))}"
    others = [step.name for step in broken[1:]]
    return text + (f"; also failed: {', '.join(others)}" if others else "")


def _give_up(settings: Settings, connection: psycopg.Connection, frozen: Frozen, error: BaseException) -> None:
    """Mark the build failed and undo it. When even that fails, the next build does it first."""
    try:
        connection.execute(
            "update audit.build set state = 'failed', finished_at = clock_timestamp(), error = %s"
            " where build_id = %s and state = 'running'",
            (str(error)[:4000], frozen.build_id),
        )
        undo_marts(settings)
    except psycopg.Error:
        log.exception("build %s could not be undone; the next build does it first", frozen.build_id)
