"""Return files: the bad rows of a delivery, with what is wrong and what was expected, for the sender to correct.

CSV in UTF-8 with BOM, so that Excel opens it as it is; one line per rule that a row broke.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import BinaryIO, TextIO

import psycopg

from ciq.contracts import Column, ContractSet, Rule, model
from ciq.reports.rejects import Reject, RejectFilter, read_rejects

HEADER = (
    "record_id 记录编号",
    "file 文件",
    "line 行号",
    "field 字段",
    "value 值",
    "expected 应为",
    "rule 规则",
    "message_zh 说明",
    "message_en message",
    "raw 原始记录",
)

_DANGEROUS = re.compile(r"^[=+\-@\t\r\n\x00＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}([.][0-9]{1,30})?")
_NUMERIC_TYPES = ("smallint", "integer", "bigint", "numeric")


class Expected:
    """What each rule expects of a cell, said from the contracts."""

    def __init__(self, contracts: ContractSet) -> None:
        self._rules: dict[str, tuple[Rule, Column | None]] = {}
        for record_type in (*contracts.manifest.record_types, *contracts.record_types):
            for rule in record_type.rules:
                self._rules[rule.id] = (rule, record_type.column(rule.column) if rule.column else None)

    def text(self, rule_id: str) -> str:
        """What the rule expects, for people; empty where its message says it all."""
        rule, column = self._rules.get(rule_id, (None, None))
        return _expected(rule, column) if rule else ""

    def is_numeric(self, rule_id: str) -> bool:
        """Whether the rule's column holds numbers."""
        _, column = self._rules.get(rule_id, (None, None))
        return column is not None and column.type.startswith(_NUMERIC_TYPES)


def _expected(rule: Rule, column: Column | None) -> str:
    text = ""
    match rule.expectation:
        case "type" if column:
            text = _type_text(column)
        case "expect_column_values_to_not_be_null":
            when = "; ".join(f"{name} = {'/'.join(values)}" for name, values in rule.when.items())
            text = "not empty 非空" + (f" ({when})" if when else "")
        case "expect_column_values_to_match_regex":
            text = str(rule.kwargs["regex"])
        case "expect_column_values_to_be_in_set":
            listed = " | ".join(map(str, rule.kwargs.get("value_set", ())))
            text = f"code list 代码表 {rule.code_list}" if rule.code_list else listed
        case "expect_column_values_to_be_between":
            text = _range_text(rule.kwargs)
        case "expect_column_pair_values_a_to_be_greater_than_b":
            sign = "≤" if rule.kwargs.get("or_equal") else "<"
            text = f"{rule.kwargs['column_B']} {sign} {rule.kwargs['column_A']}"
        case model.CHECK_DIGIT:
            weights = " ".join(map(str, rule.kwargs["weights"]))
            text = f"check digit 校验位 (weights 加权 {weights}, modulus 模 {rule.kwargs['modulus']})"
    return text


def _type_text(column: Column) -> str:
    if column.type == "text":
        return f"text 文本, ≤ {column.max_length}"
    if column.numeric_parts:
        precision, scale = column.numeric_parts
        return f"number 数值, ≤ {precision - scale} digits 位整数, ≤ {scale} decimals 位小数"
    return {"date": "yyyy-MM-dd", "timestamp": "yyyy-MM-dd HH:mm:ss"}.get(column.type, "whole number 整数")


def _range_text(kwargs: Mapping[str, object]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    parts = []
    if low is not None:
        parts.append(f"{'>' if kwargs.get('strict_min') else '≥'} {low}")
    if high is not None:
        parts.append(f"{'<' if kwargs.get('strict_max') else '≤'} {high}")
    return ", ".join(parts)


def harmless(text: str, *, is_number: bool = False) -> str:
    """The cell in a form that a spreadsheet shows and does not compute. A number of a numeric column stays as it is."""
    if is_number and _NUMBER.fullmatch(text.strip()):
        return text
    return f"'{text}" if _DANGEROUS.match(text) else text


def write_rejects(target: TextIO, rejects: Iterable[Reject], expected: Expected) -> int:
    """Write header and lines; returns the number of lines. `target` is opened with newline=''."""
    writer = csv.writer(target, lineterminator="\r\n")
    target.write("\ufeff")
    writer.writerow(HEADER)
    count = 0
    for reject in rejects:
        value = harmless(reject.value or "", is_number=expected.is_numeric(reject.rule_id))
        cells = (reject.record_id, reject.file)
        writer.writerow(
            (
                *map(harmless, cells),
                reject.place,
                reject.field or "",
                value,
                harmless(expected.text(reject.rule_id)),
                reject.rule_id,
                reject.message_zh,
                reject.message_en,
                harmless(reject.raw_text),
            )
        )
        count += 1
    return count


def return_files(contracts: ContractSet) -> Callable[[psycopg.Connection, int], BinaryIO | None]:
    """The maker of return files under these contracts: (connection, delivery id) -> file, None without open rows.

    It is a temporary file, not memory: a large delivery may have been rejected whole. It is gone when it is closed.
    """
    expected = Expected(contracts)

    def make(connection: psycopg.Connection, delivery_id: int) -> BinaryIO | None:
        with ExitStack() as unless_returned:
            file = unless_returned.enter_context(TemporaryFile())
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            lines = write_rejects(text, read_rejects(connection, RejectFilter(deliveries=[delivery_id])), expected)
            text.detach()
            if not lines:
                return None
            file.seek(0)
            unless_returned.pop_all()
            return file

    return make
