"""F16, the sheets of activities: what the branches held in 2010, with the classes of products and who attended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from ciq_demo.generator.cases.rows import HEADQUARTERS
from ciq_demo.generator.randomness import Dice, largest_remainder
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.returns.register import person
from ciq_demo.generator.returns.rows import Entry, entry
from ciq_demo.generator.returns.year import EVERY_MONTH, Slot, month_end, plan_year

FEED = "F16"
_MOST_SESSIONS = 3
_MISTYPED_PER_1000 = 15
_LAST_MONTH = 12
_OPEN_LAB_MONTHS = (0, 0, 1, 1, 2, 3, 2, 1, 8, 3, 1, 0)
_OPEN_FACTORY_MONTHS = (0, 0, 2, 1, 1, 1, 1, 1, 3, 1, 1, 0)
PRODUCT_CLASSES = 261
_HEADINGS = (
    (301, 307), (1601, 1605), (2001, 2009), (3901, 3926), (6101, 6117), (6201, 6217), (6301, 6310), (6401, 6406),
    (7301, 7326), (8401, 8484), (8501, 8519), (8521, 8523), (8525, 8548), (9401, 9406), (9503, 9508),
)  # fmt: skip
"""Headings of the HS of 2007, first and last of each run."""
BUREAUS = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "浙江", "宁波", "安徽", "福建",
    "厦门", "江西", "山东", "河南", "湖北", "湖南", "广东", "深圳", "珠海", "广西", "海南", "重庆", "四川", "贵州",
    "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆",
)  # fmt: skip
"""The bureaus directly under AQSIQ besides our own."""
_CLASSES = {date(2010, 9, 26): 36, date(2010, 9, 28): 36, date(2010, 10, 8): 36, date(2010, 10, 11): 35}
"""First days of the classes on the e-learning platform, and how many came to each."""


@dataclass(frozen=True)
class _Kind:
    """What the year adds up to for one kind of activity; None: it is not told of that kind."""

    sessions: int
    enterprises: int | None = None
    persons: int | None = None
    experts: int | None = None
    months: tuple[int, ...] = EVERY_MONTH
    title: str = ""


_KINDS = {
    "ENT_TRAINING": _Kind(1067, enterprises=19_640, persons=26_180, title="企业质量管理人员培训"),
    "REG_INTERPRET": _Kind(118, enterprises=3_420, experts=308, title="国外技术法规解读"),
    "QUALITY_MEETING": _Kind(329, enterprises=7_240, title="企业质量分析会"),
    "BENCHMARK_VISIT": _Kind(126, enterprises=964, title="标杆企业观摩"),
    "OPEN_FACTORY": _Kind(12, persons=342, months=_OPEN_FACTORY_MONTHS, title="质检邀您看企业"),
    "OPEN_LAB": _Kind(74, persons=2_948, months=_OPEN_LAB_MONTHS, title="实验室开放活动"),
    "SUNSHINE_SERVICE": _Kind(20, title="“阳光服务”窗口创建"),
}


@dataclass(frozen=True)
class _Activity:
    org: str
    code: str
    day: date
    seq: int
    cells: dict[str, str]

    @property
    def key(self) -> dict[str, str]:
        """The cells that name it, in each of the three sheets."""
        return {"act_code": self.code, "act_date": self.day.isoformat(), "seq": str(self.seq)}

    def entry(self, **cells: str) -> Entry:
        """Its row in the sheet of activities; `cells` stand in place of its own."""
        return entry(FEED, "activity", _name(self), self.org, self.day, self.key | self.cells | cells)

    def again(self) -> Entry:
        """The row once more as version 2, in the workbook of the month after."""
        later, said = month_end(self.day.month + 1), self.key | self.cells
        return entry(FEED, "activity", _name(self), self.org, later, said, version=2, begun=self.day)


def activity_entries(seed: int, reference: Reference) -> Iterator[Entry]:
    """The rows of activities, product classes and attendees of the year."""
    weights = {branch.org: branch.share_bp for branch in reference.branches}
    for code, kind in _KINDS.items():
        held = _held(seed, code, kind, weights)
        yield from _told(seed, held)
        if code == "REG_INTERPRET":
            yield from _products(held)
            yield from _experts(seed, held)
    yield from (activity.entry() for activity in _named())
    yield from _classes(seed)


def _held(seed: int, code: str, kind: _Kind, weights: Mapping[str, int]) -> list[_Activity]:
    """Activities of a kind: up to three sessions of a branch and month are one; counts are shared out exactly."""
    dice = Dice(seed, "activities", code)
    planned = [
        (slots[0], len(slots))
        for slots in _grouped(dice, plan_year(kind.sessions, _shares(kind, weights), kind.months))
    ]
    noise = [sessions * (70 + dice.below(60)) for _, sessions in planned]
    counts: dict[str, list[int]] = {
        column: largest_remainder(total, noise)
        for column, total in (
            ("enterprise_cnt", kind.enterprises), ("person_cnt", kind.persons), ("expert_cnt", kind.experts)
        )
        if total is not None
    }  # fmt: skip
    seqs: Counter[tuple[str, date]] = Counter()
    activities: list[_Activity] = []
    for place, (slot, sessions) in enumerate(planned):
        day = slot.workday(dice)
        seqs[slot.org, day] += 1
        cells = {"title": f"{kind.title} ({slot.number})", "session_cnt": str(sessions)}
        cells |= {column: str(shares[place]) for column, shares in counts.items()}
        activities.append(_Activity(slot.org, code, day, seqs[slot.org, day], cells | _told_besides(code)))
    return activities


def _shares(kind: _Kind, weights: Mapping[str, int]) -> Mapping[str, int]:
    """Where each branch holds one, they are all alike."""
    return dict.fromkeys(weights, 1) if kind.sessions == len(weights) else weights


def _grouped(dice: Dice, slots: Iterable[Slot]) -> Iterator[list[Slot]]:
    for _, same in groupby(slots, key=lambda slot: (slot.month_end, slot.org)):
        left = list(same)
        while left:
            size = 1 + dice.below(_MOST_SESSIONS)
            yield left[:size]
            left = left[size:]


def _told_besides(code: str) -> dict[str, str]:
    """Of open factories the partner, of regulations explained that the lists name all experts."""
    besides = {
        "OPEN_FACTORY": {"partner_org": "江苏省质量技术监督局"},
        "REG_INTERPRET": {"list_complete": "1"},
    }
    return besides.get(code, {})


def _told(seed: int, activities: Iterable[_Activity]) -> Iterator[Entry]:
    """Their rows; where enterprises were typed wrong, the workbook of the next month has it right as version 2."""
    for activity in activities:
        dice = Dice(seed, "mistyped", _name(activity))
        right = activity.cells.get("enterprise_cnt")
        if right and activity.day.month < _LAST_MONTH and dice.chance(_MISTYPED_PER_1000):
            yield activity.entry(enterprise_cnt=str(int(right) + 9))
            yield activity.again()
        else:
            yield activity.entry()


def _products(activities: list[_Activity]) -> Iterator[Entry]:
    """Every class is explained once, the first ones a second time elsewhere."""
    classes = _product_classes()
    for place in range(PRODUCT_CLASSES + PRODUCT_CLASSES // 4):
        activity = activities[place * 7 % len(activities)]
        heading = classes[place % PRODUCT_CLASSES]
        cells = activity.key | {"product_class": heading}
        yield entry(FEED, "product", f"{_name(activity)}-{heading}", activity.org, activity.day, cells)


def _product_classes() -> list[str]:
    return [f"{number:04d}" for first, last in _HEADINGS for number in range(first, last + 1)][:PRODUCT_CLASSES]


def _experts(seed: int, activities: Iterable[_Activity]) -> Iterator[Entry]:
    """Experts come again: fewer persons than attendances."""
    pool = Dice(seed, "experts")
    experts = [(person(pool), pool.pick(BUREAUS) + "局") for _ in range(120)]
    for activity in activities:
        dice = Dice(seed, "experts", _name(activity))
        first = dice.below(len(experts))
        for place in range(int(activity.cells["expert_cnt"])):
            name, org = experts[(first + place) % len(experts)]
            yield _attendee(activity, place + 1, "EXPERT", name, org)


def _named() -> Iterator[_Activity]:
    """What the review dates. Of a joint event every organiser tells, under one joint_no: it counts once."""
    meeting = {"title": "全国质检系统人才暨教育培训工作会议", "place": "南京", "session_cnt": "1", "person_cnt": "160"}
    yield _Activity(HEADQUARTERS, "NATIONAL_MEETING", date(2010, 8, 19), 1, meeting)
    site = _Activity(HEADQUARTERS, "NATIONAL_MEETING", date(2010, 8, 26), 1, {
        "title": "科技成果应用现场会", "place": "张家港", "session_cnt": "1", "person_cnt": "120",
        "partner_org": "张家港局", "joint_no": "320000LH2010002",
    })  # fmt: skip
    memorandum = _Activity(HEADQUARTERS, "COOPERATION", date(2010, 8, 19), 1, {
        "title": "陆桥沿线九个直属局合作备忘录", "session_cnt": "1", "partner_org": "连云港局",
        "joint_no": "320000LH2010001",
    })  # fmt: skip
    factory = _Activity("320200", "OPEN_FACTORY", date(2010, 9, 15), 9, {
        "title": "质检邀您看企业 (宜兴)", "session_cnt": "1", "person_cnt": "28", "partner_org": "宜兴局",
        "joint_no": "320200LH2010001",
    })  # fmt: skip
    for hosted, other, by in (
        (site, "320582", "江苏局"),
        (memorandum, "320700", "江苏局"),
        (factory, "320282", "无锡局"),
    ):
        yield hosted
        yield replace(hosted, org=other, cells=hosted.cells | {"partner_org": by})
    campaign = {"title": "“负责任做产品”活动", "place": "张家港", "session_cnt": "1"}
    yield _Activity("320582", "RESPONSIBLE_PRODUCT", date(2010, 3, 15), 1, campaign)
    for org, day, title in (
        ("320700", date(2010, 4, 20), "服务田湾核电站扩建"),
        ("320100", date(2010, 5, 18), "服务中电熊猫液晶项目"),
        ("321200", date(2010, 6, 9), "服务益海粮油项目"),
    ):
        yield _Activity(org, "MAJOR_PROJECT", day, 1, {"title": title, "session_cnt": "1"})


def _classes(seed: int) -> Iterator[Entry]:
    """Four classes for the national system; the bureaus send in turn, and some persons come twice."""
    pool = Dice(seed, "trainees")
    trainees = [(person(pool), bureau + "局") for bureau in BUREAUS * 4]
    first = 0
    for place, (day, came) in enumerate(_CLASSES.items(), start=1):
        cells = {
            "title": f"电子平台第 {place} 期培训班", "place": "南京", "session_cnt": "1", "person_cnt": str(came),
            "list_complete": "1",
        }  # fmt: skip
        activity = _Activity(HEADQUARTERS, "EPLATFORM_CLASS", day, 1, cells)
        yield activity.entry()
        for number in range(came):
            name, bureau = trainees[(first + number) % len(trainees)]
            yield _attendee(activity, number + 1, "TRAINEE", name, bureau)
        first += came


def _attendee(activity: _Activity, number: int, kind: str, name: str, org: str) -> Entry:
    cells = activity.key | {"attendee_no": str(number), "attendee_type": kind, "attendee_org": org, "person": name}
    return entry(FEED, "attendee", f"{_name(activity)}-{number}", activity.org, activity.day, cells)


def _name(activity: _Activity) -> str:
    return f"{activity.org}-{activity.code}-{activity.day:%Y%m%d}-{activity.seq}"
