"""Defects of single cells."""

from __future__ import annotations

from collections.abc import Callable

from ciq.contracts.model import Column, RecordType
from support.defects.model import Defect, Draft, Trial, accepted, quarantined
from support.defects.picking import (
    after,
    compared_rules,
    day_column,
    derived_rules,
    future_rule,
    list_rule,
    number_column,
    required_column,
    text_column,
    time_column,
    written,
)
from support.defects.shapes import text_in

Pick = Callable[[RecordType], Column]
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def in_column(pick: Pick, value: str, rule: str | None) -> Callable[[Draft], Trial]:
    """The picked column's cell is this, which breaks the column's rule of that name."""

    def spoil(draft: Draft) -> Trial:
        column = pick(draft.record_type)
        changed = draft.with_cells(**{column.name: value})
        if rule is None:
            return accepted(changed)
        optional = derived_rules(draft.record_type, column)
        if rule == "range":  # a number out of its range is less, or more, than others may bear
            optional |= compared_rules(draft.record_type, column)
        return quarantined(changed, f"{draft.feed}-{column.name}-{rule}", optional=optional)

    return spoil


def _number(decimal: str, whole: str, rule: str) -> Callable[[Draft], Trial]:
    """A number, written so where it may have decimals and so where it may not."""

    def spoil(draft: Draft) -> Trial:
        column = number_column(draft.record_type)
        return in_column(number_column, decimal if column.numeric_parts else whole, rule)(draft)

    return spoil


def column_of(column: str) -> Pick:
    return lambda record_type: record_type.column(column)


def _full_width(draft: Draft) -> Trial:
    column = number_column(draft.record_type)
    cell = (draft.rows[draft.bad].get(column.name) or "1").translate(_FULL_WIDTH)
    return in_column(number_column, cell, "type")(draft)


def _eight_digits(draft: Draft) -> Trial | None:
    """A date without hyphens, as many systems write it."""
    column = day_column(draft.record_type)
    cell = draft.rows[draft.bad].get(column.name) or written(column, draft.slot.day)
    return in_column(day_column, cell.replace("-", ""), None if column.type == "date" else "type")(draft)


def _future(draft: Draft) -> Trial | None:
    rule = future_rule(draft.record_type)
    if rule is None:
        return None
    column = draft.record_type.column(draft.record_type.cell_of(rule) or "")
    changed = draft.with_cells(**{column.name: after(column, draft.slot.day)})
    return quarantined(changed, rule.id)


def _blanks(draft: Draft) -> Trial:
    """Blanks, full-width and no-break spaces around every cell."""
    rows = tuple({name: f" \u3000{cell}\u00a0 " for name, cell in row.items()} for row in draft.rows)
    sums = draft.cells["control_sum"]
    return accepted(draft.with_rows(rows).declared(control_sum=sums))


def _blank_only(draft: Draft) -> Trial:
    return in_column(required_column, "　", "required")(draft)


def _elsewhere(draft: Draft) -> Trial:
    """An office of another branch recorded the row: it counts where the row says."""
    return accepted(
        draft.with_cells(org_code="320210" if draft.slot.branch != "320200" else "320510"), any_finding=True
    )


def _person(draft: Draft) -> Trial | None:
    """A person's name in a row that is broken: neither quarantine nor return file shows it."""
    if not draft.record_type.pseudonymised:
        return None
    secret = "欧阳某某"
    cells = {"version_no": "0"}
    for column in draft.record_type.pseudonymised:
        cells[column.name] = secret
        for other, kept in (column.pseudonymise or {}).items():
            rule = list_rule(draft.record_type.column(other))
            assert rule is not None
            cells[other] = next(value for value in rule.kwargs["value_set"] if value not in kept)
    trial = quarantined(draft.with_cells(**cells), f"{draft.feed}-version_no-range")
    return Trial(org=trial.org, ends=trial.ends, records=trial.records, first=trial.first, secret=secret)


