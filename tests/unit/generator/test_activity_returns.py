"""The monthly returns F16 and F17 of 2010 add up to what the review tells, whatever the seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from ciq.settings import PROJECT_ROOT
from ciq_demo.generator.reference import Reference, load_reference
from ciq_demo.generator.returns.activities import activity_entries
from ciq_demo.generator.returns.honours import honour_entries
from ciq_demo.generator.returns.personnel import personnel_entries
from ciq_demo.generator.returns.rows import Entry

Cells = dict[str, str]
ACTIVITY = ("org_code", "act_code", "act_date", "seq")
MAKERS: tuple[Callable[[int, Reference], Iterator[Entry]], ...] = (activity_entries, honour_entries, personnel_entries)


@pytest.fixture(scope="module", params=[2010, 7])
def entries(request: pytest.FixtureRequest) -> list[Entry]:
    reference = load_reference(PROJECT_ROOT / "expectations")
    return [entry for make in MAKERS for entry in make(request.param, reference)]


def of(entries: list[Entry], sheet: str, **cells: str) -> list[Cells]:
    rows = (entry.row.cells for entry in entries if entry.sheet == sheet)
    return [row for row in rows if all(row.get(name) == value for name, value in cells.items())]


def counted(entries: list[Entry], code: str) -> list[Cells]:
    """The activities of a kind as they were told last, each joint event once."""
    told = {tuple(row[name] for name in ACTIVITY): row for row in of(entries, "activity", act_code=code)}
    found: dict[object, Cells] = {}
    for key, row in sorted(told.items()):
        found.setdefault(row.get("joint_no") or key, row)
    return list(found.values())


def total(rows: list[Cells], column: str) -> int:
    return sum(int(row.get(column, 0)) for row in rows)


@pytest.mark.parametrize(
    ("code", "column", "low", "high"),
    [
        ("ENT_TRAINING", "session_cnt", 1067, 1067),
        ("ENT_TRAINING", "enterprise_cnt", 19_000, 20_000),
        ("REG_INTERPRET", "expert_cnt", 308, 308),
        ("QUALITY_MEETING", "session_cnt", 329, 329),
        ("BENCHMARK_VISIT", "enterprise_cnt", 900, 1000),
        ("OPEN_FACTORY", "person_cnt", 300, 399),
        ("OPEN_LAB", "session_cnt", 74, 74),
        ("OPEN_LAB", "person_cnt", 2900, 3000),
        ("EPLATFORM_CLASS", "session_cnt", 4, 4),
        ("EPLATFORM_CLASS", "person_cnt", 143, 143),
        ("NATIONAL_MEETING", "session_cnt", 2, 2),
    ],
)
def test_activities_add_up(entries: list[Entry], code: str, column: str, low: int, high: int) -> None:
    assert low <= total(counted(entries, code), column) <= high


def test_a_joint_event_is_told_by_each_organiser(entries: list[Entry]) -> None:
    joint = [row for row in of(entries, "activity") if row.get("joint_no")]
    assert set(Counter(row["joint_no"] for row in joint).values()) == {2}
    assert ("320582", "2010-08-26") in {(row["org_code"], row["act_date"]) for row in joint}, "Zhangjiagang's meeting"


def test_what_was_typed_wrong_comes_right_a_month_later(entries: list[Entry]) -> None:
    again = [entry.row for entry in entries if entry.row.cells["version_no"] == "2"]
    assert again
    for row in again:
        assert (row.cells["op"], row.day.month) == ("U", row.begun.month + 1)


def test_lists_name_whom_the_counts_count(entries: list[Entry]) -> None:
    assert len({row["product_class"] for row in of(entries, "product", act_code="REG_INTERPRET")}) == 261
    trainees = of(entries, "attendee", act_code="EPLATFORM_CLASS")
    assert (len(trainees), len({row["attendee_org"] for row in trainees})) == (143, 34)
    assert len({row["person"] for row in trainees}) < 143, "some come twice"
    assert len(of(entries, "attendee", attendee_type="EXPERT")) == 308


def test_honours_documents_ports_and_zones(entries: list[Entry]) -> None:
    kinds = Counter(row["recognition_type"] for row in of(entries, "recognition"))
    assert 101 <= kinds["COMMENDATION"] <= 199
    assert 101 <= kinds["INSTRUCTION"] <= 199
    assert (kinds["ADV_COLLECTIVE"], kinds["MODEL_PERSON"], kinds["SERVICE_BRAND"]) == (27, 81, 4)
    assert sum(int(row["rank_no"]) <= 2 for row in of(entries, "recognition", recognition_type="LOCAL_APPRAISAL")) == 7
    assert 41 <= len({row["outlet"] for row in of(entries, "media_report", campaign="OPEN_FACTORY")}) <= 49
    assert len(of(entries, "media_report", outlet="CCTV", topic="INTERCEPTION")) == 2
    reports = Counter(row["org_code"] for row in of(entries, "document", doc_code="QUALITY_REPORT"))
    assert (len(reports), set(reports.values())) == (21, {2})
    assert len(of(entries, "document", doc_code="EXPO_MEASURE")) == 7
    assert len(of(entries, "document", doc_code="WOODPACK_GUIDE")) == 1
    ports = of(entries, "port_event", port_event="OPENING_SUPPORT")
    assert len({row["port_name"] for row in ports if row["port_type"] in {"SEAPORT", "AIRPORT"}}) == 6
    assert len(of(entries, "port_event", port_event="ZONE_ACCEPTANCE")) == 4
    assert len(of(entries, "demo_zone", zone_type="CLUSTER", zone_event="NEW")) == 2
    assert len(of(entries, "demo_zone", zone_type="FOOD_AGRI_ZONE", zone_event="NEW", zone_level="PROVINCIAL")) == 7
    assert len(of(entries, "demo_zone", zone_type="FOOD_AGRI_BASE", zone_event="NEW")) == 19
    assert len(of(entries, "demo_zone", zone_event="PASSED", zone_level="NATIONAL")) == 2


def test_reports_of_expo_come_from_each_branch_on_each_day(entries: list[Entry]) -> None:
    daily = of(entries, "report_submission", report_kind="DAILY")
    assert len(daily) == 20 * 184
    assert {row["report_date"] for row in daily} >= {"2010-05-01", "2010-10-31"}
    assert all(row["submit_time"][:10] <= "2010-10-31" for row in daily)
    assert any(row["submit_time"][:10] > row["report_date"] for row in daily), "some are late"


def test_personnel_supervision_and_audits(entries: list[Entry]) -> None:
    actions = Counter((row["hr_action"], row.get("direction")) for row in of(entries, "hr_action"))
    assert actions == {
        ("XUANDIAO_INTAKE", None): 16, ("OPEN_SELECT_DEPUTY", None): 10, ("RECOMMEND_INVESTIGATOR", None): 4,
        ("SECOND_LOCAL", None): 2, ("EXCHANGE_QTS", "OUT"): 2, ("EXCHANGE_QTS", "IN"): 2, ("SECOND_AQSIQ", "OUT"): 2,
        ("EXPO_SUPPORT", None): 9,
    }  # fmt: skip
    assert len({row["batch_no"] for row in of(entries, "hr_action", hr_action="EXPO_SUPPORT")}) == 2
    assert 61 <= len(of(entries, "supervision_assignment")) <= 69
    audits = of(entries, "capital_audit")
    submitted = sum(Decimal(row["submitted_cny"]) for row in audits)
    approved = sum(Decimal(row["approved_cny"]) for row in audits)
    assert round(100 * (submitted - approved) / submitted, 2) == Decimal("13.60")


def test_each_row_is_in_the_workbook_of_its_month_under_a_number_of_its_own(entries: list[Entry]) -> None:
    assert len({(entry.sheet, entry.row.feed, entry.row.cells["record_id"]) for entry in entries}) == len(entries)
    for entry in entries:
        assert date(2010, 1, 1) <= entry.row.begun <= entry.row.day <= date(2010, 12, 31)
        assert entry.row.sender == entry.row.cells["org_code"]
