"""F09, the first sheet: assessments of 2010, and those of 2009 that the files of December 2009 tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import HEADQUARTERS, Row, at, envelope, known
from ciq_demo.generator.enterprises.plan import Path, paths
from ciq_demo.generator.enterprises.weeks import busy, week_ends, workdays_of
from ciq_demo.generator.randomness import Dice, spread
from ciq_demo.generator.reference import Branch, Reference

FEED = "F09"
_RECORDED = 10 * 3600
_FIRST_2009, _DAYS_2009 = date(2009, 8, 3), 78
"""First of the workdays on which assessments under the new rules were approved in 2009, and how many followed."""
_LAST_EFFECTIVE = date(2010, 12, 31)
_STRIDE = 29
_DRAFT_FIRST_PER_1000 = 150
_MISSTATED_PER_1000 = 3
_VALID_DAYS = 3 * 365
_GROUPS = ("ELECTRONIC", "MACHINERY", "TEXTILE", "TOY", "LIGHT", "CHEMICAL", "FURNITURE", "METAL")
_RISKS = {"H": 15, "M": 35, "L": 50}
_KEY = ("ent_code", "assess_no")
_MODES = {"1": ("CREDIT", "VERIFY"), "2": ("VERIFY", "GENERAL"), "3": ("GENERAL", "CLOSE")}
"""Modes of supervision of a class: for low risk, for others."""


def assessment_rows(seed: int, reference: Reference) -> Iterator[Row]:
    """Every row of the first sheet; its `day` is the business date of the weekly file."""
    of_2009 = week_ends(workdays.FIRST_DECLARED, date(2009, 12, 31))
    of_2010 = week_ends(date(2010, 1, 1), date(2010, 12, 31))
    for branch, ways in zip(reference.branches, paths(reference), strict=True):
        dice, serials = Dice(seed, "classes", branch.org), Counter[int]()
        known_before = [way for way in ways if way.before]
        for way, week in zip(known_before, _weeks(len(known_before), of_2009, branch), strict=True):
            yield from _of_2009(dice, branch, way, week, serials)
        for way, week in zip(_mixed(ways), _weeks(len(ways), of_2010, branch), strict=True):
            yield from _of_2010(dice, branch, way, week, serials)


def _weeks(count: int, ends: tuple[date, ...], branch: Branch) -> list[date]:
    """A week for each of `count` assessments, in the order of weeks."""
    weights = [busy(end) for end in ends]
    counts = spread(count, weights, offset=branch.share_bp * 7919 % sum(weights))
    return [end for end, times in zip(ends, counts, strict=True) for _ in range(times)]


def _mixed(ways: list[Path]) -> list[Path]:
    """Every week has enterprises of each class."""
    return [ways[place] for start in range(_STRIDE) for place in range(start, len(ways), _STRIDE)]


def _of_2009(dice: Dice, branch: Branch, way: Path, week: date, serials: Counter[int]) -> Iterator[Row]:
    approved = workdays.workday_after(_FIRST_2009, dice.below(_DAYS_2009))
    cells = _told(dice, branch, way, approved, serials)
    cells |= {"assess_type": "FIRST", "class_code": way.before} | _approval(branch, way.before, approved)
    cells |= {"supervision_mode": _mode(way.before, cells["product_risk"]), "status": "APPROVED"}
    yield _row(branch, week, week, cells, dice)


def _of_2010(dice: Dice, branch: Branch, way: Path, week: date, serials: Counter[int]) -> Iterator[Row]:
    """A draft a week before, for some; then the decision, which may be taken back."""
    decided = dice.pick(workdays_of(week))
    cells = _told(dice, branch, way, decided, serials)
    stated = "4" if dice.chance(_MISSTATED_PER_1000) else way.before
    cells |= {"assess_type": way.assess_type, "class_code": way.now, "prev_class_code": stated}
    cells |= {"supervision_mode": _mode(way.now, cells["product_risk"])}
    begun, version = week, 1
    if way.status == "DRAFT" or dice.chance(_DRAFT_FIRST_PER_1000):
        before = _week_before(week, cells)
        begun = before or week
        if before or way.status == "DRAFT":
            yield _row(branch, begun, begun, cells | {"status": "DRAFT"}, dice)
            version = 2
    if way.status == "DRAFT":
        return
    if way.status == "REJECTED":
        yield _row(branch, week, begun, cells | {"status": "REJECTED"}, dice, version)
        return
    cells |= _approval(branch, way.now, decided)
    yield _row(branch, week, begun, cells | {"status": "APPROVED"}, dice, version)
    later = [end for end in week_ends(date(2010, 1, 1), _LAST_EFFECTIVE) if end > week]
    if way.status == "REVOKED":
        if later:
            yield _row(branch, later[0], begun, cells | {"status": "REVOKED"}, dice, version + 1)
        else:
            yield _row(branch, week, begun, {name: cells[name] for name in _KEY}, dice, version + 1, op="D")


def _week_before(week: date, cells: dict[str, str]) -> date | None:
    """The week before, if the assessment on the spot was over by then."""
    ends = [end for end in week_ends(date(2010, 1, 1), _LAST_EFFECTIVE) if end < week]
    return ends[-1] if ends and cells["review_date"] <= ends[-1].isoformat() else None


def _told(dice: Dice, branch: Branch, way: Path, decided: date, serials: Counter[int]) -> dict[str, str]:
    """What does not change with the decision."""
    serials[decided.year] += 1
    reviewed = decided - timedelta(days=2 + dice.below(20))
    return {
        "ent_code": way.enterprise.code,
        "assess_no": f"{branch.org}PD{decided.year}{serials[decided.year]:05d}",
        "org_inst_code": way.enterprise.institution_code,
        "ent_name": way.enterprise.name,
        "city": branch.name_prefix,
        "product_group": _group(way),
        "product_risk": dice.weighted(_RISKS),
        "apply_date": (reviewed - timedelta(days=10 + dice.below(40))).isoformat(),
        "review_date": reviewed.isoformat(),
    }


def _group(way: Path) -> str:
    return _GROUPS[(int(way.enterprise.code[-4:]) + way.group) % len(_GROUPS)]


def _mode(class_code: str, risk: str) -> str:
    return _MODES[class_code][risk != "L"]


def _approval(branch: Branch, class_code: str, decided: date) -> dict[str, str]:
    """In force from the next day on, for three years; class I is approved by headquarters."""
    effective = min(decided + timedelta(days=1), _LAST_EFFECTIVE)
    return {
        "approve_date": decided.isoformat(),
        "effective_from": effective.isoformat(),
        "effective_to": (effective + timedelta(days=_VALID_DAYS)).isoformat(),
        "approver_org": HEADQUARTERS if class_code == "1" else branch.org,
    }


def _row(
    branch: Branch, week: date, begun: date, cells: dict[str, str], dice: Dice, version: int = 1, *, op: str = ""
) -> Row:
    recorded = at(week, _RECORDED + 3600 * version + dice.below(3600))
    head = envelope(
        FEED, cells["assess_no"], op=op or ("I" if version == 1 else "U"), version=version, recorded=recorded,
        org=branch.org,
    )  # fmt: skip
    return Row(FEED, branch.org, week, begun, head | known(cells))
