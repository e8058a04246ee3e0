"""Where commands print: one console for people, one for errors, and JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

WIDE = 200
"""Columns of what goes to a file or a pipe: there a table must not be cut to a screen."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """Print for programs: UTF-8 JSON, dates and numbers as text where JSON has no type."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
