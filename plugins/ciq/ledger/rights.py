"""Seals on who may read what: rights and row security of marts and published views, a digest each, in the event log.

What a branch reader sees rests on policies, grants, and the few objects of schema access: whoever changes one of them
changes no row and no view, so the seals on those would not tell.
"""

from __future__ import annotations

from collections.abc import Collection

import psycopg

from ciq.ledger.events import append_event

KIND = "rights"

_RIGHTS = """
with relations as (
    select n.nspname || '.' || c.relname as name, concat_ws(
        E'\\n', pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity,
        (
            select string_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive,
                (select array_agg(r.rolname order by r.rolname) from pg_roles r where r.oid = any (p.polroles)),
                pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
            ), E'\\n' order by p.polname)
            from pg_policy p where p.polrelid = c.oid
        ),
        (
            select string_agg(concat_ws(' ', pg_get_userbyid(a.grantee), a.privilege_type, a.is_grantable), E'\\n'
                order by pg_get_userbyid(a.grantee), a.privilege_type)
            from aclexplode(c.relacl) a where a.grantee <> c.relowner
        ),
        (
            select string_agg(a.attname || ' ' || a.attacl::text, E'\\n' order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attacl is not null
        ),
        case when n.nspname = 'access' and c.relkind = 'v' then c.reloptions::text || pg_get_viewdef(c.oid) end
    ) as says
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('marts', 'published', 'access') and c.relkind in ('r', 'p', 'v', 'm', 'f')
),
functions as (
    select 'access.' || p.proname || '()' as name, pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '') as says
    from pg_proc p where p.pronamespace = to_regnamespace('access')
)
select name, encode(sha256(convert_to(says, 'UTF8')), 'hex')
from (select * from relations union all select * from functions) x order by name collate "C"
"""


def rights_found(connection: psycopg.Connection) -> dict[str, str]:
    """Relation or function with its schema -> digest of who may read it and which rows. In a transaction of its own,
    with an empty search path: every name in an expression is whole, whoever asks."""
    with connection.transaction():
        connection.execute("set local search_path = ''")
        return dict(connection.execute(_RIGHTS.encode()).fetchall())


def seal_rights(connection: psycopg.Connection, deployed: Collection[str]) -> bool:
    """Log the rights as they stand, unless the log has them; whether an event was appended.

    `deployed`: names, without schema, of the marts and views just deployed. Of others that stand there, those are
    sealed that have not changed since they were deployed; `ciq verify` names the rest. Give a connection in autocommit.
    """
    former = sealed_rights(connection) or {}
    rights = {
        name: digest
        for name, digest in rights_found(connection).items()
        if name.partition(".")[2] in deployed or name.startswith("access.") or former.get(name) == digest
    }
    if former == rights:
        return False
    append_event(connection, KIND, {"rights": rights})
    return True


def sealed_rights(connection: psycopg.Connection) -> dict[str, str] | None:
    """Name -> digest as last logged; None when rights were never sealed."""
    row = connection.execute(
        "select payload::jsonb -> 'rights' from audit.event where kind = %s order by event_no desc limit 1", (KIND,)
    ).fetchone()
    return dict(row[0] or {}) if row else None
