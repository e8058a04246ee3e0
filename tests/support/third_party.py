"""What a third party's file becomes under a mapping, and files to try."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from ciq.mapping.convert import Converted

RICH = "REF;DATE_CASE;SUBJET;TYPE;NOT_COUNTRY"


@dataclass(frozen=True)
class Made:
    """The mapped text, and what was said of it."""

    text: str
    converted: Converted

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text)))

    def noted(self) -> dict[str, int]:
        return {kind: note.count for kind, note in self.converted.notes.items()}


def rich(*rows: str, header: str = RICH, end: str = "\n") -> str:
    """A file of upper-case columns."""
    return "".join(line + end for line in (header, *rows))
