"""The annual review: every indicator derived at one publication, beside what was published; and frozen reviews."""

from ciq.reviewing.frozen import FrozenReview, freeze, list_frozen, read_frozen
from ciq.reviewing.model import Drift, EvidenceFigure, Exposure, IndicatorResult, Review, ReviewError
from ciq.reviewing.run import make_period, review

__all__ = [
    "Drift",
    "EvidenceFigure",
    "Exposure",
    "FrozenReview",
    "IndicatorResult",
    "Review",
    "ReviewError",
    "freeze",
    "list_frozen",
    "make_period",
    "read_frozen",
    "review",
]
