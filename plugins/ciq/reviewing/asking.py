"""Ask the published schema at one publication, query by query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import psycopg

from ciq.database import connect
from ciq.errors import SettingsError
from ciq.reviewing.model import AsOf
from ciq.settings import Settings


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
    wanted = "" if as_of is None else str(as_of)
    try:
        with connection.transaction():
            connection.execute("select set_config('ciq.as_of', %s, true)", (wanted,))
            row = connection.execute("select published.as_of_no()").fetchone()
    except psycopg.errors.InvalidParameterValue as error:
        raise SettingsError(f"{error.diag.message_primary} 无此发布号", advice="Take a former number.") from error
    except psycopg.DataError as error:
        raise SettingsError(
            f"{wanted!r} is no time and no number 无法识别", advice="Write 3, or 2010-12-31 08:00."
        ) from error
    assert row is not None
    # From here on the number itself: a time could name another publication once more is promoted.
    connection.execute("select set_config('ciq.as_of', %s, true)", (str(row[0]),))
    promoted = connection.execute(
        "select promoted_at from audit.publication where publication_no = %s", (row[0],)
    ).fetchone()
    return AsOf(publication_no=int(row[0]), promoted_at=promoted[0] if promoted else None)


def ask(connection: psycopg.Connection, query: str) -> Decimal | None:
    """The one value of a query. Raises psycopg.Error as the database does; the transaction goes on after it."""
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
