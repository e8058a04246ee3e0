"""From a fact row to its lots, cases, returns or notices, and from each to deliveries, file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row

from ciq.building.explain_records import SOURCES, records_behind, records_of
from ciq.building.explain_rules import rules_of
from ciq.contracts import Contract, load_contracts
from ciq.database import connect
from ciq.errors import CiqError
from ciq.plain import line_in
from ciq.settings import Settings

if TYPE_CHECKING:
    from rich.tree import Tree

LIMIT = 20
"""Lots, or records, shown; the explanation says how many there are."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A delivered row. `number`: the declaration, case, return or notice that it belongs to; `role`: header, line 1,
    evaluation 1, a certificate, an event, void, quarantined, finding."""

    number: str
    role: str
    feed_code: str
    org_code: str
    business_date: date
    file: str
    line: int
    delivery_id: int
    entity: str | None = None
    """What the row tells of, where it is a record that stands by itself: each record type of a feed has its own."""
    section: str | None = None
    """The sheet or element that `line` counts in, where the file has such."""
    rules: str = ""
    """Contract and version that it was judged under."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`rows`: the fact rows found; `lots`: the declarations behind them; `records`: the numbers of the cases, returns
    or notices behind them; `sources`: where their rows were delivered."""

    table: str
    key: Mapping[str, str]
    publication_no: int
    rows: Sequence[Mapping[str, Any]]
    lots_total: int
    lots: Sequence[Mapping[str, Any]]
    records_total: int
    records: Sequence[str]
    sources: Sequence[Source]

    def as_json(self) -> dict[str, Any]:
        """For `ciq explain --json`."""
        return asdict(self)


_LOTS_OF = {
    "fct_inspection_lot": "select decl_no from published.fct_inspection_lot where {}",
    "fct_goods_line": "select decl_no from published.fct_goods_line where {}",
    "fct_evaluation": "select decl_no from published.fct_evaluation where {}",
    "fct_nonconformity": "select decl_no from published.fct_nonconformity where {}",
    "fct_certificate": "select decl_no from published.fct_certificate where {}",
    "fct_finding": "select decl_no from published.fct_finding where decl_no is not null and {0} union all"
    " select decl_no from published.fct_certificate where cert_no in"
    " (select key from published.fct_finding where entity = 'certificate' and {0})",
    "fct_unused_row": "select decl_no from published.fct_unused_row where {}",
    "fct_volume": "select decl_no from published.fct_inspection_lot where is_counted and {}",
    "fct_value": "select decl_no from (select decl_no, stat_date, org_id, office, ie_flag, hs_code, country,"
    " trade_mode, transport_mode, currency from published.fct_goods_line where is_counted union all"
    " select decl_no, stat_date, org_id, office, ie_flag, 'UNALLOCATED', partner_country, trade_mode, transport_mode,"
    " currency from published.fct_inspection_lot where is_counted"
    " and (value_usd_unallocated <> 0 or value_orig_unallocated <> 0)) parts where {}",
    "agg_commodity_lots": "select decl_no from (select decl_no, stat_date, org_id, level as hs_level,"
    " left(hs6, level) as hs_code from published.fct_goods_line cross join (values (2), (4), (6)) levels (level)"
    " where is_counted) parts where {}",
}
"""Table -> the declarations behind its rows; placeholders take the key."""


def explain(settings: Settings, table: str, key: Mapping[str, str]) -> Explanation:
    """Follow the rows of a published fact that match `key` (column -> value as text) down to file and line.

    Raises CiqError for a table that has neither lots nor records behind it, or a column that does not lead to them.
    """
    with connect(settings, "auditor", application="ciq explain") as connection:
        queries = {} if table in _LOTS_OF else records_of(connection)
        if table not in _LOTS_OF and table not in queries:
            raise CiqError(
                f"{table} cannot be explained", advice=f"Try one of {', '.join(sorted({*_LOTS_OF, *queries}))}."
            )
        try:
            rows = _rows(connection, sql.SQL("select * from published.{} where {} limit 20"), table, key)
            declarations = _declarations(connection, table, key) if table in _LOTS_OF else []
            records = records_behind(connection, queries[table], _condition(key)) if table in queries else []
        except psycopg.errors.UndefinedColumn as error:
            raise CiqError(
                f"{table} has no key column of that name: {error.diag.message_primary}",
                advice=f"Name columns of its grain: `ciq query 'select * from {table} limit 1'`.",
            ) from error
        shown = declarations[:LIMIT]
        number = connection.execute("select published.as_of_no()").fetchone()
        return Explanation(
            table=table,
            key=dict(key),
            publication_no=int(number[0]) if number else 0,
            rows=rows,
            lots_total=len(declarations),
            lots=_lots(connection, shown),
            records_total=len(records),
            records=records[:LIMIT],
            sources=_judged(
                settings,
                connection,
                [*_sources(connection, shown), *_record_sources(connection, records[:LIMIT])],
            ),
        )


def _condition(key: Mapping[str, str]) -> sql.Composable:
    terms = [sql.SQL("{}::text = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in key.items()]
    return sql.SQL(" and ").join(terms) if terms else sql.SQL("true")


def _rows(
    connection: psycopg.Connection, template: sql.SQL, table: str, key: Mapping[str, str]
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(template.format(sql.Identifier(table), _condition(key))).fetchall()


def _declarations(connection: psycopg.Connection, table: str, key: Mapping[str, str]) -> list[str]:
    inner = sql.SQL(_LOTS_OF[table]).format(_condition(key))
    rows = connection.execute(sql.SQL("select distinct decl_no from ({}) found order by 1").format(inner)).fetchall()
    return [str(row[0]) for row in rows]


def _lots(connection: psycopg.Connection, declarations: Sequence[str]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select decl_no, ie_flag, decl_date, stat_date, org_id, office, first_result, is_void, is_counted,"
            " has_open_quarantine, currency, total_value, usd_rate, rate_source, case rate_source"
            "  when 'PUBLISHED' then (select max(day) from ref.fx_rate r where r.currency = l.currency"
            "   and day <= decl_date) else decl_date end as rate_date, value_usd, principal_hs_code, goods_lines"
            " from published.fct_inspection_lot l where decl_no = any(%s) order by decl_no",
            (list(declarations),),
        ).fetchall()


_SOURCES = """
with rows as (
    select decl_no, 1 as place, 'header' as role, delivery_id, line_no from published.fct_inspection_lot
    where decl_no = any(%(decls)s)
    union all
    select decl_no, 2, 'void', void_delivery_id, void_line_no from published.fct_inspection_lot
    where decl_no = any(%(decls)s) and void_delivery_id is not null
    union all
    select decl_no, 3, 'line ' || goods_no, delivery_id, line_no from published.fct_goods_line
    where decl_no = any(%(decls)s)
    union all
    select decl_no, 4, 'evaluation ' || eval_seq, delivery_id, line_no from published.fct_evaluation
    where decl_no = any(%(decls)s)
    union all
    select decl_no, 5, 'certificate ' || cert_no, delivery_id, line_no from published.fct_certificate
    where decl_no = any(%(decls)s)
    union all
    select decl_no, 6, fate || ' (' || reason || ')', delivery_id, line_no from published.fct_unused_row
    where decl_no = any(%(decls)s)
    union all
    select known.decl_no, 8, 'finding ' || found.rule_id || ' (expected ' || found.expected || ', found '
        || coalesce(found.found, 'nothing') || ')', found.delivery_id, found.line_no
    from published.fct_finding found
    join (
        select decl_no, 'declaration' as entity, decl_no as key from unnest(%(decls)s) as decls (decl_no)
        union all
        select decl_no, 'certificate', cert_no from published.fct_certificate where decl_no = any(%(decls)s)
        union all
        select decl_no, 'certificate', item from published.fct_unused_row
        where feed_code = 'F04' and decl_no = any(%(decls)s) and fate = 'waiting'
    ) known on found.entity = known.entity and found.key = known.key
    union all
    select key ->> 'decl_no', 7, 'quarantined (' || array_to_string(rule_ids, ', ') || ')', delivery_id, line_no
    from quarantine.rejected_row where key ->> 'decl_no' = any(%(decls)s) and state = 'open'
)
select rows.decl_no as number, rows.role, d.feed_code, d.org_code, d.business_date, d.data_name as file,
    rows.line_no as line, d.delivery_id
