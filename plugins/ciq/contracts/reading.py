"""Read ODCS files: validate against the standard's schema, then against what our compilers can do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from ciq.contracts.checking import check
from ciq.contracts.model import (
    ENVELOPE,
    MASK,
    Column,
    Contract,
    ContractSet,
    FileFormat,
    RecordType,
    RejectLimit,
    Rule,
)
from ciq.errors import ContractError, Place

_TYPE_WORDS = {
    "smallint": ("整数", "a whole number"),
    "integer": ("整数", "a whole number"),
    "bigint": ("整数", "a whole number"),
    "date": ("日期 (yyyy-MM-dd)", "a date (yyyy-MM-dd)"),
    "timestamp": ("时间 (yyyy-MM-dd HH:mm:ss)", "a time (yyyy-MM-dd HH:mm:ss)"),
}


def load_contracts(folder: Path) -> ContractSet:
    """Read every `*.odcs.yaml` below `folder`.

    Raises ContractError naming the file and the first thing that is wrong.
    """
    paths = sorted(folder.rglob("*.odcs.yaml"))
    if not paths:
        raise ContractError(f"No contracts (*.odcs.yaml) in {folder}", advice="Set CIQ_CONTRACTS to their folder.")
    return _load(tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=4)
def _load(paths: tuple[tuple[Path, int], ...]) -> ContractSet:
    contracts = ContractSet(tuple(read_contract(path) for path, _ in paths))
    seen: set[tuple[str, date]] = set()
    for contract in contracts.contracts:
        identity = (contract.feed_code, contract.effective_from)
        if identity in seen:
            raise ContractError(f"Two contracts of {contract.feed_code} start on {contract.effective_from}")
        seen.add(identity)
    return contracts


def validate_odcs(document: Any, path: Path) -> None:
    """Check a document against the JSON schema of the standard (its Python model lets unknown keys pass)."""
    import jsonschema

    schema = json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))
    errors = sorted(jsonschema.Draft201909Validator(schema).iter_errors(document), key=lambda e: list(map(str, e.path)))
    if errors:
        where = "/".join(str(part) for part in errors[0].path)
        raise ContractError(f"Not a valid ODCS contract at {where}: {errors[0].message}", place=Place(file=path.name))


def read_contract(path: Path) -> Contract:
    """Read one contract. Raises ContractError with the file's name."""
    # Line ends as they are: the hash is that of the file, under which the journal keeps it.
    text = path.read_bytes().decode("utf-8")
    try:
        return parse_contract(text, name=path.name)
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(f"Contract cannot be read: {error!r}", place=Place(file=path.name)) from error


def parse_contract(text: str, *, name: str) -> Contract:
    """Compile the text of one ODCS document. Raises ContractError, KeyError or ValueError for what is missing."""
    document = yaml.safe_load(text)
    properties = _custom(document)
    feed_code = str(properties["feedCode"])
    contract = Contract(
        feed_code=feed_code,
        id=str(document["id"]),
        version=str(document["version"]),
        name_zh=str(properties["nameZh"]),
        name_en=str(properties["nameEn"]),
        purpose=str(document["description"]["purpose"]),
        usage=str(document["description"]["usage"]),
        effective_from=date.fromisoformat(str(properties["effectiveFrom"])),
        record_types=tuple(
            _record_type(item, properties, mark=f"-{item['name']}" if position else "")
            for position, item in enumerate(document["schema"])
        ),
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        calendar=str(properties.get("calendar", "never")),
        cutoff=str(properties.get("cutoff", "02:00")),
        load_group=str(properties.get("loadGroup", "")),
        reject_limit=RejectLimit(**properties.get("rejectLimit", {"share": 0.05, "rows": 5})),
        formats=_formats(properties.get("formats", {})),
    )
    check(contract, name)
    return contract


def _record_type(item: Mapping[str, Any], of_contract: Mapping[str, Any], *, mark: str) -> RecordType:
    """One object of the document's schema. What the contract says as a whole holds for each that says nothing else."""
    properties = {**of_contract, **_custom(item)}
    feed_code = str(properties["feedCode"])
    amount = properties.get("amount")
    entity, parent = properties.get("entity"), properties.get("parent")
    return RecordType(
        feed_code=feed_code,
        name=str(item["name"]),
        mark=mark,
        table=str(item["physicalName"]),
        section=properties.get("section"),
        name_zh=str(properties["nameZh"]),
        name_en=str(properties["nameEn"]),
        grain=str(item["dataGranularityDescription"]),
        columns=tuple(_column(column, feed_code, feed_code + mark) for column in item["properties"]),
        table_rules=tuple(_rule(rule, feed_code, None) for rule in item.get("quality", [])),
        control_sum=properties.get("controlSum"),
        amount=dict(amount) if amount else None,
        set_key=tuple(properties.get("setKey", ())),
        entity=(entity["name"], entity["column"]) if entity else None,
        parent=(parent["name"], parent["column"]) if parent else None,
    )


