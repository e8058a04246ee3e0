"""The rows behind a figure: what its query counts, at the review's publication."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg

from ciq.reviewing.asking import as_sql, reading
from ciq.reviewing.model import IndicatorResult, Review, ReviewError
from ciq.settings import Settings

_FETCHED = 5000

_ORDERED = "select * from (\n{rows}\n) as behind order by behind"
"""By all columns: the same rows come first whenever they are asked."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The first rows behind a figure, as text; `has_more` when there are others."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    has_more: bool


def stream_rows(settings: Settings, review: Review, indicator_id: int) -> Iterator[Sequence[object]]:
    """The names of the columns, then every row behind an indicator; never all at once in memory.

    Raises ReviewError for an indicator without rows to show.
    """
    one = review.indicator(indicator_id)
    if one.rows_sql is None or one.state == "unavailable":
        raise ReviewError(
            f"Indicator {indicator_id} has no rows 无明细: {one.reason_zh} {one.reason_en}",
            advice="`ciq review YEAR` says what each figure rests on.",
        )
    with (
        reading(settings, review.as_of.publication_no, application="ciq review rows") as (connection, _),
        connection.cursor(name="behind") as cursor,
    ):
        cursor.itersize = _FETCHED
        cursor.execute(as_sql(_ORDERED.format(rows=one.rows_sql)))
        yield [column.name for column in cursor.description or ()]
        yield from cursor


def sample_rows(connection: psycopg.Connection, one: IndicatorResult, most: int) -> Sample | None:
    """The first rows behind a figure; None where there are none to show."""
    if one.rows_sql is None or one.state == "unavailable":
        return None
    with connection.transaction():
        cursor = connection.execute(as_sql(f"{_ORDERED.format(rows=one.rows_sql)} limit {most + 1}"))
        found = cursor.fetchall()
    return Sample(
        columns=[column.name for column in cursor.description or ()],
        rows=[["" if cell is None else str(cell) for cell in row] for row in found[:most]],
        has_more=len(found) > most,
    )
