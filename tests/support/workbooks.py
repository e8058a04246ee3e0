"""Workbooks of several sheets as branches send them, and good rows of the feeds that have them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date

import xlwt

from ciq.contracts import Contract, load_contracts
from ciq.contracts.model import ENVELOPE
from support.bureau import DAY, Bureau
from support.post import workbook

Row = Mapping[str, str]
Sheets = Mapping[str, Sequence[Row]]
"""Record type -> its rows; one without rows need not be there."""

GOOD: dict[str, dict[str, dict[str, str]]] = {
    "F09": {
        "ent_class": {
            "record_id": "a1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "ent_code": "3201000017", "assess_no": "320100PD201000001", "org_inst_code": "134762019",
            "ent_name": "南京㛃堃玩具有限公司", "city": "南京", "product_group": "TOY", "product_risk": "M",
            "assess_type": "FIRST", "class_code": "2", "apply_date": "2010-04-12", "review_date": "2010-05-17",
            "approve_date": "2010-06-07", "effective_from": "2010-06-08", "effective_to": "2013-06-07",
            "approver_org": "320100", "supervision_mode": "GENERAL", "status": "APPROVED",
        },
        "honor": {
            "record_id": "b1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "ent_code": "3201000017", "honor_code": "BENCHMARK", "honor_level": "PROVINCIAL", "year": "2010",
        },
    },
    "F14": {
        "self_check": {
            "record_id": "a1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "check_no": "320100ZC20100001", "lab_code": "JSL01001", "check_date": "2010-06-07", "issues_found": "2",
        },
        "issue": {
            "record_id": "b1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "issue_no": "320100WT20100001", "lab_code": "JSL01001", "found_date": "2010-06-07",
            "category": "EQUIPMENT", "severity": "MINOR", "description": "天平超过检定周期",
        },
        "standard_event": {
            "record_id": "c1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "event_no": "320100BZ2010000001", "std_no": "SN/T 0270-1993", "std_event": "COLLECTED",
            "event_date": "2010-06-04",
        },
        "research_project": {
            "record_id": "d1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "project_no": "2010KY0001", "title": "光伏组件可靠性研究", "level": "AQSIQ", "approve_date": "2010-06-02",
            "lead_org": "320100",
        },
        "recognition": {
            "record_id": "e1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "lab_code": "JSL01001", "recognition_code": "CNAS", "recognition_date": "2010-06-01",
            "valid_until": "2013-05-31",
        },
        "lab_document": {
            "record_id": "f1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "doc_no": "320100ZD20100001", "doc_code": "LAB_RISK_RULE", "title": "样品管理风险防控制度",
            "lab_code": "JSL01001", "doc_date": "2010-06-03",
        },
    },
    "F15": {
        "audit_scope": {
            "record_id": "a1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "audit_no": "NS2010-01", "audit_type": "INTERNAL", "unit_level": "BRANCH", "unit_code": "320100",
            "audit_date": "2010-06-07",
        },
        "nonconformity": {
            "record_id": "b1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "nc_no": "NS2010-01-001", "audit_no": "NS2010-01", "unit_level": "BRANCH", "unit_code": "320100",
            "iso_clause": "7.5.1", "grade": "MINOR", "description": "记录缺少签名", "due_date": "2010-07-20",
            "status": "OPEN",
        },
        "assignment": {
            "record_id": "c1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "assignment_no": "NS2010-01-P1", "audit_no": "NS2010-01", "auditor_id": "JSNS0001", "role": "LEAD",
        },
        "external_inspection": {
            "record_id": "d1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "inspection_no": "JC20100001", "topic": "SANITARY_TREATMENT", "inspected_by": "国家质检总局",
            "inspected_unit": "南京卫生处理单位", "inspection_date": "2010-06-03", "outcome": "PRAISED",
        },
    },
    "F16": {
        "activity": {
            "record_id": "a1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "act_code": "ENT_TRAINING", "act_date": "2010-06-08", "seq": "1", "title": "企业质量管理人员培训",
            "session_cnt": "2", "enterprise_cnt": "36", "person_cnt": "52",
        },
        "product": {
            "record_id": "b1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "act_code": "ENT_TRAINING", "act_date": "2010-06-08", "seq": "1", "product_class": "0301",
        },
        "attendee": {
            "record_id": "c1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "act_code": "ENT_TRAINING", "act_date": "2010-06-08", "seq": "1", "attendee_no": "1",
            "attendee_type": "ENTERPRISE", "ent_code": "3201000017", "person": "王某",
        },
        "media_report": {
            "record_id": "d1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "media_no": "320100MT201006001", "report_date": "2010-06-08", "outlet": "CCTV", "topic": "INTERCEPTION",
        },
        "recognition": {
            "record_id": "e1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "recognition_no": "320100RY201006001", "recognition_type": "MODEL_PERSON",
            "recognition_date": "2010-06-08", "recipient": "李某",
        },
        "document": {
            "record_id": "f1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "doc_no": "320100WJ201006001", "doc_code": "QUALITY_REPORT", "doc_date": "2010-06-08",
        },
        "port_event": {
            "record_id": "g1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "event_no": "320100KA201006001", "port_event": "OPENING_SUPPORT", "event_date": "2010-06-08",
            "port_name": "吕四港", "port_type": "SEAPORT",
        },
        "demo_zone": {
            "record_id": "h1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "zone_event_no": "320100SF201006001", "zone_type": "CLUSTER", "zone_event": "NEW",
            "event_date": "2010-06-08", "zone_name": "常熟IT产业集聚区",
        },
        "report_submission": {
            "record_id": "i1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320100",
            "report_code": "EXPO", "report_kind": "DAILY", "report_date": "2010-06-08",
            "submit_time": "2010-06-08 17:00:00", "submit_status": "2", "row_cnt": "0",
        },
    },
    "F17": {
        "hr_action": {
            "record_id": "a1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320000",
            "action_no": "320000RS201006001", "hr_action": "EXPO_SUPPORT", "action_date": "2010-06-08",
            "person": "王某", "batch_no": "2010-1",
        },
        "supervision_assignment": {
            "record_id": "b1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320000",
            "assignment_no": "320000JD201006001", "assignment_date": "2010-06-08", "person": "李某",
            "matter": "TENDER",
        },
        "capital_audit": {
            "record_id": "c1", "op": "I", "version_no": "1", "op_time": "2010-06-30 16:00:00", "org_code": "320000",
            "project_no": "320000JJ201006001", "audit_date": "2010-06-08", "submitted_cny": "1000.00",
            "approved_cny": "864.00",
        },
    },
}  # fmt: skip
"""Feed -> record type -> a row that keeps every rule."""


def contract_of(bureau: Bureau, feed: str) -> Contract:
    """The feed's contract."""
    return next(one for one in load_contracts(bureau.settings.contracts).feeds if one.feed_code == feed)


