"""The oracle: what the facts must say, worked out from the files and the contracts' text alone.

Nothing here imports the warehouse. It reads whole files into memory and takes one record at a time: slow, and simple.
"""

from __future__ import annotations

from support.oracle.comparing import differences
from support.oracle.facts import KEYS, Facts, facts_of

__all__ = ["KEYS", "Facts", "differences", "facts_of"]
