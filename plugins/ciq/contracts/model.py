"""A feed's contract, read from its ODCS file into the few types that the compilers need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Scope = Literal["record", "row", "delivery", "build"]
"""Who decides: the parser (record), the predicates (row), the judge (delivery), dbt (build)."""

Severity = Literal["critical", "warning", "info"]

ENVELOPE = ("record_id", "op", "version_no", "op_time", "org_code")
"""Columns that every record of every feed carries first; with the key, all that a void (op D) needs."""

MANIFEST_FEED = "F00"

CHECK_DIGIT = "expect_column_values_to_have_check_digit"
"""A row rule of ours: the last character follows from those before it. kwargs: `weights`, one for each of these;
`digits`, where each stands at its value; `modulus`; `check_digits`, where the last one stands at what is lacking to a
multiple of the modulus."""

MASK = "***"
"""Stands in rejected rows, and so in return files, for a cell that may tell of a person. Nobody is called so."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One quality rule. `when` restricts it to rows whose column holds one of the values."""

    id: str
    feed_code: str
    scope: Scope
    severity: Severity
    dimension: str
    message_zh: str
    message_en: str
    column: str | None = None
    expectation: str | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    code_list: str | None = None
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    content_only: bool = False
    """True: the rule does not speak of voids, whose content columns may be empty."""
    releasable: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a record type. `expression` is SQL over the other columns: derived, not in the file."""

    name: str
    type: str
    required: bool
    name_zh: str
    name_en: str
    description: str
    key_position: int | None = None
    max_length: int | None = None
    width: int | None = None
    """Places in a file of fixed width; None: what its longest value needs."""
    classification: str | None = None
    expression: str | None = None
    pseudonymise: Mapping[str, tuple[str, ...]] | None = None
    """Not None: the load replaces the cell by a pseudonym, unless another column holds one of these values."""
    rules: tuple[Rule, ...] = ()

    @property
    def is_derived(self) -> bool:
        """Whether it is computed from other columns and not in the file."""
        return self.expression is not None

    @property
    def numeric_parts(self) -> tuple[int, int] | None:
        """(precision, scale) of a numeric column, else None."""
        match = re.fullmatch(r"numeric\((\d+),\s*(\d+)\)", self.type)
        return (int(match[1]), int(match[2])) if match else None


_WIDTHS = {"date": 10, "timestamp": 19, "smallint": 6, "integer": 11, "bigint": 20}


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """How a branch writes a feed's files: what its manifests usually say, and what they have no word for."""

    encoding: str = "GB18030"
    delimiter: str = ","
    """What tells cells apart: a delimiter, or FIXED, XML, XLS, XLSX (F00.delimiter)."""
    trailing_delimiter: bool = False
    unit: Literal["characters", "bytes"] = "characters"
    """Of fixed width: what places are counted in."""
    header: bool = True
    """Of fixed width: whether the first line names the columns."""
    gap: int = 0
    """Of fixed width: blanks between two columns."""
    totals: tuple[str, ...] = ("合计", "小计", "总计", "累计", "本页合计", "total", "subtotal")
    """Of sheets: what the first cell of a row that adds up others begins with."""
    notes: tuple[str, ...] = ("注:", "注：", "备注", "说明", "填表", "填报", "制表", "审核", "单位负责人", "note")
    """Of sheets: what the first cell of a footnote begins with."""

    def width_of(self, column: Column) -> int:
        """A column's places in a file of fixed width, in `unit`: as its contract says, else those of its longest value.

        In bytes a character of text has two places, as GB18030 writes nearly all of them.
        """
        if column.width is not None:
            return column.width
        if column.type == "text":
            return (column.max_length or 0) * (2 if self.unit == "bytes" else 1)
        if column.numeric_parts:
            return column.numeric_parts[0] + 2  # sign and point
        return _WIDTHS[column.type]


