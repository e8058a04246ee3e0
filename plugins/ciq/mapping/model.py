"""What a column mapping says."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ciq.errors import CiqError
from ciq.loading.decode import CODECS

SOURCE_CODECS = {**CODECS, "CP1252": "cp1252", "LATIN-1": "latin-1"}
"""Encodings of third parties' files. The last two read almost any bytes as something: they are never tried unnamed."""

Encoding = Literal["UTF-8", "UTF-8-SIG", "GB18030", "GBK", "CP1252", "LATIN-1"]
Delimiter = Literal[",", ";", "|", "TAB"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class MappingError(CiqError):
    """A mapping says something that cannot be done, or a file does not fit it."""


class ColumnMapping(BaseModel):
    """Where a column of the contract comes from: a column of the file (`from`), or what is known (`value`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    names: list[Name] = Field(default=[], alias="from")
    """Names that the file may have for it; upper and lower case, blanks, `_`, `-` and `.` do not matter."""
    value: str | None = None
    """A constant, or a text with `{column}`, `{branch}` or `{business_date}`; empty when one of these is."""
    optional: bool = False
    """The file may lack the column; it is then empty."""
    lower: bool = False
    whole: bool = False
    """`3.0`, a count that was exported as a float, becomes `3`."""
    pad_zeros: int | None = Field(default=None, ge=2, le=20)
    """Digits of a code that a spreadsheet took the zeros at its beginning from: `1012100` becomes `01012100` with 8."""
    pad_fraction: int | None = Field(default=None, ge=1, le=9)
    """Digits after the point of a reference that was exported as a float: `2020.296` becomes `2020.2960` with 4."""
    values: dict[str, str] = Field(default={}, alias="map")
    """The third party's word -> the contract's; upper and lower case do not matter."""
    default: str | None = None
    """For words that `map` lacks; without it they go on as they are, and the contract's rules speak."""


class Mapping(BaseModel):
    """One style of third-party files. `name` is that of the YAML file; `text` what is kept of it, under its hash."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    text: bytes
    feed: str = Field(pattern=r"^[A-Z][0-9]{2}$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    name_zh: Name
    name_en: Name
    auto: bool = True
    """Whether `--mapping auto` may take it."""
    unless: list[Name] = []
    """Columns that no file of this style has: one that has them is of another style."""
    encodings: list[Encoding] = Field(default=["UTF-8"], min_length=1)
    """Tried in this order; the first that the whole file is valid in."""
    delimiters: list[Delimiter] = Field(default=[",", ";", "TAB", "|"], min_length=1)
    """The one under which the header has the wanted columns is taken."""
    dates: list[str] = []
    """Styles of dates, as Python's strptime writes them. No two may read one text as two days."""
    empty: list[str] = []
    """Words that stand for an empty cell (`nan`); upper and lower case do not matter. Blanks always do."""
    nul: Literal["refuse", "blank"] = "refuse"
    """A cell of NUL bytes alone breaks the shape of its record, or stands for an empty cell. One within a text always
    breaks it."""
    unknown_columns: Literal["ignore", "refuse"] = "ignore"
    columns: dict[str, ColumnMapping] = Field(min_length=1)


def plain_name(name: str) -> str:
    """A column's name as names are compared: case, blanks, `_`, `-` and `.` do not matter."""
    return re.sub(r"[\s_.\-\ufeff\u200b]+", "", name).casefold()
