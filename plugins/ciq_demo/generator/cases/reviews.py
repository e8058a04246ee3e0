"""F12 and N12: reconsiderations of penalties, and each branch's monthly return. No lawsuit was filed in 2010."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.lives import Case
from ciq_demo.generator.cases.rows import Row, at, envelope, known, stamp
from ciq_demo.generator.reference import Branch

_AUTHORITY = "江苏出入境检验检疫局"
_SECOND, _RETURN_SECOND = 10 * 3600, 16 * 3600


@dataclass
class Review:
    """A reconsideration of `case`: its events are (kind, day, outcome)."""

    branch: int
    case: Case
    number: str
    events: list[tuple[str, date, str]]

    @property
    def filed(self) -> date:
        """The day of its first event."""
        return self.events[0][1]


def make_reviews(cases: list[Case], branches: list[Branch]) -> list[Review]:
    """Four reconsiderations in 2010: two upheld, one withdrawn, and one after which the branch revoked its decision."""
    revoked = next(case for case in cases if case.events[-2].kind == "REVOKED" and case.events[0].day.month != 6)
    decided = next(event.day for event in revoked.events if event.kind == "DECIDED")
    suzhou, wuxi, nantong = (_position(branches, org) for org in ("320500", "320200", "320600"))
    told = (
        (wuxi, date(2010, 3, 15), "WITHDRAWN", 12),
        (suzhou, date(2010, 6, 30), "UPHELD", 30),
        (nantong, date(2010, 11, 24), "UPHELD", 34),
    )
    reviews = [_review(index, _latest(cases, index, day), day, how, steps) for index, day, how, steps in told]
    reviews.append(_review(revoked.branch, revoked, workdays.workday_after(decided, 4), "REVOKED", 10))
    serials: Counter[tuple[int, int]] = Counter()
    for review in sorted(reviews, key=lambda review: review.filed):
        serials[review.branch, review.filed.year] += 1
        serial = serials[review.branch, review.filed.year]
        review.number = f"{branches[review.branch].org}FY{review.filed.year}{serial:05d}"
    return reviews


def _position(branches: list[Branch], org: str) -> int:
    return next(index for index, branch in enumerate(branches) if branch.org == org)


def _latest(cases: list[Case], index: int, before: date) -> Case:
    """The case that the branch decided last before a day."""
    decided = [
        (event.day, case.second, case)
        for case in cases
        if case.branch == index
        for event in case.events
        if event.kind == "DECIDED" and event.day < before and event.taken_back is None
    ]
    return max(decided, key=lambda item: item[:2])[2]


def _review(index: int, case: Case, filed: date, how: str, steps: int) -> Review:
    ended = workdays.workday_after(filed, steps)
    events = [("FILED", filed, ""), ("ACCEPTED", workdays.workday_after(filed, 2), "")]
    if how == "WITHDRAWN":
        events.append(("WITHDRAWN", ended, ""))
    else:
        events += [("DECIDED", ended, how), ("CLOSED", workdays.workday_after(ended, 2), how)]
    return Review(index, case, "", events)


def review_rows(reviews: list[Review], branches: list[Branch]) -> Iterator[Row]:
    """F12: the events of the reconsiderations, recorded on their days by the branch."""
    for review in reviews:
        org = branches[review.branch].org
        for seq, (kind, day, outcome) in enumerate(review.events, start=1):
            moment = at(day, _SECOND + 900 * seq)
            cells = envelope("F12", f"{review.number}-{seq}", recorded=moment, org=org)
            full = known(
                {
                    "case_no": review.number,
                    "event_seq": str(seq),
                    "event_type": kind,
                    "event_time": stamp(moment),
                    "case_type": "RECONSIDERATION",
                    "authority": _AUTHORITY,
                    "filed_date": review.filed.isoformat(),
                    "related_case_no": review.case.number,
                    "outcome": outcome,
                    "close_date": day.isoformat() if kind == "CLOSED" else "",
                }
            )
            yield Row("F12", org, day, review.filed, cells | full)


def return_rows(reviews: list[Review], branches: list[Branch]) -> Iterator[Row]:
    """N12: what each branch states for each month, on the month's last day, worked or not."""
    filed = Counter((review.branch, review.filed.year, review.filed.month) for review in reviews)
    for day in workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_EVALUATED):
        if not workdays.is_month_end(day):
            continue
        for index, branch in enumerate(branches):
            cells = envelope(
                "N12", f"{branch.org}-{day:%Y%m}", recorded=at(day, _RETURN_SECOND + 60 * index), org=branch.org
            )
            counts = {
                "period_end": day.isoformat(),
                "reconsiderations_filed": str(filed[index, day.year, day.month]),
                "lawsuits_filed": "0",
            }
            yield Row("N12", branch.org, day, day, cells | counts)
