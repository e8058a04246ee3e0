"""What the contracts' YAML says, read as plain YAML: columns, types, rules, limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[3] / "expectations"
ENVELOPE = ("record_id", "op", "version_no", "op_time", "org_code")


@dataclass(frozen=True)
class Rule:
    """A critical row rule; `when` = column -> values for which it applies."""

    name: str
    kind: str
    arguments: dict[str, Any]
    code_list: str | None
    when: dict[str, list[str]]


@dataclass(frozen=True)
class Column:
    """A column and its rules; `derived` = not in the file, worked out by this expression."""

    name: str
    type: str
    required: bool
    length: int | None
    width: int | None
    key: bool
    derived: str | None
    rules: tuple[Rule, ...]
    tells_of_person: dict[str, list[str]] | None
    """Not None: a pseudonym stands for it, unless each of these columns holds one of these values."""

    @property
    def always_told(self) -> bool:
        """A void (op D) must tell it too."""
        return not self.derived and (self.key or self.name in ENVELOPE)


@dataclass(frozen=True)
class Feed:
    """One contract, with what it says of the first record type."""

    code: str
    columns: tuple[Column, ...]
    reject_rows: int
    reject_share: Decimal
    amount: str | None
    is_set: bool
    calendar: str
    since: date
    entity: str
    """The column by which rows belong together: decl_no, case_no, notice_no, org_code."""
    entity_name: str
    record_name: str
    """The element of a record in XML."""
    formats: dict[str, dict[str, Any]]

    def width(self, column: Column, layout: dict[str, Any]) -> int:
        """Places of a column in a file of fixed width: the contract's own, or what the longest value needs."""
        if column.width:
            return column.width
        if column.type == "text":
            return (column.length or 0) * (2 if layout.get("unit") == "bytes" else 1)
        if column.type.startswith("numeric"):
            return int(column.type.split("(")[1].split(",")[0]) + 2
        return {"date": 10, "timestamp": 19, "smallint": 6, "integer": 11, "bigint": 20}[column.type]

    @cached_property
    def personal(self) -> tuple[Column, ...]:
        """Columns that may tell of a person."""
        return tuple(column for column in self.columns if column.tells_of_person is not None)

    @property
    def names(self) -> list[str]:
        """Columns of the file, in order."""
        return [column.name for column in self.columns if not column.derived]


@cache
def feeds() -> dict[str, Feed]:
    """Feed code -> contract; F00 is the manifest."""
    found = [_feed(yaml.safe_load(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.odcs.yaml"))]
    return {feed.code: feed for feed in found}


@cache
def build_rules() -> dict[str, str]:
    """Rules of scope build and their severity."""
    found = {}
    for path in sorted(FOLDER.glob("*.odcs.yaml")):
        for record_type in yaml.safe_load(path.read_text("utf-8"))["schema"]:
            for rule in record_type.get("quality", []):
                if _properties(rule).get("scope") == "build":
                    found[rule["id"]] = rule["severity"]
    return found


def _feed(document: dict[str, Any]) -> Feed:
    own = _properties(document)
    limit = own.get("rejectLimit", {"rows": 0, "share": 0})
    return Feed(
        code=own["feedCode"],
        columns=tuple(_column(column) for column in document["schema"][0]["properties"]),
        reject_rows=limit["rows"],
        reject_share=Decimal(str(limit["share"])),
        amount=own.get("controlSum"),
        is_set="setKey" in own,
        calendar=own.get("calendar", "never"),
        since=date.fromisoformat(str(own.get("effectiveFrom", "1900-01-01"))),
        entity=own.get("entity", {}).get("column", ""),
        entity_name=own.get("entity", {}).get("name", ""),
        record_name=document["schema"][0]["name"],
        formats={**own.get("formats", {}).get("branches", {}), "": own.get("formats", {}).get("default", {})},
    )


def _column(document: dict[str, Any]) -> Column:
    return Column(
        name=document["name"],
        type=document["physicalType"],
        required=document.get("required", False),
        length=document.get("logicalTypeOptions", {}).get("maxLength"),
        width=_properties(document).get("width"),
        key=document.get("primaryKey", False),
        derived=document.get("transformLogic"),
        rules=tuple(_rule(rule) for rule in document.get("quality", []) if rule["severity"] == "critical"),
        tells_of_person=_person(_properties(document)),
    )


def _person(own: dict[str, Any]) -> dict[str, list[str]] | None:
    return own["pseudonymise"].get("unless", {}) if "pseudonymise" in own else None


def _rule(document: dict[str, Any]) -> Rule:
    own = _properties(document)
    kind = document["implementation"]["type"]
    return Rule(document["id"], kind, document["implementation"]["kwargs"], own.get("codeList"), own.get("when", {}))


def _properties(document: dict[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in document.get("customProperties", [])}
