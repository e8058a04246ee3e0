"""Row rules as SQL: one statement types a load's rows and names the rules that each breaks.

The predicates are written from the contract alone. Great Expectations checks the same rules from the same contract by
its own means (`ciq.quality.suite`); a property test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from psycopg import sql

from ciq.contracts.model import CHECK_DIGIT, MASK, Column, RecordType, Rule
from ciq.contracts.tables import candidate_table, raw_table
from ciq.errors import ContractError

SET_INCOMPLETE = "set_incomplete"

BLANKS = " \t　\u00a0\r\n"
"""Characters that do not count at the ends of a cell: ASCII blanks, the full-width space and the no-break space."""

_DATE = "^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})$"
_TIMESTAMP = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


_NOTHING = sql.SQL("")


def lexical_form(column: Column) -> str | None:
    """The pattern that a cell must match before it is cast: PostgreSQL would also take NaN, 1_000, 1E5 or today."""
    parts = column.numeric_parts
    if parts:
        precision, scale = parts
        return f"^-?[0-9]{{1,{precision - scale}}}(\\.[0-9]{{1,{scale}}})?$"
    return {
        "smallint": "^-?[0-9]{1,5}$",
        "integer": "^-?[0-9]{1,10}$",
        "bigint": "^-?[0-9]{1,19}$",
        "date": _DATE,
        "timestamp": _TIMESTAMP,
    }.get(column.type)


def judge_rows(record_type: RecordType, load_id: int) -> sql.Composed:
    """The set-based pass: raw text in, typed rows with `_broken` and `_warned` out.

    Each layer ends in `offset 0`, so that a cell is trimmed and cast once, however many rules look at it.
    """
    return sql.SQL(
        "insert into {candidate} (_delivery_id, _record_no, _line_no, business_date, sender_org, {names},"
        " _broken, _warned)\n"
        "select _delivery_id, _record_no, _line_no, business_date, sender_org, {names},\n"
        "  case when _shape is not null then array[_shape] else array_remove(array[{broken}]::text[], null) end,\n"
        "  array_remove(array[{warned}]::text[], null)\n"
        "from (select t.*{derived} from (\n"
        "  select x._delivery_id, x._record_no, x._line_no, x._shape, x.business_date, x.sender_org, {typed}\n"
        "  from (\n"
        "    select r._delivery_id, r._record_no, coalesce(r._line_no, r._record_no + 1) as _line_no,\n"
        "      coalesce(r._shape, case when r._tail <> '' then 'S-fields' end) as _shape,\n"
        "      d.business_date, d.org_code as sender_org, {trimmed}\n"
        "    from {raw} r join audit.delivery d on d.delivery_id = r._delivery_id offset 0\n"
        "  ) x offset 0\n"
        ") t offset 0) y"
    ).format(
        candidate=candidate_table(record_type, load_id),
        raw=raw_table(record_type, load_id),
        names=_commas(sql.Identifier(c.name) for c in record_type.columns),
        trimmed=_commas(_trim(c) for c in record_type.file_columns),
        typed=_commas(part for c in record_type.file_columns for part in _typed(c)),
        derived=sql.SQL("").join(_derived(c) for c in record_type.columns if c.is_derived),
        broken=_rule_names(record_type, critical=True),
        warned=_rule_names(record_type, critical=False),
    )


def complete_sets(record_type: RecordType, load_id: int) -> sql.Composed | None:
    """Where one row of an item set is broken, the whole set is (decisions 4). None: there are no sets.

    A broken row whose version cannot be read spoils every set of its declaration in the delivery.
    """
    if not record_type.set_key:
        return None
    owner, *rest = record_type.set_key
    same = sql.SQL(" and ").join(
        sql.SQL("(b.{0} is null or b.{0} = c.{0})").format(sql.Identifier(name)) for name in rest
    )
    return sql.SQL(
        "update {table} c set _broken = array[{rule}] from (select distinct _delivery_id, {owner}, {rest} from {table}"
        " where _broken <> '{{}}' and {owner} is not null) b"
        " where c._broken = '{{}}' and b._delivery_id = c._delivery_id and b.{owner} = c.{owner} and {same}"
    ).format(
        table=candidate_table(record_type, load_id),
        rule=sql.Literal(record_type.rule_id(SET_INCOMPLETE)),
        owner=sql.Identifier(owner),
        rest=_commas(sql.Identifier(name) for name in rest),
        same=same,
    )


def _commas(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(list(parts))


def _trim(column: Column) -> sql.Composed:
    name = sql.Identifier(column.name)
    return sql.SQL("nullif(btrim(r.{0}, {1}), '') as {0}").format(name, sql.Literal(BLANKS))


def _typed(column: Column) -> list[sql.Composed]:
    """The typed value, null where it cannot be read, and whether that is so."""
    name = sql.Identifier(column.name)
    bad = sql.Identifier(f"{column.name}?")
    if column.type == "text":
        masked = (
            sql.SQL(" or x.{} = {}").format(name, sql.Literal(MASK)) if column.pseudonymise is not None else _NOTHING
        )
        return [
            _text(column),
            sql.SQL("coalesce(length(x.{0}) > {1}{2}, false) as {3}").format(
                name, sql.Literal(column.max_length), masked, bad
            ),
        ]
    readable = _readable(column)
    return [
        sql.SQL("case when {0} then x.{1}::{2} end as {1}").format(readable, name, sql.SQL(column.type)),
        sql.SQL("(x.{0} is not null and not {1}) as {2}").format(name, readable, bad),
    ]


def _text(column: Column) -> sql.Composed:
    """The cell, or its pseudonym where it tells of a person."""
    name = sql.Identifier(column.name)
    if column.pseudonymise is None:
        return sql.SQL("x.{}").format(name)
    kept: list[sql.Composable] = [
        sql.SQL("x.{} in ({})").format(sql.Identifier(other), _commas(map(sql.Literal, values)))
        for other, values in column.pseudonymise.items()
    ]
    if not kept:
        return sql.SQL("audit.pseudonym(x.{0}) as {0}").format(name)
    return sql.SQL("case when {0} then x.{1} else audit.pseudonym(x.{1}) end as {1}").format(
        sql.SQL(" and ").join(kept), name
    )


def _readable(column: Column) -> sql.Composed:
    name = sql.Identifier(column.name)
    form = sql.SQL("x.{} ~ {}").format(name, sql.Literal(lexical_form(column)))
    if column.numeric_parts:
        return sql.SQL("({})").format(form)
    return sql.SQL("(case when {} then pg_input_is_valid(x.{}, {}) else false end)").format(
        form, name, sql.Literal(column.type)
    )


def _derived(column: Column) -> sql.Composed:
    return sql.SQL(", ({}) as {}").format(sql.SQL(column.expression or "null"), sql.Identifier(column.name))


def _rule_names(record_type: RecordType, *, critical: bool) -> sql.Composed:
    rules = [rule for rule in record_type.row_rules if (rule.severity == "critical") is critical]
    parts: list[sql.Composable] = [
        sql.SQL("case when {} then {} end").format(violation(rule), sql.Literal(rule.id)) for rule in rules
    ] or [sql.SQL("null")]
    return sql.SQL(",\n    ").join(parts)


def violation(rule: Rule) -> sql.Composed:
    """SQL that is true for a row that breaks the rule; false or null for one that does not."""
    broken = _violation(rule)
    conditions: list[sql.Composable] = [
        sql.SQL("{} in ({})").format(sql.Identifier(name), _commas(map(sql.Literal, values)))
        for name, values in rule.when.items()
    ]
    if rule.content_only:
        conditions.append(sql.SQL("op <> 'D'"))
    return sql.SQL(" and ").join([*conditions, broken])


def _violation(rule: Rule) -> sql.Composed:
    if rule.expectation == "expect_column_pair_values_a_to_be_greater_than_b":
        compare = sql.SQL("<") if rule.kwargs.get("or_equal") else sql.SQL("<=")
        return sql.SQL("{} {} {}").format(
            sql.Identifier(rule.kwargs["column_A"]), compare, sql.Identifier(rule.kwargs["column_B"])
        )
    if rule.column is None:
        raise ContractError(f"Rule {rule.id} names no column")
    if rule.expectation not in _OF_COLUMN:
        raise ContractError(f"Rule {rule.id}: {rule.expectation} has no SQL predicate")
    return _OF_COLUMN[rule.expectation](sql.Identifier(rule.column), rule)


def _unlike(name: sql.Identifier, rule: Rule) -> sql.Composed:
    return sql.SQL("{} !~ {}").format(name, sql.Literal(rule.kwargs["regex"]))


def _unlisted(name: sql.Identifier, rule: Rule) -> sql.Composed:
    return sql.SQL("{} not in ({})").format(name, _members(rule))


def _other_check_digit(name: sql.Identifier, rule: Rule) -> sql.Composed:
    """Whether the last character is another one than those before it ask for, or these are not such digits."""
    weights, digits = rule.kwargs["weights"], sql.Literal(rule.kwargs["digits"])
    weighted = sql.SQL(" + ").join(
        sql.SQL("{} * (strpos({}, substr({}, {}, 1)) - 1)").format(weight, digits, name, place)
        for place, weight in enumerate(map(sql.Literal, weights), start=1)
    )
    return sql.SQL(
        "(length({name}) <> {length} or translate(left({name}, -1), {digits}, '') <> '' or right({name}, 1)"
        " <> substr({checks}, 1 + mod({modulus} - mod({weighted}, {modulus}), {modulus}), 1))"
    ).format(
        name=name,
        length=sql.Literal(len(weights) + 1),
        digits=digits,
        checks=sql.Literal(rule.kwargs["check_digits"]),
        modulus=sql.Literal(rule.kwargs["modulus"]),
        weighted=weighted,
    )


def _unreadable(_: sql.Identifier, rule: Rule) -> sql.Composed:
    return sql.SQL("{}").format(sql.Identifier(f"{rule.column}?"))


def _missing(name: sql.Identifier, rule: Rule) -> sql.Composed:
    """A cell that is there and cannot be read breaks the type rule, not this one."""
    if rule.id.endswith("-required"):
        return sql.SQL("{} is null and not {}").format(name, sql.Identifier(f"{rule.column}?"))
    return sql.SQL("{} is null").format(name)


def _members(rule: Rule) -> sql.Composable:
    if rule.code_list == "org":
        return sql.SQL("select org_code from ref.org")
    if rule.code_list:
        return sql.SQL("select code from ref.code where list_id = {}").format(sql.Literal(rule.code_list))
    return _commas(map(sql.Literal, rule.kwargs["value_set"]))


def _outside(name: sql.Identifier, rule: Rule) -> sql.Composed:
    bounds: list[sql.Composable] = []
    low, high = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
    if low is not None:
        compare = sql.SQL("<=") if rule.kwargs.get("strict_min") else sql.SQL("<")
        bounds.append(sql.SQL("{} {} {}").format(name, compare, sql.Literal(low)))
    if high is not None:
        compare = sql.SQL(">=") if rule.kwargs.get("strict_max") else sql.SQL(">")
        bounds.append(sql.SQL("{} {} {}").format(name, compare, sql.Literal(high)))
    return sql.SQL("({})").format(sql.SQL(" or ").join(bounds))


_OF_COLUMN: dict[str, Callable[[sql.Identifier, Rule], sql.Composed]] = {
    "type": _unreadable,
    "expect_column_values_to_not_be_null": _missing,
    "expect_column_values_to_match_regex": _unlike,
    "expect_column_values_to_be_in_set": _unlisted,
    "expect_column_values_to_be_between": _outside,
    CHECK_DIGIT: _other_check_digit,
}
"""What a rule asks of one column -> SQL that is true where it is broken."""
