"""The feeds' tables of accepted rows: made from the contracts, widened when a contract gains a nullable column."""

from __future__ import annotations

import logging
from itertools import zip_longest

import psycopg

from ciq.contracts.model import Column, Contract, ContractSet, RecordType
from ciq.contracts.tables import add_column, comment_ods, create_ods, index_ods, table_columns
from ciq.errors import ContractError, Place

log = logging.getLogger(__name__)


def make_ods(connection: psycopg.Connection, contracts: ContractSet) -> None:
    """Bring the feeds' tables in line with the contracts, as the owner. One transaction.

    A nullable column that a contract gained is added; rows accepted before keep their digests. Raises ContractError for
    a change that breaks what stands: another type, a column that is gone or newly required, another table.
    """
    with connection.transaction():
        for newest in contracts.feeds:
            for version in contracts.contracts:
                if version.feed_code == newest.feed_code:
                    _check_version(version, newest)
            for record_type in newest.record_types:
                connection.execute(create_ods(record_type))
                _widen(connection, record_type)
                for statement in (*index_ods(record_type), *comment_ods(record_type)):
                    connection.execute(statement)


def _check_version(version: Contract, newest: Contract) -> None:
    """All versions of a record type share one table, which has the columns of the newest; new types come last."""
    for before, now in zip_longest(version.record_types, newest.record_types[: len(version.record_types)]):
        if now is None or before.name != now.name:
            raise _breaks(before, f"record type {before.name} is gone or has moved 记录类型已删除或次序改变")
        if before.table != now.table:
            raise _breaks(now, f"its versions name two tables 各版本表名不同: {before.table}, {now.table}")
        types = {column.name: column.type for column in now.columns}
        for column in before.columns:
            _check_column(now, column.name, column.type, types.get(column.name))


def _check_column(record_type: RecordType, name: str, before: str, now: str | None) -> None:
    if now is None:
        raise _breaks(record_type, f"column {name} is gone 列已删除")
    if before.replace(" ", "") != now.replace(" ", ""):
        raise _breaks(record_type, f"column {name} was {before} and is {now} 列类型改变")


def _widen(connection: psycopg.Connection, record_type: RecordType) -> None:
    found = table_columns(connection, record_type)
    types = {column.name: column.type for column in record_type.columns}
    for name, type_ in found.items():
        _check_column(record_type, name, type_, types.get(name))
    for column in record_type.columns:
        if column.name not in found:
            _add(connection, record_type, column)


def _add(connection: psycopg.Connection, record_type: RecordType, column: Column) -> None:
    if column.required:
        raise _breaks(record_type, f"new column {column.name} is required 新增列不得为必填")
    connection.execute(add_column(record_type, column))
    log.info("ods.%s has the new column %s", record_type.table, column.name)


def _breaks(record_type: RecordType, what: str) -> ContractError:
    return ContractError(
        f"Contract {record_type.feed_code} breaks its table ods.{record_type.table} 契约变更不兼容: {what}",
        place=Place(feed=record_type.feed_code),
        advice="Only nullable columns may be added. Keep the column as it was, or give the new one another name;"
        " that a cell must be there from some day on is said by a rule (docs/engineer.md, Contracts).",
    )
