"""Connections to the warehouse."""

from __future__ import annotations

import psycopg

from ciq.errors import CiqError
from ciq.settings import Role, Settings


def connect(
    settings: Settings, role: Role, *, autocommit: bool = False, application: str = "ciq"
) -> psycopg.Connection:
    """Log in as `role`.

    Session: time zone Asia/Shanghai and ISO dates, as the digests of rows rely on; a statement ends when its client
    has gone. Raises psycopg.OperationalError when the server cannot be reached.
    """
    return _open(settings.dsn(role), autocommit=autocommit, application=application)


def connect_login(
    settings: Settings, login: str, *, autocommit: bool = False, application: str = "ciq"
) -> psycopg.Connection:
    """As `connect`, as a login that is no duty of the warehouse: a branch reader."""
    return _open(settings.login_dsn(login), autocommit=autocommit, application=application)


def _open(dsn: str, *, autocommit: bool, application: str) -> psycopg.Connection:
    return psycopg.connect(
        dsn,
        autocommit=autocommit,
        application_name=application,
        options="-c timezone=Asia/Shanghai -c datestyle=ISO,YMD -c client_connection_check_interval=2s",
        keepalives_idle=10,
    )


def words_without_cells(error: BaseException) -> str:
    """What an error says, for logs and tables that all may read, without the cells of records that it may quote.

    PostgreSQL's CONTEXT carries a piece of the record and its message the value, as `...: "value"`; a ValueError quotes
    what it could not read.
    """
    kind = type(error).__name__
    if isinstance(error, psycopg.Error):
        said = (error.diag.message_primary or "").partition(': "')[0]
        return " ".join(part for part in (kind, error.sqlstate, said) if part)
    if isinstance(error, OSError):
        return f"{kind} {error.strerror or ''}".rstrip()
    return f"{kind}: {error}" if isinstance(error, CiqError) else kind
