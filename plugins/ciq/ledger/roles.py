"""Login roles: one per duty, none of them superuser, secrets generated once and kept in a file of mode 0600."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import psycopg
from psycopg import sql

ROLES = ("loader", "dbt", "engineer", "auditor", "bi_reader")

READERS = ("auditor", "bi_reader")
"""Logins that make nothing, not even temporary objects."""

READER_SETTINGS = {
    "search_path": "published",
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
}
"""Defaults of BI readers: they see the published views by name, and a forgotten query, or a session left open, must not
hold the server. The limits may be raised with `set` in a session that needs more time."""

_GRANTS = """
alter schema raw owner to ciq_loader;
alter schema ods owner to current_user;
alter schema staging owner to ciq_dbt;
alter schema intermediate owner to ciq_dbt;
alter schema marts owner to ciq_dbt;
alter schema published owner to ciq_dbt;

grant usage on schema audit, ref, quarantine to ciq_loader, ciq_dbt, ciq_engineer, ciq_auditor;
grant usage on schema ods to ciq_loader, ciq_dbt, ciq_engineer, ciq_auditor;
grant usage on schema staging, intermediate, marts to ciq_loader, ciq_engineer, ciq_auditor;
grant usage on schema published to ciq_loader, ciq_engineer, ciq_auditor, ciq_bi_reader;

grant select on all tables in schema audit, ref, quarantine, ods to ciq_loader, ciq_dbt, ciq_engineer, ciq_auditor;
grant insert on all tables in schema audit, quarantine, ods to ciq_loader;
revoke create on schema ods from ciq_loader;
grant usage on all sequences in schema audit, quarantine to ciq_loader;
revoke insert on audit.event, audit.migration from ciq_loader;
revoke insert on audit.decision from ciq_loader;
grant update on audit.load, audit.build, audit.slice_publication, audit.journal_mark to ciq_loader;
revoke update on quarantine.rejected_row from ciq_loader;
grant update (state) on quarantine.rejected_row to ciq_loader;
grant delete on audit.build_queue, audit.build_key, audit.slice_publication, audit.sealed_row to ciq_loader;
revoke insert on audit.decision from ciq_engineer;
grant insert (kind, delivery_id, rule_id, line_no, decided_by, reason) on audit.decision to ciq_engineer;

revoke execute on function audit.append_event(text, text) from public;
grant execute on function audit.append_event(text, text) to ciq_loader, ciq_engineer;
grant execute on function audit.make_month(text, date) to ciq_loader;
grant execute on function published.as_of_no() to ciq_loader, ciq_dbt, ciq_engineer, ciq_auditor, ciq_bi_reader;

alter default privileges in schema ods grant select on tables to ciq_loader, ciq_dbt, ciq_engineer, ciq_auditor;
alter default privileges in schema ods grant insert on tables to ciq_loader;
alter default privileges for role ciq_dbt in schema staging, intermediate, marts
    grant select on tables to ciq_loader, ciq_engineer, ciq_auditor;
alter default privileges for role ciq_dbt in schema published
    grant select on tables to ciq_loader, ciq_engineer, ciq_auditor, ciq_bi_reader;
"""


def make_roles(connection: psycopg.Connection, secrets_file: Path) -> None:
    """Make the login roles that are missing, set their passwords to the ones on file, and grant what each needs."""
    passwords = _passwords(secrets_file)
    database = connection.info.dbname
    with connection.transaction():
        for name in ROLES:
            role = f"ciq_{name}"
            there = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
            verb = sql.SQL("alter" if there else "create")
            connection.execute(
                sql.SQL("{} role {} login password {}").format(
                    verb, sql.Identifier(role), sql.Literal(_verifier(connection, role, passwords[role]))
                )
            )
            rights = sql.SQL("connect" if name in READERS else "connect, temporary")
            connection.execute(
                sql.SQL("grant {} on database {} to {}").format(rights, sql.Identifier(database), sql.Identifier(role))
            )
            if name in ("loader", "dbt"):  # so that the owner may hand them schemas and set their default privileges
                connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))
        for rest in ("public", *(f"ciq_{name}" for name in READERS)):
            connection.execute(
                sql.SQL("revoke temporary on database {} from {}").format(
                    sql.Identifier(database), sql.SQL(rest) if rest == "public" else sql.Identifier(rest)
                )
            )
        connection.execute(_GRANTS)
        for setting, value in READER_SETTINGS.items():
            connection.execute(
                sql.SQL("alter role ciq_bi_reader in database {} set {} = {}").format(
                    sql.Identifier(database), sql.Identifier(setting), sql.Literal(value)
                )
            )


def _verifier(connection: psycopg.Connection, role: str, password: str) -> str:
    """The password as the server stores it: whatever the server logs of statements, the password is not in it."""
    encrypted = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return encrypted.decode()


def _passwords(secrets_file: Path) -> dict[str, str]:
    known: dict[str, str] = json.loads(secrets_file.read_text()) if secrets_file.exists() else {}
    missing = [f"ciq_{name}" for name in ROLES if f"ciq_{name}" not in known]
    if missing:
        known.update({role: secrets.token_urlsafe(24) for role in missing})
        secrets_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(secrets_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(known, file, indent=1)
    return known
