"""The part of `ciq verify` that looks at the marts: unaltered, as published, and in balance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
from psycopg import sql

from ciq.building.marts import business_columns, grain_columns, mart_table, versioned_marts
from ciq.database import connect
from ciq.ledger.layouts import digest_by_layout, layouts_of
from ciq.settings import Settings
from ciq.verifying.breach import LIMIT, Breach
from ciq.verifying.checks import Check, readable


def verify_marts(settings: Settings) -> Iterator[Check]:
    """Run every invariant of the marts and yield each as it is done. Reads only, as the auditor."""
    with connect(settings, "auditor", autocommit=True, application="ciq verify") as connection:
        checks: list[tuple[str, str, Callable[[], Iterator[Breach]]]] = [
            ("事实表记录未被改动", "Rows of the marts are unaltered", lambda: altered_rows(connection)),
            ("各次发布与日志一致", "Publications are as logged", lambda: publications_as_logged(connection)),
            ("各表与所发布一致", "Marts are as published", lambda: marts_as_published(connection)),
            ("货值=批次货值,批次不重不漏", "Value equals volume, each lot once", lambda: facts_agree(connection)),
            (
                "接受=被取代+撤单+等待+现行",
                "Accepted = superseded + void + waiting + current",
                lambda: deliveries_balance(connection),
            ),
            ("收到到统计的桥平衡", "The received-to-reported bridge balances", lambda: bridge_balances(connection)),
        ]
        for name_zh, name_en, run in checks:
            yield readable(name_zh, name_en, run)


def altered_rows(connection: psycopg.Connection) -> Iterator[Breach]:
    """Every row of every promoted publication hashes to the digest that it was published with, over the columns that
    the mart had then."""
    for mart in versioned_marts(connection):
        key = grain_columns(connection, mart)
        if not key:
            yield Breach(
                invariant="each mart has one row of a key",
                place=f"marts.{mart}",
                found=f"its index {mart}_grain is gone; the next build makes it again, and so does `ciq init`",
            )
            continue
        columns = set(business_columns(connection, mart))
        digests: dict[str, sql.Composable] = {
            layout: sql.SQL("sha256(convert_to(row({})::text, 'UTF8'))").format(
                sql.SQL(", ").join(sql.Identifier("m", name) for name in names)
            )
            for layout, names in layouts_of(connection, f"marts.{mart}").items()
            if columns.issuperset(names)
        }
        rows = connection.execute(
            sql.SQL(
                "select {key}, m.known_from_no from {table} m left join audit.publication_mart p"
                " on p.publication_no = m.known_from_no and p.mart = {mart}"
                " where m.known_from_no <= audit.promoted_no() and m.row_digest is distinct from {digest}"
                " order by {key} limit {limit}"
            ).format(
                key=sql.SQL(", ").join(sql.Identifier("m", name) for name in key),
                table=mart_table(mart),
                mart=sql.Literal(mart),
                digest=digest_by_layout(digests, sql.SQL("p.layout")),
                limit=sql.Literal(LIMIT),
            )
        )
        for *values, number in rows:
            yield Breach(
                invariant="rows of marts are never updated",
                place=f"marts.{mart} {_key(key, values)}",
                found=f"its values are not those of publication {number}",
            )


def publications_as_logged(connection: psycopg.Connection) -> Iterator[Breach]:
    """Numbers have no gap, and each publication's digests are those that the log recorded."""
    rows = connection.execute(
        "with logged as (select (payload::jsonb ->> 'publication_no')::int as publication_no,"
        "  payload::jsonb -> 'marts' as marts, payload::jsonb ->> 'promoted_at' as promoted_at"
        "  from audit.event where kind = 'publication')"
        " select p.publication_no, m.mart, l.marts is null, l.promoted_at <> extract(epoch from p.promoted_at)::text"
        " from audit.publication p"
        " left join audit.publication_mart m using (publication_no) left join logged l using (publication_no)"
        " where l.marts is null or l.promoted_at <> extract(epoch from p.promoted_at)::text"
        "  or l.marts -> m.mart ->> 'digest' is distinct from m.digest"
        "  or (l.marts -> m.mart ->> 'rows')::bigint is distinct from m.rows_visible"
        " order by 1, 2 limit %s",
        (LIMIT,),
    )
    for number, mart, unknown, moved in rows:
        found = "the log does not know it" if unknown else "its digest is not the logged one"
        found = "its time is not the logged one" if moved else found
        yield Breach(invariant="publications are as logged", place=f"publication {number}, {mart}", found=found)
    row = connection.execute("select count(*), coalesce(max(publication_no), 0) from audit.publication").fetchone()
    if row is not None and row[0] != row[1]:
        yield Breach(
            invariant="publication numbers have no gap",
            place=f"publication {row[1]}",
            found=f"there are {row[0]} publications",
        )


