"""Defects of codes and of documents' numbers."""

from __future__ import annotations

import re

from ciq.contracts.model import Column
from support.bureau import GOOD
from support.defects.files import CHINESE
from support.defects.model import Defect, Draft, Trial, quarantined
from support.defects.picking import coded_column, derived_rules, format_of, list_rule, numbered_column
from support.defects.values import column_of, in_column


def _lost_zero(draft: Draft) -> Trial | None:
    """The first cell with a zero in front loses it."""
    row = draft.rows[draft.bad]
    found = (c for c in draft.record_type.file_columns if c.type == "text" and re.match("0[0-9]", row.get(c.name, "")))
    column = next(found, None)
    if column is None:
        return None
    rule = "known" if list_rule(column) else "format"
    return in_column(column_of(column.name), row[column.name][1:], rule)(draft)


def _lost_zero_number(draft: Draft) -> Trial | None:
    """The document's number loses a zero of its serial."""
    column = numbered_column(draft.record_type)
    if column is None:
        return None
    cell = draft.rows[draft.bad][column.name]
    short = cell[:-5] + cell[-5:].replace("0", "", 1)
    return None if re.fullmatch(format_of(column), short) else in_column(column_of(column.name), short, "format")(draft)


def _scientific_number(draft: Draft) -> Trial | None:
    """The document's number as a spreadsheet shows it."""
    column = numbered_column(draft.record_type)
    cell = draft.rows[draft.bad][column.name] if column else ""
    if column is None or not cell.isdigit():
        return None
    return _as_number(draft, column, f"{cell[0]}.{cell[1:6]}E+{len(cell) - 1}")


def _other_kind(draft: Draft) -> Trial | None:
    """The number of another feed's document."""
    column = numbered_column(draft.record_type)
    if column is None:
        return None
    numbers = (cells.get(name, "") for cells in GOOD.values() for name in ("case_no", "decl_no"))
    other = next((n for n in numbers if n and not re.fullmatch(format_of(column), n)), None)
    if other is None:
        return None
    return _as_number(draft, column, other)


def _as_number(draft: Draft, column: Column, cell: str) -> Trial:
    """What is no number of the document, and may be too long for the column besides."""
    rules = ["format", *(["type"] if len(cell) > (column.max_length or 0) else [])]
    broken = [f"{draft.feed}-{column.name}-{rule}" for rule in rules]
    changed = draft.with_cells(**{column.name: cell})
    return quarantined(changed, *broken, optional=derived_rules(draft.record_type, column))


def _unknown_code(draft: Draft) -> Trial:
    column = coded_column(draft.record_type)
    return in_column(coded_column, "X9"[: column.max_length], "known")(draft)


def _other_list(draft: Draft) -> Trial | None:
    """A code that is good in another list: 142 is China to customs, 502 the dollar."""
    lists = {rule.code_list: column for column in draft.record_type.file_columns if (rule := list_rule(column))}
    named = {name: column for name, column in lists.items() if name not in (None, "org")}
    codes = {
        "cert_type": "01", "coo_type": "11", "vector": "INSECT", "pest_taxon": "RAT", "lab_programme": "FOOD",
        "summary_topic": "FOOD", "country": "502", "currency": "840", "decl_type": "01", "insp_mode": "21",
        "penalty_cause": "USD", "product_group": "EVASION",
    }  # fmt: skip
    for name, code in codes.items():
        if name in named:
            return in_column(column_of(named[name].name), code, "known")(draft)
    return None


def _lower_case(draft: Draft) -> Trial | None:
    """A code in small letters."""
    row = draft.rows[draft.bad]
    coded = (
        c for c in draft.record_type.file_columns if list_rule(c) and row.get(c.name, "") != row.get(c.name, "").lower()
    )
    column = next((c for c in coded if c.name != "op"), None)
    return in_column(column_of(column.name), row[column.name].lower(), "known")(draft) if column else None


CODES = (
    Defect(
        "scientific_number",
        "cell",
        "单证编号为科学计数法",
        "a document's number in scientific notation",
        _scientific_number,
    ),
    Defect("lost_zero", "cell", "代码丢失前导零", "a code that has lost its leading zero", _lost_zero),
    Defect(
        "lost_zero_number",
        "cell",
        "单证编号流水号丢失零",
        "a document's number that has lost a zero",
        _lost_zero_number,
    ),
    Defect(
        "lost_zero_org",
        "cell",
        "机构代码丢失零",
        "an organisation code that has lost a zero",
        in_column(column_of("org_code"), "32100", "known"),
    ),
    Defect("other_kind", "cell", "编号属另一类单证", "the number of a document of another kind", _other_kind),
    Defect("unknown_code", "cell", "未知代码", "an unknown code", _unknown_code),
    Defect("other_list", "cell", "代码属另一代码表", "a code of another list", _other_list),
    Defect("lower_case", "cell", "代码小写", "a code in small letters", _lower_case),
    Defect(
        "words_for_code",
        "cell",
        "代码栏写文字",
        "words where a code belongs",
        lambda draft: quarantined(
            draft.with_cells(**{coded_column(draft.record_type).name: CHINESE}),
            f"{draft.feed}-{coded_column(draft.record_type).name}-known",
            optional=frozenset({f"{draft.feed}-{coded_column(draft.record_type).name}-type"}),
        ),
    ),
)
