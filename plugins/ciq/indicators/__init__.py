"""The annual review's indicators as data: what each means, how it is derived, and what a document published of it."""

from ciq.indicators.model import (
    Bilingual,
    Definitions,
    Evidence,
    Figure,
    Indicator,
    IndicatorError,
    PublishedReview,
    Section,
)
from ciq.indicators.reading import load_definitions, load_published, published_of

__all__ = [
    "Bilingual",
    "Definitions",
    "Evidence",
    "Figure",
    "Indicator",
    "IndicatorError",
    "PublishedReview",
    "Section",
    "load_definitions",
    "load_published",
    "published_of",
]
