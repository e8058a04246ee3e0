"""F14: what laboratories did in 2010 besides testing: self-inspections, standards, research, recognitions, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from ciq_demo.generator.cases.rows import HEADQUARTERS
from ciq_demo.generator.randomness import Dice, largest_remainder
from ciq_demo.generator.reference import Lab, Reference
from ciq_demo.generator.returns.rows import Entry, entry
from ciq_demo.generator.returns.standards import written
from ciq_demo.generator.returns.year import Slot, month_end, plan_year

FEED = "F14"
_ISSUES, _RULES, _PROJECTS = 244, 132, 72
_COLLECTED, _CONFIRMED, _MAINTAINED, _HOLDINGS = 24_180, 2_736, 4_321, 7_301
_COLLECTED_TWICE = 36
"""Standards that a second branch collected too: entries of the library, and no further standards."""
_SHARE_OF_HEADQUARTERS = 4_000
"""Beside the ten thousand that the branches share out among themselves: it keeps the library."""
_CHECKED = (0, 0, 1, 2, 3, 3, 2, 2, 3, 2, 1, 0)
_RULED = (0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 2)
_APPROVED = (0, 1, 2, 1, 3, 2, 2, 1, 2, 1, 2, 3)
"""Weights of the months."""
_RECOGNISED = (
    ("JSL05001", "PROV_PUBLIC_PLATFORM", date(2010, 4, 16)),
    ("JSL07001", "PROV_PUBLIC_PLATFORM", date(2010, 4, 16)),
    ("JSL10001", "CBTL", date(2010, 9, 8)),
    ("JSL00001", "AOAC", date(2010, 11, 12)),
    ("JSL01001", "CNAS", date(2010, 3, 22)),
    ("JSL02001", "CNAS", date(2010, 6, 18)),
    ("JSL06001", "CNAS", date(2010, 10, 27)),
)
_LEVELS = {"AQSIQ": 58, "PUBLIC": 30, "MOST": 12}
_SUBJECTS = ("农药残留快速检测", "光伏组件可靠性", "纺织品有害物质", "外来有害生物鉴定", "食品添加剂", "矿产品放射性")
_RULE_TITLES = ("检测风险防范管理办法", "样品管理风险防控制度", "检测报告审核制度", "实验室安全应急预案")
_CATEGORIES = {
    "MANAGEMENT": 16,
    "PERSONNEL": 12,
    "EQUIPMENT": 22,
    "METHOD": 12,
    "ENVIRONMENT": 10,
    "SAMPLE": 12,
    "REPORT": 12,
    "SAFETY": 4,
}
_SEVERITIES = {"MINOR": 78, "MAJOR": 20, "CRITICAL": 2}
_RECTIFIED_PER_1000 = 930


def laboratory_entries(seed: int, reference: Reference) -> Iterator[Entry]:
    """The rows of the six sheets; the year's totals are those that the review published."""
    weights = {HEADQUARTERS: _SHARE_OF_HEADQUARTERS} | {branch.org: branch.share_bp for branch in reference.branches}
    yield from _self_checks(Dice(seed, "self-checks"), reference.labs)
    yield from _standards(Dice(seed, "standards"), weights)
    yield from _projects(Dice(seed, "projects"), weights)
    yield from _recognitions({lab.code: lab for lab in reference.labs})
    yield from _documents(Dice(seed, "risk rules"), reference.labs)


def _self_checks(dice: Dice, labs: list[Lab]) -> Iterator[Entry]:
    """Every laboratory inspected itself once; what each found is put right in a later month, by a row of version 2."""
    slots = plan_year(len(labs), {"": 1}, _CHECKED)
    shares = largest_remainder(_ISSUES, [1 + dice.below(6) for _ in labs])
    serial = 0
    for slot, lab, found in zip(slots, labs, shares, strict=True):
        day = slot.workday(dice)
        check_no = f"{lab.org}ZC2010{slot.number:04d}"
        cells = {"check_no": check_no, "lab_code": lab.code, "check_date": day.isoformat(), "issues_found": str(found)}
        yield entry(FEED, "self_check", check_no, lab.org, day, cells)
        for _ in range(found):
            serial += 1
            yield from _issue(dice, lab, day, f"{lab.org}WT2010{serial:04d}")


