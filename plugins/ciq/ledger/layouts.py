"""The columns that row digests cover: kept with the digests, so that a table may gain a column later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql


def keep_layout(connection: psycopg.Connection, relation: str, columns: Sequence[str]) -> str:
    """The name of the layout, which is written down when it is new. `relation` with its schema, such as `ods.x`."""
    parameters = (relation, list(columns))
    row = connection.execute("select audit.layout_of(%s, %s::text[])", parameters).fetchone()
    assert row is not None
    layout = str(row[0])
    if not connection.execute("select 1 from audit.row_layout where layout = %s", (layout,)).fetchone():
        connection.execute(
            "insert into audit.row_layout values (%s, %s, %s::text[]) on conflict do nothing", (layout, *parameters)
        )
    return layout


def layouts_of(connection: psycopg.Connection, relation: str) -> dict[str, list[str]]:
    """Layout -> its columns in order, for every layout that the relation has had."""
    rows = connection.execute(
        "select layout, columns from audit.row_layout where relation = %s order by layout", (relation,)
    ).fetchall()
    return {str(layout): list(columns) for layout, columns in rows}


def columns_of(connection: psycopg.Connection, relation: str) -> list[str]:
    """The columns that the table has now, in their order; none when it is not there."""
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
        " order by attnum",
        (relation,),
    ).fetchall()
    return [str(row[0]) for row in rows]


def digest_by_layout(digests: Mapping[str, sql.Composable], layout: sql.Composable) -> sql.Composable:
    """SQL that picks a row's digest by its layout; null for a layout that is not among them."""
    if not digests:
        return sql.SQL("null::bytea")
    cases = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(name), digest) for name, digest in digests.items()
    )
    return sql.SQL("case {} {} end").format(layout, cases)
