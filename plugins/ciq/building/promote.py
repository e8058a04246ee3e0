"""Promote a number: all that was built under it becomes visible in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from ciq.building.freeze import Frozen
from ciq.building.marts import business_columns, mart_table, versioned_marts
from ciq.contracts import load_contracts
from ciq.errors import BuildError
from ciq.ledger.events import append_event
from ciq.ledger.layouts import keep_layout
from ciq.ledger.reference import codes_hash
from ciq.settings import Settings


@dataclass(frozen=True, kw_only=True)
class MartChange:
    """What one publication did to one mart. `digest`: two sums over the digests of the visible rows; `layout`: the
    columns that the digests of the rows opened cover."""

    mart: str
    opened: int
    closed: int
    visible: int
    digest: str
    layout: str


def promote(settings: Settings, connection: psycopg.Connection, frozen: Frozen, *, run_ref: str) -> list[MartChange]:
    """Record the publication with its digests, drop its keys, log it. One transaction: visible at its commit."""
    with connection.transaction():
        changes = [_change(connection, mart, frozen.publication_no) for mart in versioned_marts(connection)]
        hashes = {
            "contracts": contracts_hash(settings),
            "codes": codes_hash(connection),
            "models": models_hash(settings),
        }
        promoted_at = _insert_publication(connection, frozen, run_ref, hashes)
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into audit.publication_mart (publication_no, mart, rows_opened, rows_closed, rows_visible,"
                " digest, layout) values (%s, %s, %s, %s, %s, %s, %s)",
                [(frozen.publication_no, c.mart, c.opened, c.closed, c.visible, c.digest, c.layout) for c in changes],
            )
        connection.execute("delete from audit.build_key where publication_no = %s", (frozen.publication_no,))
        connection.execute(
            "update audit.build set state = 'promoted', finished_at = clock_timestamp() where build_id = %s",
            (frozen.build_id,),
        )
        payload = {
            "publication_no": frozen.publication_no,
            "build_id": frozen.build_id,
            "run_ref": run_ref,
            "promoted_at": promoted_at,
            "slices": frozen.slices,
            "keys": frozen.keys,
            "hashes": hashes,
            "marts": {c.mart: {"rows": c.visible, "digest": c.digest} for c in changes},
        }
        append_event(connection, "publication", payload)
    return changes


def _insert_publication(connection: psycopg.Connection, frozen: Frozen, run_ref: str, hashes: Mapping[str, str]) -> str:
    """Take the number; returns its time in seconds since 1970. Takes the lock of the chain, for the time follows it."""
    row = connection.execute(
        "insert into audit.publication (publication_no, build_id, run_ref, slices, keys, contracts_hash,"
        " codes_hash, models_hash) values (%s, %s, %s, %s, %s, %s, %s, %s)"
        " returning extract(epoch from promoted_at)::text",
        (frozen.publication_no, frozen.build_id, run_ref, frozen.slices, frozen.keys, *hashes.values()),
    ).fetchone()
    assert row is not None
    return str(row[0])


def _change(connection: psycopg.Connection, mart: str, number: int) -> MartChange:
    """Digest and count of the visible rows: those of the number before, less what was closed, plus what was opened."""
    rows = connection.execute(
        sql.SQL(
            "select known_from_no = {number} as is_opened, count(*),"
            " coalesce(sum(audit.half(row_digest, 0)), 0), coalesce(sum(audit.half(row_digest, 1)), 0)"
            " from (select known_from_no, row_digest from {table} where known_from_no = {number}"
            "  union all select known_from_no, row_digest from {table} where known_to_no = {number}) touched group by 1"
        ).format(number=sql.Literal(number), table=mart_table(mart))
    ).fetchall()
    touched = {bool(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in rows}
    opened, closed = touched.get(True, (0, 0, 0)), touched.get(False, (0, 0, 0))
    before = connection.execute(
        "select rows_visible, digest from audit.publication_mart where mart = %s order by publication_no desc limit 1",
        (mart,),
    ).fetchone()
    visible, digest = (int(before[0]), str(before[1])) if before else (0, "0:0")
    halves = [int(old) + new - gone for old, new, gone in zip(digest.split(":"), opened[1:], closed[1:], strict=True)]
    return MartChange(
        mart=mart,
        opened=opened[0],
        closed=closed[0],
        visible=visible + opened[0] - closed[0],
        digest=":".join(map(str, halves)),
        layout=_layout(connection, mart, number),
    )


def _layout(connection: psycopg.Connection, mart: str, number: int) -> str:
    """The columns that the digests of this publication's rows cover, tried on one of them."""
    columns = business_columns(connection, mart)
    row = connection.execute(
        sql.SQL(
            "select row_digest = sha256(convert_to(row({columns})::text, 'UTF8')) from {table}"
            " where known_from_no = {number} limit 1"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)), table=mart_table(mart), number=sql.Literal(number)
        )
    ).fetchone()
    if row is not None and not row[0]:
        raise BuildError(
            f"Model {mart} has its columns in another order than its table",
            advice="A column that a migration added to a mart stands last in its model (docs/engineer.md, Migrations).",
        )
    return keep_layout(connection, f"marts.{mart}", columns)


def contracts_hash(settings: Settings) -> str:
    """sha256 over the texts of all contracts."""
    texts = sorted(f"{c.feed_code} {c.version} {c.text_sha256}" for c in load_contracts(settings.contracts).contracts)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def models_hash(settings: Settings) -> str:
    """sha256 over the dbt project's models and macros: they hold the calibres."""
    digest = hashlib.sha256()
    for folder in ("macros", "models"):
        for path in sorted((settings.dbt_project / folder).rglob("*")):
            if path.suffix in {".sql", ".yml"}:
                digest.update(path.relative_to(settings.dbt_project).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
