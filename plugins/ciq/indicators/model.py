"""What an indicator, a section of the review and a published figure say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ciq.errors import CiqError

Kind = Literal["D", "B", "X", "N"]
"""Derived from feeds; derived against a baseline of the year before; claimed, for only others can know; narrative."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
FeedCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}$")]


def _exact(value: Any) -> Any:
    """A number as it is written: YAML's 20.8 is the decimal 20.8."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


Number = Annotated[Decimal, BeforeValidator(_exact)]

_RELATION = re.compile(r"\b(?:from|join)\s+(?:lateral\s+)?([a-z_][a-z0-9_]*)\b(?!\s*\()", re.IGNORECASE)
_COUNT = re.compile(r"\s*count\((\*|distinct \w+)\)(\s+filter\s*\([^()]*\))?\s*\Z", re.IGNORECASE)
_NAMED = re.compile(r"(?:\bwith|,)\s+([a-z_][a-z0-9_]*)\s+as\s+\(", re.IGNORECASE)


class IndicatorError(CiqError):
    """A definition or a published figure says something that cannot be done."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Bilingual(_Strict):
    """One text in both languages."""

    zh: Text
    en: Text

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


class Evidence(_Strict):
    """A further figure beside the indicator's. `rows` None: over the indicator's own rows."""

    name: Bilingual
    measure: Text
    rows: Text | None = None


class Indicator(_Strict):
    """One figure of the review. `measure` is an SQL expression over `rows`, a select over schema `published`; both know
    `:year`, `:first_day`, `:last_day` and `:document`."""

    id: int = Field(gt=0)
    kind: Kind
    name: Bilingual
    unit: Bilingual
    grain: Text
    """What one of the rows that are counted is."""
    period: Text = "year"
    feeds: tuple[FeedCode, ...] = Field(default=(), strict=False)
    """Feeds that the figure is derived from; none for a claim."""
    baseline: tuple[FeedCode, ...] = Field(default=(), strict=False)
    """Those of them that tell what the period is compared with: their rows of the same days of the year before bear on
    the figure, and not those of the period."""
    definition: Bilingual
    measure: Text | None = None
    rows: Text | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), strict=False)
    if_accepted: Text | None = None
    """SQL over rows of fct_coverage of the feeds and the period, with `rows_unvalued`, the rows in quarantine whose
    worth in USD is not known: by how much the figure grows at most if all open quarantined, held and waiting rows were
    accepted, null where that cannot be said. Wanted only where it does not follow: a count grows by one for each row,
    any other figure is certain while no row is open."""
    empty: Bilingual | None = None
    """What it means when the measure is null."""

    @property
    def queries(self) -> Iterator[tuple[str, str]]:
        """(measure, rows) of the figure and of its evidence."""
        if self.measure and self.rows:
            yield self.measure, self.rows
        for one in self.evidence:
            yield one.measure, one.rows or self.rows or ""

    @property
    def current(self) -> tuple[str, ...]:
        """Feeds whose rows of the period itself bear on the figure."""
        return tuple(code for code in self.feeds if code not in self.baseline)

    @property
    def is_count(self) -> bool:
        """Whether the measure counts rows, or distinct cells of them."""
        return _COUNT.match(self.measure or "") is not None

    @property
    def marts(self) -> tuple[str, ...]:
        """The published tables that the figure itself reads, sorted."""
        return tuple(sorted(marts_of(f"{self.measure or ''} {self.rows or ''}")))


class Section(_Strict):
    """A part of the review, its indicators in the order in which it tells them."""

    id: Text
    order: int
    name: Bilingual
    indicators: tuple[Indicator, ...] = Field(min_length=1, strict=False)


class Figure(_Strict):
    """What a document says of an indicator; a bound that is not there does not bind."""

    indicator_id: int = Field(gt=0)
    text: Text
    """As it is printed."""
    value: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    source: Text
    """Where in the document."""

    @property
    def is_bounded(self) -> bool:
        """Whether a derived value can lie outside."""
        return self.lower is not None or self.upper is not None

    def holds(self, derived: Decimal) -> bool:
        """Whether a derived value lies within the bounds."""
        return (self.lower is None or self.lower <= derived) and (self.upper is None or derived <= self.upper)


class PublishedReview(_Strict):
    """The figures of one document, such as the annual review of a year. `document` names its file."""

    document: Text
    year: int = Field(ge=2009, le=2100)
    edition: int = Field(ge=1)
    """Of several documents of a year the highest edition is compared with."""
    title: Text
    publisher: Text
    figures: tuple[Figure, ...] = Field(min_length=1, strict=False)

    def figure(self, indicator_id: int) -> Figure | None:
        """What the document says of an indicator."""
        return next((one for one in self.figures if one.indicator_id == indicator_id), None)


class Definitions(_Strict):
    """All indicators, by section. `sha256`: over the definition files."""

    sections: tuple[Section, ...]
    sha256: str

    @property
    def indicators(self) -> Iterator[tuple[Section, Indicator]]:
        """Every indicator with its section, in the order of the review."""
        for section in self.sections:
            for indicator in section.indicators:
                yield section, indicator


def marts_of(query: str) -> set[str]:
    """Names of the tables that a query reads, those that it makes itself left out."""
    made = {name.lower() for name in _NAMED.findall(query)}
    return {name.lower() for name in _RELATION.findall(query)} - made
