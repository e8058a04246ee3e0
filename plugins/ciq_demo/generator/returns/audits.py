"""F15: the audits of the quality system of 2010, what they found and who audited, and inspections by AQSIQ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import HEADQUARTERS
from ciq_demo.generator.randomness import Dice, largest_remainder
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.returns.rows import Entry, entry

FEED = "F15"
_NONCONFORMITIES, _AUDITORS = 46, 27
_OF_DEPARTMENTS = 4
"""Departments that one team of internal auditors looked at."""
_AUDITED_INSIDE = ("320500", "320600", "320582", "321100", "320281", "320800")
_AUDITED_OUTSIDE = ("320100", "320200", "320700", "320400", "320583", "321200")
_DEPARTMENTS_OUTSIDE = 6
_PILOTS = ("320400", "321000")
_BODY = "中国质量认证中心"
_TEAM = 3
_INSPECTIONS = (
    ("SANITARY_TREATMENT", "国家质检总局", "南京卫生处理单位", date(2010, 5, 19), "PRAISED"),
    ("LABORATORY", "国家认监委", "苏州局综合实验室 1", date(2010, 9, 16), "PASSED"),
    ("DISCIPLINE", "国家质检总局", "江苏局本部", date(2010, 11, 24), "TO_RECTIFY"),
)
_FAULTS = (
    ("4.2.3", "作废文件未及时收回", "文件清单未更新", "更新清单并收回作废文件"),
    ("4.2.4", "检验记录缺少签名", "记录人员疏忽", "补签并组织学习"),
    ("5.4.1", "质量目标未分解到科室", "目标管理不到位", "分解目标并定期考核"),
    ("6.2.2", "新上岗人员无培训记录", "培训计划未覆盖新人", "补充培训并存档"),
    ("6.3", "仪器超过检定周期", "台账未设提醒", "送检并设到期提醒"),
    ("7.5.1", "现场查验步骤与作业指导书不一致", "指导书未按新规修订", "修订指导书"),
    ("7.6", "标准物质未标明有效期", "标识管理不严", "统一标识"),
    ("8.2.4", "抽样数量少于标准要求", "抽样方案理解不一致", "统一抽样方案"),
    ("8.5.2", "上次不符合项的纠正措施未验证", "跟踪责任不明确", "明确跟踪人"),
)
_MAJOR_PER_1000 = 60


@dataclass(frozen=True)
class _Audit:
    """One unit that an audit looked at."""

    number: str
    kind: str
    sender: str
    level: str
    unit: str
    day: date


def audit_entries(seed: int, reference: Reference) -> Iterator[Entry]:
    """The rows of the four sheets: branches tell of their own audits, headquarters of its departments and auditors."""
    dice = Dice(seed, "audits")
    inside, outside, pilots = _inside(reference), _outside(reference), _pilots()
    for audit in (*inside, *outside, *pilots):
        yield _scope(audit)
    shares = largest_remainder(_NONCONFORMITIES, [1 + dice.below(4) for _ in inside])
    serial = 0
    for audit, found in zip(inside, shares, strict=True):
        for _ in range(found):
            serial += 1
            yield from _nonconformity(dice, audit, f"{audit.number}-{serial:03d}")
    yield from _assignments(inside)
    for serial, (topic, by, unit, day, outcome) in enumerate(_INSPECTIONS, start=1):
        number = f"JC2010{serial:04d}"
        cells = {
            "inspection_no": number,
            "topic": topic,
            "inspected_by": by,
            "inspected_unit": unit,
            "inspection_date": day.isoformat(),
            "outcome": outcome,
        }
        yield entry(FEED, "external_inspection", number, HEADQUARTERS, day, cells)


def _inside(reference: Reference) -> list[_Audit]:
    """All departments in July, in teams of their own, then a branch a week."""
    audits = []
    for place, unit in enumerate(reference.departments):
        team = 1 + place // _OF_DEPARTMENTS
        day = workdays.workday_after(date(2010, 7, 4), 1 + place)
        audits.append(_Audit(f"NS2010-{team:02d}", "INTERNAL", HEADQUARTERS, "HQ_DEPT", unit, day))
    teams = 1 + len(reference.departments) // _OF_DEPARTMENTS
    for place, org in enumerate(_AUDITED_INSIDE):
        day = workdays.workday_after(date(2010, 8, 1), 1 + 5 * place)
        audits.append(_Audit(f"NS2010-{teams + place:02d}", "INTERNAL", org, "BRANCH", org, day))
    return audits


def _outside(reference: Reference) -> list[_Audit]:
    number = "WS2010-01"
    branches = [
        _Audit(number, "EXTERNAL", org, "BRANCH", org, workdays.workday_after(date(2010, 10, 10), 1 + place))
        for place, org in enumerate(_AUDITED_OUTSIDE)
    ]
    departments = [
        _Audit(number, "EXTERNAL", HEADQUARTERS, "HQ_DEPT", unit, workdays.workday_after(date(2010, 10, 18), 1 + place))
        for place, unit in enumerate(reference.departments[:_DEPARTMENTS_OUTSIDE])
    ]
    return branches + departments


def _pilots() -> list[_Audit]:
    return [_Audit("JX2010-01", "PERFORMANCE_PILOT", org, "BRANCH", org, date(2010, 3, 30)) for org in _PILOTS]


def _scope(audit: _Audit) -> Entry:
    cells = {
        "audit_no": audit.number,
        "audit_type": audit.kind,
        "unit_level": audit.level,
        "unit_code": audit.unit,
        "audit_date": audit.day.isoformat(),
    }
    if audit.kind == "EXTERNAL":
        cells["audit_body"] = _BODY
    return entry(FEED, "audit_scope", f"{audit.number}-{audit.unit}", audit.sender, audit.day, cells)


def _nonconformity(dice: Dice, audit: _Audit, number: str) -> Iterator[Entry]:
    """Raised in the month of the audit, corrected in the next and verified in the one after, in later versions."""
    clause, fact, cause, action = dice.pick(_FAULTS)
    raised = {
        "nc_no": number,
        "audit_no": audit.number,
        "unit_level": audit.level,
        "unit_code": audit.unit,
        "iso_clause": clause,
        "grade": "MAJOR" if dice.chance(_MAJOR_PER_1000) else "MINOR",
        "description": fact,
        "due_date": workdays.workday_after(audit.day, 30).isoformat(),
        "status": "OPEN",
    }
    corrected = raised | {"root_cause": cause, "corrective_action": action, "status": "CORRECTED"}
    verified_on = workdays.workday_after(audit.day, 32 + dice.below(10))
    verified = corrected | {"status": "VERIFIED", "verified_date": verified_on.isoformat()}
    days = (audit.day, workdays.workday_after(audit.day, 16 + dice.below(6)), verified_on)
    for version, (day, cells) in enumerate(zip(days, (raised, corrected, verified), strict=True), start=1):
        yield entry(FEED, "nonconformity", number, audit.sender, day, cells, version=version, begun=audit.day)


def _assignments(inside: list[_Audit]) -> Iterator[Entry]:
    """A team for each audit; some auditors are in two."""
    first_day = {audit.number: audit.day for audit in reversed(inside)}
    for place, (audit_no, day) in enumerate(sorted(first_day.items())):
        for member in range(_TEAM):
            number = f"{audit_no}-P{member + 1}"
            cells = {
                "assignment_no": number,
                "audit_no": audit_no,
                "auditor_id": f"JSNS{(place * _TEAM + member) % _AUDITORS + 1:04d}",
                "role": "LEAD" if member == 0 else "MEMBER",
            }
            yield entry(FEED, "assignment", number, HEADQUARTERS, day, cells)
