"""Defects in the shape of a single record: quotes, line ends, the number of cells."""

from __future__ import annotations

from collections.abc import Callable

from support.defects.files import CHINESE
from support.defects.model import Defect, Draft, Trial, accepted, quarantined
from support.defects.picking import text_column

MEGABYTE = 1 << 20


def text_in(value: str, *rules: str) -> Callable[[Draft], Trial]:
    """The bad row's text is this; `rules` without their column: what it breaks there."""

    def spoil(draft: Draft) -> Trial:
        name = text_column(draft.record_type).name
        changed = draft.with_cells(**{name: value})
        broken = [rule if rule.startswith("S-") else f"{draft.feed}-{name}-{rule}" for rule in rules]
        return quarantined(changed, *broken) if rules else accepted(changed)

    return spoil


def _line(change: Callable[[str], str], *rules: str) -> Callable[[Draft], Trial]:
    """The bad row's line is changed; its text is a word, so that the cell can be found."""

    def spoil(draft: Draft) -> Trial:
        marked = draft.with_cells(**{text_column(draft.record_type).name: CHINESE})
        changed = marked.with_bad_line(change)
        return quarantined(changed, *rules) if rules else accepted(changed)

    return spoil


def _lines(change: Callable[[list[str]], list[str]], *rules: str, more_records: int = 0) -> Callable[[Draft], Trial]:
    def spoil(draft: Draft) -> Trial:
        changed = draft.with_lines(change, more_records=more_records)
        return quarantined(changed, *rules) if rules else accepted(changed)

    return spoil


def _cut(draft: Draft) -> Trial:
    """The last record ends after a third of it; the manifest was made afterwards."""
    return quarantined(
        draft.with_lines(lambda lines: [*lines[:-2], ",".join(lines[-2].split(",")[: len(draft.columns) // 3])]),
        "S-fields",
    )


SHAPES = (
    Defect("nul", "shape", "单元格含 NUL 字节", "a NUL byte in a cell", text_in("电\0池", "S-nul")),
    Defect(
        "ragged_short",
        "shape",
        "记录缺列",
        "ragged: a record with fewer cells",
        _line(lambda line: line.rpartition(",")[0], "S-fields"),
    ),
    Defect(
        "ragged_long",
        "shape",
        "记录多列 (多出的非空)",
        "ragged: a record with a cell too many",
        _line(lambda line: f"{line},备注", "S-fields"),
    ),
    Defect(
        "unquoted_comma",
        "shape",
        "未加引号的单元格内有逗号",
        "a comma in a cell without quotes",
        _line(lambda line: line.replace(CHINESE, "太阳能,电池"), "S-fields"),
    ),
    Defect("quoted_comma", "shape", "引号内的逗号", "a comma within quotes", text_in("太阳能,电池")),
    Defect("quoted_newline", "shape", "引号内的换行", "a line end within quotes", text_in("太阳能\n电池")),
    Defect("quotes_doubled", "shape", "成对书写的引号", "doubled quotation marks", text_in('14" "规格"')),
    Defect(
        "quote_stray",
        "shape",
        "单元格中间的单个引号",
        "a stray quotation mark within a cell",
        _line(lambda line: line.replace(CHINESE, '太阳"能'), "S-quote"),
    ),
    Defect(
        "quotes_stray",
        "shape",
        "单元格中间的一对引号",
        "two stray quotation marks within a cell",
        _line(lambda line: line.replace(CHINESE, '5"x"太阳能'), "S-quote"),
    ),
    Defect(
        "quote_open",
        "shape",
        "引号未闭合",
        "a quotation mark that is not closed",
        _line(lambda line: line.replace(CHINESE, f'"{CHINESE}'), "S-quote"),
    ),
    Defect(
        "quote_then_text",
        "shape",
        "闭合引号后又有文字",
        "text after a closing quotation mark",
        _line(lambda line: line.replace(CHINESE, f'"{CHINESE}"x'), "S-quote"),
    ),
    Defect(
        "crlf",
        "shape",
        "行以 CR LF 结尾",
        "lines that end in CR LF",
        _lines(lambda lines: [f"{line}\r" if line else line for line in lines]),
    ),
    Defect(
        "mixed_line_ends",
        "shape",
        "行尾混用 LF 与 CR LF",
        "line ends LF and CR LF mixed",
        _lines(lambda lines: [f"{line}\r" if n % 2 and line else line for n, line in enumerate(lines)]),
    ),
    Defect(
        "lone_cr",
        "shape",
        "记录中单独的 CR",
        "a lone CR within a record",
        _line(lambda line: line.replace(CHINESE, "太阳能\r电池"), "S-line_end"),
    ),
    Defect(
        "last_line_open", "shape", "末行无换行符", "no line end after the last record", _lines(lambda lines: lines[:-1])
    ),
    Defect(
        "blank_lines", "shape", "空行", "blank lines", _lines(lambda lines: [lines[0], "", *lines[1:-1], "  ", "", ""])
    ),
    Defect(
        "delimiters_only",
        "shape",
        "仅有分隔符的行",
        "a line of delimiters alone",
        lambda draft: quarantined(
            draft.with_lines(lambda lines: [*lines[:-1], "," * (len(draft.columns) - 1), ""], more_records=1),
            f"{draft.feed}-record_id-required",
            any_rule=True,
        ),
    ),
    Defect("backslash_dot", "shape", r"单元格内容为 `\.`", r"`\.` in a cell", text_in("\\.")),
    Defect(
        "backslash_dot_line",
        "shape",
        r"独占一行的 `\.`",
        r"`\.` as a line of its own",
        _lines(lambda lines: [*lines[:2], "\\.", *lines[2:]], "S-fields", more_records=1),
    ),
    Defect(
        "cell_long", "shape", "一百万字符的单元格", "a cell of a million characters", text_in("x" * 1_000_000, "type")
    ),
    Defect(
        "record_long", "shape", "超过 1 MiB 的记录", "a record longer than 1 MiB", text_in("x" * MEGABYTE, "S-size")
    ),
    Defect(
        "last_record_cut",
        "shape",
        "末条记录不完整, 清单按此生成",
        "the last record is cut, and the manifest made afterwards",
        _cut,
    ),
)