VALUES = (
    Defect(
        "required_empty",
        "cell",
        "必填项为空",
        "a required cell is empty",
        in_column(required_column, "", "required"),
    ),
    Defect(
        "required_blank", "cell", "必填项只有全角空格", "a required cell holds a full-width blank alone", _blank_only
    ),
    Defect(
        "blanks_around",
        "cell",
        "单元格前后有空格 (含全角、不换行空格)",
        "blanks around cells, full-width and no-break ones too",
        _blanks,
    ),
    Defect(
        "text_long",
        "cell",
        "文字超长",
        "text longer than the column takes",
        lambda draft: text_in("长" * ((text_column(draft.record_type).max_length or 0) + 1), "type")(draft),
    ),
    Defect(
        "formula",
        "cell",
        "公式文字 (=cmd)",
        "text that a spreadsheet would compute (=cmd)",
        text_in("=cmd|'/C calc'!A0"),
    ),
    Defect("null_in_text", "cell", r"文字栏中的 NULL", "NULL in a text cell", text_in("NULL")),
    Defect("backslash_n_in_text", "cell", r"文字栏中的 `\N`", r"`\N` in a text cell", text_in("\\N")),
    Defect(
        "null_in_number",
        "cell",
        "数值栏中的 NULL",
        "NULL in a number",
        in_column(number_column, "NULL", "type"),
    ),
    Defect(
        "backslash_n_in_number",
        "cell",
        r"数值栏中的 `\N`",
        r"`\N` in a number",
        in_column(number_column, "\\N", "type"),
    ),
    Defect("nan", "cell", "数值栏中的 NaN", "NaN in a number", in_column(number_column, "NaN", "type")),
    Defect(
        "infinity", "cell", "数值栏中的 Infinity", "Infinity in a number", in_column(number_column, "Infinity", "type")
    ),
    Defect("full_width_digits", "cell", "全角数字", "full-width digits", _full_width),
    Defect("thousands", "cell", "千位分隔符", "thousands separators", _number("1,000.50", "1,000", "type")),
    Defect("decimal_comma", "cell", "小数点写成逗号", "a decimal comma", _number("1000,50", "1,0", "type")),
    Defect("decimals_many", "cell", "小数位过多", "too many decimals", _number("1000.50000001", "1.5", "type")),
    Defect("currency_sign", "cell", "数值带货币符号", "a currency sign in a number", _number("¥1000.50", "¥1", "type")),
    Defect("negative", "cell", "负数", "a negative number", _number("-5.00", "-5", "range")),
    Defect(
        "scientific",
        "cell",
        "数值为科学计数法",
        "a number in scientific notation",
        _number("1.0005E+3", "1E+0", "type"),
    ),
    Defect(
        "impossible_date",
        "cell",
        "不存在的日期 (2010-02-30)",
        "a date that does not exist (2010-02-30)",
        lambda draft: in_column(
            day_column,
            written(day_column(draft.record_type), draft.slot.day).replace(str(draft.slot.day), "2010-02-30"),
            "type",
        )(draft),
    ),
    Defect("eight_digit_date", "cell", "8 位日期 (20100608)", "a date of eight digits (20100608)", _eight_digits),
    Defect(
        "slash_date",
        "cell",
        "斜线日期 (2010/6/8)",
        "a date with slashes (2010/6/8)",
        in_column(day_column, "2010/6/8", "type"),
    ),
    Defect(
        "excel_date",
        "cell",
        "Excel 序列日期 (40337)",
        "Excel's serial date (40337)",
        in_column(day_column, "40337", "type"),
    ),
    Defect("today", "cell", "日期栏中的 today", "today in a date", in_column(day_column, "today", "type")),
    Defect("now", "cell", "时间栏中的 now", "now in a time", in_column(time_column, "now", "type")),
    Defect("hour_25", "cell", "25 时", "the hour 25", in_column(time_column, "2010-06-08 25:00:00", "type")),
    Defect("future", "cell", "日期晚于业务日期", "a date after the business date", _future),
    Defect(
        "op_unknown",
        "cell",
        "操作方式未知 (X)",
        "an unknown op (X)",
        in_column(column_of("op"), "X", "known"),
    ),
    Defect(
        "version_zero",
        "cell",
        "版本号为 0",
        "version_no 0",
        in_column(column_of("version_no"), "0", "range"),
    ),
    Defect("elsewhere", "cell", "机构代码为另一分支局的办事处", "org_code of another branch's office", _elsewhere),
    Defect("person", "cell", "问题记录中的个人姓名", "a person's name in a broken record (shown as `***`)", _person),
)
