"""Deliveries that together do everything to a declaration that the contracts allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from ciq.building import BuildReport, build
from support.bureau import GOOD, Bureau

Step = Callable[[Bureau], object]
TUESDAY, WEDNESDAY = date(2010, 6, 8), date(2010, 6, 9)


def decl(number: int) -> str:
    return f"3201002100{number:05d}"


def header(number: int, **cells: str) -> dict[str, str]:
    return {**GOOD["F01"], "record_id": f"h{number}", "decl_no": decl(number), **cells}


def line(number: int, goods_no: int = 1, **cells: str) -> dict[str, str]:
    key = {"record_id": f"g{number}-{goods_no}", "decl_no": decl(number), "goods_no": str(goods_no)}
    return {**GOOD["F02"], **key, **cells}


def evaluation(number: int, eval_seq: int = 1, **cells: str) -> dict[str, str]:
    key = {"record_id": f"e{number}-{eval_seq}", "decl_no": decl(number), "eval_seq": str(eval_seq)}
    return {**GOOD["F03"], **key, **cells}


def void(row: Mapping[str, str], version: int) -> dict[str, str]:
    """A D row: envelope and key, and why."""
    kept = {name: row[name] for name in ("record_id", "op_time", "org_code", "decl_no")}
    kept |= {name: row[name] for name in ("goods_no", "eval_seq", "cert_no") if row.get(name)}
    reasons = {"void_reason": "sold", "void_approver": "a1b2c3d4"} if "ie_flag" in row else {}
    return {**kept, **reasons, "op": "D", "version_no": str(version)}


NONCONFORMING = {
    "result": "N", "nc_category": "01", "nc_item": "lead", "nc_reason_code": "0101", "disposal": "02",
}  # fmt: skip
NEXT_DAY_TIMES = {
    "op_time": "2010-06-09 15:00:00",
    "insp_end": "2010-06-09 14:00:00",
    "eval_time": "2010-06-09 15:00:00",
}


def headers(*numbers: int) -> list[dict[str, str]]:
    return [header(number) for number in numbers]


DELIVERIES: Sequence[Step] = (
    # Six lots with a line and an evaluation each.
    lambda b: b.deliver("F01", headers(1, 2, 3, 4, 5, 6)),
    lambda b: b.deliver("F02", [line(n) for n in (1, 2, 3, 4, 5, 6)]),
    lambda b: b.deliver("F03", [evaluation(n) for n in (1, 2, 3, 4, 5)] + [evaluation(6, result="P")]),
    # The slice again: 6 is gone (its line waits), 5 is another declaration now (re-keyed to 7).
    lambda b: b.deliver("F01", [*headers(1, 2, 3, 4), header(7, total_value="2000.50")], seq=2),
    # Another day: 1 is corrected, 2 is void, 3 is void and revived, a void of an unknown one waits.
    lambda b: b.deliver(
        "F01",
        [
            header(1, op="U", version_no="2", total_value="1500.50", currency="EUR", usd_rate="120"),
            void(header(2), 2),
            void(header(3), 2),
            header(3, op="U", version_no="3"),
            void(header(99), 2),
        ],
        day=WEDNESDAY,
    ),
    # The set of 1 has two lines now, in another currency; the line of 4 is deleted.
    lambda b: b.deliver(
        "F02",
        [
            line(1, 1, op="U", version_no="2", goods_value="1000.25", currency="EUR"),
            line(1, 2, op="U", version_no="2", goods_value="500.25", currency="EUR", hs_code="6403190000"),
            void(line(4), 2),
        ],
        day=WEDNESDAY,
    ),
    # 4 did not conform in the end, 6 and 7 are evaluated for the first time.
    lambda b: b.deliver(
        "F03",
        [
            evaluation(4, op="U", version_no="2", **NONCONFORMING),
            evaluation(6, 2, **NEXT_DAY_TIMES),
            evaluation(7, 1, **NEXT_DAY_TIMES),
        ],
        day=WEDNESDAY,
    ),
    # A branch that has nothing to say, and one whose day is emptied by a correction.
    lambda b: b.deliver("F01", [], branch="320500"),
    lambda b: b.deliver(
        "F01", [header(50, org_code="320200", accept_org="320200", insp_org="320210")], branch="320200"
    ),
    lambda b: b.deliver("F01", [], branch="320200", seq=2),
    # Held, so the one before stands.
    lambda b: b.deliver("F02", [line(1)], seq=2, status="0"),
)


def load_and_build(bureau: Bureau, *steps: Step) -> BuildReport:
    for step in steps:
        step(bureau)
    bureau.load()
    return build(bureau.settings, "test")


def one(bureau: Bureau, query: str, *parameters: object) -> Any:
    """The only value of a query."""
    (row,) = bureau.fetch(query, *parameters)
    (value,) = row.values()
    return value
