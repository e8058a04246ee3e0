"""F11: complaints, reports and consultations. Few enough to be dealt out one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import HEADQUARTERS, Row, at, envelope, known, stamp
from ciq_demo.generator.randomness import Chooser, Dice, Stream
from ciq_demo.generator.reference import Branch

ACCEPTED_2010, CLOSED_2010 = 24, 21
SHARED_ON = date(2010, 6, 28)
"""The day on which the hotline and a branch both take down the same matter."""
_REJECTED, _CONSULTATIONS = 7, 48
_REPLY_DUE_DAYS = 60
_SUBJECTS = {
    "COMPLAINT": (
        "反映进口食品无中文标签", "反映检验检疫收费票据开具不及时", "反映出口货物检验时限过长", "反映进口家电质量问题",
        "反映窗口工作人员态度",
    ),
    "REPORT": (
        "举报某企业逃漏检", "举报伪造原产地证书", "举报擅自调离检疫物", "举报某货代不如实申报", "举报进口旧机电无备案",
    ),
    "CONSULTATION": ("咨询原产地证办理", "咨询入境宠物检疫", "咨询木质包装要求", "咨询出口食品备案", "咨询报检单更改"),
}  # fmt: skip
_RESULTS = {
    "COMPLAINT": "已调解, 投诉人满意",
    "REPORT": "经查属实, 已移送立案",
    "CONSULTATION": "已答复",
}


@dataclass
class Matter:
    """One case of F11: its events are (kind, day). `root` is the case under which the matter was recorded first."""

    org: str
    kind: str
    channel: str
    assigned: str
    subject: str
    second: int
    person: int
    events: list[tuple[str, date]]
    anonymous: bool = False
    root: Matter | None = None
    number: str = ""
    retold_on: date | None = field(default=None)
    """The day of a correction of its first event: the subject put down anew."""

    @property
    def begun(self) -> date:
        """The day of its first event."""
        return self.events[0][1]


def make_complaints(seed: int, branches: list[Branch]) -> list[Matter]:
    """Every matter from 2009-12 to 2011-01, numbered by organisation and year."""
    matters = [*_accepted(seed, branches), *_shared(seed), *_rest(seed, branches)]
    serials: dict[tuple[str, int], int] = defaultdict(int)
    for matter in sorted(matters, key=lambda matter: (matter.begun, matter.second)):
        key = (matter.org, matter.begun.year)
        serials[key] += 1
        matter.number = f"{matter.org}TS{matter.begun.year}{serials[key]:05d}"
    return matters


def _accepted(seed: int, branches: list[Branch]) -> Iterator[Matter]:
    """All accepted in 2010 but the shared one: closed in time, reopened and closed again, or open at the year's end."""
    places = _places(seed, "accepted", branches, ACCEPTED_2010 - 1)
    closed = CLOSED_2010 - 1
    early = [day for day in workdays.all_days(date(2010, 1, 5), date(2010, 10, 15)) if workdays.is_workday(day)]
    for place, index in enumerate(places):
        dice = Dice(seed, "complaint", place)
        kind = "REPORT" if place % 5 in {1, 3} else "COMPLAINT"
        if place < closed:
            received = early[(place * len(early) + dice.below(len(early))) // closed]
            matter = _matter(branches, index, kind, received, dice)
            days = _handled(received, dice)
            if place == closed // 2:
                again = workdays.workday_after(days[-1][1], 8)
                days += [("REOPENED", again), ("REPLIED", workdays.workday_after(again, 6))]
                days.append(("CLOSED", workdays.workday_after(again, 7)))
        else:
            received = workdays.workday_after(date(2010, 12, 1), 3 * (place - closed))
            matter = _matter(branches, index, kind, received, dice)
            days = [*_handled(received, dice)[:4], ("CLOSED", date(2011, 1, 14))]
            if place == closed:
                days = [*_handled(received, Dice(0))[:4], ("CLOSED", date(2010, 12, 22))]
                days += [("REOPENED", date(2010, 12, 29)), ("CLOSED", date(2011, 1, 20))]
        matter.events = days
        if place % 8 == 4:
            matter.retold_on = workdays.workday_after(received, 1)
        yield matter
    dice = Dice(seed, "complaint", "carried in")
    matter = _matter(branches, places[0], "COMPLAINT", date(2009, 12, 14), dice)
    matter.events = [*_handled(date(2009, 12, 14), dice)[:4], ("CLOSED", date(2010, 1, 12))]
    yield matter


def _shared(seed: int) -> Iterator[Matter]:
    """A report to 12365 that Suzhou takes down too, on the next day: one matter, two cases."""
    dice = Dice(seed, "complaint", "shared")
    day = SHARED_ON
    subject = "举报某企业擅自销售未经检验的进口食品"
    root = Matter(
        HEADQUARTERS, "REPORT", "12365", "320500", subject, 9 * 3600 + dice.below(7200), dice.below(10**6), []
    )
    root.events = [("RECEIVED", day), ("ACCEPTED", day), ("ASSIGNED", day + timedelta(days=1))]
    root.events += [("REPLIED", day + timedelta(days=4)), ("CLOSED", day + timedelta(days=4))]
    own = Matter("320500", "REPORT", "TRANSFER", "320500", subject, 10 * 3600, root.person, [], root=root)
    own.events = [("RECEIVED", day + timedelta(days=1)), ("ACCEPTED", day + timedelta(days=1))]
    own.events += [("REPLIED", day + timedelta(days=3)), ("CLOSED", day + timedelta(days=4))]
    yield root
    yield own


def _rest(seed: int, branches: list[Branch]) -> Iterator[Matter]:
    """What is rejected, and what is only asked."""
    worked = [day for day in workdays.all_days(date(2010, 1, 4), date(2010, 12, 30)) if workdays.is_workday(day)]
    fates = ["REJECTED"] * _REJECTED + ["CONSULTATION"] * _CONSULTATIONS
    for place, (fate, index) in enumerate(zip(fates, _places(seed, "rest", branches, len(fates)), strict=True)):
        dice = Dice(seed, "rest", place)
        received = dice.pick(worked)
        if fate == "REJECTED":
            matter = _matter(branches, index, "COMPLAINT", received, dice)
            matter.events = [("RECEIVED", received), ("REJECTED", workdays.workday_after(received, 1 + dice.below(4)))]
        else:
            matter = _matter(branches, index, fate, received, dice)
            replied = workdays.workday_after(received, dice.below(2))
            matter.events = [("RECEIVED", received), ("REPLIED", replied), ("CLOSED", replied)]
        yield matter


def _handled(received: date, dice: Dice) -> list[tuple[str, date]]:
    accepted = workdays.workday_after(received, dice.below(3))
    replied = workdays.workday_after(accepted, 5 + dice.below(25))
    days = [("RECEIVED", received), ("ACCEPTED", accepted), ("ASSIGNED", accepted), ("REPLIED", replied)]
    return [*days, ("CLOSED", workdays.workday_after(replied, 1 + dice.below(3)))]


def _matter(branches: list[Branch], index: int, kind: str, received: date, dice: Dice) -> Matter:
    branch = branches[index]
    hotline = dice.chance(350)
    return Matter(
        org=HEADQUARTERS if hotline else branch.org,
        kind=kind,
        channel="12365" if hotline else dice.pick(("LETTER", "VISIT", "WEB", "12365")),
        assigned=branch.org,
        subject=dice.pick(_SUBJECTS[kind]),
        second=9 * 3600 + dice.below(4 * 3600),
        person=dice.below(1_000_000),
        events=[("RECEIVED", received)],
        anonymous=kind == "REPORT" and dice.chance(400),
    )


def _places(seed: int, what: str, branches: list[Branch], count: int) -> list[int]:
    weights = {index: branch.share_bp for index, branch in enumerate(branches)}
    chosen: list[int] = Chooser([weights]).pick_same(Stream(seed, "complaints", what), count).tolist()
    return chosen


def complaint_rows(matters: list[Matter]) -> Iterator[Row]:
    """All rows of the matters, each recorded on its day."""
    for matter in matters:
        for seq, (kind, day) in enumerate(matter.events, start=1):
            moment = at(day, matter.second + 1500 * (seq - 1))
            cells = envelope("F11", f"{matter.number}-{seq}", recorded=moment, org=matter.org)
            full = _describe(matter, seq, kind, stamp(moment))
            retold = seq == 1 and matter.retold_on is not None
            yield Row("F11", matter.org, day, matter.begun, cells | full | ({"subject": "待核实"} if retold else {}))
            if retold and matter.retold_on is not None:
                typed = at(matter.retold_on, matter.second)
                again = envelope("F11", f"{matter.number}-{seq}", op="U", version=2, recorded=typed, org=matter.org)
                yield Row("F11", matter.org, matter.retold_on, matter.begun, again | full)


def _describe(matter: Matter, seq: int, kind: str, moment: str) -> dict[str, str]:
    kinds = [name for name, _ in matter.events[:seq]]
    accepted = "1" if "ACCEPTED" in kinds else "0" if "REJECTED" in kinds else ""
    due = matter.begun + timedelta(days=_REPLY_DUE_DAYS)
    return known(
        {
            "case_no": matter.number,
            "event_seq": str(seq),
            "event_type": kind,
            "event_time": moment,
            "channel": matter.channel,
            "case_type": matter.kind,
            "received_time": stamp(at(matter.begun, matter.second)),
            "accept_flag": accepted,
            "not_accept_reason": "不属于检验检疫职责范围" if kind == "REJECTED" else "",
            "complainant": "" if matter.anonymous else f"来电人{matter.person:06d}",
            "subject": matter.subject,
            "target_type": "STAFF" if "工作人员" in matter.subject else "ENTERPRISE",
            "assigned_org": matter.assigned,
            "due_date": "" if matter.kind == "CONSULTATION" else due.isoformat(),
            "result": _RESULTS[matter.kind] if kind in {"REPLIED", "CLOSED"} else "",
            "anonymous_flag": str(int(matter.anonymous)),
            "root_case_no": matter.root.number if matter.root else "",
        }
    )
