"""Spoil a frame, a text or a delivery by a named defect."""

from __future__ import annotations

import pandas as pd

from ciq.errors import CiqError
from ciq_demo.generator.defects.kinds import CELLS, FILES, LINES, Defect, Draft
from ciq_demo.generator.randomness import Stream


def spoil_frame(frame: pd.DataFrame, defect: Defect, *, feed: str, stream: Stream) -> pd.DataFrame:
    """A copy of `frame` with `defect.rows` cells spoiled, in rows with op I whose cell the defect really changes."""
    kind = CELLS[defect.name]
    column = kind.target(frame.columns)
    if column is None:
        raise CiqError(f"defect {defect.name!r} has no column in feed {feed}")
    condition, values = kind.only
    spoiled = frame.copy()
    position = spoiled.columns.get_loc(column)
    cells = zip(frame["op"].tolist(), frame[condition].tolist(), frame[column].tolist(), strict=True)
    rows = [
        index
        for index, (op, given, cell) in enumerate(cells)
        if op == "I" and given in values and cell and kind.spoil(cell) != cell
    ]
    if len(rows) < defect.rows:
        raise CiqError(f"defect {defect.name!r} finds only {len(rows)} rows in feed {feed}", advice="Ask for fewer.")
    order = stream.order(len(rows)).tolist()
    for index in sorted(rows[place] for place in order[: defect.rows]):
        spoiled.iat[index, position] = kind.spoil(spoiled.iat[index, position])
    return spoiled


def spoil_text(text: str, defect: Defect, *, stream: Stream) -> str:
    """The file's text with one line spoiled; line 0 is the header."""
    lines = text.split("\n")
    last = len(lines) - 1
    row = 1 + int(stream.below(1, max(last - 1, 1))[0]) if last > 1 else 0
    return "\n".join(LINES[defect.name](lines, row))


def spoil_file(draft: Draft, defect: Defect) -> Draft:
    """The delivery with its file or manifest spoiled."""
    return FILES[defect.name](draft)
