"""Versions of one key, the last word first: which skip a number, and which come again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from support.oracle.slices import Row


def of_versions(group: list[Row], item: Callable[[Row], int]) -> Iterator[tuple[str, Row, int]]:
    """Findings on the rows of one key, the last word first."""
    for row, problem in steps(group, lambda row: int(row.version_no)):
        yield f"{row.feed}-version-{problem}", row, item(row)


def steps(group: list[Any], version: Callable[[Any], int]) -> Iterator[tuple[Any, str]]:
    """What is wrong with a version: `gap` below it, or `duplicate` beside it."""
    versions = [version(it) for it in group]
    for place, it in enumerate(group):
        if versions[place] - (versions[place + 1 :] or [0])[0] > 1:
            yield it, "gap"
        if versions[place] in (*versions[max(place - 1, 0) : place], *versions[place + 1 : place + 2]):
            yield it, "duplicate"
