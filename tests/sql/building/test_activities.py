"""The monthly returns F16 and F17 from a workbook as people fill it in to the facts: what counts, and for whom."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import xlsxwriter

from ciq.building import build
from ciq.building.explain import explain
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import Bureau
from support.workbooks import GOOD, contract_of, send_sheets

pytestmark = pytest.mark.slow

JUNE = date(2010, 6, 30)
WUXI, YIXING, NANJING, XUZHOU, HEADQUARTERS = "320200", "320282", "320100", "320300", "320000"
Row = dict[str, object]


def row(sheet: str, number: int, *, feed: str = "F16", org: str = NANJING, **cells: str) -> dict[str, str]:
    return {**GOOD[feed][sheet], "record_id": f"{sheet}{number}", "org_code": org, **cells}


def open_factory(org: str) -> dict[str, str]:
    cells = {"act_code": "OPEN_FACTORY", "act_date": "2010-06-15", "title": "质检邀您看企业", "person_cnt": "28"}
    return row("activity", 1, org=org, session_cnt="1", enterprise_cnt="", joint_no="320200LH2010001", **cells)


def filled_in(bureau: Bureau) -> bytes:
    """Nanjing's sheet of activities as people fill it in: numbers, days as Excel keeps them, words among numbers, a
    total and a footnote; the other sheets have headings only.
    """
    out = io.BytesIO()
    told: list[Row] = [
        {**row("activity", 1), "session_cnt": 2, "enterprise_cnt": 36, "act_date": date(2010, 6, 8)},
        {**row("activity", 2, seq="2"), "session_cnt": "两"},
        {**row("activity", 3, seq="3"), "enterprise_cnt": "近百"},
        {**row("activity", 4, seq="4"), "person_cnt": "300余"},
    ]
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2010, 6, 30, tzinfo=UTC)})
        day = book.add_format({"num_format": "yyyy/m/d"})
        for record_type in contract_of(bureau, "F16").record_types:
            sheet = book.add_worksheet(record_type.section)
            sheet.merge_range(0, 0, 0, 5, "活动与荣誉月报")
            sheet.write_row(1, 0, [column.name_zh for column in record_type.file_columns])
            rows = told if record_type.name == "activity" else []
            for line, cells in enumerate(rows, start=2):
                for place, column in enumerate(record_type.file_columns):
                    value = cells.get(column.name, "")
                    if isinstance(value, date):
                        sheet.write_datetime(line, place, datetime.combine(value, datetime.min.time()), day)
                    else:
                        sheet.write(line, place, value)
            sheet.write(len(rows) + 2, 0, "合计")
            sheet.write(len(rows) + 2, 9, 9)
            sheet.write(len(rows) + 3, 0, "填表人：办公室")
    return out.getvalue()


@pytest.fixture(scope="module")
def bureau(make_bureau: Callable[[str], Bureau]) -> Bureau:
    """June of Nanjing (as people fill it in), Wuxi and Yixing (a joint event), Xuzhou (a total of the year)."""
    made = make_bureau("activities")
    data = filled_in(made)
    path = made.deliver(
        "F16", [{}] * 4, day=JUNE, data=data, encoding="UTF-8", delimiter="XLSX",
        file_name=f"F16_{NANJING}_20100630_01.xlsx",
    )  # fmt: skip
    path.rename(path.with_suffix(".xlsx"))
    nobody = row("attendee", 2, org=YIXING, act_date="2010-06-20", attendee_no="2")
    person = row("recognition", 1, org=YIXING, recognition_no=f"{YIXING}RY201006001")
    sheets = {"activity": [open_factory(YIXING)], "attendee": [nobody], "recognition": [person]}
    send_sheets(made, "F16", sheets, day=JUNE, branch=YIXING)
    send_sheets(made, "F16", {"activity": [open_factory(WUXI)]}, day=JUNE, branch=WUXI)
    trainings = [
        row("activity", month, org=XUZHOU, act_date=f"2010-0{month}-10", session_cnt="1", enterprise_cnt="12")
        for month in (2, 3, 4)
    ]
    year = row("activity", 9, org=XUZHOU, act_date="2010-06-10", session_cnt="4", enterprise_cnt="48", person_cnt="1")
    send_sheets(made, "F16", {"activity": [*trainings, year]}, day=JUNE, branch=XUZHOU)
    report = made.load()
    assert (report.held, report.errors) == (0, [])
    assert build(made.settings, "test").publication_no == 1
    return made


def counts(bureau: Bureau, code: str) -> dict[str, tuple[bool, int]]:
    found = published_rows(bureau.settings, "fct_activity")
    return {one["org_id"]: (one["is_counted"], one["person_cnt"]) for one in found if one["act_code"] == code}


def findings(bureau: Bureau) -> set[tuple[str, str]]:
    return {(one["rule_id"], one["sender_org"]) for one in published_rows(bureau.settings, "fct_finding")}


def test_words_among_numbers_are_rejected_and_the_rest_is_read(bureau: Bureau) -> None:
    rejected = bureau.fetch("select rule_ids, cells from quarantine.rejected_row order by line_no")
    assert [(one["rule_ids"], one["cells"]) for one in rejected] == [
        (["F16-session_cnt-type"], {"session_cnt": "两"}),
        (["F16-enterprise_cnt-type", "F16-enterprise_cnt-given"], {"enterprise_cnt": "近百"}),
        (["F16-person_cnt-type"], {"person_cnt": "300余"}),
    ]
    message = bureau.fetch("select message_zh, message_en from ref.rule where rule_id = 'F16-person_cnt-type'")[0]
    assert message == {"message_zh": "人次不是整数", "message_en": "person_cnt is not a whole number"}
    (read,) = bureau.fetch(
        "select session_cnt, enterprise_cnt, act_date from ods.f16_activity where org_code = '320100'"
    )
    assert (read["session_cnt"], read["enterprise_cnt"], read["act_date"]) == (2, 36, date(2010, 6, 8))


def test_persons_stand_under_pseudonyms(bureau: Bureau) -> None:
    (person,) = bureau.fetch("select recipient from published.fct_recognition")
    (attendee,) = bureau.fetch("select person from published.fct_activity_attendee")
    assert person["recipient"].startswith("P-")
    assert attendee["person"].startswith("P-")


def test_findings_name_what_contradicts(bureau: Bureau) -> None:
    assert findings(bureau) == {
        ("F16-joint-repeated", YIXING),
        ("F16-attendee-activity-missing", YIXING),
        ("F16-count-annual", XUZHOU),
        ("F16-act_date-month", XUZHOU),
    }


def test_a_figure_leads_to_its_sheet(bureau: Bureau) -> None:
    found = explain(bureau.settings, "fct_activity", {"activity_no": f"{XUZHOU}-ENT_TRAINING-20100610-1"})
    assert ("活动", 5) in {(source.section, source.line) for source in found.sources if source.role == "activity"}


def test_a_joint_event_counts_once_whoever_sends_it(bureau: Bureau) -> None:
    """A third organiser, whose code is the lowest, sends last: the count moves to it, and no total does."""
    assert counts(bureau, "OPEN_FACTORY") == {WUXI: (True, 28), YIXING: (False, 0)}
    july = date(2010, 7, 31)
    send_sheets(bureau, "F16", {"activity": [open_factory(NANJING)]}, day=july)
    bureau.load()
    assert build(bureau.settings, "test").publication_no == 2
    assert counts(bureau, "OPEN_FACTORY") == {NANJING: (True, 28), WUXI: (False, 0), YIXING: (False, 0)}
    send_sheets(bureau, "F16", {}, day=july, seq=2)
    bureau.load()
    assert build(bureau.settings, "test").publication_no == 3
    assert counts(bureau, "OPEN_FACTORY") == {WUXI: (True, 28), YIXING: (False, 0)}


def test_personnel_is_for_the_province(bureau: Bureau) -> None:
    """The same action under two numbers is found, and no branch is named that would see it."""
    twice = [
        row("hr_action", n, feed="F17", org=HEADQUARTERS, action_no=f"{HEADQUARTERS}RS20100600{n}") for n in (1, 2)
    ]
    audit = row("capital_audit", 1, feed="F17", org=HEADQUARTERS)
    send_sheets(bureau, "F17", {"hr_action": twice, "capital_audit": [audit]}, day=JUNE, branch=HEADQUARTERS)
    assert bureau.load().held == 0
    build(bureau.settings, "test")
    people = bureau.fetch("select person, sum(actions) as actions from published.fct_hr_action group by 1")
    assert [(one["person"][:2], one["actions"]) for one in people] == [("P-", 2)]
    found = bureau.fetch("select key, reader_org from marts.fct_link_finding where rule_id = 'F17-action-repeated'")
    assert {(one["key"][-3:], one["reader_org"]) for one in found} == {("001", None), ("002", None)}
    (audited,) = bureau.fetch("select submitted_cny - approved_cny as reduced from published.fct_capital_audit")
    assert audited["reduced"] == 136


def test_documents_of_two_registers_stand_in_one_fact(bureau: Bureau) -> None:
    """Those of the laboratories come with F14, all others with F16; one that is taken back counts in neither."""
    send_sheets(bureau, "F14", {"lab_document": [GOOD["F14"]["lab_document"]]}, day=JUNE, branch=WUXI)
    twice = [row("document", n, org=HEADQUARTERS, doc_no=f"{HEADQUARTERS}WJ20100600{n}") for n in (1, 2)]
    taken_back = {**twice[1], "record_id": "document3", "op": "D", "version_no": "2"}
    send_sheets(bureau, "F16", {"document": [*twice, taken_back]}, day=JUNE, branch=HEADQUARTERS)
    assert bureau.load().held == 0
    build(bureau.settings, "test")
    found = bureau.fetch(
        "select entity, doc_code, sum(documents) as documents from published.fct_document group by 1, 2"
    )
    assert {(one["entity"], one["doc_code"]): one["documents"] for one in found} == {
        ("document", "QUALITY_REPORT"): 1,
        ("lab_document", "LAB_RISK_RULE"): 1,
    }


def test_what_two_organisations_tell_under_numbers_of_their_own_is_found(bureau: Bureau) -> None:
    """Both count, and both are named, until one is taken back. Another year or another level is another event."""
    zones = {
        branch: row("demo_zone", 1, org=branch, zone_event_no=f"{branch}SF201006001") for branch in (NANJING, WUXI)
    }
    last_year = {**zones[WUXI], "record_id": "z2", "zone_event_no": f"{WUXI}SF200906001", "event_date": "2009-06-08"}
    numbers = (1, 2)
    honours = [
        row("recognition", n, org=WUXI, recognition_no=f"{WUXI}RY20100600{n}", recipient="赵某") for n in numbers
    ]
    papers = [row("document", n, org=WUXI, doc_no=f"{WUXI}WJ20100600{n}", title="质量分析报告") for n in numbers]
    july = date(2010, 7, 31)
    send_sheets(bureau, "F16", {"demo_zone": [zones[NANJING]]}, day=july, branch=NANJING, seq=3)
    told = {"demo_zone": [zones[WUXI], last_year], "recognition": honours, "document": papers}
    send_sheets(bureau, "F16", told, day=july, branch=WUXI, seq=1)
    assert bureau.load().held == 0
    build(bureau.settings, "test")
    query = "select rule_id, key, found from published.fct_finding where rule_id ~ '^F16-(recog|docu|demo).*-repeated$'"
    repeats = {(one["rule_id"], one["key"]): one["found"] for one in bureau.fetch(query)}
    assert repeats == {
        ("F16-demo_zone-repeated", f"{NANJING}SF201006001"): f"also under {WUXI}SF201006001",
        ("F16-demo_zone-repeated", f"{WUXI}SF201006001"): f"also under {NANJING}SF201006001",
        **{
            ("F16-recognition-repeated", f"{WUXI}RY20100600{n}"): f"also under {WUXI}RY20100600{3 - n}" for n in numbers
        },
        **{("F16-document-repeated", f"{WUXI}WJ20100600{n}"): f"also under {WUXI}WJ20100600{3 - n}" for n in numbers},
    }
    send_sheets(bureau, "F16", {"demo_zone": [last_year]}, day=july, branch=WUXI, seq=2)
    assert bureau.load().held == 0
    build(bureau.settings, "test")
    assert bureau.fetch(query) == []


def test_all_of_it_holds(bureau: Bureau) -> None:
    assert [breach.found for check in verify(bureau.settings) for breach in check.breaches] == []
