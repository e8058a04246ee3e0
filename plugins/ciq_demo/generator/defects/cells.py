"""Defects of cells: the columns that each can spoil, and what becomes of the cell."""

from __future__ import annotations

import re

from ciq_demo.generator.defects.kinds import cell_defect

MEGABYTE = 1 << 20

_AMOUNT = ("total_value", "goods_value", "nc_value_usd", "fine_cny")
_TIME = ("accept_time", "eval_time", "event_time", "op_time")
_NAME = ("applicant_name", "goods_name_cn", "insp_dept", "party_name", "subject", "authority")
_CODE = ("decl_type", "qty_unit", "insp_mode", "cause_code", "channel", "case_type", "product_group", "cert_type")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@cell_defect("lost_zero_org", "org_code")
def _lost_zero_org(cell: str) -> str:
    """320100 arrives as 3201: a zero that a spreadsheet thought idle."""
    return cell.rstrip("0") or cell


@cell_defect("lost_zero_hs", "hs_code")
def _lost_zero_hs(cell: str) -> str:
    return cell.removeprefix("0")


@cell_defect("lost_zero_decl_no", "decl_no")
def _lost_zero_decl_no(cell: str) -> str:
    return cell.replace("0", "", 1)


@cell_defect("scientific_notation", "decl_no")
def _scientific_notation(cell: str) -> str:
    return f"{cell[0]}.{cell[1:4]}E+{len(cell) - 1}" if cell.isdigit() else cell


@cell_defect("customs_country_142", "trade_country", "origin_country")
def _customs_country_142(_cell_text: str) -> str:
    """142 is China for customs and nobody in ISO 3166."""
    return "142"


@cell_defect("customs_country_502", "trade_country", "origin_country")
def _customs_country_502(_cell_text: str) -> str:
    return "502"


@cell_defect("customs_currency", "currency")
def _customs_currency(_cell_text: str) -> str:
    """502 is the US dollar for customs."""
    return "502"


@cell_defect("unknown_code", *_CODE)
def _unknown_code(_cell_text: str) -> str:
    return "X9"


@cell_defect("unknown_result", "result", only=("eval_seq", ("1", "2")))
def _unknown_result(_cell_text: str) -> str:
    return "合格"


@cell_defect("nan", *_AMOUNT)
def _nan(_cell_text: str) -> str:
    return "NaN"


@cell_defect("today", *_TIME)
def _today(_cell_text: str) -> str:
    """PostgreSQL would read it as the day of loading."""
    return "today"


@cell_defect("full_width_digits", "total_value", "goods_value", "eval_seq", "event_seq")
def _full_width_digits(cell: str) -> str:
    return cell.translate(_FULL_WIDTH)


@cell_defect("thousands_separators", *_AMOUNT)
def _thousands_separators(cell: str) -> str:
    whole, _, fraction = cell.partition(".")
    return f"{int(whole):,}.{fraction}"


@cell_defect("missing_nc_category", "nc_category", only=("result", ("N",)))
def _missing_nc_category(_cell_text: str) -> str:
    return ""


@cell_defect("backslash_dot", *_NAME)
def _backslash_dot(_cell_text: str) -> str:
    r"""\. ends the data of an old COPY."""
    return "\\."


@cell_defect("megabyte_cell", *_NAME)
def _megabyte_cell(cell: str) -> str:
    return cell + "长" * (MEGABYTE // 2)


@cell_defect("nul_byte", *_NAME)
def _nul_byte(cell: str) -> str:
    return f"{cell[:1]}\x00{cell[1:]}"


@cell_defect("embedded_newline", *_NAME)
def _embedded_newline(cell: str) -> str:
    """Legal: the cell is quoted."""
    return f"{cell[:2]}\n{cell[2:]}"


@cell_defect("formula_text", *_NAME)
def _formula_text(cell: str) -> str:
    """Legal in the data; must not come alive in an export."""
    return f"=cmd|'/C calc'!A0 {cell}"


# Cases: cells that break a rule of the row, then states that only the events together show to be wrong.


@cell_defect("lost_zero_case_no", "case_no")
def _lost_zero_case_no(cell: str) -> str:
    """The serial without one of its leading zeros."""
    return cell[:-5] + cell[-5:].replace("0", "", 1)


@cell_defect("event_in_words", "event_type")
def _event_in_words(_cell_text: str) -> str:
    return "已处理"


@cell_defect("event_next_year", "event_time")
def _event_next_year(cell: str) -> str:
    """A wrong year: the event lies after the business date."""
    return f"{int(cell[:4]) + 1}{cell[4:]}"


@cell_defect("decision_unnumbered", "decision_no", only=("event_type", ("DECIDED", "AMENDED")))
def _decision_unnumbered(_cell_text: str) -> str:
    return ""


@cell_defect("fine_negative", "fine_cny", only=("event_type", ("DECIDED", "AMENDED")))
def _fine_negative(cell: str) -> str:
    return f"-{cell}"


@cell_defect("filed_lost", "event_type", only=("event_type", ("FILED",)))
def _filed_lost(_cell_text: str) -> str:
    """The case begins with something else."""
    return "INVEST"


@cell_defect("closed_before_decided", "event_type", only=("event_type", ("INVEST", "NOTICE", "DECIDED", "ACCEPTED")))
def _closed_before_decided(_cell_text: str) -> str:
    """Closed while its next events are still to come."""
    return "CLOSED"


@cell_defect("event_skipped", "event_seq")
def _event_skipped(cell: str) -> str:
    """A number is left out, so that the events have a gap."""
    return str(int(cell) + 10)


@cell_defect("decision_no_reused", "decision_no", only=("event_type", ("DECIDED",)))
def _decision_no_reused(cell: str) -> str:
    """The number of the branch's first decision of the year."""
    return re.sub("[0-9]{4}号", "0001号", cell)


@cell_defect("consultation_accepted", "case_type", only=("event_type", ("ACCEPTED",)))
def _consultation_accepted(_cell_text: str) -> str:
    """A consultation that is treated as a complaint."""
    return "CONSULTATION"
