"""Defects of the header, and of columns that are missing or too many."""

from __future__ import annotations

from collections.abc import Callable

from support.defects.model import Defect, Draft, Trial, accepted, held, quarantined


def _header(change: Callable[[list[str]], list[str]], *rules: str) -> Callable[[Draft], Trial]:
    """Another first line."""

    def spoil(draft: Draft) -> Trial:
        changed = draft.with_lines(lambda lines: [",".join(change(lines[0].split(","))), *lines[1:]])
        return held(changed, *rules) if rules else accepted(changed)

    return spoil


def _without_a_column(draft: Draft) -> Trial:
    """Header and cells: the last column is not there."""
    cut = draft.with_lines(lambda lines: [line.rpartition(",")[0] for line in lines])
    return held(cut, "D-header")


def _with_a_column(draft: Draft) -> Trial:
    lines = draft.with_lines(
        lambda lines: [f"{line},{'x' if n else 'remark'}" if line else "" for n, line in enumerate(lines)]
    )
    return held(lines, "D-header")


def _phantom(header: str, row: str, *rules: str) -> Callable[[Draft], Trial]:
    """A delimiter more at the end of the header, of the records, or of both."""

    def spoil(draft: Draft) -> Trial:
        changed = draft.with_lines(
            lambda lines: [f"{line}{row if n else header}" if line else "" for n, line in enumerate(lines)]
        )
        return quarantined(changed, *rules, rows=changed.records) if rules else accepted(changed)

    return spoil


def _header_again(draft: Draft) -> Trial:
    repeated = draft.with_lines(lambda lines: [*lines[:2], lines[0], *lines[2:]], more_records=1)
    return quarantined(repeated, f"{draft.feed}-version_no-type", any_rule=True)


def _header_missing(draft: Draft) -> Trial:
    return held(draft.with_lines(lambda lines: lines[1:]), "D-header")


HEADERS = (
    Defect("header_missing", "file", "缺表头", "no header", _header_missing),
    Defect(
        "header_order",
        "file",
        "表头次序不同",
        "the header in another order",
        _header(lambda names: [names[1], names[0], *names[2:]], "D-header"),
    ),
    Defect(
        "header_unknown",
        "file",
        "未知字段名",
        "an unknown name in the header",
        _header(lambda names: [*names[:-1], f"{names[-1]}_1"], "D-header"),
    ),
    Defect(
        "header_case",
        "file",
        "表头大写并带空格",
        "the header in capitals, with blanks",
        _header(lambda names: [f" {name.upper()} " for name in names]),
    ),
    Defect(
        "header_quoted",
        "file",
        "表头加引号",
        "the header in quotes",
        _header(lambda names: [f'"{name}"' for name in names]),
    ),
    Defect(
        "header_open_quote",
        "file",
        "表头引号未闭合",
        "a quotation mark in the header that is not closed",
        _header(lambda names: [f'"{names[0]}', *names[1:]], "D-header"),
    ),
    Defect("header_again", "file", "数据中重复出现表头", "the header once more among the records", _header_again),
    Defect("column_missing", "file", "少一列", "a column is missing", _without_a_column),
    Defect("column_more", "file", "多一列 (未知字段)", "a column more than the contract has", _with_a_column),
    Defect(
        "phantom_column",
        "file",
        "行尾多一个分隔符 (空列)",
        "phantom column: a delimiter at the end of each line",
        _phantom(",", ","),
    ),
    Defect(
        "phantom_in_header",
        "file",
        "仅表头行尾多一个分隔符",
        "a delimiter at the end of the header alone",
        _phantom(",", ""),
    ),
    Defect(
        "phantom_in_rows",
        "file",
        "仅数据行尾多一个分隔符",
        "a delimiter at the end of the records alone",
        _phantom("", ",", "S-fields"),
    ),
)
