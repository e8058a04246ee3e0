"""Monthly workbooks of laboratories: dirty ones, unapproved ones, and standards that two branches collect."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from ciq.building import build
from ciq.collecting.receipts import write_due_receipts
from ciq.verifying import verify
from support.agreement import published_rows
from support.bureau import Bureau
from support.workbooks import GOOD, contract_of, send_sheets, send_workbook

pytestmark = pytest.mark.slow

LABS = GOOD["F14"]
JUNE, JULY = date(2010, 6, 30), date(2010, 7, 31)
NANJING, SUZHOU = "320100", "320500"
Row = dict[str, Any]


def row(sheet: str, number: int, key: str, **cells: Any) -> Row:
    told = LABS[sheet]
    return {**told, "record_id": f"{sheet}-{number}", key: f"{told[key][:-4]}{number:04d}", **cells}


def again(first: Row, version: int, op: str = "U", **cells: Any) -> Row:
    return {**first, "record_id": f"{first['record_id']}-{version}", "op": op, "version_no": str(version), **cells}


ISSUES = [
    row("issue", 1, "issue_no"),
    row("issue", 2, "issue_no", found_date=40336),  # a day's serial number: 2010-06-07
    row("issue", 3, "issue_no", lab_code="JSL99999"),
    row("issue", 4, "issue_no", rectified_date="2010-06-02"),
    row("issue", 5, "issue_no", description="跨行"),
]
CHECKS = [
    row("self_check", 1, "check_no", issues_found=5),  # a number
    row("self_check", 2, "check_no", lab_code="JSL01002", issues_found="３"),
]
MERGED_ISSUE = 4


def dirty(bureau: Bureau) -> bytes:
    """As people fill it in: titles, numbers and days as Excel has them, a merged cell, totals, notes, a sheet more."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("填表说明").write_string(0, 0, "本表由各实验室填写")
        for one in contract_of(bureau, "F14").record_types:
            sheet = book.add_worksheet(one.section)
            rows = {"self_check": CHECKS, "issue": ISSUES}.get(one.name, [])
            sheet.write_string(0, 0, f"{one.name_zh}月报表")
            sheet.write_row(2, 0, [column.name_zh for column in one.file_columns])
            for line, cells in enumerate(rows, start=3):
                sheet.write_row(line, 0, [cells.get(column.name) for column in one.file_columns])
            end = 3 + len(rows)
            sheet.write_string(end, 0, "合计")
            sheet.write_number(end, len(one.file_columns) - 1, len(rows))
            sheet.write_string(end + 1, 0, "注: 隐患单独统计")
            if one.name == "issue":
                place = [column.name for column in one.file_columns].index("description")
                sheet.merge_range(3 + MERGED_ISSUE, place, 3 + MERGED_ISSUE, place + 1, "跨行")
    return out.getvalue()


def receipt(bureau: Bureau, name: str) -> dict[str, Any]:
    assert not write_due_receipts(bureau.settings)
    told = (bureau.settings.inbox_root / NANJING / "inbox" / f"{name}.receipt.json").read_text(encoding="utf-8")
    (newest, *_) = json.loads(told)["deliveries"]
    return dict(newest)


@pytest.fixture(scope="module")
def story(make_bureau: Callable[[str], Bureau]) -> Bureau:
    bureau = make_bureau("laboratories")
    send_workbook(bureau, "F14", dirty(bureau), [*CHECKS, *ISSUES], day=JUNE)
    report = bureau.load()
    assert report.errors == []
    build(bureau.settings, "test")
    return bureau


def test_a_dirty_workbook_loses_nothing(story: Bureau) -> None:
    (delivery,) = story.fetch("select * from audit.verdict")
    counts = [delivery[f"rows_{fate}"] for fate in ("received", "accepted", "quarantined", "held")]
    assert counts == [7, 4, 3, 0]
    rejected = story.fetch("select section, line_no, rule_ids from quarantine.rejected_row order by record_no")
    assert [tuple(one.values()) for one in rejected] == [
        ("自查自纠", 5, ["F14-issues_found-type"]),
        ("问题隐患", 6, ["F14-issue-lab_code-known"]),
        ("问题隐患", 8, ["S-merged"]),
    ]
    (told,) = story.fetch("select detail from audit.rule_result where rule_id = 'D-left_out'")
    found = told["detail"]["found"]
    assert {"填表说明! sheet: 1 rows", "问题隐患!9 total: 合计 5", "问题隐患!10 note: 注: 隐患单独统计"} <= set(found)
    assert [str(breach) for check in verify(story.settings) for breach in check.breaches] == []


def test_what_was_good_is_published(story: Bureau) -> None:
    issues = {one["issue_no"][-1]: one for one in published_rows(story.settings, "fct_lab_issue")}
    assert {number: one["found_date"] for number, one in issues.items()} == dict.fromkeys("124", date(2010, 6, 7))
    assert (issues["4"]["issues_rectified"], issues["1"]["issues_rectified"]) == (1, 0)
    (check,) = published_rows(story.settings, "fct_lab_self_check")
    assert (check["lab_code"], check["issues_found"], check["org_id"]) == ("JSL01001", 5, NANJING)


