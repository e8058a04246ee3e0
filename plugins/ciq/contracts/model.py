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
    """One column of a feed's records. `expression` is SQL over the other columns: derived, not in the file."""

    name: str
    type: str
    required: bool
    name_zh: str
    name_en: str
    description: str
    key_position: int | None = None
    max_length: int | None = None
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


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """How a branch writes a feed's files."""

    encoding: str = "GB18030"
    delimiter: str = ","
    trailing_delimiter: bool = False


@dataclass(frozen=True, kw_only=True)
class RejectLimit:
    """A delivery is held when more than max(rows, share x received) of its records are broken."""

    share: float
    rows: int

    def allows(self, *, broken: int, received: int) -> bool:
        """Whether a delivery with so many broken records may still be accepted."""
        return broken <= max(Decimal(self.rows), Decimal(str(self.share)) * received)


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One version of one feed's contract, with the text it was read from."""

    feed_code: str
    id: str
    version: str
    name_zh: str
    name_en: str
    purpose: str
    usage: str
    grain: str
    effective_from: date
    columns: tuple[Column, ...]
    table_rules: tuple[Rule, ...]
    text_sha256: str
    calendar: str = "never"
    cutoff: str = "02:00"
    load_group: str = ""
    reject_limit: RejectLimit = RejectLimit(share=0.05, rows=5)
    formats: Mapping[str, FileFormat] = field(default_factory=dict)
    control_sum: str | None = None
    amount: Mapping[str, str] | None = None
    set_key: tuple[str, ...] = ()
    entity: tuple[str, str] | None = None
    """(entity, column): what a build rebuilds when a row of this feed changes."""

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
        """Every rule of the contract, column by column, then those of the table."""
        return tuple(rule for column in self.columns for rule in column.rules) + self.table_rules

    @property
    def row_rules(self) -> tuple[Rule, ...]:
        """The rules that single rows keep or break."""
        return tuple(rule for rule in self.rules if rule.scope == "row")

    def cell_of(self, rule: Rule) -> str | None:
        """The column of the file in which a rule finds its fault; of a derived column, the one it is derived from."""
        if rule.column is None:
            return None
        expression = self.column(rule.column).expression or rule.column
        words = re.findall(r"\w+", expression)
        return next((column.name for column in self.file_columns if column.name in words), rule.column)

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
