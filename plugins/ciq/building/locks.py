"""The advisory locks of builds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ciq.database import connect
from ciq.ledger.locks import BUILD
from ciq.settings import Settings

log = logging.getLogger(__name__)

FENCE = 7300011
"""Shared by each model's transaction, exclusive while a build is undone; also in dbt_project/macros/fence.sql."""


@contextmanager
def building(settings: Settings, *, application: str) -> Iterator[psycopg.Connection]:
    """A session of the loader that holds the build lock; waits for a build that is under way. Autocommit."""
    with connect(settings, "loader", autocommit=True, application=application) as connection:
        row = connection.execute("select pg_try_advisory_lock(%s)", (BUILD,)).fetchone()
        if row is not None and not row[0]:
            log.info("another build is under way: waiting for it")
            connection.execute("select pg_advisory_lock(%s)", (BUILD,))
        yield connection
