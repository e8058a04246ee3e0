"""Row by row, cell by cell: where two frames differ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

Row = dict[str, Any]


def differences(expected: pd.DataFrame, found: Iterable[Row], key: list[str], *, at_most: int = 8) -> list[str]:
    """The first differences, in order of key; columns that `expected` has not are left aside."""
    wanted = _by_key(expected.to_dict("records"), key)
    given = _by_key(found, key)
    told: list[str] = []
    for where in sorted(wanted.keys() | given.keys(), key=repr):
        told += _differences_at(where, wanted.get(where, []), given.get(where, []))
        if len(told) >= at_most:
            return [*told[:at_most], f"... expected {len(wanted)} keys, found {len(given)}"]
    return told


def _by_key(rows: Iterable[Row], key: list[str]) -> dict[tuple[Any, ...], list[Row]]:
    grouped: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        grouped.setdefault(tuple(row[name] for name in key), []).append(row)
    return grouped


def _differences_at(where: tuple[Any, ...], wanted: list[Row], given: list[Row]) -> list[str]:
    if len(wanted) != 1 or len(given) != 1:
        return [f"{where}: expected {len(wanted)} row(s), found {len(given)}: {(wanted + given)[0]}"]
    return [
        f"{where} {name}: expected {value!r}, found {given[0].get(name)!r}"
        for name, value in wanted[0].items()
        if _plain(value) != _plain(given[0].get(name, "(no such column)"))
    ]


def _plain(value: Any) -> Any:
    return None if value is None or value is pd.NaT or value != value else value  # noqa: PLR0124  NaN