def marts_as_published(connection: psycopg.Connection) -> Iterator[Breach]:
    """The rows visible at each number have the count and the digest of that publication, from the first to the last."""
    for mart in versioned_marts(connection):
        rows = connection.execute(
            sql.SQL(
                "with moves as ("
                " select known_from_no as number, count(*) as moved, sum(audit.half(row_digest, 0)) as half0,"
                "  sum(audit.half(row_digest, 1)) as half1 from {table} group by 1"
                " union all select known_to_no, -count(*), -sum(audit.half(row_digest, 0)),"
                "  -sum(audit.half(row_digest, 1)) from {table} where known_to_no is not null group by 1),"
                " visible as (select p.publication_no, p.rows_visible, p.digest, coalesce(sum(m.moved), 0) as found,"
                "  coalesce(sum(m.half0), 0)::text || ':' || coalesce(sum(m.half1), 0)::text as found_digest"
                "  from audit.publication_mart p left join moves m on m.number <= p.publication_no"
                "  where p.mart = {mart} group by 1, 2, 3)"
                " select publication_no, rows_visible, found from visible"
                " where rows_visible <> found or digest <> found_digest order by 1 limit {limit}"
            ).format(table=mart_table(mart), mart=sql.Literal(mart), limit=sql.Literal(LIMIT))
        )
        for number, expected, found in rows:
            yield Breach(
                invariant="marts are as published",
                place=f"marts.{mart}, publication {number}",
                found=f"{expected} rows were published, {found} are there"
                if expected != found
                else "rows were replaced: the digest has changed",
            )


def facts_agree(connection: psycopg.Connection) -> Iterator[Breach]:
    """Per day, branch and direction: value = volume's value, and volume's lots = the lots that count."""
    rows = connection.execute(
        "with volume as (select stat_date, org_id, ie_flag, sum(lots) as lots, sum(lots_nonconforming) as bad,"
        "  sum(value_usd_header) as usd from published.fct_volume group by 1, 2, 3),"
        " value as (select stat_date, org_id, ie_flag, sum(value_usd) as usd from published.fct_value"
        "  group by 1, 2, 3),"
        " lots as (select stat_date, org_id, ie_flag, count(*) as lots, sum(lots_nonconforming) as bad"
        "  from published.fct_inspection_lot where is_counted group by 1, 2, 3)"
        " select stat_date, org_id, ie_flag, volume.lots, lots.lots, volume.bad, lots.bad, volume.usd, value.usd"
        " from volume full join value using (stat_date, org_id, ie_flag)"
        " full join lots using (stat_date, org_id, ie_flag)"
        " where volume.lots is distinct from lots.lots or volume.bad is distinct from lots.bad"
        "  or coalesce(volume.usd, 0) <> coalesce(value.usd, 0) order by 1, 2, 3 limit %s",
        (LIMIT,),
    )
    for day, org, direction, *numbers in rows:
        yield Breach(
            invariant="value equals volume, each lot in exactly one row",
            place=f"stat_date {day}, branch {org}, direction {direction}",
            found="lots in fct_volume {}, counted {}; non-conforming {}, {}; USD {} in volume, {} in value".format(
                *numbers
            ),
        )


def deliveries_balance(connection: psycopg.Connection) -> Iterator[Breach]:
    """Law 1, second equation, for each accepted delivery at the promoted number."""
    rows = connection.execute(
        "select data_name, org_code, business_date, rows_accepted, rows_superseded, rows_void, rows_waiting,"
        " rows_current from published.delivery_balance where not is_balanced"
        " order by business_date, org_code, data_name limit %s",
        (LIMIT,),
    )
    for name, org, day, *numbers in rows:
        yield Breach(
            invariant="accepted = superseded + void + waiting + current",
            place=f"branch {org}, business date {day}, file {name}",
            found="{} <> {} + {} + {} + {}".format(*numbers),
        )


def bridge_balances(connection: psycopg.Connection) -> Iterator[Breach]:
    """What was received is reported, or the bridge says where it went: in lots, and in value per currency."""
    common = ("held", "superseded", "quarantined", "waiting", "void")
    for view, prefix, extra, steps, end in (
        ("bridge_received_to_reported", "lots", sql.SQL("''"), (*common, "outside", "in_progress"), "reported"),
        ("bridge_value", "value", sql.SQL("currency"), (*common, "outside", "in_progress"), "reported"),
        ("bridge_penalties", "value", sql.SQL("currency"), common, "current"),
    ):
        rest = sql.SQL(" - ").join(sql.Identifier(f"{prefix}_{step}") for step in ("received", *steps))
        rows = connection.execute(
            sql.SQL(
                "select business_date, org_code, {extra}, {rest}, {end} from {view} where {rest} <> {end}"
                " order by 1, 2, 3 limit {limit}"
            ).format(
                extra=extra,
                rest=rest,
                end=sql.Identifier(f"{prefix}_{end}"),
                view=sql.Identifier("published", view),
                limit=sql.Literal(LIMIT),
            )
        )
        for day, org, currency, expected, found in rows:
            yield Breach(
                invariant=f"{view} balances in {prefix}",
                place=f"business date {day}, branch {org} {currency}".strip(),
                found=f"{expected} should be {end}, {found} is",
            )


def _key(columns: list[str], values: list[object]) -> str:
    return " ".join(f"{column}={value}" for column, value in zip(columns, values, strict=True))
