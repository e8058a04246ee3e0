"""Login roles: one per duty, none of them superuser, secrets generated once and kept in a file of mode 0600."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from ciq.ledger.logins import (
    BRANCH_READERS,
    IDLE,
    READER_SETTINGS,
    ensure_passwords,
    grant_reserved_connections,
    limit_login,
    make_login,
)

ROLES = ("loader", "dbt", "engineer", "auditor", "bi_reader")

READERS = ("auditor", "bi_reader")
"""Logins that make nothing, not even temporary objects."""

WORKERS = tuple(f"ciq_{name}" for name in ROLES if name != "bi_reader")
"""Logins that must get in however many readers are there."""

_ACCESS = """
revoke all on all tables in schema access from public, ciq_dbt, ciq_bi_reader, ciq_branch_reader;
create or replace view access.own_branch with (security_barrier) as
select org_code from access.reader_branch where role_name = current_user;
create or replace function access.promoted_no() returns int
language sql stable parallel safe security definer set search_path = pg_catalog, audit, pg_temp as $$
    select audit.promoted_no()
$$;
"""
"""What row security rests on, as migration 0013 made it: made anew each time, lest deploying seal what somebody put in
its place."""

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
grant usage on schema published to ciq_loader, ciq_engineer, ciq_auditor, ciq_bi_reader, ciq_branch_reader;
grant usage on schema access to ciq_dbt, ciq_engineer, ciq_auditor, ciq_bi_reader, ciq_branch_reader;
-- Published views read with the rights of who asks: marts under row security, and the texts of rules.
grant usage on schema marts, ref to ciq_bi_reader, ciq_branch_reader;
grant select on ref.rule to ciq_bi_reader, ciq_branch_reader;
grant select on access.own_branch to ciq_dbt, ciq_branch_reader;
grant select on access.reader_branch to ciq_engineer, ciq_auditor;

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
grant execute on function published.as_of_no()
    to ciq_loader, ciq_dbt, ciq_engineer, ciq_auditor, ciq_bi_reader, ciq_branch_reader;
revoke execute on function access.promoted_no() from public;
grant execute on function access.promoted_no() to ciq_dbt, ciq_bi_reader, ciq_branch_reader;

alter default privileges in schema ods grant select on tables to ciq_loader, ciq_dbt, ciq_engineer, ciq_auditor;
alter default privileges in schema ods grant insert on tables to ciq_loader;
alter default privileges for role ciq_dbt in schema staging, intermediate, marts
    grant select on tables to ciq_loader, ciq_engineer, ciq_auditor;
alter default privileges for role ciq_dbt in schema published
    grant select on tables to ciq_loader, ciq_engineer, ciq_auditor, ciq_bi_reader;
"""


def make_roles(
    connection: psycopg.Connection,
    secrets_file: Path,
    *,
    reader_connections: int = 20,
    branch_reader_connections: int = 5,
) -> None:
    """Make the login roles that are missing, set their passwords to the ones on file, and grant what each needs.

    `reader_connections`, `branch_reader_connections`: how many sessions the BI reader, and each branch reader, may have
    at once.
    """
    passwords = ensure_passwords(secrets_file, [f"ciq_{name}" for name in ROLES])
    with connection.transaction():
        if connection.execute("select 1 from pg_roles where rolname = %s", (BRANCH_READERS,)).fetchone() is None:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(BRANCH_READERS)))
        for name in ROLES:
            make_login(connection, f"ciq_{name}", passwords[f"ciq_{name}"])
            if name in ("loader", "dbt"):  # so that the owner may hand them schemas and set their default privileges
                connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(f"ciq_{name}")))
        grant_reserved_connections(connection, WORKERS)
        _grant_database(connection)
        connection.execute(_ACCESS)
        connection.execute(_GRANTS)
        limit_login(connection, "ciq_auditor", IDLE)
        limit_login(connection, "ciq_bi_reader", READER_SETTINGS, connections=reader_connections)
        readers = connection.execute(
            "select distinct role_name from access.reader_branch join pg_roles on rolname = role_name"
        ).fetchall()
        for (login,) in readers:
            limit_login(connection, login, READER_SETTINGS, connections=branch_reader_connections)


def _grant_database(connection: psycopg.Connection) -> None:
    """Who may connect, and who may make temporary objects: nobody who only reads."""
    database = sql.Identifier(connection.info.dbname)
    readers = [BRANCH_READERS, *(f"ciq_{name}" for name in READERS)]
    for login in (BRANCH_READERS, *(f"ciq_{name}" for name in ROLES)):
        rights = sql.SQL("connect" if login in readers else "connect, temporary")
        connection.execute(sql.SQL("grant {} on database {} to {}").format(rights, database, sql.Identifier(login)))
    for rest in (sql.SQL("public"), *map(sql.Identifier, readers)):
        connection.execute(sql.SQL("revoke temporary on database {} from {}").format(database, rest))
