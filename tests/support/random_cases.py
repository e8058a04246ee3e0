"""Random deliveries of few cases, returns and notices, so that everything meets everything.

Events in any order, corrected, taken back and revived; slices that shrink; gaps; cases that are reopened, transferred,
and go ways that no state machine allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from support.bureau import GOOD
from support.hard_cases import Cells, Step, corrected, header, of, send

APRIL, MAY, JUNE = date(2010, 4, 30), date(2010, 5, 31), date(2010, 6, 30)
DAYS = (APRIL, MAY, date(2010, 6, 8), JUNE)
MONTH_ENDS = (APRIL, MAY, JUNE)
BRANCHES = ("320100", "320500", "320200")
ORGS = ("320100", "320110", "320500", "320510", "320200")
PERSONS = ("320102197001011234", "320102198002022345")
USUAL = {
    "F10": ("FILED", "INVEST NOTICE DECIDED", "DECIDED WITHDRAWN", "SERVED EXECUTED", "EXECUTED CLOSED", "CLOSED"),
    "F11": ("RECEIVED", "ACCEPTED REJECTED", "ASSIGNED REPLIED", "REPLIED CLOSED", "CLOSED REOPENED", "CLOSED"),
    "F12": ("FILED", "ACCEPTED", "HEARING DECIDED", "DECIDED WITHDRAWN", "CLOSED", "CLOSED"),
}
"""What usually happens first, second, ..."""
UNUSUAL = {
    "F10": "FILED DECIDED CLOSED WITHDRAWN TRANSFERRED REVOKED AMENDED EXECUTED",
    "F11": "RECEIVED ACCEPTED REJECTED CLOSED REOPENED",
    "F12": "FILED ACCEPTED REJECTED DECIDED CLOSED WITHDRAWN",
}
FEEDS = ("F10", "F10", "F11", "F11", "F12", "N01", "N12", "F18", "F06", "F07", "F08", "F13")


def penalty_no(number: int) -> str:
    return f"320100CF2010{number:05d}"


def complaint_no(number: int) -> str:
    return f"320100TS2010{number:05d}"


def review_no(number: int) -> str:
    return f"320100{'FY' if number % 2 else 'SS'}2010{number:05d}"


def taken_back(row: Cells, version: int) -> Cells:
    """A D row: envelope and key."""
    key = (
        "record_id", "op_time", "org_code", "case_no", "event_seq", "notice_no", "period_end", "topic", "ie_flag",
        "interception_no", "event_no", "sample_no", "test_item", "decl_no", "pack_seq",
    )  # fmt: skip
    return {name: row[name] for name in key if name in row} | {"op": "D", "version_no": str(version)}


@dataclass(frozen=True)
class _Maker:
    random: Random
    branch: str
    day: date

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def maybe(self, share: float, *values: str) -> str:
        return self.random.choice(values) if self.chance(share) else ""

    def rows(self, feed: str) -> list[Cells]:
        if feed == "N12":
            returns = self.random.randint(0, 3) if self.day in MONTH_ENDS else 0
            return [self.operated(self.a_return()) for _ in range(returns)]
        if feed == "N01":
            return (
                [self.operated(self.a_summary()) for _ in range(self.random.randint(0, 8))]
                if self.day in MONTH_ENDS
                else []
            )
        make = {
            "F10": self.penalty, "F11": self.complaint, "F12": self.review, "F18": self.notice, "F07": self.pest,
            "F06": self.health, "F08": self.wood, "F13": self.sample,
        }[feed]  # fmt: skip
        return [self.operated(make()) for _ in range(self.random.randint(0, 20))]

    def operated(self, row: Cells) -> Cells:
        """The row in some version, corrected or taken back, with a cell that breaks it now and then."""
        version = self.random.randint(1, 3)
        row = row | {"record_id": f"r{self.random.randint(1, 999)}"}
        if self.chance(0.15):
            return taken_back(row, version)
        if self.chance(0.02):
            row = row | {"op": "X"}
        return corrected(row, version) if version > 1 else row

    def event(self, feed: str) -> Cells:
        seq = self.random.randint(1, 6)
        kinds = USUAL[feed][seq - 1] if self.chance(0.8) else UNUSUAL[feed]
        when = self.day - timedelta(days=self.random.randint(0, 12) + 10 * (6 - seq))
        return {
            "org_code": self.random.choice(ORGS),
            "event_seq": str(seq),
            "event_type": self.random.choice(kinds.split()),
            "event_time": f"{when} {self.random.randint(0, 23):02d}:30:00",
        }

    def penalty(self) -> Cells:
        row = GOOD["F10"] | self.event("F10")
        if self.chance(0.4):
            person = self.random.choice(PERSONS)
            row |= {"party_type": "PERSON", "party_code": person, "party_name": self.maybe(0.7, "李四光", "王五")}
        if row["event_type"] in {"DECIDED", "AMENDED"}:
            row |= {
                "decision_no": f"苏检罚〔2010〕{self.random.randint(1, 5)}号",
                "fine_cny": f"{self.random.choice((0, 500, 12000))}.50",
                "confiscation_cny": self.maybe(0.4, "0", "99.99"),
            }
        paid = self.maybe(0.7, "500.50", "6000") if row["event_type"] == "EXECUTED" else self.maybe(0.05, "1")
        return row | {
            "case_no": penalty_no(self.random.randint(1, 12)),
            "procedure": self.random.choice(("SIMPLE", "ORDINARY")),
            "cause_code": self.random.choice(("EVASION", "FALSE_DECL")),
            "law_article": self.maybe(0.5, "第三十三条", "第三十五条"),
            "campaign_code": self.maybe(0.2, "SHUANGDA"),
            "paid_cny": paid,
            "decl_no": self.maybe(0.3, *(header(n)["decl_no"] for n in (1, 2, 3, 4))),
            "related_case_no": self.maybe(0.2, penalty_no(self.random.randint(1, 15))),
        }

    def complaint(self) -> Cells:
        row = GOOD["F11"] | self.event("F11")
        return row | {
            "case_no": complaint_no(self.random.randint(1, 14)),
            "case_type": self.random.choice(("COMPLAINT", "COMPLAINT", "REPORT", "CONSULTATION")),
            "channel": self.random.choice(("12365", "LETTER", "WEB")),
            "accept_flag": self.maybe(0.5, "0", "1", "1"),
            "not_accept_reason": "不属本局职责" if row["event_type"] == "REJECTED" else "",
            "complainant": self.maybe(0.6, *PERSONS),
            "subject": self.maybe(0.8, "检验周期过长", "收费"),
            "target_type": self.random.choice(("ENTERPRISE", "STAFF")),
            "due_date": self.maybe(0.4, str(self.day - timedelta(days=20)), str(self.day)),
            "result": self.maybe(0.3, "已答复"),
            "anonymous_flag": self.random.choice("01"),
            "root_case_no": self.maybe(0.2, complaint_no(self.random.randint(1, 16))),
        }

    def review(self) -> Cells:
        row = GOOD["F12"] | self.event("F12")
        number = self.random.randint(1, 8)
        return row | {
            "case_no": review_no(number),
            "case_type": "RECONSIDERATION" if number % 2 else "LITIGATION",
            "filed_date": str(self.day - timedelta(days=60)),
            "related_case_no": self.maybe(0.4, penalty_no(self.random.randint(1, 15))),
            "outcome": self.random.choice(("UPHELD", "REVOKED")) if row["event_type"] == "DECIDED" else "",
            "close_date": self.maybe(0.2, str(self.day)),
        }

    def a_return(self) -> Cells:
        return GOOD["N12"] | {
            "org_code": self.branch,
            "period_end": str(self.day),
            "reconsiderations_filed": self.random.choice("001"),
            "lawsuits_filed": self.random.choice("001"),
        }

    def a_summary(self) -> Cells:
        return GOOD["N01"] | {
            "org_code": self.branch,
            "period_end": str(self.day),
            "topic": self.random.choice(("TOTAL", "LANDBRIDGE")),
            "ie_flag": self.random.choice("IE"),
            "lots": str(self.random.randint(0, 99)),
        }

    def notice(self) -> Cells:
        return GOOD["F18"] | {
            "notice_no": f"AQSIQ-2010-{self.random.randint(1, 6):03d}",
            "issue_date": str(self.day - timedelta(days=self.random.randint(0, 40))),
            "product_group": self.random.choice(("MINERAL", "FOOD")),
            "hazard": self.maybe(0.5, "radioactivity"),
            "national_flag": self.random.choice("01"),
            "decl_no": self.maybe(0.4, *(header(n)["decl_no"] for n in (1, 2, 3, 4))),
        }

    def sample(self) -> Cells:
        return GOOD["F13"] | {
            "sample_no": f"JS3201002010{self.random.randint(1, 5):05d}",
            "test_item": self.random.choice(("铅", "镉", "pH值")),
            "org_code": self.random.choice(ORGS),
            "decl_no": self.maybe(0.6, *(header(n)["decl_no"] for n in (1, 2, 3))),
            "received_time": f"{self.day - timedelta(days=3)} 09:00:00",
            "reported_time": self.maybe(0.8, f"{self.day} 08:00:00"),
            "result_value": self.random.choice(("0.12", "7", "<0.01", "< 5", "ND", "未检出", "检出", "1.2E+5", "-3.5")),
            "judgement": self.random.choice(("PASS", "FAIL", "NONE")),
        }

    def health(self) -> Cells:
        kind = self.random.choice(("VESSEL", "VESSEL", "CONTAINER", "PERSON"))
        row = GOOD["F06"] | {
            "event_no": f"320100WJ2010{self.random.randint(1, 8):05d}",
            "org_code": self.random.choice(ORGS),
            "event_type": kind,
            "event_date": str(self.day - timedelta(days=self.random.randint(0, 2))),
            "port": self.random.choice(("CNNKG", "CNZJG")),
            "conveyance_id": self.maybe(0.8, "HAI FENG 12", "NORD WAVE 7"),
            "persons_screened": self.maybe(0.5, "0", "21"),
            "fever_cnt": "",
        }
        if kind == "PERSON":
            row |= {"disease_code": "B54", "confirmed_flag": self.random.choice("01"), "cluster_id": "MAL-1"}
        return row

    def wood(self) -> Cells:
        is_inspected = self.chance(0.5)
        has_pest = is_inspected and self.chance(0.3)
        return GOOD["F08"] | {
            "decl_no": self.random.choice([header(n)["decl_no"] for n in (1, 2, 3)]),
            "pack_seq": self.random.choice("123"),
            "org_code": self.random.choice(ORGS),
            "pieces": str(self.random.randint(1, 40)),
            "ippc_mark_flag": self.random.choice("011"),
            "ippc_country": self.maybe(0.8, "840", "276"),
            "producer_mark_no": self.maybe(0.8, "1234"),
            "treatment": self.maybe(0.8, "HT", "MB"),
            "inspected_flag": str(int(is_inspected)),
            "live_pest_flag": str(int(has_pest)),
            "disposal": "FUMIGATION" if has_pest else "",
        }

    def pest(self) -> Cells:
        species = self.random.choice(("Ips grandicollis", "Ips sp.", "Sorghum halepense"))
        return GOOD["F07"] | {
            "interception_no": f"320100YJ2010{self.random.randint(1, 8):05d}",
            "org_code": self.random.choice(ORGS),
            "intercept_date": str(self.day - timedelta(days=self.random.randint(0, 40))),
            "species_latin": species,
            "species_code": "" if species.endswith("sp.") else species[:3].upper(),
            "decl_no": self.maybe(0.6, *(header(n)["decl_no"] for n in (1, 2, 3))),
            "quarantine_pest_flag": self.random.choice("01"),
            "national_significance": self.random.choice("0001"),
            "treatment": self.maybe(0.7, "FUMIGATION", "HEAT"),
        }


BY_HAND = "320900"
IN_MAY = {"event_time": "2010-05-20 09:00:00"}


def _whole(feed: str, **cells: str) -> Step:
    """All that was told of something, and its D, in one slice of a branch that sends nothing else."""
    row = of(BY_HAND, GOOD[feed]) | cells
    return send(feed, [row, taken_back(row, 2)], branch=BY_HAND, day=MAY)


TAKEN_BACK_WHOLE: Sequence[Step] = (
    _whole("F10", case_no=penalty_no(90), **IN_MAY),
    _whole("F11", case_no=complaint_no(90), **IN_MAY),
    _whole("F12", case_no=review_no(91), filed_date="2010-05-20", **IN_MAY),
    _whole("F18", notice_no="N-90", issue_date="2010-05-20"),
    _whole("N01", period_end=str(MAY)),
    _whole("N12", period_end=str(MAY)),
)
"""Seldom does chance take back each event of a case."""


def random_cases(seed: int, *, slices: int = 64) -> Sequence[Step]:
    """Deliveries in the order of arrival; the same for the same seed. Each name comes once."""
    random = Random(seed)
    steps: list[Step] = [send("F01", [header(1), header(2)], day=JUNE), *TAKEN_BACK_WHOLE]
    places = [(feed, branch, day, seq) for feed in FEEDS for branch in BRANCHES for day in DAYS for seq in (1, 2)]
    for feed, branch, day, seq in random.sample(sorted(set(places)), slices):
        rows = [_sent(branch, row) for row in _Maker(random, branch, day).rows(feed)]
        status = random.choices("230", (20, 1, 1))[0]
        steps.append(send(feed, rows, branch=branch, day=day, seq=seq, status=status))
    return steps


def _sent(branch: str, row: Cells) -> Cells:
    """As `of` sends it, but recorded by the organisation of the row."""
    return of(branch, row) | {"org_code": row["org_code"]}
