"""Builds: freeze what is queued, run dbt, test the next state, promote it; and what reads the result back.

Importing this package imports neither dbt nor anything else that is slow.
"""

from ciq.building.build import BuildReport, build
from ciq.building.deploy import deploy

__all__ = ["BuildReport", "build", "deploy"]
