"""File names: `{feed}_{org6}_{yyyymmdd}_{seq2}.{ext}`, and `.manifest.csv` for the manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MANIFEST_ENDING = ".manifest.csv"

_NAME = re.compile(r"([A-Z][0-9]{2})_([0-9]{6})_([0-9]{8})_([0-9]{2})\.(manifest\.csv|[A-Za-z0-9]{1,8})")


@dataclass(frozen=True, order=True)
class Stem:
    """What a file name says of its delivery."""

    feed_code: str
    org_code: str
    business_date: date
    seq: int

    def __str__(self) -> str:
        return f"{self.feed_code}_{self.org_code}_{self.business_date:%Y%m%d}_{self.seq:02d}"

    @property
    def manifest_name(self) -> str:
        """Name of the manifest file."""
        return f"{self}{MANIFEST_ENDING}"

    def data_name(self, extension: str = "csv") -> str:
        """Name of the data file."""
        return f"{self}.{extension}"


@dataclass(frozen=True)
class FileName:
    """A file name that can be read."""

    stem: Stem
    extension: str
    is_manifest: bool


def parse_name(name: str) -> FileName | None:
    """Read a file name; None when it does not follow the pattern, or its date or sequence does not exist."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    feed_code, org_code, day, seq, extension = match.groups()
    try:
        business_date = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    if seq == "00":
        return None
    return FileName(Stem(feed_code, org_code, business_date, int(seq)), extension, extension == "manifest.csv")
