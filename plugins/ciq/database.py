"""Connections to the warehouse."""

from __future__ import annotations

import psycopg

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
