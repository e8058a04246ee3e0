"""Do the review's queries fit what there is? Against the dbt project, and against the warehouse where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg

from ciq.contracts import load_contracts
from ciq.indicators import Indicator, load_definitions, load_published
from ciq.indicators.model import marts_of
from ciq.indicators.period import Period, bind, figure_query, rows_query
from ciq.reviewing.asking import REFUSED, as_sql, published_tables, reading
from ciq.reviewing.exposure import COVERAGE
from ciq.settings import Settings

_NUMERIC = frozenset({20, 21, 23, 1700})
"""Type OIDs of bigint, smallint, int and numeric: what an exact figure may be."""

_PERIOD = Period(year=2010, last_day=date(2010, 12, 31))


def review_problems(settings: Settings) -> list[str]:
    """What of the definitions cannot be asked. Raises IndicatorError for a file that is wrong.

    A table that is not there is no problem as long as the indicator waits for a feed that has no contract yet.
    """
    indicators = [one for _, one in load_definitions(settings.contracts).indicators]
    load_published(settings.contracts)
    delivering = {contract.feed_code for contract in load_contracts(settings.contracts).feeds}
    models = {path.stem.removeprefix("published__") for path in settings.dbt_project.glob("models/**/published__*.sql")}
    problems = [problem for one in indicators for problem in _unknown_tables(one, models, delivering)]
    if settings.warehouse_url is not None:
        with reading(settings, None, application="ciq contracts check") as (connection, _):
            tables = published_tables(connection)
            problems += [problem for one in indicators for problem in _refused(connection, one, tables)]
    return problems


def _unknown_tables(indicator: Indicator, models: set[str], delivering: set[str]) -> Iterator[str]:
    if not set(indicator.feeds) <= delivering:
        return
    for measure, rows in indicator.queries:
        for name in sorted(marts_of(f"{measure} {rows}") - models):
            yield (
                f"review, indicator 指标 {indicator.id}: no model publishes {name}, though its feeds"
                f" ({', '.join(indicator.feeds) or 'none'}) deliver 该表无模型, 而其数据源均已有契约"
            )


def _refused(connection: psycopg.Connection, indicator: Indicator, tables: frozenset[str]) -> Iterator[str]:
    queries = [figure_query(measure, rows, _PERIOD) for measure, rows in indicator.queries]
    if indicator.if_accepted:
        asked = f"select {bind(indicator.if_accepted, _PERIOD)} as value from {COVERAGE}"
        yield from _refusal(connection, indicator, asked, figure=True)
    for query in queries:
        if marts_of(query) <= tables:
            yield from _refusal(connection, indicator, query, figure=True)
    rows = rows_query(indicator, _PERIOD)
    if rows is not None and marts_of(rows) <= tables:
        yield from _refusal(connection, indicator, rows, figure=False)


def _refusal(connection: psycopg.Connection, indicator: Indicator, query: str, *, figure: bool) -> Iterator[str]:
    place = f"review, indicator 指标 {indicator.id}"
    try:
        with connection.transaction():
            cursor = connection.execute(as_sql(f"select * from (\n{query}\n) as asked limit 0"))
    except REFUSED as error:
        yield f"{place}: {' '.join(str(error.diag.message_primary).split())} 查询有误"
        return
    columns = cursor.description or []
    if figure and columns[0].type_code not in _NUMERIC:
        yield f"{place}: the value is no exact number; cast it to numeric 数值须为精确数"
