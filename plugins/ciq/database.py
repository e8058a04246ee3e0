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
    return psycopg.connect(
        settings.dsn(role),
        autocommit=autocommit,
        application_name=application,
        options="-c timezone=Asia/Shanghai -c datestyle=ISO,YMD -c client_connection_check_interval=2s",
        keepalives_idle=10,
    )
