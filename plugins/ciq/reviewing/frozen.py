"""Reviews kept as they were: who froze them and why, at which publication, and whether they still come out so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row

from ciq.database import connect, words_without_cells
from ciq.indicators.period import Period
from ciq.ledger.events import append_event, canonical
from ciq.reviewing.asking import REFUSED, ask, reading
from ciq.reviewing.model import Review, ReviewError
from ciq.settings import Settings

KIND = "review_frozen"


@dataclass(frozen=True, kw_only=True)
class FrozenReview:
    """The head of a frozen review. `digest`: sha256 of its results."""

    review_no: int
    run_ref: str
    year: int
    last_day: date
    as_of_no: int
    frozen_by: str
    login: str
    frozen_at: datetime
    reason: str
    document: str
    definitions_hash: str
    digest: str

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


_HEAD = (
    "review_no, run_ref, year, last_day, as_of_no, frozen_by, login, frozen_at, reason, document, definitions_hash,"
    " digest"
)


def freeze(settings: Settings, review: Review, *, by: str, reason: str, run_ref: str) -> int:
    """Keep a review; returns its number. Under a known `run_ref` nothing is kept, and the number of then is returned.

    Raises ReviewError without a name or a reason, or when nothing was published yet.
    """
    if not by.strip() or not reason.strip():
        raise ReviewError(
            "Who freezes the review, and why? 冻结须有姓名与原因", advice="Use --by NAME and --reason TEXT."
        )
    if review.as_of.publication_no == 0:
        raise ReviewError("Nothing is published yet 尚无发布", advice="`ciq load --all` loads, builds and publishes.")
    results = canonical(review.as_json())
    digest = hashlib.sha256(results.encode()).hexdigest()
    with connect(settings, "loader", application="ciq review") as connection:
        row = connection.execute(
            "insert into audit.frozen_review (run_ref, year, last_day, as_of_no, frozen_by, reason, document,"
            " definitions_hash, results, digest) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (run_ref) do nothing returning review_no",
            (
                *(run_ref, review.year, review.last_day, review.as_of.publication_no, by.strip(), reason.strip()),
                *(review.document or "", review.definitions_sha256, results, digest),
            ),
        ).fetchone()
        if row is not None:
            append_event(connection, KIND, _logged(review, int(row[0]), by, reason, run_ref, digest))
            return int(row[0])
        former = connection.execute(
            "select review_no from audit.frozen_review where run_ref = %s", (run_ref,)
        ).fetchone()
    assert former is not None
    return int(former[0])


def _logged(review: Review, number: int, by: str, reason: str, run_ref: str, digest: str) -> dict[str, Any]:
    return {
        "review_no": number,
        "run_ref": run_ref,
        "year": review.year,
        "last_day": review.last_day,
        "as_of_no": review.as_of.publication_no,
        "by": by.strip(),
        "reason": reason.strip(),
        "document": review.document or "",
        "definitions": review.definitions_sha256,
        "digest": digest,
        "passing": len(review.passing),
        "bounded": len(review.bounded),
    }


def list_frozen(connection: psycopg.Connection, year: int | None = None) -> list[FrozenReview]:
    """The heads of all frozen reviews, or those of a year, the newest first."""
    with connection.cursor(row_factory=class_row(FrozenReview)) as cursor:
        return cursor.execute(
            f"select {_HEAD} from audit.frozen_review where %(year)s::int is null or year = %(year)s"
            " order by review_no desc",
            {"year": year},
        ).fetchall()


def read_frozen(connection: psycopg.Connection, number: int) -> tuple[FrozenReview, Review]:
    """A frozen review with all that it says. Raises ReviewError for a number that there is none of."""
    with connection.cursor(row_factory=class_row(FrozenReview)) as cursor:
        head = cursor.execute(f"select {_HEAD} from audit.frozen_review where review_no = %s", (number,)).fetchone()
    if head is None:
        raise ReviewError(
            f"There is no frozen review {number} 无此冻结回顾", advice="`ciq review YEAR --list` has all."
        )
    return head, _results(connection, number)


def _results(connection: psycopg.Connection, number: int) -> Review:
    row = connection.execute("select results from audit.frozen_review where review_no = %s", (number,)).fetchone()
    assert row is not None
    return Review.model_validate(json.loads(row[0], parse_float=Decimal))


def newest_values(
    connection: psycopg.Connection, period: Period, as_of_no: int
) -> tuple[int | None, Mapping[int, Decimal | None]]:
    """Number and derived values of the newest review frozen of the period up to that publication; none: (None, {})."""
    row = connection.execute(
        "select max(review_no) from audit.frozen_review where year = %s and last_day = %s and as_of_no <= %s",
        (period.year, period.last_day, as_of_no),
    ).fetchone()
    if row is None or row[0] is None:
        return None, {}
    return int(row[0]), {one.indicator_id: one.derived for one in _results(connection, int(row[0])).indicators}


def differences(settings: Settings, head: FrozenReview, review: Review) -> Iterator[tuple[str, str]]:
    """(figure, what differs) of each figure that does not come out again, asked in its own words at its publication."""
    with reading(settings, head.as_of_no, application="ciq verify") as (connection, known):
        if known.publication_no != head.as_of_no:
            yield "as_of", f"publication {head.as_of_no} can no longer be read"
            return
        for one in review.indicators:
            asked = [(f"indicator {one.indicator_id}", one.sql, one.derived, one.state in ("derived", "unknown"))]
            asked += [
                (f"indicator {one.indicator_id}, {e.name_en}", e.sql, e.value, e.reason_en is None)
                for e in one.evidence
            ]
            for name, sql, former, was_asked in asked:
                if sql is not None and was_asked:
                    yield from _difference(connection, name, sql, former)


def _difference(
    connection: psycopg.Connection, name: str, sql: str, former: Decimal | None
) -> Iterator[tuple[str, str]]:
    try:
        now = ask(connection, sql)
    except REFUSED as error:
        yield name, f"it can no longer be asked: {words_without_cells(error)}"
        return
    if now != former:
        yield name, f"frozen {former}, now {now}"
