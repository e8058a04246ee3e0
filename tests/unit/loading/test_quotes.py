"""Quotation marks: none that COPY would drop gets past, and no good file is read slowly for nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciq.loading.quotes import are_well_quoted, is_well_quoted

cells = st.text(alphabet='a, "|\\\n', max_size=6)


def written(rows: Sequence[Sequence[str]], line_end: str, quoting: int) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


@given(
    st.lists(st.lists(cells, min_size=2, max_size=3), max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_csv_writer_writes_is_well_quoted(rows: list[list[str]], line_end: str, quoting: int) -> None:
    assert are_well_quoted(written(rows, line_end, quoting), ",")
    assert all(is_well_quoted(written([row], "", quoting), ",") for row in rows)


@given(st.lists(st.text(alphabet='ab,"', max_size=12), max_size=3))
def test_many_records_are_judged_as_each_is(lines: list[str]) -> None:
    """But for marks that are open at a line's end: then the lines together may be a record."""
    if all(line.count('"') % 2 == 0 for line in lines):
        assert are_well_quoted("".join(f"{line}\n" for line in lines), ",") == all(
            is_well_quoted(line, ",") for line in lines
        )


@pytest.mark.parametrize("line", ['14",15"', '5"x"y,b', 'a"",b', '"",""x', '"a, ""b"""x,c', '"b" ,c', ' "b",c'])
def test_marks_that_copy_would_drop_are_seen(line: str) -> None:
    assert not is_well_quoted(line, ",")
    assert not are_well_quoted(f"1,2\n{line}\n3,4\n", ",")
