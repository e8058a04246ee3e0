"""What our compilers demand of a contract beyond the standard."""

from __future__ import annotations

from ciq.contracts.model import CHECK_DIGIT, ENVELOPE, MANIFEST_FEED, Column, Contract, RecordType, Rule
from ciq.errors import ContractError, Place

EXPECTATIONS = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_be_between",
        "expect_column_pair_values_a_to_be_greater_than_b",
        CHECK_DIGIT,
    }
)
"""What a row rule may say: each has a SQL predicate (predicates.py) and a GX expectation (ciq.quality.suite)."""

_OF_MANIFESTS = EXPECTATIONS - {"expect_column_pair_values_a_to_be_greater_than_b", CHECK_DIGIT}
"""What a rule on manifests may say: they are judged cell by cell as they come, without SQL (ciq.collecting)."""

CALENDARS = ("workday", "weekly", "monthly", "never")
"""When a feed is due: each workday, on the last workday of each ISO week, on the last day of each month, or not by
itself (ref.due)."""

PSEUDONYM_LENGTH = 26
"""Characters of a pseudonym: `P-` and 24 hexadecimal digits (audit.pseudonym)."""


def check(contract: Contract, name: str) -> None:
    """Raises ContractError for the first thing that the compilers cannot do; `name`: the file's."""
    place = Place(file=name)
    if contract.calendar not in CALENDARS:
        raise ContractError(f"Calendar {contract.calendar} is none of {', '.join(CALENDARS)}", place=place)
    for record_type in contract.record_types:
        _check_record_type(record_type, place)
    called_alike = {one.name for one in contract.record_types[1:]} & {c.name for c in contract.main.columns}
    if called_alike:
        raise ContractError(f"Record types are called like columns of the first: {sorted(called_alike)}", place=place)
    for what, names in (
        ("Rule ids", [rule.id for rule in contract.rules]),
        ("Record types", [record_type.name for record_type in contract.record_types]),
        ("Tables", [record_type.table for record_type in contract.record_types]),
        ("Sections", [str(record_type.section) for record_type in contract.record_types]),
    ):
        if len(names) != len(set(names)):
            raise ContractError(f"{what} repeat: {sorted({n for n in names if names.count(n) > 1})}", place=place)


def _check_record_type(record_type: RecordType, place: Place) -> None:
    for rule in record_type.row_rules:
        _check_row_rule(record_type, rule, place)
    if record_type.feed_code == MANIFEST_FEED:
        return
    for rule in record_type.rules:
        if not rule.id.startswith(f"{record_type.prefix}-"):
            raise ContractError(
                f"Rule {rule.id} of record type {record_type.name} must begin with {record_type.prefix}-", place=place
            )
    if tuple(c.name for c in record_type.columns[: len(ENVELOPE)]) != ENVELOPE:
        raise ContractError(f"The first columns must be the envelope {', '.join(ENVELOPE)}", place=place)
    for column in record_type.pseudonymised:
        _check_pseudonym(record_type, column, place)
    _check_named_columns(record_type, place)


def _check_row_rule(record_type: RecordType, rule: Rule, place: Place) -> None:
    if rule.expectation != "type" and rule.expectation not in EXPECTATIONS:
        raise ContractError(f"Rule {rule.id}: {rule.expectation} has no SQL predicate", place=place)
    if record_type.feed_code == MANIFEST_FEED and not _is_for_manifests(rule):
        raise ContractError(
            f"Rule {rule.id} cannot be asked of a manifest 清单不支持此规则",
            place=place,
            advice="Say it of one cell: not null, a pattern, a set or list org, a range with its ends.",
        )
    if rule.expectation == CHECK_DIGIT and not _is_check_digit(rule):
        raise ContractError(
            f"Rule {rule.id} says no check digit 校验位规则不完整",
            place=place,
            advice="Give weights (whole numbers), digits, modulus, and as many check_digits as the modulus.",
        )
    mentioned = {str(value) for name, value in rule.kwargs.items() if name.startswith("column")} | set(rule.when)
    unknown = mentioned - {column.name for column in record_type.columns} - {"business_date", "sender_org"}
    if unknown:
        raise ContractError(f"Rule {rule.id} speaks of unknown columns {sorted(unknown)}", place=place)


def _is_check_digit(rule: Rule) -> bool:
    weights, modulus = rule.kwargs.get("weights", []), rule.kwargs.get("modulus", 0)
    return (
        bool(weights)
        and all(isinstance(weight, int) for weight in weights)
        and isinstance(modulus, int)
        and 0 < modulus == len(str(rule.kwargs.get("check_digits", "")))
        and bool(rule.kwargs.get("digits"))
    )


def _check_named_columns(record_type: RecordType, place: Place) -> None:
    """The columns that a record type names for a purpose are its own."""
    purposes = {
        "controlSum": (record_type.control_sum,),
        "amount": (record_type.amount or {}).values(),
        "setKey": record_type.set_key,
        "entity": (record_type.entity or ())[1:],
        "parent": (record_type.parent or ())[1:],
    }
    known = {column.name for column in record_type.columns}
    for purpose, names in purposes.items():
        unknown = {name for name in names if name is not None} - known
        if unknown:
            raise ContractError(
                f"Record type {record_type.name}: {purpose} speaks of unknown columns {sorted(unknown)}", place=place
            )


def _check_pseudonym(record_type: RecordType, column: Column, place: Place) -> None:
    """A pseudonym is text without the form of what it stands for."""
    unknown = set(column.pseudonymise or ()) - {other.name for other in record_type.file_columns}
    if unknown:
        raise ContractError(
            f"Column {column.name}: pseudonymise speaks of unknown columns {sorted(unknown)}", place=place
        )
    asked = [
        rule.id for rule in column.rules if rule.expectation not in ("type", "expect_column_values_to_not_be_null")
    ]
    if column.type != "text" or (column.max_length or 0) < PSEUDONYM_LENGTH or column.key_position or asked:
        raise ContractError(
            f"Column {column.name} cannot be pseudonymised 该列不能假名化",
            place=place,
            advice=f"It must be text of {PSEUDONYM_LENGTH} characters or more, no key, without rules but required.",
        )


def _is_for_manifests(rule: Rule) -> bool:
    return (
        (rule.expectation == "type" or rule.expectation in _OF_MANIFESTS)
        and rule.code_list in (None, "org")
        and not {"strict_min", "strict_max"} & set(rule.kwargs)
    )
