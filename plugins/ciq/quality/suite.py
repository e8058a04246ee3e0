"""Compile a feed's contract into a Great Expectations suite, without importing Great Expectations.

The suite is written from the contract's expectations, not from the SQL predicates that judged the rows before: it is
their audit, and the repetition is meant. The predicates' own work on a cell (trimming, casting) is audited by columns
that the query asset adds (see `audited_rows`): `<column>__kept`, whether the typed value is the one that was received,
for what is no text, `<column>__text`, the cell as received; and for what ends in a check digit, `<column>__rest`, what
its weighted sum leaves of the modulus.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from ciq.contracts.model import CHECK_DIGIT, Column, Contract, RecordType, Rule
from ciq.errors import ContractError

REJECT_LIMIT_RULE = "D-reject_limit"
"""Broken records above the contract's limit, per delivery: a query grouped by delivery over all candidate rows."""

_BLANKS = " \t\u3000\u00a0\r\n"
_INTEGER = "^-?[0-9]+$"
_LEXICAL = {
    "smallint": _INTEGER,
    "integer": _INTEGER,
    "bigint": _INTEGER,
    "date": "^[0-9]{4}(-[0-9]{2}-[0-9]{2}|[0-9]{4})$",
    "timestamp": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?$",
}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Rows that a rule speaks of: `column` is (operator 'in') or is not (operator '!=') one of `values`."""

    column: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One GX expectation of a rule; a rule may need several. It holds for rows that meet all `conditions`."""

    record_type: str
    """Name of the record type whose rows it is asked of."""
    rule_id: str
    severity: str
    type: str
    kwargs: Mapping[str, Any]
    conditions: tuple[Condition, ...]
    code_list: str | None = None
    personal: bool = False
    """True: cell values must not leave the database."""

    def as_json(self) -> dict[str, Any]:
        """The part that decides what is checked: what the suite's hash covers."""
        return {
            "rule": self.rule_id,
            "severity": self.severity,
            "type": self.type,
            "kwargs": dict(self.kwargs),
            "conditions": [[c.column, c.operator, list(c.values)] for c in self.conditions],
        }


@dataclass(frozen=True, kw_only=True)
class CompiledSuite:
    """The expectations of one contract version with the code lists of the day, and the hash over all of it."""

    name: str
    expectations: tuple[Expectation, ...]
    limit_query: str
    """Deliveries over the reject limit; `{batch}` stands for rows of (_delivery_id, broken)."""

    @property
    def hash(self) -> str:
        """sha256 over the suite as canonical JSON: the same rules and code lists give the same hash."""
        content = {"expectations": [e.as_json() for e in self.expectations], "limit": self.limit_query}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def conditions_sql(conditions: tuple[Condition, ...]) -> str:
    """The conditions as SQL over the audited rows; true or null, as in GX, where no condition fails."""
    parts = [
        sql.SQL("{} {} ({})").format(
            sql.Identifier(c.column),
            sql.SQL("not in" if c.operator == "!=" else "in"),
            sql.SQL(", ").join(map(sql.Literal, c.values)),
        )
        for c in conditions
    ]
    return sql.SQL(" and ").join(parts).as_string(None) or "true"


def compile_suite(contract: Contract, codes: Mapping[str, tuple[str, ...]]) -> CompiledSuite:
    """Compile every row rule of the contract, of all its record types. `codes`: code list -> its codes.

    Raises ContractError for a code list that is not known or empty: every row would break it.
    """
    expectations = [
        e
        for record_type in contract.record_types
        for rule in record_type.row_rules
        for e in _expectations(record_type, rule, codes)
    ]
    limit = contract.reject_limit
    return CompiledSuite(
        name=f"{contract.id} {contract.version}",
        expectations=tuple(sorted(expectations, key=lambda e: (e.rule_id, e.type, json.dumps(dict(e.kwargs))))),
        limit_query=(
            "select _delivery_id, count(*) as received, count(*) filter (where broken) as broken from {batch}"
            " group by _delivery_id"
            f" having count(*) filter (where broken) > greatest({limit.rows}, {limit.share!r} * count(*))"
            " order by _delivery_id"
        ),
    )


