"""Return files and exports: what a sender gets back must say what is wrong and must not run in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.reports.return_file import HEADER, Expected, harmless, return_files
from support.bureau import Bureau


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def lines(messy: Bureau, messy_delivery: int) -> list[dict[str, str]]:
    with connect(messy.settings, "loader") as connection:
        file = return_files(load_contracts(messy.settings.contracts))(connection, messy_delivery)
    assert file is not None
    with file:
        content = file.read()
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes a file without BOM for ANSI"
    return read(content)


def test_one_line_for_each_rule_that_a_row_broke(lines: list[dict[str, str]]) -> None:
    assert [(line["line 行号"], line["rule 规则"]) for line in lines] == [
        ("2", "F01-currency-known"),
        ("3", "F01-applicant_code-type"),
        ("3", "F01-applicant_code-format"),
        ("4", "F01-total_value-range"),
        ("5", "F01-decl_type-required"),
        ("5", "F01-total_value-type"),
        ("6", "F01-accept_officer-type"),
    ]


def test_each_line_says_what_was_found_and_what_was_expected(lines: list[dict[str, str]]) -> None:
    first = lines[0]
    assert first["record_id 记录编号"] == "r1"
    assert first["file 文件"] == "F01_320100_20100608_01.csv"
    assert (first["field 字段"], first["value 值"]) == ("currency", "XYZ")
    assert first["expected 应为"] == "code list 代码表 currency"
    assert first["message_zh 说明"]
    assert first["message_en message"]
    assert "南京㛃堃进出口有限公司" in first["raw 原始记录"], "GB18030's own characters must survive"
    assert [line["expected 应为"] for line in lines[1:]] == [
        "text 文本, ≤ 10",
        "^[0-9A-Z]{10}$",
        "≥ 0, ≤ 1000000000000",
        "not empty 非空",
        "number 数值, ≤ 16 digits 位整数, ≤ 2 decimals 位小数",
        "text 文本, ≤ 8",
    ]


def test_numbers_stay_numbers_and_formulas_become_text(lines: list[dict[str, str]]) -> None:
    values = {line["rule 规则"]: line["value 值"] for line in lines}
    assert values["F01-total_value-range"] == "-5"
    assert values["F01-total_value-type"] == "'=1+1"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\x00x", "＝1", "＋1", "－1", "＠x"])
def test_what_a_spreadsheet_computes_is_escaped(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("x" + text) == "x" + text


@pytest.mark.parametrize(("text", "kept"), [("-5", True), ("+1.50", True), ("-5+cmd()", False), ("=5", False)])
def test_only_a_whole_number_is_a_number(text: str, kept: bool) -> None:
    assert (harmless(text, is_number=True) == text) is kept


def test_a_delivery_without_broken_rows_has_no_return_file(messy: Bureau) -> None:
    clean = messy.fetch("select delivery_id from audit.delivery where feed_code = 'F03'")[0]["delivery_id"]
    with connect(messy.settings, "loader") as connection:
        assert return_files(load_contracts(messy.settings.contracts))(connection, clean) is None


def test_every_row_rule_says_what_it_expects(messy: Bureau) -> None:
    contracts = load_contracts(messy.settings.contracts)
    expected = Expected(contracts)
    rules = (rule for record_type in contracts.record_types for rule in record_type.row_rules)
    silent = [rule.id for rule in rules if not expected.text(rule.id)]
    assert silent == []
    assert len(HEADER) == len(set(HEADER)) == 10
