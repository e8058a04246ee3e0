"""Who may read what, against the log: rights and row security as deployed, readers as `ciq reader` made them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from ciq.ledger.logins import BRANCH_READERS
from ciq.ledger.readers import KIND
from ciq.ledger.rights import rights_found, sealed_rights
from ciq.verifying.breach import LIMIT, Breach

_READERS = """
with logged as (
    select distinct on (p ->> 'login') p ->> 'login' as login, p -> 'branches' as branches
    from (select event_no, payload::jsonb as p from audit.event where kind = %(kind)s) e
    order by p ->> 'login', event_no desc
),
told as (select login, jsonb_array_elements_text(branches) as org_code from logged),
stand as (select role_name as login, org_code from access.reader_branch)
select coalesce(s.login, t.login), coalesce(s.org_code, t.org_code),
    case when t.login is null then 'no event lets it see this branch' else 'the log has it, the table has not' end
from stand s full join told t on (s.login, s.org_code) = (t.login, t.org_code)
where s.login is null or t.login is null
order by 1, 2 limit %(limit)s
"""

_TOO_MUCH = """
select r.rolname, case when r.rolsuper or r.rolbypassrls then 'row security does not hold for it'
    else 'it is also a member of ' || (
        select string_agg(g.rolname, ', ' order by g.rolname)
        from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid and g.rolname <> %(group)s
    ) end as found
from pg_roles r
where r.rolname in (select role_name from access.reader_branch) and (
    r.rolsuper or r.rolbypassrls or exists (
        select from pg_auth_members m join pg_roles g on g.oid = m.roleid
        where m.member = r.oid and g.rolname <> %(group)s
    )
)
order by 1 limit %(limit)s
"""


def rights_as_deployed(connection: psycopg.Connection) -> Iterator[Breach]:
    """Each mart and view has the grants and the row security that `ciq init` gave it, and so has what they rest on."""
    invariant = "rights are as deployed"
    logged = sealed_rights(connection)
    if logged is None:
        yield Breach(invariant=invariant, place="marts, published", found="never sealed: run `ciq init`")
        return
    stand = rights_found(connection)
    for name in sorted(logged.keys() | stand.keys()):
        if logged.get(name) == stand.get(name):
            continue
        found = "its grants or its row security are not those that were deployed"
        found = "it is gone" if name not in stand else "nobody deployed it" if name not in logged else found
        yield Breach(invariant=invariant, place=name, found=found)


def readers_as_logged(connection: psycopg.Connection) -> Iterator[Breach]:
    """Each branch that a reader sees was given to it by a logged change, and the reader is nothing more than that."""
    invariant = "branch readers are as logged"
    parameters = {"kind": KIND, "group": BRANCH_READERS, "limit": LIMIT}
    for login, branch, found in connection.execute(_READERS.encode(), parameters).fetchall():
        yield Breach(invariant=invariant, place=f"{login}, branch {branch}", found=found)
    for login, found in connection.execute(_TOO_MUCH.encode(), parameters).fetchall():
        yield Breach(invariant=invariant, place=login, found=found)
