"""Read a manifest strictly: its cells, their values, and the rules of the F00 contract that it breaks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ciq.collecting.names import Stem
from ciq.contracts.model import Column, Contract, Rule
from ciq.contracts.predicates import lexical_form

UNREADABLE = "D-manifest"
LARGEST_MANIFEST_BYTES = 64 * 1024

_BLANKS = " \t　\u00a0\r\n"
_INTEGER_BITS = {"smallint": 15, "integer": 31, "bigint": 63}

Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, for people: the rule, the cell, what stands there and what should."""

    rule_id: str
    message_zh: str
    message_en: str
    column: str | None = None
    value: str | None = None
    expected: str | None = None

    def as_json(self) -> dict[str, str]:
        """What is known of it, for audit.delivery."""
        return {name: text for name, text in self.__dict__.items() if text is not None}


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest as far as it can be read: its cells without blanks at their ends, and those of the contract's type."""

    cells: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def text(self, name: str) -> str | None:
        """A text cell that can be read."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """An integer cell that can be read."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    @property
    def report_time(self) -> datetime | None:
        """Time of reporting, Asia/Shanghai."""
        value = self.values.get("report_time")
        return value if isinstance(value, datetime) else None

    @property
    def control_sum(self) -> Decimal | None:
        """The declared sum of the amounts."""
        value = self.values.get("control_sum")
        return value if isinstance(value, Decimal) else None


def read_manifest(content: bytes, contract: Contract, orgs: frozenset[str]) -> Manifest:
    """Read the bytes of a manifest by the F00 contract; `orgs`: the known organisations. Bad content never raises."""
    try:
        header, cells = _read_row(content)
    except _UnreadableError as error:
        return Manifest(problems=(unreadable(error.zh, error.en),))
    record_type = contract.main
    expected = [column.name for column in record_type.file_columns]
    if header != expected:
        problem = unreadable(
            "清单表头与契约不符",
            "the header of the manifest differs from the contract",
            value=",".join(header)[:300],
            expected=",".join(expected),
        )
        return Manifest(problems=(problem,))
    trimmed = {name: cell.strip(_BLANKS) for name, cell in zip(header, cells, strict=True)}
    values = {column.name: _typed(column, trimmed[column.name]) for column in record_type.file_columns}
    problems = tuple(
        Problem(
            rule_id=rule.id,
            message_zh=rule.message_zh,
            message_en=rule.message_en,
            column=rule.column,
            value=trimmed[rule.column][:200] if rule.column else None,
        )
        for rule in record_type.row_rules
        if rule.severity == "critical" and _breaks(rule, trimmed, values, orgs)
    )
    return Manifest(cells=trimmed, values=values, problems=problems)


def contradictions(manifest: Manifest, stem: Stem, *, data_name: str | None, sender: str) -> list[Problem]:
    """Where the manifest, the file name and the folder that they stood in say different things.

    `data_name` None: the data file is not there, so its name is not compared.
    """
    problems = []
    if stem.org_code != sender:
        problems.append(
            unreadable(
                f"文件名中的机构与所在目录 ({sender}) 不符",
                f"the organisation in the file name is not the one whose folder it stood in ({sender})",
                column="org_code",
                value=stem.org_code,
                expected=sender,
            )
        )
    said: dict[str, Value] = {
        "feed_code": stem.feed_code,
        "org_code": stem.org_code,
        "business_date": stem.business_date,
        "seq": stem.seq,
    }
    if data_name is not None:
        said["file_name"] = data_name
    for column, expected in said.items():
        value = manifest.values.get(column)
        if value is not None and value != expected:
            problems.append(
                unreadable(
                    f"清单中的 {column} 与文件名不一致",
                    f"{column} in the manifest contradicts the file name",
                    column=column,
                    value=str(value)[:200],
                    expected=str(expected),
                )
            )
    return problems


def unreadable(message_zh: str, message_en: str, **details: Any) -> Problem:
    """A breach of D-manifest."""
    return Problem(rule_id=UNREADABLE, message_zh=message_zh, message_en=message_en, **details)


class _UnreadableError(Exception):
    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def _read_row(content: bytes) -> tuple[list[str], list[str]]:
    if len(content) > LARGEST_MANIFEST_BYTES:
        raise _UnreadableError("清单过大", f"the manifest is larger than {LARGEST_MANIFEST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError(
            f"清单不是 UTF-8 编码 (第 {error.start} 字节)", f"the manifest is not UTF-8 (at byte {error.start})"
        ) from error
    if "\0" in text:
        raise _UnreadableError("清单含有 NUL 字节", "the manifest holds a NUL byte")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise _UnreadableError(f"清单不是有效的 CSV: {error}", f"the manifest is not valid CSV: {error}") from error
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) != 2:
        raise _UnreadableError(
            f"清单应为表头加一行, 实为 {len(rows)} 行",
            f"the manifest must be a header and one row, it has {len(rows)} rows",
        )
    header, cells = rows
    if len(header) != len(cells):
        raise _UnreadableError(
            f"清单表头有 {len(header)} 列, 数据行有 {len(cells)} 个单元格",
            f"the manifest's header has {len(header)} columns, its row {len(cells)} cells",
        )
    return header, cells


def _typed(column: Column, cell: str) -> Value:
    """The cell in the column's type; None when it is empty or cannot be read."""
    form = lexical_form(column)
    if not cell or (form is not None and not re.fullmatch(form, cell, re.ASCII)):
        return None
    if column.numeric_parts:
        return Decimal(cell)
    match column.type:
        case "text":
            return cell if column.max_length is None or len(cell) <= column.max_length else None
        case "date":
            return _calendar_value(date.fromisoformat, cell)
        case "timestamp":
            return _calendar_value(datetime.fromisoformat, cell)
    number = int(cell)
    return number if abs(number) < 1 << _INTEGER_BITS[column.type] else None


def _calendar_value(read: Callable[[str], date], cell: str) -> date | None:
    try:
        return read(cell)
    except ValueError:
        return None


def _breaks(rule: Rule, cells: Mapping[str, str], values: Mapping[str, Value], orgs: frozenset[str]) -> bool:
    if rule.column is None or any(cells[name] not in wanted for name, wanted in rule.when.items()):
        return False
    cell, value = cells[rule.column], values[rule.column]
    if rule.expectation == "expect_column_values_to_not_be_null":
        return not cell
    if rule.expectation == "type":
        return bool(cell) and value is None
    return value is not None and _outside(rule, value, orgs)


def _outside(rule: Rule, value: Value, orgs: frozenset[str]) -> bool:
    """The rules on single values; a contract whose manifest rules say anything else is not read (contracts.reading)."""
    match rule.expectation:
        case "expect_column_values_to_match_regex":
            return not re.fullmatch(rule.kwargs["regex"], str(value), re.ASCII)
        case "expect_column_values_to_be_in_set":
            return value not in (orgs if rule.code_list == "org" else rule.kwargs["value_set"])
    low, high = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
    assert isinstance(value, int | Decimal)
    return (low is not None and value < low) or (high is not None and value > high)
