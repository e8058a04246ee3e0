"""Any rows, written in any form, come back cell by cell."""

from __future__ import annotations

import csv
import io
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.forms import NAMES, read, reading_of, xls, xlsx, xml

WIDTHS = (20, 1, 6, 19, 6, 40, 10, 14)
"""Characters that a cell of each column has room for in a file of fixed width."""

LETTERS = st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp"))
CELLS = st.tuples(*(st.text(alphabet=LETTERS, max_size=width) for width in WIDTHS)).filter(any)
ROWS = st.lists(CELLS, max_size=8)


def csv_of(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([NAMES, *rows])
    return out.getvalue().encode("gb18030")


@given(ROWS)
def test_delimited(rows: list[tuple[str, ...]]) -> None:
    assert [r.cells for r in read(csv_of(rows), ",", encoding="GB18030")] == rows


@given(ROWS)
def test_xml(rows: list[tuple[str, ...]]) -> None:
    data = xml(*[tuple(map(escape, row)) for row in rows])
    assert [(r.cells, r.shape) for r in read(data, "XML", encoding="GB18030")] == [(row, None) for row in rows]


@pytest.mark.parametrize("unit", ["characters", "bytes"])
@given(rows=ROWS)
def test_fixed(rows: list[tuple[str, ...]], unit: str) -> None:
    """In bytes a place has room for two bytes a character; what needs more is cut, and not given here."""
    reading = reading_of(b"", "FIXED", encoding="GB18030", unit=unit)
    if unit == "bytes":
        rows = [tuple("".join(c for c in cell if len(c.encode("gb18030")) <= 2) for cell in row) for row in rows]
        rows = [(*row[:2], *(c.encode("ascii", "ignore").decode() for c in row[2:4]), *row[4:6],
                 *(c.encode("ascii", "ignore").decode() for c in row[6:])) for row in rows]  # fmt: skip
    rows = [row for row in rows if any(row)]
    data = b"".join(reading.write(row) + b"\r\n" for row in rows)
    found = read(data, "FIXED", encoding="GB18030", unit=unit, header=False)
    assert [(r.cells, r.shape) for r in found] == [(row, None) for row in rows]


@pytest.mark.parametrize("form", ["XLSX", "XLS"])
@settings(max_examples=12, deadline=None)
@given(rows=ROWS)
def test_workbooks(rows: list[tuple[str, ...]], form: str) -> None:
    """Each example starts a process, so they are few and whole."""
    kept = [("r", "I", *row[2:]) for row in rows]
    cells = [[cell or None for cell in row] for row in [NAMES, *kept]]
    data = xlsx(cells, strings_to_formulas=False, strings_to_urls=False) if form == "XLSX" else xls(cells)
    assert [(r.cells, r.shape) for r in read(data, form)] == [(row, None) for row in kept]