from rows join audit.delivery d using (delivery_id)
order by rows.decl_no, rows.place, rows.role collate "C", d.delivery_id, rows.line_no
"""


def _sources(connection: psycopg.Connection, declarations: Sequence[str]) -> list[Source]:
    with connection.cursor(row_factory=class_row(Source)) as cursor:
        return cursor.execute(_SOURCES, {"decls": list(declarations)}).fetchall()


def _record_sources(connection: psycopg.Connection, numbers: Sequence[str]) -> list[Source]:
    if not numbers:
        return []
    with connection.cursor(row_factory=class_row(Source)) as cursor:
        return cursor.execute(SOURCES.encode(), {"numbers": list(numbers)}).fetchall()


def _judged(settings: Settings, connection: psycopg.Connection, sources: Sequence[Source]) -> list[Source]:
    """The sources with their sections, and the rules that their deliveries were judged under."""
    rules = rules_of(settings, connection, (source.delivery_id for source in sources))
    feeds = {contract.feed_code: contract for contract in load_contracts(settings.contracts).feeds}
    return [
        replace(source, section=_section(feeds, source), rules=rules.get(source.delivery_id, "")) for source in sources
    ]


def _section(feeds: Mapping[str, Contract], source: Source) -> str | None:
    """The sheet or element of a row: of a rejected one as it was kept, else that of its entity's record type."""
    contract = feeds.get(source.feed_code)
    if source.section is not None or contract is None:
        return source.section
    told = (one for one in contract.record_types if one.entity is not None and one.entity[0] == source.entity)
    return next(told, contract.main).section


