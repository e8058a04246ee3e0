"""The bureaus that deliver, from the organisations' list."""

from __future__ import annotations

import csv

from ciq.settings import Settings


def delivering_branches(settings: Settings) -> list[str]:
    """Codes of the twenty branches and of headquarters: every organisation with an endpoint."""
    with (settings.contracts / "code_lists" / "org.csv").open(encoding="utf-8", newline="") as file:
        return [row["org_code"] for row in csv.DictReader(file) if row["endpoint"]]
