"""What documents published about the indicators, as reference data: `ref.published_claim`."""

from __future__ import annotations

from pathlib import Path

import psycopg

from ciq.errors import Place
from ciq.indicators import IndicatorError, PublishedReview, load_definitions, load_published

_COLUMNS = (
    "document", "indicator_id", "year", "edition", "kind", "name_zh", "name_en", "figure_text", "value", "lower_bound",
    "upper_bound", "source", "title",
)  # fmt: skip
_SAID = ("figure_text", "value", "lower_bound", "upper_bound")
"""What a document says, and what a frozen review was compared with."""


def fill_claims(connection: psycopg.Connection, contracts: Path) -> None:
    """Bring ref.published_claim in line with the published figures below the contracts' folder.

    Raises IndicatorError where a figure would change, or go, that a frozen review was compared with.
    """
    indicators = {indicator.id: indicator for _, indicator in load_definitions(contracts).indicators}
    for review in load_published(contracts):
        rows = [
            (
                review.document, one.indicator_id, review.year, review.edition, indicators[one.indicator_id].kind,
                indicators[one.indicator_id].name.zh, indicators[one.indicator_id].name.en, one.text, one.value,
                one.lower, one.upper, one.source, review.title,
            )
            for one in review.figures
        ]  # fmt: skip
        _keep_what_was_compared(connection, review)
        connection.execute(
            "delete from ref.published_claim where document = %s and indicator_id <> all (%s::int[])",
            (review.document, [one.indicator_id for one in review.figures]),
        )
        changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])
        with connection.cursor() as cursor:
            cursor.executemany(
                f"insert into ref.published_claim ({', '.join(_COLUMNS)}) values"
                f" ({', '.join(['%s'] * len(_COLUMNS))}) on conflict (document, indicator_id) do update set {changes}",
                rows,
            )


def _keep_what_was_compared(connection: psycopg.Connection, review: PublishedReview) -> None:
    row = connection.execute(
        "select max(review_no) from audit.frozen_review where document = %s", (review.document,)
    ).fetchone()
    if row is None or row[0] is None:
        return
    stands = connection.execute(
        f"select indicator_id, {', '.join(_SAID)} from ref.published_claim where document = %s", (review.document,)
    ).fetchall()
    for indicator_id, *said in stands:
        figure = review.figure(indicator_id)
        if figure is None or said != [figure.text, figure.value, figure.lower, figure.upper]:
            raise IndicatorError(
                f"Indicator 指标 {indicator_id} of a document that frozen review {row[0]} was compared with has changed"
                " 冻结回顾所据数值不得更改",
                place=Place(file=f"review/published/{review.document}.yaml"),
                advice=f"Put it back; a correction is a document of its own, a higher edition of {review.year}.",
            )
