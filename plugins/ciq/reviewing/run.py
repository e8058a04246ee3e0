"""Make a review: all queries in one read-only transaction, at one publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import psycopg

from ciq.database import words_without_cells
from ciq.indicators import Bilingual, Figure, Indicator, PublishedReview, load_definitions, published_of
from ciq.indicators.model import marts_of
from ciq.indicators.period import Period, bind, figure_query, rows_query
from ciq.reviewing.asking import REFUSED, ask, published_tables, reading
from ciq.reviewing.exposure import Open, if_all_accepted, open_rows
from ciq.reviewing.frozen import newest_values
from ciq.reviewing.model import (
    AsOf,
    Drift,
    EvidenceFigure,
    Exposure,
    FeedName,
    IndicatorResult,
    Review,
    ReviewError,
    SectionName,
    State,
)
from ciq.settings import Settings

_CLAIM = Bilingual(zh="外部结论: 仅他人可知, 不作比较", en="a claim: only others can know, nothing to compare")
_NARRATIVE = Bilingual(zh="叙述, 无数值可比", en="told without a figure to compare")
_UNBOUNDED = Bilingual(zh="公布无数值可比, 见佐证", en="nothing was published to compare with: see the evidence")
_NOTHING = Bilingual(zh="没有记录", en="there are no rows")
_UNPUBLISHED = Bilingual(zh="该年没有公布数值", en="nothing is on file as published of the year")
_PART = Bilingual(
    zh="年度未满, 不与全年公布数值比较", en="part of a year is not compared with what was published of all of it"
)


@dataclass(frozen=True, kw_only=True)
class _Warehouse:
    """What a review is derived from."""

    connection: psycopg.Connection
    period: Period
    tables: frozenset[str]
    feeds: Mapping[str, FeedName]
    open: Mapping[str, Open]
    open_before: Mapping[str, Open]
    """Of the same days of the year before."""
    frozen: tuple[int | None, Mapping[int, Decimal | None]]


def make_period(settings: Settings, year: int, last_day: date | None = None) -> Period:
    """The year, to its end or to a day of it. Raises ReviewError for a day of another year."""
    if last_day is not None and last_day.year != year:
        raise ReviewError(f"{last_day} is no day of {year} 不在该年", advice="Take a day of the year that is reviewed.")
    published = published_of(settings.contracts, year)
    return Period(year=year, last_day=last_day or date(year, 12, 31), document=published.document if published else "")


def review(settings: Settings, period: Period, as_of: str | int | None = None) -> Review:
    """Derive every indicator for the period, as known at a publication number or time; None: at the newest.

    An indicator whose tables are not deployed, or whose query does not fit them, has no value and says why. Raises
    IndicatorError for files that are wrong, and SettingsError for an `as_of` that cannot be read.
    """
    definitions = load_definitions(settings.contracts)
    published = published_of(settings.contracts, period.year)
    with reading(settings, as_of, application="ciq review") as (connection, known):
        warehouse = _Warehouse(
            connection=connection,
            period=period,
            tables=published_tables(connection),
            feeds=_feeds(connection),
            open=open_rows(connection, period),
            open_before=open_rows(connection, period.year_before),
            frozen=newest_values(connection, period, known.publication_no),
        )
        results = [_result(warehouse, section.id, one, published) for section, one in definitions.indicators]
    sections = [SectionName(id=one.id, name_zh=one.name.zh, name_en=one.name.en) for one in definitions.sections]
    return _review(period, known, published, definitions.sha256, sections, warehouse.feeds, results)


def _review(
    period: Period,
    known: AsOf,
    published: PublishedReview | None,
    sha256: str,
    sections: list[SectionName],
    feeds: Mapping[str, FeedName],
    results: list[IndicatorResult],
) -> Review:
    return Review(
        year=period.year,
        last_day=period.last_day,
        as_of=known,
        document=published.document if published else None,
        document_title=published.title if published else None,
        definitions_sha256=sha256,
        sections=tuple(sections),
        feeds=tuple(feeds.values()),
        indicators=tuple(results),
    )


def _feeds(connection: psycopg.Connection) -> dict[str, FeedName]:
    rows = connection.execute("select feed_code, name_zh, name_en from ref.feed order by 1").fetchall()
    return {code: FeedName(feed_code=code, name_zh=zh, name_en=en) for code, zh, en in rows}


def _result(
    warehouse: _Warehouse, section: str, indicator: Indicator, published: PublishedReview | None
) -> IndicatorResult:
    period = warehouse.period
    figure = published.figure(indicator.id) if published else None
    sql = figure_query(indicator.measure, indicator.rows, period) if indicator.measure and indicator.rows else None
    state, derived, reason = _derive(warehouse, indicator, sql)
    passes = _passes(indicator, figure, derived, period)
    reason = reason or (_why_not_compared(indicator, figure, published, period) if passes is None else None)
    return IndicatorResult(
        indicator_id=indicator.id,
        section=section,
        kind=indicator.kind,
        name_zh=indicator.name.zh,
        name_en=indicator.name.en,
        unit_zh=indicator.unit.zh,
        unit_en=indicator.unit.en,
        grain=indicator.grain,
        period=indicator.period,
        definition_zh=indicator.definition.zh,
        definition_en=indicator.definition.en,
        state=state,
        derived=derived,
        published=figure.value if figure else None,
        published_text=figure.text if figure else None,
        published_source=figure.source if figure else None,
        lower_bound=figure.lower if figure else None,
        upper_bound=figure.upper if figure else None,
        is_bounded=_is_bounded(indicator, figure),
        passes=passes,
        reason_zh=reason.zh if reason else None,
        reason_en=reason.en if reason else None,
        sql=sql,
        rows_sql=rows_query(indicator, period),
        feeds=indicator.feeds,
        tables=indicator.marts,
        evidence=tuple(_evidence(warehouse, indicator)),
        exposure=_exposure(warehouse, indicator, derived),
        drift=_drift(warehouse, indicator, figure, derived),
    )


def _derive(
    warehouse: _Warehouse, indicator: Indicator, sql: str | None
) -> tuple[State, Decimal | None, Bilingual | None]:
    if sql is None:
        return "narrative", None, None
    value, reason = _value(warehouse, sql, indicator)
    if reason is not None:
        return "unavailable", None, reason
    # Zero because nothing happened differs from zero because nothing came.
    if indicator.kind in ("D", "B") and not any(one.received for one in _open(warehouse, indicator, indicator.current)):
        return "absent", None, _absent(indicator)
    if value is None:
        return "unknown", None, indicator.empty or (_CLAIM if indicator.kind == "X" else _NOTHING)
    return "derived", value, None


def _value(warehouse: _Warehouse, sql: str, indicator: Indicator) -> tuple[Decimal | None, Bilingual | None]:
    """The value of a query, or why it cannot be asked."""
    missing = sorted(marts_of(sql) - warehouse.tables)
    if missing:
        return None, _needs(warehouse, indicator, missing)
    try:
        return ask(warehouse.connection, sql), None
    except REFUSED as error:
        said = words_without_cells(error)
        return None, Bilingual(zh=f"查询与现有表不符: {said}", en=f"the query does not fit the tables: {said}")


def _needs(warehouse: _Warehouse, indicator: Indicator, missing: list[str]) -> Bilingual:
    feeds = [code for code in indicator.feeds if code not in warehouse.feeds]
    if feeds:
        names = ", ".join(feeds)
        verb = "does" if len(feeds) == 1 else "do"
        return Bilingual(
            zh=f"需要数据源 {names}, 尚未报送",
            en=f"needs feed{'s' if len(feeds) > 1 else ''} {names}, which {verb} not deliver yet",
        )
    names = ", ".join(missing)
    return Bilingual(zh=f"需要表 {names}, 尚未部署", en=f"needs {names}, which is not deployed yet")


def _absent(indicator: Indicator) -> Bilingual:
    names = ", ".join(indicator.current)
    return Bilingual(zh=f"期内未收到数据源 {names} 的文件", en=f"no file of {names} came in the period")


def _open(warehouse: _Warehouse, indicator: Indicator, feeds: Sequence[str]) -> list[Open]:
    """Of some feeds of an indicator what is open, in the days that bear on it."""
    return [
        (warehouse.open_before if code in indicator.baseline else warehouse.open).get(code, Open()) for code in feeds
    ]


def _evidence(warehouse: _Warehouse, indicator: Indicator) -> list[EvidenceFigure]:
    found = []
    for one in indicator.evidence:
        sql = figure_query(one.measure, one.rows or indicator.rows or "", warehouse.period)
        value, reason = _value(warehouse, sql, indicator)
        found.append(
            EvidenceFigure(
                name_zh=one.name.zh,
                name_en=one.name.en,
                value=value,
                sql=sql,
                reason_zh=reason.zh if reason else None,
                reason_en=reason.en if reason else None,
            )
        )
    return found


def _exposure(warehouse: _Warehouse, indicator: Indicator, derived: Decimal | None) -> Exposure | None:
    if not indicator.feeds:
        return None
    rows = _open(warehouse, indicator, indicator.feeds)
    more = _most_growth(warehouse, indicator, sum(one.rows for one in rows)) if derived is not None else None
    return Exposure(
        quarantined=sum(one.quarantined for one in rows),
        held=sum(one.held for one in rows),
        waiting=sum(one.waiting for one in rows),
        missing=sum(one.missing for one in rows),
        if_all_accepted=derived + more if derived is not None and more is not None else None,
    )


def _most_growth(warehouse: _Warehouse, indicator: Indicator, open_rows: int) -> Decimal | None:
    """By how much the figure grows at most if all open rows were accepted; None where that cannot be said."""
    if indicator.if_accepted:
        expression = bind(indicator.if_accepted, warehouse.period)
        return if_all_accepted(warehouse.connection, expression, indicator.feeds, warehouse.period)
    return Decimal(open_rows) if indicator.is_count or not open_rows else None


def _drift(warehouse: _Warehouse, indicator: Indicator, figure: Figure | None, derived: Decimal | None) -> Drift:
    review_no, values = warehouse.frozen
    former = values.get(indicator.id)
    published = figure.value if figure and warehouse.period.is_whole else None
    return Drift(
        since_publication=derived - published if derived is not None and published is not None else None,
        review_no=review_no,
        since_frozen=derived - former if derived is not None and former is not None else None,
    )


def _is_bounded(indicator: Indicator, figure: Figure | None) -> bool:
    return indicator.kind in ("D", "B") and figure is not None and figure.is_bounded


def _passes(indicator: Indicator, figure: Figure | None, derived: Decimal | None, period: Period) -> bool | None:
    if figure is None or derived is None or not _is_bounded(indicator, figure) or not period.is_whole:
        return None
    return figure.holds(derived)


def _why_not_compared(
    indicator: Indicator, figure: Figure | None, published: PublishedReview | None, period: Period
) -> Bilingual:
    if indicator.kind == "X":
        return _CLAIM
    if indicator.kind == "N":
        return _NARRATIVE
    if published is None or figure is None:
        return _UNPUBLISHED
    return _UNBOUNDED if period.is_whole or not figure.is_bounded else _PART
