"""F16, the other sheets: media reports, recognitions, documents, port events, zones and reports handed in."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import HEADQUARTERS, stamp
from ciq_demo.generator.randomness import Dice
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.returns.activities import FEED
from ciq_demo.generator.returns.register import Register, person
from ciq_demo.generator.returns.rows import Entry, entry
from ciq_demo.generator.returns.year import EVERY_MONTH, YEAR, plan_year

_DATA = Path(__file__).parents[1] / "data" / "returns.csv"
OUTLETS = (
    "CNR", "XINHUA", "RMRB", "ECONOMIC", "CQN", "CIQ_TIMES", "CONSUMER", "TRADE_NEWS", "XINHUA_DAILY", "YANGTSE",
    "JSBC", "JS_RADIO", "JS_ECONOMIC", "JS_LEGAL", "MODERN_EXPRESS", "NJ_DAILY", "NJ_EVENING", "NJ_TV", "SZ_DAILY",
    "SZ_EVENING", "SZ_TV", "WX_DAILY", "WX_EVENING", "WX_TV", "CZ_DAILY", "CZ_TV", "NT_DAILY", "NT_TV", "LYG_DAILY",
    "LYG_TV", "ZJ_DAILY", "ZJ_TV", "YZ_DAILY", "YZ_TV", "TZ_DAILY", "YC_DAILY", "HA_DAILY", "XZ_DAILY", "ZJG_DAILY",
    "KS_DAILY", "CS_DAILY", "TC_DAILY", "JY_DAILY",
)  # fmt: skip
"""Those that reported on the open factories, codes of media_outlet.csv."""
_REPORTS, _OTHER_REPORTS = 96, 240
_FROM_MAY = (0, 0, 0, 0, 2, 1, 2, 1, 1, 1, 1, 3)
_RECOGNISED = {
    "COMMENDATION": (126, EVERY_MONTH), "INSTRUCTION": (138, EVERY_MONTH), "ADV_COLLECTIVE": (27, _FROM_MAY),
    "MODEL_PERSON": (81, _FROM_MAY),
}  # fmt: skip
_LEVELS = {"CITY": 60, "COUNTY": 30, "PROVINCE": 10}
_BASES = 19
_FOOD = ("蔬菜", "水产品", "禽蛋", "肠衣", "紫菜", "茶叶", "食用菌", "花卉", "粮食制品")
_PLACES = {"320500": 1, "320200": 2, "321000": 1, "320600": 1, "320800": 2, "320700": 1, "320300": 2}
"""Branches that came first or second in the appraisal of their locality."""
_EXPO_FIRST, _EXPO_LAST = date(YEAR, 5, 1), date(YEAR, 10, 31)
_LATE_PER_1000 = 12
_SUNDAY = 6
# sheet: letters of its register numbers, the column of the number, of the date; where the other columns of the table go
_SHEETS: Mapping[str, tuple[str, str, str, Mapping[str, str]]] = {
    "media_report": ("MT", "media_no", "report_date", {"kind": "outlet", "type": "topic", "name": "title"}),
    "recognition": ("RY", "recognition_no", "recognition_date", {"kind": "recognition_type", "name": "recipient"}),
    "document": ("WJ", "doc_no", "doc_date", {"kind": "doc_code", "name": "title", "detail": "addressee"}),
    "port_event": (
        "KA", "event_no", "event_date", {"kind": "port_event", "type": "port_type", "name": "port_name"}
    ),
    "demo_zone": (
        "SF", "zone_event_no", "event_date",
        {"kind": "zone_event", "type": "zone_type", "level": "zone_level", "name": "zone_name", "detail": "product"},
    ),
}  # fmt: skip


class _Sheets:
    """Entries of these sheets, numbered."""

    def __init__(self) -> None:
        self._register = Register(FEED)

    def entry(self, sheet: str, org: str, day: date, cells: dict[str, str]) -> Entry:
        letters, number, dated, _ = _SHEETS[sheet]
        return self._register.entry(sheet, letters, number, org, day, {dated: day.isoformat()} | cells)


def honour_entries(seed: int, reference: Reference) -> Iterator[Entry]:
    """The rows of these sheets of the year."""
    sheets = _Sheets()
    weights = {branch.org: branch.share_bp for branch in reference.branches}
    yield from _named(sheets)
    yield from _media(seed, sheets, weights)
    yield from _recognitions(seed, sheets, weights)
    yield from _quality_reports(seed, sheets, weights)
    yield from _bases(seed, sheets, weights)
    for branch in reference.branches:
        yield from _submissions(seed, branch.org)


def _named(sheets: _Sheets) -> Iterator[Entry]:
    for row in _table():
        _, _, _, columns = _SHEETS[row["sheet"]]
        cells = {column: row[source] for source, column in columns.items()}
        yield sheets.entry(row["sheet"], row["org_code"], date.fromisoformat(row["date"]), cells)


def _media(seed: int, sheets: _Sheets, weights: Mapping[str, int]) -> Iterator[Entry]:
    """Every outlet of the open factories reported at least once; other reports are about other things."""
    dice = Dice(seed, "media")
    for slot in plan_year(_REPORTS, weights):
        cells = {
            "outlet": OUTLETS[slot.number % len(OUTLETS)],
            "topic": "QUALITY",
            "campaign": "OPEN_FACTORY",
            "title": "质检邀您看企业",
        }
        yield sheets.entry("media_report", slot.org, slot.workday(dice), cells)
    for slot in plan_year(_OTHER_REPORTS, weights):
        topic = dice.weighted({"QUALITY": 40, "SERVICE": 30, "INTERCEPTION": 15, "EXPO": 10, "OTHER": 5})
        yield sheets.entry("media_report", slot.org, slot.workday(dice), {"outlet": dice.pick(OUTLETS), "topic": topic})


def _recognitions(seed: int, sheets: _Sheets, weights: Mapping[str, int]) -> Iterator[Entry]:
    dice = Dice(seed, "recognitions")
    for kind, (total, months) in _RECOGNISED.items():
        for slot in plan_year(total, weights, months):
            cells = {"recognition_type": kind}
            if kind in {"COMMENDATION", "INSTRUCTION"}:
                cells |= {"leader_level": dice.weighted(_LEVELS)}
            else:
                cells |= {"recipient": person(dice) if kind == "MODEL_PERSON" else f"先进集体 {slot.number}"}
            yield sheets.entry("recognition", slot.org, slot.workday(dice), cells)
    for org in weights:
        cells = {"recognition_type": "LOCAL_APPRAISAL", "rank_no": str(_PLACES.get(org, 3 + dice.below(6)))}
        yield sheets.entry("recognition", org, date(YEAR, 12, 20), cells)


def _quality_reports(seed: int, sheets: _Sheets, weights: Mapping[str, int]) -> Iterator[Entry]:
    """Headquarters and each branch, for each half of the year."""
    dice = Dice(seed, "quality reports")
    for org in (HEADQUARTERS, *weights):
        for month, half in ((7, "上半年"), (12, "全年")):
            cells = {
                "doc_code": "QUALITY_REPORT",
                "title": f"{YEAR} 年{half}进出口质量状况报告",
                "addressee": "省政府" if org == HEADQUARTERS else "市政府",
            }
            yield sheets.entry("document", org, date(YEAR, month, 5 + dice.below(20)), cells)


def _bases(seed: int, sheets: _Sheets, weights: Mapping[str, int]) -> Iterator[Entry]:
    dice = Dice(seed, "bases")
    for slot in plan_year(_BASES, dict.fromkeys(weights, 1)):
        food = dice.pick(_FOOD)
        cells = {
            "zone_type": "FOOD_AGRI_BASE",
            "zone_event": "NEW",
            "zone_name": f"出口{food}示范基地 {slot.number}",
            "product": food,
        }
        yield sheets.entry("demo_zone", slot.org, slot.workday(dice), cells)


def _submissions(seed: int, org: str) -> Iterator[Entry]:
    """Reports on logistics and clearance during Expo: each day, and each Sunday of the week; a few come late."""
    dice = Dice(seed, "expo", org)
    for day in workdays.all_days(_EXPO_FIRST, _EXPO_LAST):
        for kind in ("DAILY", "WEEKLY"):
            if kind == "WEEKLY" and day.weekday() != _SUNDAY:
                continue
            handed_in = datetime.combine(day, time(17)) + timedelta(minutes=dice.below(180))
            if dice.chance(_LATE_PER_1000) and day < _EXPO_LAST:
                handed_in += timedelta(days=1)
            cells = {
                "report_code": "EXPO",
                "report_kind": kind,
                "report_date": day.isoformat(),
                "submit_time": stamp(handed_in),
                "submit_status": "2",
                "row_cnt": str(dice.below(30)),
            }
            yield entry(FEED, "report_submission", f"{org}-EXPO-{kind}-{day:%Y%m%d}", org, day, cells)


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], ...]:
    with _DATA.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