def _issue(dice: Dice, lab: Lab, day: date, number: str) -> Iterator[Entry]:
    cells = {
        "issue_no": number,
        "lab_code": lab.code,
        "found_date": day.isoformat(),
        "category": dice.weighted(_CATEGORIES),
        "severity": dice.weighted(_SEVERITIES),
    }
    yield entry(FEED, "issue", number, lab.org, day, cells)
    if dice.chance(_RECTIFIED_PER_1000):
        rectified = Slot(lab.org, month_end(day.month + 1 + dice.below(2), day.year), 0).workday(dice)
        told = cells | {"rectified_date": rectified.isoformat()}
        yield entry(FEED, "issue", number, lab.org, rectified, told, version=2, begun=day)


def _standards(dice: Dice, weights: Mapping[str, int]) -> Iterator[Entry]:
    """Entries of the library. Each collected standard is another one, but for the few that two branches collected."""
    serials = 0
    for event, total in (
        ("COLLECTED", _COLLECTED),
        ("CONFIRMED_VALID", _CONFIRMED),
        ("MAINTAINED", _MAINTAINED),
        ("HOLDING_ADDED", _HOLDINGS),
    ):
        for slot in plan_year(total, weights):
            serials += 1
            yield _standard(dice, slot.org, slot.workday(dice), event, slot.number, serials)
    for place in range(_COLLECTED_TWICE):
        serials += 1
        org = "320500" if place % 2 else "320600"
        yield _standard(dice, org, Slot(org, month_end(12), 0).workday(dice), "COLLECTED", 1 + place * 17, serials)


def _standard(dice: Dice, org: str, day: date, event: str, standard: int, serial: int) -> Entry:
    number = f"{org}BZ2010{serial:06d}"
    cells = {
        "event_no": number,
        "std_no": written(dice, standard),
        "std_event": event,
        "event_date": day.isoformat(),
    }
    return entry(FEED, "standard_event", number, org, day, cells)


def _projects(dice: Dice, weights: Mapping[str, int]) -> Iterator[Entry]:
    for slot in plan_year(_PROJECTS, weights, _APPROVED):
        day = slot.workday(dice)
        number = f"2010KY{slot.number:04d}"
        cells = {
            "project_no": number,
            "title": f"{dice.pick(_SUBJECTS)}研究",
            "level": dice.weighted(_LEVELS),
            "approve_date": day.isoformat(),
            "lead_org": slot.org,
        }
        yield entry(FEED, "research_project", number, slot.org, day, cells)


def _recognitions(labs: Mapping[str, Lab]) -> Iterator[Entry]:
    for code, kind, day in _RECOGNISED:
        cells = {"lab_code": code, "recognition_code": kind, "recognition_date": day.isoformat()}
        yield entry(FEED, "recognition", f"{code}-{kind}", labs[code].org, day, cells)


def _documents(dice: Dice, labs: list[Lab]) -> Iterator[Entry]:
    for slot in plan_year(_RULES, {lab.code: 1 for lab in labs}, _RULED):
        day = slot.workday(dice)
        lab = next(lab for lab in labs if lab.code == slot.org)
        number = f"{lab.org}ZD2010{slot.number:04d}"
        cells = {
            "doc_no": number,
            "doc_code": "LAB_RISK_RULE",
            "title": dice.pick(_RULE_TITLES),
            "lab_code": lab.code,
            "doc_date": day.isoformat(),
        }
        yield entry(FEED, "lab_document", number, lab.org, day, cells)
