"""Quotation marks as the contract wants them: around a whole cell, doubled within. All else is a stray one.

COPY and Python's csv module both let stray marks pass, each in its own way: one drops them, the other keeps them. So a
record's fate would hang on what else its file holds.
"""

from __future__ import annotations

import re
from functools import lru_cache


def is_well_quoted(record: str, delimiter: str) -> bool:
    """Whether every mark of a record, given without its line end, encloses a cell or is doubled within one."""
    return '"' not in record or _whole(delimiter).fullmatch(record) is not None


def may_be_stray(lines: str, delimiter: str) -> bool:
    """Whether COPY might drop a mark of these lines; they begin where a record may begin. True may be a false alarm."""
    for match in _after_text(delimiter).finditer(lines):
        begin = 1 + max(lines.rfind(delimiter, 0, match.start()), lines.rfind("\n", 0, match.start()))
        if lines[match.end()] != '"' or lines[begin] != '"':
            return True
    return _after_empty(delimiter).search(lines) is not None


@lru_cache
def _whole(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*+"|[^"{mark}]*+)'
    return re.compile(f"{cell}(?:{mark}{cell})*+")


@lru_cache
def _after_text(delimiter: str) -> re.Pattern[str]:
    """A mark after text that does not end the cell."""
    mark = re.escape(delimiter)
    return re.compile(rf'"(?<=[^{mark}\n"]")(?=[^{mark}\r\n])')


@lru_cache
def _after_empty(delimiter: str) -> re.Pattern[str]:
    """Two marks that begin a cell and do not end it."""
    mark = re.escape(delimiter)
    return re.compile(rf'""(?<=[{mark}\n]"")(?=[^{mark}\r\n"])')