def render(explanation: Explanation) -> Tree:
    """A tree for the terminal: rows, lots, delivered rows."""
    from rich.markup import escape
    from rich.tree import Tree

    key = " ".join(f"{name}={value}" for name, value in explanation.key.items())
    root = Tree(escape(f"{explanation.table} {key}, publication 发布号 {explanation.publication_no}"))
    for row in explanation.rows:
        root.add(escape("  ".join(f"{name}={value}" for name, value in row.items() if value is not None)))
    lots = {lot["decl_no"]: lot for lot in explanation.lots}
    branch = root.add(_heading(explanation))
    for number in sorted({source.number for source in explanation.sources} | set(lots) | set(explanation.records)):
        said = "" if number in explanation.records else f" {_describe(lots.get(number))}"
        node = branch.add(escape(f"{number}{said}"))
        for source in explanation.sources:
            if source.number == number:
                node.add(
                    escape(
                        f"{source.role}: {source.file} line 行 {line_in(source.section, source.line)}"
                        f" (delivery 交付 {source.delivery_id}, rules 规则 {source.rules or '-'})"
                    )
                )
    return root


def _heading(explanation: Explanation) -> str:
    what, total = ("lots 批", explanation.lots_total)
    if explanation.table not in _LOTS_OF:
        what, total = ("records 记录", explanation.records_total)
    return f"{what}: {total}" + (f", the first {LIMIT} 仅列前 {LIMIT}" if total > LIMIT else "")


def _describe(lot: Mapping[str, Any] | None) -> str:
    if lot is None:
        return "no declaration yet 报检单未到"
    rate = f"{lot['usd_rate']} ({lot['rate_source']} {lot['rate_date']})"
    value = f"{lot['total_value']} {lot['currency']} x {rate} / 100 = {lot['value_usd']} USD"
    state = "void 撤单" if lot["is_void"] else "counted 计入" if lot["is_counted"] else "not counted 不计入"
    day = lot["stat_date"] or "in progress 检验未完成"
    return f"{state}, {day}, {lot['office']}, {value}"