def test_the_sender_reads_what_is_wrong_and_where(story: Bureau) -> None:
    answer = receipt(story, "F14_320100_20100630_01")
    messages = {one["rule_id"]: (one["message_zh"], one["message_en"]) for one in answer["findings"]}
    assert messages["F14-issue-rectified_date-order"] == ("整改日期早于发现日期", "rectified before it was found")
    assert messages["F14-issue-lab_code-known"][0] == "实验室代码不在代码表中"
    assert "F14-issues_found-type" in messages


def header(sheet: str, change: Callable[[list[str]], Sequence[str]]) -> Callable[[Bureau], bytes]:
    """A workbook whose header of one sheet somebody changed."""

    def make(bureau: Bureau) -> bytes:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            for one in contract_of(bureau, "F14").record_types:
                names = [column.name_zh for column in one.file_columns]
                book.add_worksheet(one.section).write_row(0, 0, change(names) if one.name == sheet else names)
        return out.getvalue()

    return make


def without_sheet(bureau: Bureau) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for one in contract_of(bureau, "F14").record_types:
            name = "问题和隐患" if one.name == "issue" else one.section
            book.add_worksheet(name).write_row(0, 0, [column.name_zh for column in one.file_columns])
    return out.getvalue()


TEMPLATES: Mapping[str, tuple[Callable[[Bureau], bytes], str, str]] = {
    "a column is missing": (header("issue", lambda names: names[:8] + names[9:]), "category 问题类别", "severity"),
    "a column has another name": (
        header("issue", lambda names: [*names[:8], "类别", *names[9:]]),
        "category 问题类别",
        "类别",
    ),
    "columns are swapped": (
        header("issue", lambda names: [*names[:8], names[9], names[8], *names[10:]]),
        "category 问题类别",
        "严重程度",
    ),
    "a sheet has another name": (without_sheet, "问题隐患", "问题和隐患"),
}


@pytest.mark.parametrize("what", TEMPLATES)
def test_a_changed_template_is_held_and_the_column_is_named(story: Bureau, what: str) -> None:
    make, expected, found = TEMPLATES[what]
    send_workbook(story, "F14", make(story), [], day=JULY, branch=SUZHOU, seq=1 + list(TEMPLATES).index(what))
    story.load()
    verdict = story.verdict()
    assert verdict["hold_rules"] == ["D-header"]
    told = verdict["hold_detail"]["D-header"]
    assert told["expected"] == expected
    if what != "a column is missing":
        assert found in str(told["found"])


def test_a_month_counts_once_it_is_approved_until_it_is_not(story: Bureau) -> None:
    sheets = {"research_project": [row("research_project", 7, "project_no", approve_date="2010-07-02")]}

    def deliver(seq: int, status: str) -> list[str]:
        send_sheets(story, "F14", sheets, day=JULY, seq=seq, status=status)
        story.load()
        build(story.settings, "test")
        return [one["project_no"] for one in published_rows(story.settings, "fct_research_project")]

    assert deliver(1, "1") == []
    answer = receipt(story, "F14_320100_20100731_01")
    (hold,) = answer["findings"]
    assert (answer["state"], hold["rule_id"], hold["expected"], hold["found"]) == ("held", "D-status", "2", "1")
    assert hold["message_en"].endswith("have it approved, and send the delivery again under the next seq")
    assert hold["message_zh"].endswith("请审核通过后, 以下一序号重新报送")
    assert deliver(2, "2") == ["2010KY0007"]
    assert deliver(3, "3") == []
    assert deliver(4, "2") == ["2010KY0007"]


def test_a_standard_that_two_branches_collect_is_one_and_is_told(story: Bureau) -> None:
    """However it is written; and no longer once one of them takes it back."""
    rule = "F14-standard_event-std_no-repeated"
    ours = row("standard_event", 1, "event_no", std_no="SN/T0270—1993", event_date="2010-07-05")
    own = {"org_code": SUZHOU, "event_date": "2010-07-06"}
    theirs = row("standard_event", 2, "event_no", std_no="ＳＮ／Ｔ 0270－1993", **own)
    maintained = row("standard_event", 3, "event_no", std_no="SN/T 0270-1993", std_event="MAINTAINED", **own)

    def found() -> list[str]:
        build(story.settings, "test")
        return [one["key"][-1] for one in published_rows(story.settings, "fct_finding") if one["rule_id"] == rule]

    send_sheets(story, "F14", {"standard_event": [ours]}, day=JULY, seq=5)
    send_sheets(story, "F14", {"standard_event": [theirs, maintained]}, day=JULY, branch=SUZHOU, seq=9)
    story.load()
    assert sorted(found()) == ["1", "2"]
    entries = published_rows(story.settings, "fct_standard_event")
    assert {one["std_no"] for one in entries} == {"SN/T 0270-1993"}
    assert {one["std_no_sent"] for one in entries} == {"SN/T0270—1993", "ＳＮ／Ｔ 0270－1993", "SN/T 0270-1993"}
    august = date(2010, 8, 31)
    send_sheets(story, "F14", {"standard_event": [again(theirs, 2, "D")]}, day=august, branch=SUZHOU)
    story.load()
    assert found() == []
