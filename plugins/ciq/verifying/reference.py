"""Reference data, static dimensions and published views against their seals, and the seals against the log."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from ciq.ledger.layouts import columns_of
from ciq.ledger.sealing import last_seal, reference_tables, rows_to_seal, sealed_total, static_dimensions
from ciq.ledger.views import sealed_views, view_definitions
from ciq.verifying.breach import LIMIT, Breach


def sealed_rows(connection: psycopg.Connection) -> Iterator[Breach]:
    """No row of a code list, calendar, rate or static dimension was altered, added or removed since it was sealed."""
    for relation in (*reference_tables(connection), *static_dimensions(connection)):
        yield from _relation(connection, relation)


def _relation(connection: psycopg.Connection, relation: str) -> Iterator[Breach]:
    invariant = "reference data and dimensions are as sealed"
    logged = last_seal(connection, relation)
    if logged is None:
        yield Breach(invariant=invariant, place=relation, found="it was never sealed: run `ciq init`")
        return
    if logged["columns"] != columns_of(connection, relation):
        yield Breach(invariant=invariant, place=relation, found="its columns have changed: run `ciq init`")
        return
    if (logged["rows"], logged["digest"]) != sealed_total(connection, relation):
        yield Breach(invariant=invariant, place=f"audit.sealed_row of {relation}", found="the log says something else")
    for key, found in _differing(connection, relation):
        yield Breach(invariant=invariant, place=f"{relation} {key}", found=found)


def _differing(connection: psycopg.Connection, relation: str) -> list[tuple[str, str]]:
    rows = connection.execute(
        sql.SQL(
            "with stands as ({stands}),"
            " sealed as (select relation, key, digest from audit.sealed_row where relation = {relation}),"
            " now as (select * from stands except all select * from sealed),"
            " before as (select * from sealed except all select * from stands)"
            " select coalesce(now.key, before.key), case when before.key is null then 'nobody filled it in'"
            "  when now.key is null then 'it is gone' else 'its values are not those that were filled in' end"
            " from now full join before using (relation, key) order by 1 limit {limit}"
        ).format(stands=rows_to_seal(connection, relation), relation=sql.Literal(relation), limit=sql.Literal(LIMIT))
    ).fetchall()
    return [(str(key), str(found)) for key, found in rows]


def published_views(connection: psycopg.Connection) -> Iterator[Breach]:
    """Every published view is defined as it was deployed, none is gone and none was added."""
    invariant = "published views are as deployed"
    logged = sealed_views(connection)
    if logged is None:
        yield Breach(invariant=invariant, place="published", found="never sealed: run `ciq init`")
        return
    stand = view_definitions(connection)
    for name in sorted(logged.keys() | stand.keys()):
        if logged.get(name) == stand.get(name):
            continue
        found = "its definition is not the one that was deployed"
        found = "it is gone" if name not in stand else "nobody deployed it" if name not in logged else found
        yield Breach(invariant=invariant, place=f"published.{name}", found=found)
