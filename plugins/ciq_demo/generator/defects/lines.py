"""Defects of lines: the text of the file, before it is encoded."""

from __future__ import annotations

from ciq_demo.generator.defects.kinds import line_defect


def _with_line(lines: list[str], row: int, line: str) -> list[str]:
    return [*lines[:row], line, *lines[row + 1 :]]


@line_defect("ragged_row")
def _ragged_row(lines: list[str], row: int) -> list[str]:
    """A row that ends after its first cells."""
    return _with_line(lines, row, ",".join(lines[row].split(",")[:7]))


@line_defect("stray_quote")
def _stray_quote(lines: list[str], row: int) -> list[str]:
    """A quote in the middle of a cell that is not quoted."""
    return _with_line(lines, row, lines[row].replace(",", 'a"b,', 1))


@line_defect("lone_cr")
def _lone_cr(lines: list[str], row: int) -> list[str]:
    return _with_line(lines, row, lines[row].replace(",", "\r,", 1))


@line_defect("mixed_line_ends")
def _mixed_line_ends(lines: list[str], _row: int) -> list[str]:
    """Every other line ends with CR LF."""
    return [line + "\r" if number % 2 and line else line for number, line in enumerate(lines)]


@line_defect("blank_line")
def _blank_line(lines: list[str], row: int) -> list[str]:
    return [*lines[: row + 1], "", *lines[row + 1 :]]


@line_defect("header_changed")
def _header_changed(lines: list[str], _row: int) -> list[str]:
    """The first column after the envelope under another name."""
    names = lines[0].split(",")
    return _with_line(lines, 0, ",".join([*names[:5], f"{names[5]}_1", *names[6:]]))
