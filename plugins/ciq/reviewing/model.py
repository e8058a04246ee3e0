"""A review as it is told, kept and read again: the same fields as JSON and as objects.

Numbers are exact. In JSON they are numbers as long as a reader's double holds each digit (15 of them: all cents below
ten thousand billion), else text.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from ciq.errors import CiqError
from ciq.indicators.model import Kind

State = Literal["derived", "unknown", "absent", "unavailable", "narrative"]
"""A value; none, though the query ran; none, for no file of its feeds came; none, for a feed or a table is not there;
nothing to derive."""


class ReviewError(CiqError):
    """A review that cannot be made, kept or found."""


def number(value: Decimal | None) -> int | float | str | None:
    """For JSON: an integer, a number of the very same digits, or else text."""
    if value is None:
        return None
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else format(value, "f")


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if isinstance(value, float) else value


Exact = Annotated[Decimal, BeforeValidator(_exact), PlainSerializer(number, when_used="json")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AsOf(_Frozen):
    """The publication that a review was derived from; 0 and no time: nothing was published."""

    publication_no: int
    promoted_at: datetime | None


class EvidenceFigure(_Frozen):
    """A figure beside an indicator's. `reason`: why there is no value."""

    name_zh: str
    name_en: str
    value: Exact | None
    sql: str
    reason_zh: str | None = None
    reason_en: str | None = None


class Exposure(_Frozen):
    """What of the indicator's feeds and period is in no fact. Rows, and for `missing` slices that were due."""

    quarantined: int
    held: int
    waiting: int
    missing: int
    if_all_accepted: Exact | None
    """The figure if all these rows were accepted, at most; None where that cannot be said."""

    @property
    def rows(self) -> int:
        """Rows that are there and count nowhere."""
        return self.quarantined + self.held + self.waiting


class Drift(_Frozen):
    """How far the derived value lies from the published one, and from the newest frozen review of the year."""

    since_publication: Exact | None
    review_no: int | None
    since_frozen: Exact | None


class IndicatorResult(_Frozen):
    """One indicator of a review."""

    indicator_id: int
    section: str
    kind: Kind
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    grain: str
    period: str
    definition_zh: str
    definition_en: str
    state: State
    derived: Exact | None
    published: Exact | None
    published_text: str | None
    published_source: str | None
    lower_bound: Exact | None
    upper_bound: Exact | None
    is_bounded: bool
    """Whether the figure counts among the D and B figures with a bound."""
    passes: bool | None = Field(validation_alias=AliasChoices("pass", "passes"), serialization_alias="pass")
    """Whether the derived value lies within the bounds; None: nothing to compare, and `reason` says why."""
    reason_zh: str | None
    reason_en: str | None
    sql: str | None
    rows_sql: str | None
    feeds: tuple[str, ...]
    tables: tuple[str, ...]
    evidence: tuple[EvidenceFigure, ...]
    exposure: Exposure | None
    """None for what no feed brings."""
    drift: Drift


class SectionName(_Frozen):
    """A section of the review."""

    id: str
    name_zh: str
    name_en: str


class FeedName(_Frozen):
    """A feed that delivers."""

    feed_code: str
    name_zh: str
    name_en: str


class Review(_Frozen):
    """The review of a year at one publication. Indicators stand in the order in which the review tells them."""

    year: int
    last_day: date
    as_of: AsOf
    document: str | None
    """With what it is compared; None: nothing was published of the year."""
    document_title: str | None
    definitions_sha256: str
    sections: tuple[SectionName, ...]
    feeds: tuple[FeedName, ...]
    indicators: tuple[IndicatorResult, ...]

    @property
    def bounded(self) -> list[IndicatorResult]:
        """D and B figures with a bound."""
        return [one for one in self.indicators if one.is_bounded]

    @property
    def passing(self) -> list[IndicatorResult]:
        """Those of them that lie within."""
        return [one for one in self.bounded if one.passes]

    @property
    def failing(self) -> list[IndicatorResult]:
        """Those of them that lie outside."""
        return [one for one in self.bounded if one.passes is False]

    @property
    def silent(self) -> list[IndicatorResult]:
        """Those of them that cannot be derived; each says why."""
        return [one for one in self.bounded if one.derived is None]

    @property
    def is_part(self) -> bool:
        """Whether it ends before the year does: nothing is compared then with what was published of all of it."""
        return self.last_day < date(self.year, 12, 31)

    def indicator(self, indicator_id: int) -> IndicatorResult:
        """One indicator. Raises ReviewError for one that the review does not have."""
        found = next((one for one in self.indicators if one.indicator_id == indicator_id), None)
        if found is None:
            raise ReviewError(f"There is no indicator {indicator_id} 无此指标", advice="`ciq review YEAR` lists them.")
        return found

    def as_json(self) -> dict[str, Any]:
        """For programs: numbers as `number` writes them."""
        return self.model_dump(mode="json", by_alias=True)