def send_sheets(
    bureau: Bureau,
    feed: str,
    sheets: Sheets,
    *,
    day: date = DAY,
    branch: str = "320100",
    seq: int = 1,
    **manifest: object,
) -> None:
    """Deliver a workbook with a sheet for each record type of the feed, cells as text; manifest cells as given."""
    types = contract_of(bureau, feed).record_types
    data = workbook({one.section or "": (one, [dict(row) for row in sheets.get(one.name, [])]) for one in types})
    rows = [row for sheet in sheets.values() for row in sheet]
    send_workbook(bureau, feed, data, rows, day=day, branch=branch, seq=seq, **manifest)


def send_xls(
    bureau: Bureau, feed: str, sheets: Sheets, *, day: date = DAY, branch: str = "320100", seq: int = 1
) -> None:
    """The same as Excel 97 writes it, each sheet with a title, its columns in Chinese, a total and a footnote."""
    book = xlwt.Workbook(encoding="utf-8")
    for one in contract_of(bureau, feed).record_types:
        sheet = book.add_sheet(one.section)
        sheet.write(0, 0, one.name_zh)
        for place, column in enumerate(one.file_columns):
            sheet.write(1, place, column.name_zh)
        rows = sheets.get(one.name, [])
        for line, row in enumerate(rows, start=2):
            for place, column in enumerate(one.file_columns):
                if row.get(column.name):
                    sheet.write(line, place, row[column.name])
        sheet.write(len(rows) + 2, 0, "合计")
        sheet.write(len(rows) + 2, len(ENVELOPE), len(rows))
        sheet.write(len(rows) + 3, 0, "注: 以批准日期为准")
    out = io.BytesIO()
    book.save(out)
    rows = [row for table in sheets.values() for row in table]
    send_workbook(bureau, feed, out.getvalue(), rows, ending="xls", day=day, branch=branch, seq=seq)


def send_workbook(
    bureau: Bureau,
    feed: str,
    data: bytes,
    rows: Sequence[Row],
    *,
    ending: str = "xlsx",
    day: date = DAY,
    branch: str = "320100",
    seq: int = 1,
    **manifest: object,
) -> None:
    """Deliver the bytes of a workbook of `rows`."""
    name = f"{feed}_{branch}_{day:%Y%m%d}_{seq:02d}.{ending}"
    form = {"encoding": "UTF-8", "delimiter": ending.upper(), "file_name": name}
    path = bureau.deliver(feed, rows, seq=seq, day=day, branch=branch, data=data, **form, **manifest)
    path.rename(path.with_suffix(f".{ending}"))
