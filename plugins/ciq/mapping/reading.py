"""Read mappings, and check them against the contract of their feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ciq.contracts import Contract, RecordType, load_contracts
from ciq.errors import Place
from ciq.mapping.cells import PLACEHOLDER
from ciq.mapping.model import ColumnMapping, Mapping, MappingError

FOLDER = "mappings"
GIVEN = ("branch", "business_date")
"""What `value` may name besides columns."""

_PROBES = (date(2001, 2, 3), date(2010, 12, 11))


def mapping_names(contracts: Path) -> list[str]:
    """Names of the mappings that are there."""
    return sorted(path.stem for path in (contracts / FOLDER).glob("*.yaml"))


def load_mappings(contracts: Path, feed: str | None = None) -> Iterator[Mapping]:
    """Every mapping, or those of one feed. Raises MappingError for one that is wrong."""
    for name in mapping_names(contracts):
        mapping = load_mapping(contracts, name)
        if feed in (None, mapping.feed):
            yield mapping


def load_mapping(contracts: Path, name: str) -> Mapping:
    """Read `mappings/<name>.yaml` below the contracts' folder and check it against the newest contract of its feed.

    Raises MappingError with the file, the key, and what is wrong with it.
    """
    if name not in mapping_names(contracts):
        known = ", ".join(mapping_names(contracts)) or "none 无"
        raise MappingError(
            f"There is no mapping {name!r} 没有该映射",
            advice=f"Known 已有: {known}; they stand in {contracts / FOLDER}.",
        )
    document, text = _document(contracts / FOLDER / f"{name}.yaml", ())
    place = Place(file=f"{FOLDER}/{name}.yaml")
    try:
        mapping = Mapping.model_validate({"name": name, "text": text, **document})
    except ValidationError as error:
        raise MappingError(f"The mapping is wrong 映射有误: {_first_of(error)}", place=place) from error
    contract = next((one for one in load_contracts(contracts).feeds if one.feed_code == mapping.feed), None)
    if contract is None:
        raise MappingError(f"feed: there is no feed {mapping.feed} 没有该数据源", place=place)
    for problem in problems_of(mapping, contract):
        raise MappingError(f"The mapping is wrong 映射有误: {problem}", place=place)
    return mapping


def _document(path: Path, above: tuple[Path, ...]) -> tuple[dict[str, Any], bytes]:
    """The mapping's keys, and its text; with `extends`, those of the other one where it says nothing itself."""
    place = Place(file=f"{FOLDER}/{path.name}")
    if path in above:
        raise MappingError("extends: mappings extend each other in a circle 循环继承", place=place)
    try:
        text = path.read_bytes()
        document = yaml.safe_load(text.decode("utf-8"))
    except FileNotFoundError as error:
        raise MappingError(f"extends: there is no mapping {path.stem!r} 没有该映射", place=place) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:300]
        raise MappingError(f"The mapping is no YAML in UTF-8 映射不是 UTF-8 的 YAML: {said}", place=place) from error
    if not isinstance(document, dict) or not isinstance(document.get("columns", {}), dict):
        raise MappingError("The mapping and its `columns` must be keys with values 映射应为键值", place=place)
    for given in ("name", "text"):
        if given in document:
            raise MappingError(f"{given}: unknown key 未知键", place=place)
    base = document.pop("extends", None)
    if base is None:
        return document, text
    below, _ = _document(path.with_name(f"{base}.yaml"), (*above, path))
    columns = {**below.get("columns", {}), **document.get("columns", {})}
    merged = {**below, **document, "columns": columns}
    return merged, yaml.safe_dump(merged, allow_unicode=True, sort_keys=False).encode()


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    found = "" if first["type"] in ("missing", "extra_forbidden") else f", found 实为 {first['input']!r:.80}"
    said = {"extra_forbidden": "unknown key 未知键", "missing": "is missing 缺少"}.get(first["type"], first["msg"])
    quote = "; put it in quotation marks 请加引号" if first["type"] == "string_type" else ""
    return f"{where}: {said}{found}{quote}"


def problems_of(mapping: Mapping, contract: Contract) -> Iterator[str]:
    """What the mapping says that the contract does not allow, key by key."""
    if contract.record_types[1:]:
        yield f"feed {mapping.feed}: a mapped file has no sections for several record types 映射文件不能含多类记录"
    record_type = contract.main
    known = {column.name: column for column in record_type.file_columns}
    for name in mapping.columns:
        if name not in known:
            yield f"columns.{name}: {contract.id} has no such column 契约无此列"
    for column in record_type.file_columns:
        spec = mapping.columns.get(column.name)
        if column.required and (spec is None or spec.optional):
            yield f"columns.{column.name}: the contract requires it; say `from` or `value` 契约必填, 须给出来源"
    for name, spec in mapping.columns.items():
        if name in known:
            yield from _column_problems(mapping, record_type, name, spec)
    yield from _date_problems(mapping.dates)


def _column_problems(mapping: Mapping, record_type: RecordType, name: str, spec: ColumnMapping) -> Iterator[str]:
    key = f"columns.{name}"
    if bool(spec.names) == (spec.value is not None):
        yield f"{key}: say either `from` or `value` 二者须居其一"
    if spec.default is not None and not spec.values:
        yield f"{key}.default: has no meaning without `map` 无 `map` 时无意义"
    for word in PLACEHOLDER.findall(spec.value or ""):
        if word not in GIVEN and not (word in mapping.columns and mapping.columns[word].names):
            yield f"{key}.value: {{{word}}} is neither a column with `from` nor branch, business_date 未知占位符"
    if spec.pad_fraction and not _has_pattern(record_type, name):
        yield f"{key}.pad_fraction: no pattern rule keeps doubtful references out 该列无格式规则, 存疑编号无法隔离"
    if spec.names and record_type.column(name).type in ("date", "timestamp") and not mapping.dates:
        yield f"dates: say how {key} is written, for example '%d/%m/%Y' 须给出日期格式"


def _has_pattern(record_type: RecordType, name: str) -> bool:
    rules = record_type.column(name).rules
    return any(r.expectation == "expect_column_values_to_match_regex" and r.severity == "critical" for r in rules)


def _date_problems(styles: list[str]) -> Iterator[str]:
    for style in styles:
        if any(_read(day.strftime(style), style) != day for day in _PROBES):
            yield f"dates: {style!r} does not tell day, month and year 未含年月日"
    for one, other in combinations(styles, 2):
        for text in (day.strftime(style) for day in _PROBES for style in (one, other)):
            days = {_read(text, one), _read(text, other)} - {None}
            if len(days) > 1:
                yield f"dates: {one!r} and {other!r} read {text!r} as two days; keep one 日月次序有歧义, 只能保留其一"
                break


def _read(text: str, style: str) -> date | None:
    try:
        return datetime.strptime(text, style).date()  # noqa: DTZ007 - a probe of the style
    except (ValueError, re.error):
        return None
