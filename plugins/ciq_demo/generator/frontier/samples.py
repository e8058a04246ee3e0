"""F13: samples and their results, item by item, as laboratories report them: numbers, `<0.01`, `ND`, `未检出`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import Row, at, envelope, stamp
from ciq_demo.generator.frontier.lots import FindNumber
from ciq_demo.generator.randomness import Dice, largest_remainder
from ciq_demo.generator.reference import Branch, Reference

_SAMPLES_PER_DAY = 210
_PROGRAMMES = {"ROUTINE": 78, "RISK_MONITOR": 14, "COMMISSIONED": 6, "PROFICIENCY": 2}
_RETYPED_AFTER = 4
_RETYPED_PER_1000 = 6
_FAILED_PER_1000 = 22
_OUTSOURCED_PER_1000 = 30
# item: method, unit, limit, hundredths of the limit at which results usually lie, how nothing is written
_ITEMS = (
    ("铅", "GB 5009.12-2010", "mg/kg", "0.5", 20, "<0.01"),
    ("镉", "GB/T 5009.15-2003", "mg/kg", "0.1", 15, "<0.005"),
    ("总砷", "GB/T 5009.11-2003", "mg/kg", "0.5", 18, "ND"),
    ("氯霉素", "SN/T 1864-2007", "μg/kg", "0.3", 5, "未检出"),
    ("菌落总数", "GB 4789.2-2010", "CFU/g", "100000", 8, "<10"),
    ("甲醛", "GB/T 2912.1-2009", "mg/kg", "75", 25, "<20"),
    ("pH值", "GB/T 7573-2009", "", "7.5", 92, ""),
    ("阻燃性能", "16 CFR 1610", "s", "3.5", 180, ""),
    ("铁含量", "GB/T 6730.5-2007", "%", "62.0", 101, ""),
    ("放射性", "SN/T 0570-2007", "μGy/h", "0.5", 30, "ND"),
    ("邻苯二甲酸酯", "SN/T 2249-2009", "%", "0.1", 10, "未检出"),
    ("沙门氏菌", "GB 4789.4-2010", "/25g", "0", 0, "未检出"),
)


def sample_rows(seed: int, reference: Reference, find_number: FindNumber, day: date) -> Iterator[Row]:
    """The rows of one business date: the results reported on it, and some of days before typed anew."""
    if not workdays.is_workday(day):
        return
    yield from (row for row, _ in _results_of(seed, reference, find_number, day, day))
    earlier = workdays.workday_before(day, _RETYPED_AFTER)
    if earlier >= workdays.FIRST_DECLARED:
        yield from (row for row, again in _results_of(seed, reference, find_number, earlier, day) if again)


def _results_of(
    seed: int, reference: Reference, find_number: FindNumber, reported: date, day: date
) -> Iterator[tuple[Row, bool]]:
    """Results reported on a day, as rows of `day`: version 2 when it is later; beside each, whether it is retyped."""
    shares = largest_remainder(_SAMPLES_PER_DAY, [branch.share_bp for branch in reference.branches])
    for index, (branch, usual) in enumerate(zip(reference.branches, shares, strict=True)):
        dice = Dice(seed, "samples", branch.org, reported)
        for serial in range(1, 1 + usual // 2 + dice.below(max(usual, 2))):
            decl_no = find_number(index, workdays.workday_before(reported, 1 + dice.below(3)), serial)
            yield from _of_sample(dice, branch, decl_no, f"JS{branch.org}{reported:%y%m%d}{serial:04d}", reported, day)


def _of_sample(
    dice: Dice, branch: Branch, decl_no: str, number: str, reported: date, day: date
) -> Iterator[tuple[Row, bool]]:
    programme = dice.weighted(_PROGRAMMES)
    received = at(workdays.workday_before(reported, 2 + dice.below(5)), 9 * 3600 + dice.below(8 * 3600))
    second = 10 * 3600 + dice.below(7 * 3600)
    first = dice.below(len(_ITEMS))
    version = 1 if day == reported else 2
    for place in range(1 + dice.below(5)):
        item, method, unit, limit, usual, nothing = _ITEMS[(first + place) % len(_ITEMS)]
        failed = dice.chance(_FAILED_PER_1000)
        result = _result(dice, limit, usual, nothing, failed=failed)
        again = dice.chance(_RETYPED_PER_1000)
        recorded = at(day, second + 60 * place)
        cells = envelope(
            "F13",
            f"{number}-{place + 1}",
            op="I" if version == 1 else "U",
            version=version,
            recorded=recorded,
            org=branch.org,
        )
        yield (
            Row(
                "F13",
                branch.org,
                day,
                reported,
                cells
                | {
                    "sample_no": number,
                    "test_item": item,
                    "lab_code": f"JSL{branch.org[-4:]}{1 + place % 2}",
                    "decl_no": decl_no if programme in {"ROUTINE", "RISK_MONITOR"} else "",
                    "programme": programme,
                    "received_time": stamp(received),
                    "method_std": method,
                    "result_value": result,
                    # Typed anew: the unit in which the method reports.
                    "unit": "ppm" if again and version == 1 and unit == "mg/kg" else unit,
                    "limit_value": limit,
                    "judgement": "FAIL" if failed else "NONE" if programme == "PROFICIENCY" else "PASS",
                    "reported_time": stamp(at(reported, second) + timedelta(minutes=place)),
                    "analyst": branch.inspectors[dice.below(len(branch.inspectors))],
                    "outsourcing_flag": "1" if dice.chance(_OUTSOURCED_PER_1000) else "0",
                },
            ),
            again,
        )


def _result(dice: Dice, limit: str, usual: int, nothing: str, *, failed: bool) -> str:
    """A result that keeps its limit, or does not."""
    if usual == 0:
        return "检出" if failed else nothing
    if nothing and not failed and dice.chance(550):
        return nothing
    hundredths = 105 + dice.below(200) if failed else max(1, usual * (40 + dice.below(60)) // 100)
    value = float(limit) * hundredths / 100
    return f"{value:.3f}".rstrip("0").rstrip(".") if value < 1000 else str(int(value))
