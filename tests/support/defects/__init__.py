"""Everything that can be wrong with a delivery, tried on each feed: what it ends in, and the page that says so.

A defect is a function from a good delivery to what really arrives and what it is expected to end in. To which column
it is done follows from the contract, so that a new feed gets its trials by itself.
"""

from support.defects.model import Defect, Draft, Ends, Observed, Trial
from support.defects.registry import DEFECTS
from support.defects.trying import Tried, try_all

__all__ = ["DEFECTS", "Defect", "Draft", "Ends", "Observed", "Trial", "Tried", "try_all"]
