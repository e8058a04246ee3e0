"""The same rows in every form of file: the same verdict, the same rows accepted, the same quarantine and answers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from ciq.collecting.deliver import DeliverError, deliver
from ciq.collecting.receipts import write_due_receipts
from ciq.contracts import load_contracts
from ciq.contracts.model import FileFormat
from ciq.database import connect
from ciq.settings import Settings
from ciq.verifying.ledger import ods_rows, reject_texts, rows_balance
from support.bureau import DAY, GOOD, Bureau, rows_of
from support.forms import xls, xlsx, xml

CONTRACTS = load_contracts(Settings().contracts)
TYPES = {one.feed_code: one for one in CONTRACTS.record_types}
FORMS = (",", "FIXED", "XML", "XLS", "XLSX")
PERSON = {"party_type": "PERSON", "party_code": "320102197001011234", "party_name": "李四光"}

Rows = Sequence[Mapping[str, str]]


def file_of(feed: str, form: str, rows: Rows, bureau: Bureau) -> tuple[bytes, str]:
    """The file and the encoding that its manifest declares."""
    names = [column.name for column in TYPES[feed].file_columns]
    cells = [[row.get(name, "") for name in names] for row in rows]
    match form:
        case "FIXED":
            widths = [FileFormat().width_of(column) for column in TYPES[feed].file_columns]
            lines = [
                "".join(cell[:width].ljust(width) for cell, width in zip(line, widths, strict=True)) + "\r\n"
                for line in [names, *cells]
            ]
            return "".join(lines).encode("gb18030"), "GB18030"
        case "XML":
            return xml(*[list(map(escape, row)) for row in cells], names=names, name=TYPES[feed].name), "GB18030"
        case "XLS" | "XLSX":
            write = xls if form == "XLS" else xlsx
            table = [[cell or None for cell in row] for row in cells]
            return write([["江苏局报表"], names, *table, ["合计"], ["注：金额为原币"]], sheet="数据"), "UTF-8"
    return bureau.data(feed, rows), "GB18030"


def send(bureau: Bureau, feed: str, form: str, rows: Rows, **manifest: object) -> None:
    data, encoding = file_of(feed, form, rows, bureau)
    bureau.deliver(feed, rows, data=data, **{"encoding": encoding, "delimiter": form, **manifest})


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_accepted_and_quarantined_alike(bureau: Bureau, form: str) -> None:
    rows = rows_of("F01", 30)
    rows[3] = {**rows[3], "trade_mode": "110"}
    rows[7] = {**rows[7], "total_value": "1,000.50"}
    send(bureau, "F01", form, rows, control_sum="")
    report = bureau.load()
    assert not report.errors
    assert (report.rows_received, report.rows_accepted, report.rows_quarantined) == (30, 28, 2)
    bad = bureau.fetch("select line_no, rule_ids, cells, key, raw_text from quarantine.rejected_row order by line_no")
    first = {",": 2, "FIXED": 2, "XML": 3, "XLS": 3, "XLSX": 3}[form]
    assert [(row["line_no"] - first, row["rule_ids"]) for row in bad] == [
        (3, ["F01-trade_mode-format"]),
        (7, ["F01-total_value-type"]),
    ]
    assert bad[0]["cells"] == {"trade_mode": "110"}
    assert bad[1]["key"]["decl_no"] == rows[7]["decl_no"]
    assert all("南京㛃堃进出口有限公司" in row["raw_text"] for row in bad)
    stored = bureau.fetch("select decl_no, total_value::text, applicant_name, op_time::text from ods.f01_declaration")
    wanted = {(row["decl_no"], "1000.50", row["applicant_name"], row["op_time"]) for row in rows}
    assert {tuple(row.values()) for row in stored} <= wanted
    with connect(bureau.settings, "auditor") as connection:
        assert [*rows_balance(connection), *ods_rows(connection, CONTRACTS), *reject_texts(connection)] == []


@pytest.mark.parametrize("form", FORMS)
def test_the_control_sum_is_checked_in_every_form(bureau: Bureau, form: str) -> None:
    send(bureau, "F01", form, rows_of("F01", 3), control_sum="3001.51")
    bureau.load()
    assert bureau.verdict()["hold_detail"]["D-control_sum"] == {"expected": "3001.51", "found": "3001.50"}


@pytest.mark.parametrize("form", FORMS)
def test_no_person_stands_in_quarantine(bureau: Bureau, form: str) -> None:
    bad = {**GOOD["F10"], **PERSON, "case_no": "320100CF201000002", "cause_code": "NONE"}
    send(bureau, "F10", form, [*rows_of("F10", 1), bad], control_sum="")
    bureau.load()
    [rejected] = bureau.fetch("select line_no, cells, key, raw, raw_text from quarantine.rejected_row")
    told = str(rejected) + rejected["raw"].decode("gb18030", "replace") + rejected["raw"].decode("utf-8", "replace")
    assert "李四光" not in told
    assert PERSON["party_code"] not in told
    assert "***" in rejected["raw_text"]
    assert "320100CF201000002" in rejected["raw_text"]
    with connect(bureau.settings, "auditor") as connection:
        assert list(reject_texts(connection)) == []


@pytest.mark.parametrize("form", ["XLS", "XLSX"])
def test_what_stands_beside_the_records_is_told(bureau: Bureau, form: str) -> None:
    send(bureau, "F01", form, rows_of("F01", 2))
    bureau.load()
    assert bureau.verdict()["verdict"] == "accepted"
    [told] = bureau.fetch("select rows_broken, success, detail from audit.rule_result where rule_id = 'D-left_out'")
    assert told["rows_broken"] == 3
    assert told["detail"]["found"] == ["数据!5 total: 合计", "数据!6 note: 注：金额为原币", "数据!1 title: 江苏局报表"]
    assert not write_due_receipts(bureau.settings)
    receipt = json.loads((bureau.settings.inbox_root / "320100/inbox/F01_320100_20100608_01.receipt.json").read_text())
    finding = next(one for one in receipt["deliveries"][0]["findings"] if one["rule_id"] == "D-left_out")
    assert "合计" in finding["message_zh"]
    assert "totals" in finding["message_en"]


def broken_xml(bureau: Bureau) -> bytes:
    data, _ = file_of("F01", "XML", rows_of("F01", 1001), bureau)
    return data[: data.rindex(b"</record_id>")]


@pytest.mark.parametrize(
    ("form", "make", "rule"),
    [
        ("XML", broken_xml, "D-format"),
        ("XML", lambda _: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "D-format"),
        ("XLSX", lambda bureau: bureau.data("F01", rows_of("F01", 1)), "D-format"),
        ("XLS", lambda bureau: file_of("F01", "XLSX", rows_of("F01", 1), bureau)[0], "D-format"),
        ("XLSX", lambda _: xlsx([["记录"], [1]]), "D-header"),
        ("FIXED", lambda bureau: bureau.data("F01", rows_of("F01", 1)), "D-header"),
    ],
    ids=["cut xml", "dtd", "csv as xlsx", "xlsx as xls", "other template", "csv as fixed"],
)
def test_a_file_that_cannot_be_read_is_held_with_what_was_found(
    bureau: Bureau, form: str, make: Callable[[Bureau], bytes], rule: str
) -> None:
    bureau.deliver("F01", rows_of("F01", 5), data=make(bureau), encoding="GB18030", delimiter=form)
    report = bureau.load()
    assert not report.errors
    verdict = bureau.verdict()
    assert (verdict["verdict"], verdict["hold_rules"], verdict["rows_held"]) == ("held", [rule], 5)
    told = verdict["hold_detail"][rule]
    assert told["expected"]
    assert told["found"]
    assert bureau.fetch("select * from quarantine.rejected_row") == []


@pytest.mark.parametrize(("form", "name"), [("XML", "by hand.xml"), ("XLS", "月报.xls"), ("XLSX", "x.XLSX")])
def test_ciq_deliver_knows_a_file_by_its_name_and_counts_it(
    bureau: Bureau, tmp_path: Path, form: str, name: str
) -> None:
    file = tmp_path / name
    data, encoding = file_of("F01", form, rows_of("F01", 4), bureau)
    file.write_bytes(data)
    at = datetime.combine(DAY, datetime.min.time()).replace(hour=20)
    sent = deliver(bureau.settings, file, feed="F01", branch="320100", business_date=DAY, report_time=at)
    assert (sent.counted.delimiter, sent.counted.encoding, sent.counted.row_count) == (form, encoding, 4)
    assert str(sent.counted.control_sum) == "4002.00"
    assert sent.data.suffix == f".{form.lower()}"
    assert bureau.load().rows_accepted == 4


def test_ciq_deliver_says_why_a_workbook_cannot_be_read(bureau: Bureau, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    out = io.StringIO()
    csv.writer(out).writerow(["a"])
    file.write_text(out.getvalue())
    with pytest.raises(DeliverError, match="declare its delimiter"):
        deliver(bureau.settings, file, feed="F01", branch="320100", business_date=DAY)


def test_an_unknown_form_breaks_the_manifest(bureau: Bureau) -> None:
    bureau.deliver("F01", rows_of("F01", 1), delimiter="JSON")
    bureau.load()
    assert bureau.verdict()["hold_rules"] == ["D-manifest"]
