"""What all logins share: secrets in a file of mode 0600, and the limits of those who only read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from ciq.ledger.keeping import keep_secret

BRANCH_READERS = "ciq_branch_reader"
"""The group of all branch readers; row security and grants name it, logins are its members."""

PREFIX = "ciq_reader_"
"""How logins of branch readers begin."""

RESERVED_CONNECTIONS = "pg_use_reserved_connections"
"""PostgreSQL's own role, whose members may have the last connections of a server that readers have filled."""

IDLE = {"idle_in_transaction_session_timeout": "10min"}
"""A session left open must not keep old rows from being removed."""

READER_SETTINGS = {
    "search_path": "published",
    "statement_timeout": "5min",
    "idle_session_timeout": "8h",
    "default_transaction_read_only": "on",
    **IDLE,
}
"""Defaults of BI and branch readers: they see the published views by name, and a forgotten query must not hold the
server. A session may `set` the limits otherwise; what it may read does not depend on them."""


def known_passwords(secrets_file: Path) -> dict[str, str]:
    """Login -> password, as on file."""
    return dict(json.loads(secrets_file.read_text(encoding="utf-8"))) if secrets_file.exists() else {}


def ensure_passwords(secrets_file: Path, logins: Collection[str]) -> dict[str, str]:
    """Login -> password, with new ones for those of `logins` that the file lacks."""
    known = known_passwords(secrets_file)
    missing = [login for login in logins if login not in known]
    if missing:
        known.update({login: secrets.token_urlsafe(24) for login in missing})
        keep_passwords(secrets_file, known)
    return known


def keep_passwords(secrets_file: Path, passwords: Mapping[str, str]) -> None:
    """Replace the file; it is never there half written, nor open to others."""
    keep_secret(secrets_file, json.dumps(dict(passwords), indent=1))


def make_login(connection: psycopg.Connection, login: str, password: str) -> None:
    """Make the login when it is missing; set its password."""
    there = connection.execute("select 1 from pg_roles where rolname = %s", (login,)).fetchone()
    connection.execute(
        sql.SQL("{} role {} login password {}").format(
            sql.SQL("alter" if there else "create"),
            sql.Identifier(login),
            sql.Literal(_verifier(connection, login, password)),
        )
    )


def grant_reserved_connections(connection: psycopg.Connection, logins: Collection[str]) -> None:
    """Let these logins have the connections that the server keeps back (`reserved_connections`), if we may grant that.

    An owner that may not goes on without: `ciq doctor` names the statement that gives it the right.
    """
    role = sql.Identifier(RESERVED_CONNECTIONS)
    row = connection.execute(
        "select pg_has_role(current_user, %s, 'member with admin option')", (RESERVED_CONNECTIONS,)
    ).fetchone()
    if row is None or not row[0]:
        return
    for login in logins:
        connection.execute(sql.SQL("grant {} to {}").format(role, sql.Identifier(login)))


def limit_login(
    connection: psycopg.Connection, login: str, settings: Mapping[str, str], *, connections: int | None = None
) -> None:
    """Set defaults of the login's sessions in this database, and how many it may have at once on the server."""
    for setting, value in settings.items():
        connection.execute(
            sql.SQL("alter role {} in database {} set {} = {}").format(
                sql.Identifier(login),
                sql.Identifier(connection.info.dbname),
                sql.Identifier(setting),
                sql.Literal(value),
            )
        )
    if connections is not None:
        connection.execute(
            sql.SQL("alter role {} connection limit {}").format(sql.Identifier(login), sql.Literal(connections))
        )


def _verifier(connection: psycopg.Connection, login: str, password: str) -> str:
    """The password as the server stores it: whatever the server logs of statements, the password is not in it."""
    encrypted = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    return encrypted.decode()
