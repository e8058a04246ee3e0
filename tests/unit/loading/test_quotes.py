"""Stray quotation marks: COPY must not get to see any, and no good file is slowed down for nothing."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciq.loading.quotes import is_well_quoted, may_be_stray

cells = st.text(alphabet='a, "|\\', max_size=6)


@given(st.lists(st.lists(cells, min_size=2, max_size=3), min_size=1, max_size=4), st.sampled_from([0, 1]))
def test_what_a_csv_writer_writes_is_well_quoted(rows: list[list[str]], quoting: int) -> None:
    for row in rows:
        out = io.StringIO()
        csv.writer(out, lineterminator="", quoting=quoting).writerow(row)  # type: ignore[arg-type]
        assert is_well_quoted(out.getvalue(), ",")


@given(st.lists(st.text(alphabet='ab,"', max_size=12), min_size=1, max_size=3))
def test_what_is_not_well_quoted_is_never_let_through(lines: list[str]) -> None:
    """A mark that opens a cell may be closed lines later: then the number of lines and records differ, and COPY's count
    tells. So only lines with an even number of marks are asked for."""
    even = [line for line in lines if line.count('"') % 2 == 0]
    if not all(is_well_quoted(line, ",") for line in even) and len(even) == len(lines):
        assert may_be_stray("\n" + "\n".join(even) + "\n", ",") or any(_splits_cells(line) for line in even)


def _splits_cells(line: str) -> bool:
    """Marks at the ends of two cells: COPY takes what is between for one, so that the number of cells is wrong."""
    return len(next(csv.reader([line]), [])) != len(_as_copy(line))


def _as_copy(line: str) -> list[str]:
    """The cells as COPY's own state machine tells them apart: a mark toggles, wherever it stands."""
    found, is_open = [""], False
    for character in line:
        if character == '"':
            is_open = not is_open
        elif character == "," and not is_open:
            found.append("")
        else:
            found[-1] += character
    return found


@pytest.mark.parametrize("line", ['a,"14"" x",b', '"a","",""', '"say ""x""",b', "a,b", '"a\n","b"'])
def test_good_lines_raise_no_alarm(line: str) -> None:
    assert not may_be_stray(f"\n{line}\n", ",")
    assert not may_be_stray("\n" + line.replace(",", "|") + "\n", "|")
