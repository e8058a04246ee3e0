"""Which publication a transaction reads."""

from __future__ import annotations

import psycopg
from psycopg.pq import TransactionStatus

from ciq.errors import SettingsError


def read_publication(connection: psycopg.Connection, wanted: str | None) -> int:
    """Have the rest of the transaction under way read the publication of a number or a time; None: the newest.

    Returns its number. Raises SettingsError for what is neither, and for a number yet to come.
    """
    assert connection.info.transaction_status is not TransactionStatus.IDLE, "the setting would end with its statement"
    try:
        with connection.transaction():
            _set(connection, wanted or "")
            row = connection.execute("select published.as_of_no()").fetchone()
    except psycopg.errors.InvalidParameterValue as error:
        raise SettingsError(f"{error.diag.message_primary} 无此发布号", advice="Take a former number.") from error
    except psycopg.DataError as error:
        raise SettingsError(
            f"{wanted!r} is no time and no number 无法识别", advice="Write 3, or 2010-06-10 08:00."
        ) from error
    assert row is not None
    # From here on the number itself: once more is promoted, a time could name another publication.
    _set(connection, str(row[0]))
    return int(row[0])


def _set(connection: psycopg.Connection, value: str) -> None:
    connection.execute("select set_config('ciq.as_of', %s, true)", (value,))