def _custom(item: Mapping[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in item.get("customProperties", [])}


def _formats(value: Mapping[str, Any]) -> dict[str, FileFormat]:
    formats = {branch: _file_format(item) for branch, item in value.get("branches", {}).items()}
    if "default" in value:
        formats["default"] = _file_format(value["default"])
    return formats


def _file_format(item: Mapping[str, Any]) -> FileFormat:
    """Raises TypeError for a key that no format has."""
    keys: dict[str, Any] = {
        name: tuple(value) if name in ("totals", "notes") else value for name, value in item.items()
    }
    return FileFormat(trailing_delimiter=bool(keys.pop("trailingDelimiter", False)), **keys)


def _column(item: Mapping[str, Any], feed_code: str, prefix: str) -> Column:
    properties = _custom(item)
    column = Column(
        name=item["name"],
        type=item["physicalType"],
        required=bool(item["required"]),
        name_zh=properties["nameZh"],
        name_en=item["businessName"],
        description=item["description"],
        key_position=item.get("primaryKeyPosition"),
        max_length=(item.get("logicalTypeOptions") or {}).get("maxLength"),
        width=properties.get("width"),
        classification=item.get("classification"),
        expression=item.get("transformLogic"),
        pseudonymise=_pseudonymise(properties.get("pseudonymise")),
    )
    rules = _implied_rules(column, feed_code, prefix) if not column.is_derived else []
    rules += [_rule(entry, feed_code, column) for entry in item.get("quality", [])]
    return Column(**{**column.__dict__, "rules": tuple(rules)})


def _pseudonymise(value: Mapping[str, Any] | None) -> dict[str, tuple[str, ...]] | None:
    if value is None:
        return None
    return {name: tuple(values) for name, values in value.get("unless", {}).items()}


def _is_content(column: Column) -> bool:
    return column.name not in ENVELOPE and column.key_position is None


def _implied_rules(column: Column, feed_code: str, prefix: str) -> list[Rule]:
    """The rules that every column has without saying so: it is there when required, and it can be read."""
    zh, en = _complaint(column)
    common = {
        "feed_code": feed_code,
        "scope": "row",
        "severity": "critical",
        "column": column.name,
        "content_only": _is_content(column),
    }
    rules = [
        Rule(
            id=f"{prefix}-{column.name}-type",
            dimension="conformity",
            expectation="type",
            message_zh=f"{column.name_zh}{zh}",
            message_en=f"{column.name} {en}",
            **common,  # type: ignore[arg-type]
        )
    ]
    if column.required:
        rules.insert(
            0,
            Rule(
                id=f"{prefix}-{column.name}-required",
                dimension="completeness",
                expectation="expect_column_values_to_not_be_null",
                message_zh=f"{column.name_zh}不得为空",
                message_en=f"{column.name} must not be empty",
                **common,  # type: ignore[arg-type]
            ),
        )
    return rules


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _complaint(column: Column) -> tuple[str, str]:
    """What is wrong with a cell that cannot be read, in both languages."""
    if column.type == "text":
        zh, en = f"超过 {column.max_length} 个字符", f"is longer than {_count(column.max_length or 0, 'character')}"
        if column.pseudonymise is None:
            return zh, en
        return (
            f"{zh}, 或为返回文件中的遮盖符 {MASK}",
            f"{en}, or is the mask {MASK} of a return file: write the cell anew",
        )
    parts = column.numeric_parts
    if parts:
        digits, decimals = parts[0] - parts[1], parts[1]
        return (
            f"不是数值 (整数最多 {digits} 位, 小数最多 {decimals} 位)",
            f"is not a number with at most {_count(digits, 'digit')} and {_count(decimals, 'decimal')}",
        )
    zh, en = _TYPE_WORDS[column.type]
    return f"不是{zh}", f"is not {en}"


def _rule(item: Mapping[str, Any], feed_code: str, column: Column | None) -> Rule:
    properties = _custom(item)
    scope = properties["scope"]
    implementation = item.get("implementation") or {}
    when = {name: tuple(values) for name, values in properties.get("when", {}).items()}
    is_row = scope == "row"
    return Rule(
        id=item["id"],
        feed_code=feed_code,
        scope=scope,
        severity=item["severity"],
        dimension=item["dimension"],
        message_zh=properties["messageZh"],
        message_en=properties["messageEn"],
        column=column.name if column else None,
        expectation=implementation.get("type") if is_row else None,
        kwargs=implementation.get("kwargs", {}) if is_row else {},
        code_list=properties.get("codeList"),
        when=when,
        content_only=is_row and not when and column is not None and _is_content(column),
        releasable=not _is_key(column)
        and bool(properties.get("releasable", is_row and not _is_membership(implementation))),
    )


def _is_key(column: Column | None) -> bool:
    """A row whose key is malformed belongs to nothing, whoever releases it."""
    return column is not None and column.key_position is not None


def _is_membership(implementation: Mapping[str, Any]) -> bool:
    """A code that no list has cannot be released: no dimension could say what it means."""
    return implementation.get("type") == "expect_column_values_to_be_in_set"
