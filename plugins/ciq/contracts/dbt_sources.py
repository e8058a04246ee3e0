"""The dbt source YAML of schema ods, compiled from the contracts."""

from __future__ import annotations

import json

from ciq.contracts.model import ContractSet, RecordType

_HEAD = """\
# Compiled from the contracts: `ciq contracts compile`. Do not edit.
version: 2

sources:
  - name: ods
    description: "Typed rows of every accepted delivery; never updated. 已接受的记录,从不修改。"
    schema: ods
    tables:
"""

_LEAD = (
    ("slice_version_id", "Slice version that the row belongs to / 数据片版本"),
    ("delivery_id", "Delivery that brought the row / 交付"),
    ("sender_org", "Branch that sent it / 报送机构"),
    ("business_date", "Business date of the delivery / 业务日期"),
    ("record_no", "Record within the file, from 1 / 记录序号"),
    ("line_no", "Line of the file on which the record begins / 文件行号"),
)


def render_sources(contracts: ContractSet) -> str:
    """The text of `_ods__sources.yml`: one table per record type, with its columns in both languages."""
    return _HEAD + "".join(_table(record_type) for record_type in contracts.record_types)


def _table(record_type: RecordType) -> str:
    columns = [*_LEAD, *((c.name, f"{c.name_en} / {c.name_zh}") for c in record_type.columns)]
    what = f"{record_type.feed_code} {record_type.name_zh} {record_type.name_en}: {record_type.grain}"
    lines = [
        f"      - name: {record_type.table}",
        f"        description: {_quoted(what)}",
        "        columns:",
    ]
    for name, description in columns:
        lines += [f"          - name: {name}", f"            description: {_quoted(description)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A YAML double-quoted scalar; JSON strings are such."""
    return json.dumps(text, ensure_ascii=False)
