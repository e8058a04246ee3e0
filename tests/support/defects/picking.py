"""Which column of a feed a defect is done to: the first that is of its kind, by the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ciq.contracts.model import ENVELOPE, Column, Contract, RecordType, Rule
from support.bureau import GOOD
from support.defects.model import Draft, Slot

IN_LIST = "expect_column_values_to_be_in_set"
ROWS = 3


def content(record_type: RecordType) -> Iterator[Column]:
    """The columns after the envelope."""
    return (column for column in record_type.file_columns if column.name not in ENVELOPE)


def text_column(record_type: RecordType) -> Column:
    """The first that takes any text; where there is none, the record id."""
    free = (
        c
        for c in content(record_type)
        if c.type == "text" and c.key_position is None and c.pseudonymise is None and (c.max_length or 0) >= 40
        if all(rule.id.endswith(("-required", "-type")) for rule in c.rules)
    )
    return next(free, record_type.column("record_id"))


def number_column(record_type: RecordType) -> Column:
    """The amount; else the first number with decimals, the first whole number, the version number."""
    if record_type.control_sum:
        return record_type.column(record_type.control_sum)
    decimals = (c for c in content(record_type) if c.numeric_parts)
    whole = (c for c in content(record_type) if c.type in ("smallint", "integer", "bigint"))
    return next(decimals, None) or next(whole, None) or record_type.column("version_no")


def day_column(record_type: RecordType) -> Column:
    """The first date; else the first time."""
    dates = (c for c in content(record_type) if c.type == "date")
    return next(dates, None) or next(c for c in record_type.file_columns if c.type == "timestamp")


def time_column(record_type: RecordType) -> Column:
    """The last time: op_time where there is no other."""
    return [c for c in record_type.file_columns if c.type == "timestamp"][-1]


def list_rule(column: Column) -> Rule | None:
    """The rule by which the column holds codes of a list."""
    return next((r for r in column.rules if r.expectation == IN_LIST and r.severity == "critical"), None)


def coded_column(record_type: RecordType) -> Column:
    """The first whose cells are codes; where there is none, the organisation."""
    coded = (c for c in content(record_type) if c.key_position is None and list_rule(c))
    return next(coded, record_type.column("org_code"))


def required_column(record_type: RecordType) -> Column:
    """The first that must not be empty, beside envelope and key."""
    return next(c for c in content(record_type) if c.required and c.key_position is None)


def numbered_column(record_type: RecordType) -> Column | None:
    """The column of the key that holds the document's number: text, no code, with room for a serial number."""
    of_key = (record_type.column(name) for name in record_type.key if name not in ENVELOPE)
    return next((c for c in of_key if c.type == "text" and (c.max_length or 0) >= 8 and not list_rule(c)), None)


def format_of(column: Column) -> str:
    """The pattern that the column's cells keep; anything when there is none."""
    found = (r.kwargs["regex"] for r in column.rules if r.expectation == "expect_column_values_to_match_regex")
    return str(next(found, ""))


def future_rule(record_type: RecordType) -> Rule | None:
    """The rule that nothing lies after the business date; None where the rows tell of no day."""
    return next((r for r in record_type.rules if r.kwargs.get("column_A") == "business_date"), None)


def derived_rules(record_type: RecordType, column: Column) -> frozenset[str]:
    """The rules of what is computed from a column."""
    derived = (c for c in record_type.columns if c.is_derived and re.search(rf"\b{column.name}\b", c.expression or ""))
    return frozenset(rule.id for one in derived for rule in one.rules)


def compared_rules(record_type: RecordType, column: Column) -> frozenset[str]:
    """The rules that compare a column with another."""
    return frozenset(
        rule.id
        for rule in record_type.rules
        if column.name in (rule.kwargs.get("column_A"), rule.kwargs.get("column_B"))
    )


def table_rule(record_type: RecordType, ending: str) -> str | None:
    """The id of the feed's rule of that name, if it has one."""
    return next((r.id for r in record_type.table_rules if r.id.endswith(f"-{ending}")), None)


def written(column: Column, day: date) -> str:
    """A day as the column has it."""
    return f"{day}" if column.type == "date" else f"{day} 10:00:00"


def after(column: Column, day: date) -> str:
    """The next day as the column has it; the next year where it has years alone."""
    return f"{day.year + 1}" if column.type == "text" else written(column, day + timedelta(days=1))


def good_draft(contract: Contract, manifest: Contract, slot: Slot, *, count: int = ROWS) -> Draft:
    """A delivery without a defect. A feed whose key has no number of its own has one record a slice."""
    record_type = contract.main
    rows = tuple(_rows(record_type, slot, count if numbered_column(record_type) else 1))
    control = record_type.control_sum
    stem = f"{contract.feed_code}_{slot.branch}_{slot.day:%Y%m%d}_01"
    cells = {
        "feed_code": contract.feed_code, "org_code": slot.branch, "business_date": str(slot.day), "seq": "1",
        "file_name": f"{stem}.csv", "encoding": "GB18030", "delimiter": ",", "status": "2", "reporter": "张",
        "auditor": "李", "report_time": f"{slot.day} 20:00:00", "audit_time": "", "opinion": "",
    }  # fmt: skip
    draft = Draft(
        contract=contract,
        manifest_columns=tuple(column.name for column in manifest.main.file_columns),
        slot=slot,
        rows=rows,
        amounts=tuple(row.get(control or "", "") for row in rows),
        cells=cells,
    )
    return draft.with_rows(rows)


def _rows(record_type: RecordType, slot: Slot, count: int) -> Iterable[dict[str, str]]:
    good = GOOD[record_type.feed_code]
    number = numbered_column(record_type)
    pinned = _pinned(record_type)
    for n in range(count):
        row = {**good, "record_id": f"r{slot.number + n}", "org_code": slot.branch}
        row |= {name: written(record_type.column(name), slot.day) for name in pinned}
        if number:
            begun = re.sub(f"^{good['org_code']}", slot.branch, good[number.name])
            row[number.name] = re.sub("[0-9]{1,5}$", f"{slot.number + n:05d}", begun)
        yield row


def _pinned(record_type: RecordType) -> set[str]:
    """The columns that must hold the business date itself: neither before nor after it."""
    pairs = {(r.kwargs.get("column_A"), r.kwargs.get("column_B")) for r in record_type.rules}
    return {str(a) for a, b in pairs if b == "business_date" and ("business_date", a) in pairs}