def _expectations(record_type: RecordType, rule: Rule, codes: Mapping[str, tuple[str, ...]]) -> Iterator[Expectation]:
    conditions = [Condition(column=name, operator="in", values=values) for name, values in sorted(rule.when.items())]
    if rule.content_only:
        conditions.append(Condition(column="op", operator="!=", values=("D",)))
    column = record_type.column(rule.column) if rule.column else None
    for kind, kwargs in _checks(record_type, rule, column, codes):
        yield Expectation(
            record_type=record_type.name,
            rule_id=rule.id,
            severity=rule.severity,
            type=kind,
            kwargs=kwargs,
            conditions=tuple(conditions),
            code_list=rule.code_list,
            personal=column is not None and column.classification is not None,
        )


def _checks(
    record_type: RecordType, rule: Rule, column: Column | None, codes: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if rule.expectation == "expect_column_pair_values_a_to_be_greater_than_b":
        yield rule.expectation, {**rule.kwargs, "ignore_row_if": "either_value_is_missing"}
        return
    if column is None or rule.expectation is None:
        raise ContractError(f"Rule {rule.id} names no column or no expectation")
    if rule.expectation == "type":
        yield from _type_checks(column)
    elif rule.id == record_type.rule_id(f"{column.name}-required"):
        yield rule.expectation, {"column": text_name(column)}
    elif rule.expectation == CHECK_DIGIT:
        yield "expect_column_values_to_be_in_set", {"column": rest_name(column), "value_set": [0]}
    elif rule.code_list:
        if not codes.get(rule.code_list):
            raise ContractError(f"Rule {rule.id}: code list {rule.code_list} is empty", advice="Run `ciq init`.")
        yield rule.expectation, {"column": column.name, "value_set": sorted(codes[rule.code_list])}
    else:
        yield rule.expectation, {"column": column.name, **rule.kwargs}


def _type_checks(column: Column) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "expect_column_values_to_be_in_set", {"column": kept_name(column), "value_set": [True]}
    if column.type == "text":
        yield "expect_column_value_lengths_to_be_between", {"column": text_name(column), "max_value": column.max_length}
    else:
        yield "expect_column_values_to_match_regex", {"column": text_name(column), "regex": _lexical_form(column)}


def _lexical_form(column: Column) -> str:
    parts = column.numeric_parts
    if parts is None:
        return _LEXICAL[column.type]
    precision, scale = parts
    return f"^-?[0-9]{{1,{precision - scale}}}([.][0-9]{{1,{scale}}})?$"


def text_name(column: Column) -> str:
    """The audited column with the cell as received, without blanks at its ends; for text that is kept so, its own."""
    is_kept = column.type == "text" and column.pseudonymise is None
    return column.name if is_kept else f"{column.name}__text"


def kept_name(column: Column) -> str:
    """The audited column that says whether the typed value is the cell's."""
    return f"{column.name}__kept"


def rest_name(column: Column) -> str:
    """The audited column with what the weighted sum of a code, its check digit included, leaves of the modulus."""
    return f"{column.name}__rest"


def audited_rows(
    record_type: RecordType, *, candidate: sql.Composable, raw: sql.Composable, accepted: bool
) -> sql.Composed:
    """The query asset: one row per candidate row, with what was received beside the typed values.

    `accepted`: only the rows that are about to be accepted.
    """
    columns = [sql.SQL("c.{}").format(sql.Identifier(column.name)) for column in record_type.columns]
    cells = []
    for column in record_type.file_columns:
        cells.append(
            sql.SQL("nullif(btrim({0}, {1}), '') as {0}").format(sql.Identifier(column.name), sql.Literal(_BLANKS))
        )
        columns.append(sql.SQL("coalesce({}, false) as {}").format(_kept(column), sql.Identifier(kept_name(column))))
        if text_name(column) != column.name:
            names = sql.Identifier(column.name), sql.Identifier(text_name(column))
            columns.append(sql.SQL("t.{} as {}").format(*names))
    columns += [
        sql.SQL("{} as {}").format(_rest(rule), sql.Identifier(rest_name(column)))
        for column in record_type.columns
        for rule in column.rules
        if rule.expectation == CHECK_DIGIT
    ]
    return sql.SQL(
        "select c._delivery_id, c._record_no, c._line_no, c._released, c.business_date, c.sender_org, {columns}"
        " from {candidate} c left join (select _delivery_id, _record_no, {cells} from {raw}) t"
        " on t._delivery_id = c._delivery_id and t._record_no = c._record_no{only}"
    ).format(
        columns=sql.SQL(", ").join(columns),
        cells=sql.SQL(", ").join(cells),
        candidate=candidate,
        raw=raw,
        only=sql.SQL(" where c._broken = '{}'") if accepted else sql.SQL(""),
    )


def _rest(rule: Rule) -> sql.Composed:
    """What the whole code adds up to, the check digit with weight 1: nothing is left of a right one. -1: it is none."""
    name, weights = sql.Identifier(rule.column or ""), rule.kwargs["weights"]
    parts = [
        sql.SQL("{} * (position(substr(c.{}, {}, 1) in {}) - 1)").format(
            sql.Literal(weight), name, sql.Literal(place), sql.Literal(rule.kwargs["digits"])
        )
        for place, weight in enumerate(weights, start=1)
    ]
    return sql.SQL(
        "case when c.{name} is null then null when length(c.{name}) <> {length}"
        " or ltrim(left(c.{name}, -1), {digits}) <> '' or position(right(c.{name}, 1) in {checks}) = 0 then -1"
        " else mod({parts} + position(right(c.{name}, 1) in {checks}) - 1, {modulus}) end"
    ).format(
        name=name,
        length=sql.Literal(len(weights) + 1),
        digits=sql.Literal(rule.kwargs["digits"]),
        checks=sql.Literal(rule.kwargs["check_digits"]),
        parts=sql.SQL(" + ").join(parts),
        modulus=sql.Literal(rule.kwargs["modulus"]),
    )


def _kept(column: Column) -> sql.Composed:
    """True where the typed value says the same as the cell; a cell and no value, or a value and no cell, is not kept.

    Without colons: GX hands the query to SQLAlchemy, which takes them for parameters.
    """
    if column.pseudonymise is not None:
        return _kept_or_pseudonym(column.name, column.pseudonymise)
    same = {
        "text": "c.{0} is not distinct from t.{0}",
        "date": "to_char(c.{0}, 'YYYYMMDD') is not distinct from replace(t.{0}, '-', '')",
        "timestamp": "to_char(c.{0}, 'YYYYMMDDHH24MISS') is not distinct from"
        " rpad(regexp_replace(t.{0}, '[^0-9]', '', 'g'), 14, '0')",
    }.get(
        column.type,
        "case when t.{0} ~ '^-?[0-9]{{1,30}}([.][0-9]{{1,30}})?$' then c.{0} = cast(t.{0} as numeric)"
        " else c.{0} is null and t.{0} is null end",
    )
    return sql.SQL(same).format(sql.Identifier(column.name))


def _kept_or_pseudonym(name: str, unless: Mapping[str, tuple[str, ...]]) -> sql.Composed:
    """True where the cell became something of a pseudonym's form, or stands as it was where `unless` says so.

    The key is not known here: that equal cells have equal pseudonyms is not audited.
    """
    kept: list[sql.Composable] = [
        sql.SQL("t.{} in ({})").format(sql.Identifier(other), sql.SQL(", ").join(map(sql.Literal, values)))
        for other, values in unless.items()
    ]
    return sql.SQL(
        "case when t.{name} = '***' then false"  # the mask of a return file, which is nobody
        " when {kept} then c.{name} is not distinct from t.{name} when t.{name} is null then c.{name} is null"
        " else c.{name} ~ '^P-[0-9a-f]{{24}}$' and c.{name} <> t.{name} end"
    ).format(kept=sql.SQL(" and ").join(kept) if kept else sql.SQL("false"), name=sql.Identifier(name))
