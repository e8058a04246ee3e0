"""The data dictionary page, compiled from the contracts: every column and every rule in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from ciq.contracts.model import Column, Contract, ContractSet, RecordType, Rule

_HEAD = """# Data dictionary 数据字典

Compiled from `expectations/*.odcs.yaml` by `ciq contracts compile`; do not edit. 由数据契约编译生成, 请勿手工修改。
"""


def render_dictionary(contracts: ContractSet) -> str:
    """The page as Markdown: the manifest first, then every feed."""
    parts = [_HEAD]
    for contract in (contracts.manifest, *contracts.feeds):
        parts += list(_feed(contract))
    return "\n".join(parts).rstrip() + "\n"


def _feed(contract: Contract) -> Iterator[str]:
    yield f"## {contract.feed_code} {contract.name_zh} {contract.name_en}\n"
    yield f"{contract.purpose} {contract.usage}\n"
    for record_type in contract.record_types:
        if record_type is not contract.main:
            yield f"\n### {record_type.name_zh} {record_type.name_en}\n"
        section = f" Section 分区: `{record_type.section}`." if record_type.section else ""
        yield (
            f"Grain: {record_type.grain}. Key: {', '.join(record_type.key)}.{section}"
            f" Contract `{contract.id}` {contract.version}."
        )
        if record_type is contract.main:
            yield from _terms(contract)
        yield from _tables(record_type)
        yield from _places(contract, record_type)


def _terms(contract: Contract) -> Iterator[str]:
    if contract.calendar != "never":
        yield f"Due: {contract.calendar}, by {contract.cutoff} of the next day (Asia/Shanghai)."
    limit = contract.reject_limit
    yield f"Held when more than max({limit.rows}, {limit.share:.0%} of the records) are broken."


def _places(contract: Contract, record_type: RecordType) -> Iterator[str]:
    """Where each column stands in a file of fixed width, where a branch writes such files."""
    for layout in (one for one in contract.formats.values() if one.delimiter == "FIXED"):
        at, places = 1, []
        for column in record_type.file_columns:
            width = layout.width_of(column)
            places.append(f"`{column.name}` {at}–{at + width - 1}")
            at += width + layout.gap
        yield f"Fixed width, places counted in {layout.unit} 定长文件各字段位置: {', '.join(places)}.\n"


def _tables(record_type: RecordType) -> Iterator[str]:
    yield "\n| column 字段 | 名称 | name | type 类型 | required 必填 |\n|---|---|---|---|---|"
    yield from map(_column, record_type.columns)
    yield "\n| rule 规则 | severity 级别 | scope 范围 | 说明 | message |\n|---|---|---|---|---|"
    yield from (_rule(rule) for rule in record_type.rules if not rule.id.endswith(("-required", "-type")))
    yield ""


def _column(column: Column) -> str:
    expression = (column.expression or "").replace("|", "\\|")
    derived = f" (computed, not in the file 计算得出: `{expression}`)" if expression else ""
    length = f"({column.max_length})" if column.max_length else ""
    return (
        f"| `{column.name}` | {column.name_zh} | {column.name_en}{derived} | {column.type}{length} |"
        f" {'yes 是' if column.required else ''} |"
    )


def _rule(rule: Rule) -> str:
    zh, en = (text.replace("|", "\\|") for text in (rule.message_zh, rule.message_en))
    return f"| `{rule.id}` | {rule.severity} | {rule.scope} | {zh} | {en} |"
