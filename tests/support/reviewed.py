"""A small bureau whose year is reviewed: before and after a change, and frozen in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ciq.building import build
from ciq.reviewing import Review, freeze, make_period, review
from ciq.settings import Settings
from support.bureau import GOOD, Bureau
from support.cases import complaint, penalty
from support.history import NONCONFORMING, evaluation, header, line, void

NEXT = date(2010, 6, 9)
JANUARY = date(2010, 1, 31)
LAST_BRANCH = "321300"


def notice(number: int, **cells: str) -> dict[str, str]:
    return {**GOOD["F18"], "record_id": f"n{number}", "notice_no": f"AQSIQ-2010-{number:03d}", **cells}


def state_nothing(bureau: Bureau, branches: list[str]) -> None:
    """The monthly returns of January, with zeros."""
    for branch in branches:
        row = {**GOOD["N12"], "org_code": branch, "op_time": f"{JANUARY} 17:00:00", "period_end": str(JANUARY)}
        bureau.deliver("N12", [row], day=JANUARY, branch=branch)


@dataclass(frozen=True)
class Reviewed:
    """A bureau with two publications; what the review said at each, of the year and of January."""

    bureau: Bureau
    before: Review
    january_before: Review
    frozen_no: int
    after: Review
    january_after: Review

    @property
    def settings(self) -> Settings:
        return self.bureau.settings


def of(settings: Settings, last: date | None = None, as_of: str | int | None = None) -> Review:
    return review(settings, make_period(settings, 2010, last), as_of)


def make_reviewed(bureau: Bureau) -> Reviewed:
    """Deliver, publish and freeze; then void a lot, decide a case, complete the returns, and publish again."""
    settings = bureau.settings
    broken = header(9, total_value="1,000")
    bureau.deliver("F01", [header(1, direct_release_mode="WATER_WATER"), header(2, psi_flag="1"), header(3), broken])
    bureau.deliver("F02", [line(n) for n in (1, 2, 3)])
    bureau.deliver("F03", [evaluation(1), evaluation(2), evaluation(3, **NONCONFORMING), evaluation(8)])
    bureau.deliver(
        "F10",
        [
            penalty(1, 1, "FILED", "06-01", cause_code="FORGED_CERT"),
            penalty(1, 2, "DECIDED", "06-04", cause_code="FORGED_CERT", fine_cny="500.00"),
            penalty(2, 1, "FILED", "06-07"),
        ],
    )
    bureau.deliver(
        "F11",
        [
            complaint(1, 1, "RECEIVED", "06-01"),
            complaint(1, 2, "ACCEPTED", "06-02", accept_flag="1"),
            complaint(1, 3, "CLOSED", "06-07", result="属实"),
            complaint(2, 1, "RECEIVED", "06-03", case_type="REPORT"),
            complaint(2, 2, "ACCEPTED", "06-04", accept_flag="1", case_type="REPORT"),
        ],
    )
    foreign = {"direction": "FOREIGN_NOTIFICATION", "issuer": "RASFF", "national_flag": "0", "product_group": "FOOD"}
    bureau.deliver(
        "F18",
        [
            notice(1, decl_no=header(1)["decl_no"]),
            notice(2, decl_no=header(1)["decl_no"], subject="再次通报"),
            notice(3, product_group="USED_MEDICAL_DEVICE", decl_no=header(2)["decl_no"]),
            notice(4, **foreign),
        ],
        branch="320000",
    )
    due = [row["org_code"] for row in bureau.fetch("select org_code from ref.org where level = 'BRANCH' and is_due")]
    assert len(set(due)) == 20
    state_nothing(bureau, sorted(set(due) - {LAST_BRANCH}))
    assert bureau.load().held == 0
    assert build(settings, "test").publication_no == 1
    before, january_before = of(settings), of(settings, JANUARY)
    frozen_no = freeze(settings, before, by="王敏", reason="for the press", run_ref="first")

    bureau.deliver("F01", [void(header(1), 2)], day=NEXT)
    bureau.deliver("F10", [penalty(2, 2, "DECIDED", "06-09")], day=NEXT)
    state_nothing(bureau, [LAST_BRANCH])
    assert bureau.load().held == 0
    assert build(settings, "test").publication_no == 2
    return Reviewed(bureau, before, january_before, frozen_no, of(settings), of(settings, JANUARY))
