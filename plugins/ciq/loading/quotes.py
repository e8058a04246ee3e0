"""Quotation marks as the contract wants them: around a whole cell, doubled within. All else is a stray one.

COPY and Python's csv module both let stray marks pass, each in its own way: one drops them, the other keeps them. So a
record's fate would hang on what else its file holds.
"""

from __future__ import annotations

import re
from functools import lru_cache


def is_well_quoted(record: str, delimiter: str) -> bool:
    """Whether every mark of a record, given without its line end, encloses a cell or is doubled within one."""
    return '"' not in record or _record(delimiter).fullmatch(record) is not None


def are_well_quoted(lines: str, delimiter: str) -> bool:
    """The same of many records, each with its line end."""
    return '"' not in lines or _records(delimiter).fullmatch(lines) is not None


@lru_cache
def _record(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*+"|[^"{mark}]*+)'
    return re.compile(f"{cell}(?:{mark}{cell})*+")


@lru_cache
def _records(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]++|"")*+"|[^"{mark}\n]*+)'
    return re.compile(rf"(?:{cell}(?:{mark}{cell})*+\r?\n)*+")
