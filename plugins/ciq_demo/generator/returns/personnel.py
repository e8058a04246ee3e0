"""F17: personnel actions, assignments to supervise, and audits of capital projects of 2010. Nobody in it exists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ciq_demo.generator.cases.rows import HEADQUARTERS, money
from ciq_demo.generator.randomness import Dice, largest_remainder
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.returns.register import Register, person
from ciq_demo.generator.returns.rows import Entry
from ciq_demo.generator.returns.year import plan_year

FEED = "F17"
# action, how many, day, further cells
_ACTIONS: tuple[tuple[str, int, date, dict[str, str]], ...] = (
    ("XUANDIAO_INTAKE", 16, date(2010, 8, 2), {"from_unit": "高校", "to_unit": "分支局"}),
    ("OPEN_SELECT_DEPUTY", 10, date(2010, 6, 21), {}),
    ("RECOMMEND_INVESTIGATOR", 4, date(2010, 7, 12), {}),
    ("SECOND_LOCAL", 2, date(2010, 3, 8), {"to_unit": "地方党政机关"}),
    ("EXCHANGE_QTS", 2, date(2010, 4, 6), {"direction": "OUT", "to_unit": "省质监局"}),
    ("EXCHANGE_QTS", 2, date(2010, 4, 6), {"direction": "IN", "from_unit": "省质监局"}),
    ("SECOND_AQSIQ", 2, date(2010, 5, 10), {"direction": "OUT", "to_unit": "国家质检总局"}),
    ("EXPO_SUPPORT", 5, date(2010, 5, 4), {"batch_no": "2010-1", "to_unit": "上海局"}),
    ("EXPO_SUPPORT", 4, date(2010, 8, 2), {"batch_no": "2010-2", "to_unit": "上海局"}),
)
_ASSIGNMENTS = 66
_MATTERS = {"PROCUREMENT": 45, "TENDER": 30, "CONSTRUCTION": 25}
# project, organisation, day on which its audit ended, ten thousands of CNY submitted
_PROJECTS = (
    ("综合实验楼土建工程", HEADQUARTERS, date(2010, 3, 24), 6_820),
    ("太仓港检验检疫设施", "320585", date(2010, 5, 20), 2_460),
    ("连云港实验室改造", "320700", date(2010, 6, 23), 1_875),
    ("昆山综保区查验场", "320583", date(2010, 9, 15), 1_340),
    ("南通局业务用房", "320600", date(2010, 10, 27), 3_150),
    ("常州机场旅检通道", "320400", date(2010, 12, 8), 915),
)
_REDUCED_PER_1000 = 136
"""What the audits took off, over all projects together."""


def personnel_entries(seed: int, reference: Reference) -> Iterator[Entry]:
    """The rows of the three sheets of the year."""
    register = Register(FEED)
    dice = Dice(seed, "personnel")
    for action, count, day, more in _ACTIONS:
        for _ in range(count):
            cells = {"hr_action": action, "action_date": day.isoformat(), "person": person(dice)} | more
            yield register.entry("hr_action", "RS", "action_no", HEADQUARTERS, day, cells)
    weights = {HEADQUARTERS: 4_000} | {branch.org: branch.share_bp for branch in reference.branches}
    for slot in plan_year(_ASSIGNMENTS, weights):
        day = slot.workday(dice)
        cells = {"assignment_date": day.isoformat(), "person": person(dice), "matter": dice.weighted(_MATTERS)}
        yield register.entry("supervision_assignment", "JD", "assignment_no", slot.org, day, cells)
    yield from _audits(register, dice)


def _audits(register: Register, dice: Dice) -> Iterator[Entry]:
    """Some projects lose more than others; the sum of them loses the share that the review tells."""
    submitted = [ten_thousands * 1_000_000 for _, _, _, ten_thousands in _PROJECTS]
    reductions = largest_remainder(
        sum(submitted) * _REDUCED_PER_1000 // 1000, [cents // 1_000_000 * (60 + dice.below(80)) for cents in submitted]
    )
    for (name, org, day, _), cents, reduction in zip(_PROJECTS, submitted, reductions, strict=True):
        cells = {
            "project_name": name,
            "audit_date": day.isoformat(),
            "submitted_cny": money(cents),
            "approved_cny": money(cents - reduction),
        }
        yield register.entry("capital_audit", "JJ", "project_no", org, day, cells)
