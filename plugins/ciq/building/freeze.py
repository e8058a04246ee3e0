"""Freeze the input of a build: its keys, and which slice versions are in force."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """The input of one build."""

    build_id: int
    publication_no: int
    slices: int
    keys: int


def freeze(connection: psycopg.Connection, *, run_ref: str) -> Frozen | None:
    """Move the queue to the next number's keys and pin the slices they name; None when there is nothing to build.

    One transaction, over one snapshot: a verdict that comes meanwhile is in the next build, with its keys. Keys of a
    build that failed are still there and are frozen again with the new ones.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        number = _one(connection, "select audit.next_no()")
        connection.execute(
            "with moved as (delete from audit.build_queue returning entity, key)"
            " insert into audit.build_key (publication_no, entity, key) select distinct %s, entity, key from moved"
            " order by entity, key on conflict do nothing",  # in the order of the primary key: far fewer pages
            (number,),
        )
        keys = _one(connection, "select count(*) from audit.build_key where publication_no = %s", number)
        if keys == 0:
            return None
        _pin_slices(connection, number)
        return Frozen(
            build_id=_one(
                connection,
                "insert into audit.build (publication_no, run_ref) values (%s, %s) returning build_id",
                number,
                run_ref,
            ),
            publication_no=number,
            slices=_one(
                connection,
                "select count(*) from audit.build_key where publication_no = %s and entity = 'slice'",
                number,
            ),
            keys=keys,
        )


_QUEUED = (
    "select split_part(key, '|', 1) as feed_code, split_part(key, '|', 2) as org_code,"
    " split_part(key, '|', 3)::date as business_date"
    " from audit.build_key where publication_no = %(number)s and entity = 'slice'"
)


def _pin_slices(connection: psycopg.Connection, number: int) -> None:
    """Bring slice_publication in line with the winners of the queued slices, under the next number."""
    for statement in (
        # What an earlier attempt at this number pinned.
        "delete from audit.slice_publication where known_from_no = %(number)s",
        "update audit.slice_publication set known_to_no = null where known_to_no = %(number)s",
        f"create temp table queued on commit drop as {_QUEUED}",
        "analyze queued",
        "create temp table pinned on commit drop as select q.*, w.slice_version_id from queued q"
        " left join audit.slice_winner w using (feed_code, org_code, business_date)",
        "analyze pinned",
        "update audit.slice_publication p set known_to_no = %(number)s from pinned q"
        " where p.known_to_no is null and p.feed_code = q.feed_code and p.org_code = q.org_code"
        " and p.business_date = q.business_date and p.slice_version_id is distinct from q.slice_version_id",
        "insert into audit.slice_publication (feed_code, org_code, business_date, slice_version_id, known_from_no)"
        " select q.feed_code, q.org_code, q.business_date, q.slice_version_id, %(number)s from pinned q"
        " where q.slice_version_id is not null and not exists (select from audit.slice_publication p"
        "  where p.known_to_no is null and p.feed_code = q.feed_code and p.org_code = q.org_code"
        "  and p.business_date = q.business_date)",
    ):
        connection.execute(statement, {"number": number})


def _one(connection: psycopg.Connection, statement: str, *parameters: object) -> int:
    row = connection.execute(statement.encode(), parameters or None).fetchone()
    assert row is not None
    return int(row[0])
