"""Ask the published schema at one publication, query by query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import psycopg

from ciq.database import connect
from ciq.ledger.publications import read_publication
from ciq.reviewing.model import AsOf
from ciq.settings import Settings

REFUSED = (
    psycopg.ProgrammingError,
    psycopg.DataError,
    psycopg.NotSupportedError,
    psycopg.InternalError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
)
"""What refuses a query that does not fit the tables or their values. Other errors, of a server that goes away or has no
room left, say nothing of the query; no figure is called unavailable for them."""


@contextmanager
def reading(
    settings: Settings, as_of: str | int | None, *, application: str
) -> Iterator[tuple[psycopg.Connection, AsOf]]:
    """A connection of the auditor that only reads, in one snapshot, with schema `published` as its search path and one
    publication pinned: that of a number or time, else the newest.

    Raises SettingsError for a number or time that cannot be read, or a number yet to come.
    """
    with connect(settings, "auditor", application=application) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local search_path = published")
        yield connection, _pin(connection, as_of)


def _pin(connection: psycopg.Connection, as_of: str | int | None) -> AsOf:
    number = read_publication(connection, None if as_of is None else str(as_of))
    promoted = connection.execute(
        "select promoted_at from audit.publication where publication_no = %s", (number,)
    ).fetchone()
    return AsOf(publication_no=number, promoted_at=promoted[0] if promoted else None)


def ask(connection: psycopg.Connection, query: str) -> Decimal | None:
    """The one value of a query. Raises one of REFUSED when it does not fit; the transaction goes on after it."""
    with connection.transaction():
        row = connection.execute(as_sql(query)).fetchone()
    if row is None or row[0] is None:
        return None
    return Decimal(str(row[0]))


def as_sql(query: str) -> bytes:
    """A query of a definition, which was reviewed as code is; its values are those of `ciq.indicators.period`."""
    return query.encode()


def published_tables(connection: psycopg.Connection) -> frozenset[str]:
    """Names of all that can be read in schema published."""
    rows = connection.execute(
        "select relname from pg_class where relnamespace = 'published'::regnamespace and relkind in ('v', 'r', 'm')"
    ).fetchall()
    return frozenset(str(row[0]) for row in rows)
