"""F03: evaluations as text. A lot has one, or a pending one before it, or a second one after it."""

from __future__ import annotations

import numpy as np

from ciq_demo.generator import rates, text
from ciq_demo.generator.choices import RESULTS
from ciq_demo.generator.declarations import accept_officers, decl_numbers
from ciq_demo.generator.lots import NEVER, Lots
from ciq_demo.generator.randomness import Ints
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.text import Cells, slice_of

_PENDING = len(RESULTS)
_RESULTS = (*RESULTS, "P")
_DEPARTMENTS = {
    "food": "食品检验检疫科",
    "grain": "植物检疫科",
    "wood": "植物检疫科",
    "ore": "矿产品检验科",
    "electronics": "机电产品检验科",
    "machinery": "机电产品检验科",
    "appliance": "机电产品检验科",
    "solar": "机电产品检验科",
    "chemical": "化矿产品检验科",
    "textile": "纺织品检验科",
    "garment": "纺织品检验科",
    "hometextile": "纺织品检验科",
    "wool": "动物检疫科",
    "feather": "动物检疫科",
}
_MODES = ("02", "05", "01", "02", "04", "06", "03", "02")
_SUPERVISION = ("3", "3", "4", "2", "5", "3", "1", "4")
_FAILED_FIRST, _FAILED_REWORKED, _FAILED_TREATED = 1, 2, 3


def pending(lots: Lots, reference: Reference) -> dict[str, Cells]:
    """First evaluations that are pending (P): eval_seq 1."""
    result = np.full(len(lots.day), _PENDING, dtype=np.int64)
    return _rows(lots, reference, day=lots.pending_day, seq=np.ones_like(lots.day), result=result)


def results(lots: Lots, reference: Reference) -> dict[str, Cells]:
    """The first results that are not pending: eval_seq 1, or 2 after a pending one."""
    return _rows(lots, reference, day=lots.result_day, seq=first_seq(lots), result=lots.result)


def repeated(lots: Lots, reference: Reference) -> dict[str, Cells]:
    """Re-inspections: the next eval_seq."""
    return _rows(lots, reference, day=lots.again_day, seq=first_seq(lots) + 1, result=lots.again_result)


def retyped(lots: Lots, reference: Reference) -> dict[str, Cells]:
    """Typing corrections of the first result, op U: the standard, never the result."""
    columns = _rows(lots, reference, day=lots.result_day, seq=first_seq(lots), result=lots.result, version=2)
    second = 10 * 3600 + slice_of(lots.salt, 13, 6 * 3600)
    columns["op"] = text.constant(len(lots.day), "U")
    columns["op_time"] = text.times(lots.retyped_day, second)
    columns["standard_no"] = text.where(columns["standard_no"] == "", "SN/T 0001-2008", columns["standard_no"])
    return columns


def evaluated_sec(lots: Lots, day: Ints, seq: Ints) -> Ints:
    """Second of the day at which evaluation `seq` on `day` is made."""
    return _times(lots, day, seq)[1]


def first_seq(lots: Lots) -> Ints:
    """eval_seq of the first result that is not pending."""
    return np.where(lots.pending_day != NEVER, 2, 1)


def _rows(
    lots: Lots, reference: Reference, *, day: Ints, seq: Ints, result: Ints, version: int = 1
) -> dict[str, Cells]:
    n = len(lots.day)
    numbers = decl_numbers(lots, reference)
    seq_text = text.integer(seq)
    times, evaluated_sec = _times(lots, day, seq)
    return {
        "record_id": "F03-" + numbers + "-" + seq_text + f"-{version}",
        "op": text.constant(n, "I"),
        "version_no": text.constant(n, str(version)),
        "op_time": text.times(day, evaluated_sec + 120),
        "org_code": text.look_up(reference.orgs, lots.insp_org),
        "decl_no": numbers,
        "eval_seq": seq_text,
        "result": text.look_up(_RESULTS, result),
        **times,
        **_inspection(lots, reference),
        **_finding(lots, reference, result),
    }


def _times(lots: Lots, day: Ints, seq: Ints) -> tuple[dict[str, Cells], Ints]:
    """Times in order: acceptance, dispatch, start, end, evaluation; the seconds of the evaluation beside them."""
    salt = lots.salt2
    same_day = day == lots.day
    dispatched = lots.accept_sec + 300 + slice_of(salt, 5, 1500)
    start = np.where(
        same_day, dispatched + 600 + slice_of(salt, 9, 2400), 8 * 3600 + 1800 + slice_of(salt, 9, 18_000) + seq * 60
    )
    end = start + 900 + slice_of(salt, 21, 3600)
    evaluated = end + 300 + slice_of(salt, 25, 3600)
    return {
        "dispatch_time": text.times(lots.day, dispatched),
        "insp_start": text.times(day, start),
        "insp_end": text.times(day, end),
        "eval_time": text.times(day, evaluated),
    }, evaluated


def _inspection(lots: Lots, reference: Reference) -> dict[str, Cells]:
    departments = text.column([_DEPARTMENTS.get(good.kind, "检验检疫科") for good in reference.goods])
    pools = [branch.inspectors for branch in reference.branches]
    inspectors = text.column(
        [pools[b][p] for b, p in zip(lots.insp_branch.tolist(), lots.inspector.tolist(), strict=True)]
    )
    mode = text.look_up(_MODES, slice_of(lots.salt, 41, len(_MODES)))
    sample = "JS10" + text.padded(slice_of(lots.salt, 29, 10**7), 7)
    return {
        "insp_dept": departments[lots.good],
        "inspector": text.where(lots.same_officer == 1, accept_officers(lots, reference), inspectors),
        "insp_mode": mode,
        "supervision_mode": text.look_up(_SUPERVISION, slice_of(lots.salt, 45, len(_SUPERVISION))),
        "sample_no": text.where((mode == "06") | (lots.result > 0), sample, ""),
    }


def _finding(lots: Lots, reference: Reference, result: Ints) -> dict[str, Cells]:
    """What was wrong; empty for Q and P. Rework and treatment name their own disposal."""
    failed = (result >= _FAILED_FIRST) & (result <= _FAILED_TREATED)
    findings = reference.findings

    def told(values: list[str]) -> Cells:
        return text.where(failed, text.look_up(values, lots.finding), "")

    low = np.array([finding.low for finding in findings], dtype=np.int64)[lots.finding]
    high = np.array([finding.high for finding in findings], dtype=np.int64)[lots.finding]
    measured = low + slice_of(lots.salt, 33, 10**6) * np.maximum(high - low, 1) // 10**6
    share = 5 + slice_of(lots.salt, 37, 96)
    usd = rates.to_usd_cents(lots.cents, lots.rate_e8) // 100 * share
    disposal = told([finding.disposal for finding in findings])
    disposal = text.where(result == _FAILED_REWORKED, "01", text.where(result == _FAILED_TREATED, "06", disposal))
    return {
        "nc_category": told([finding.category for finding in findings]),
        "nc_item": told([finding.item for finding in findings]),
        "nc_reason_code": told([finding.reason_code for finding in findings]),
        "standard_no": told([finding.standard_no for finding in findings]),
        "measured_value": text.where(failed & (high > 0), text.decimal(measured, 2), told(["不符合"] * len(findings))),
        "limit_value": told([finding.limit for finding in findings]),
        "unit": told([finding.unit for finding in findings]),
        "disposal": disposal,
        "nc_qty": text.where(failed, text.integer(1 + slice_of(lots.salt, 39, 400)), ""),
        "nc_value_usd": text.where(failed, text.money(usd), ""),
    }