@dataclass(frozen=True, kw_only=True)
class RejectLimit:
    """A delivery is held when more than max(rows, share x received) of its records are broken."""

    share: float
    rows: int

    def allows(self, *, broken: int, received: int) -> bool:
        """Whether a delivery with so many broken records may still be accepted."""
        return broken <= max(Decimal(self.rows), Decimal(str(self.share)) * received)


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """One kind of records of a feed: what belongs to one table. A feed has one, or several that stand in one file."""

    feed_code: str
    name: str
    mark: str = ""
    """Tells it from its feed's first record type, which has none: `-` and its name. In rule ids and row digests."""
    table: str
    """Name of its table in ods, and part of the names of a load's own tables."""
    section: str | None = None
    """Where its records stand in a file with sections: the name of the sheet or element. None: all over the file."""
    name_zh: str
    name_en: str
    grain: str
    columns: tuple[Column, ...]
    table_rules: tuple[Rule, ...]
    control_sum: str | None = None
    """The column that adds to the manifest's control sum."""
    amount: Mapping[str, str] | None = None
    set_key: tuple[str, ...] = ()
    entity: tuple[str, str] | None = None
    """(entity, column): what a build rebuilds when a row changes."""
    parent: tuple[str, str] | None = None
    """(entity, column): another entity that a row belongs to, by which a build looks its rows up."""

    @property
    def prefix(self) -> str:
        """What the ids of its rules begin with, before a dash: `F09`, `F09-honour`."""
        return self.feed_code + self.mark

    @property
    def file_columns(self) -> tuple[Column, ...]:
        """The columns of the file, in its order."""
        return tuple(column for column in self.columns if not column.is_derived)

    @property
    def pseudonymised(self) -> tuple[Column, ...]:
        """The columns that tell of a person, whose cells the warehouse keeps as pseudonyms only."""
        return tuple(column for column in self.columns if column.pseudonymise is not None)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the natural key's columns, in order."""
        keyed = sorted((c.key_position, c.name) for c in self.columns if c.key_position is not None)
        return tuple(name for _, name in keyed)

    def column(self, name: str) -> Column:
        """The column of that name. Raises StopIteration when there is none."""
        return next(column for column in self.columns if column.name == name)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules, column by column, then those of the table."""
        return tuple(rule for column in self.columns for rule in column.rules) + self.table_rules

    @property
    def row_rules(self) -> tuple[Rule, ...]:
        """The rules that single rows keep or break."""
        return tuple(rule for rule in self.rules if rule.scope == "row")

    def rule_id(self, what: str) -> str:
        """The id of the rule that asks for this of it, such as `decl_no-type`."""
        return f"{self.prefix}-{what}"

    def cell_of(self, rule: Rule) -> str | None:
        """The column of the file in which a rule finds its fault; of a derived column, the one it is derived from."""
        if rule.column is None:
            return None
        expression = self.column(rule.column).expression or rule.column
        words = re.findall(r"\w+", expression)
        return next((column.name for column in self.file_columns if column.name in words), rule.column)


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One version of one feed's contract, with the text it was read from: what holds for a delivery as a whole."""

    feed_code: str
    id: str
    version: str
    name_zh: str
    name_en: str
    purpose: str
    usage: str
    effective_from: date
    record_types: tuple[RecordType, ...]
    text_sha256: str
    calendar: str = "never"
    cutoff: str = "02:00"
    load_group: str = ""
    reject_limit: RejectLimit = RejectLimit(share=0.05, rows=5)
    formats: Mapping[str, FileFormat] = field(default_factory=dict)

    @property
    def main(self) -> RecordType:
        """The first record type: the only one of which a file without sections can have records."""
        return self.record_types[0]

    def record_type(self, name: str | None) -> RecordType:
        """The record type of that name; the first for None. Raises StopIteration when there is none."""
        return next(one for one in self.record_types if one.name == name) if name else self.main

    @property
    def has_control_sum(self) -> bool:
        """Whether a manifest says what the amounts add up to, over all record types."""
        return any(record_type.control_sum for record_type in self.record_types)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the contract, one record type after the other."""
        return tuple(rule for record_type in self.record_types for rule in record_type.rules)

    def format_of(self, branch: str) -> FileFormat:
        """How the branch writes this feed's files."""
        return self.formats.get(branch) or self.formats.get("default") or FileFormat()


@dataclass(frozen=True)
class ContractSet:
    """All contracts, several versions of a feed included."""

    contracts: tuple[Contract, ...]

    @property
    def manifest(self) -> Contract:
        """The contract of F00."""
        return next(contract for contract in self.contracts if contract.feed_code == MANIFEST_FEED)

    @property
    def feeds(self) -> tuple[Contract, ...]:
        """The newest version of each feed's contract, without the manifest's."""
        newest: dict[str, Contract] = {}
        for contract in sorted(self.contracts, key=lambda c: c.effective_from):
            newest[contract.feed_code] = contract
        return tuple(c for code, c in sorted(newest.items()) if code != MANIFEST_FEED)

    def effective(self, feed_code: str, business_date: date) -> Contract | None:
        """The version in force at the business date; None when there is none."""
        candidates = [c for c in self.contracts if c.feed_code == feed_code and c.effective_from <= business_date]
        return max(candidates, key=lambda c: c.effective_from, default=None)

    @property
    def record_types(self) -> tuple[RecordType, ...]:
        """The record types of the feeds' newest contracts, without the manifest's."""
        return tuple(record_type for contract in self.feeds for record_type in contract.record_types)

    @property
    def load_groups(self) -> Mapping[str, tuple[str, ...]]:
        """Load group -> feed codes."""
        groups: dict[str, list[str]] = {}
        for contract in self.feeds:
            groups.setdefault(contract.load_group, []).append(contract.feed_code)
        return {group: tuple(codes) for group, codes in sorted(groups.items())}

    def rules(self) -> Iterator[Rule]:
        """Every rule of the manifest's contract and of the feeds' newest ones."""
        for contract in (self.manifest, *self.feeds):
            yield from contract.rules
