"""The feeds' tables of accepted rows: made from the contracts, widened when a contract gains a nullable column."""

from __future__ import annotations

import logging

import psycopg

from ciq.contracts.model import Column, Contract, ContractSet
from ciq.contracts.tables import add_column, comment_ods, create_ods, index_ods, table_columns
from ciq.errors import ContractError, Place

log = logging.getLogger(__name__)


def make_ods(connection: psycopg.Connection, contracts: ContractSet) -> None:
    """Bring the feeds' tables in line with the contracts, as the owner. One transaction.

    A nullable column that a contract gained is added; rows accepted before keep their digests. Raises ContractError for
    a change that breaks what stands: another type, a column that is gone or newly required, another table.
    """
    with connection.transaction():
        for contract in contracts.feeds:
            for version in contracts.contracts:
                if version.feed_code == contract.feed_code:
                    _check_version(version, contract)
            connection.execute(create_ods(contract))
            _widen(connection, contract)
            for statement in (*index_ods(contract), *comment_ods(contract)):
                connection.execute(statement)


def _check_version(version: Contract, newest: Contract) -> None:
    """All versions of a feed share one table, which has the columns of the newest."""
    if version.id != newest.id:
        raise _breaks(newest, f"its versions name two tables 各版本表名不同: {version.id}, {newest.id}")
    types = {column.name: column.type for column in newest.columns}
    for column in version.columns:
        _check_column(newest, column.name, column.type, types.get(column.name))


def _check_column(contract: Contract, name: str, before: str, now: str | None) -> None:
    if now is None:
        raise _breaks(contract, f"column {name} is gone 列已删除")
    if before.replace(" ", "") != now.replace(" ", ""):
        raise _breaks(contract, f"column {name} was {before} and is {now} 列类型改变")


def _widen(connection: psycopg.Connection, contract: Contract) -> None:
    found = table_columns(connection, contract)
    for name, type_ in found.items():
        _check_column(contract, name, type_, next((c.type for c in contract.columns if c.name == name), None))
    for column in contract.columns:
        if column.name not in found:
            _add(connection, contract, column)


def _add(connection: psycopg.Connection, contract: Contract, column: Column) -> None:
    if column.required:
        raise _breaks(contract, f"new column {column.name} is required 新增列不得为必填")
    connection.execute(add_column(contract, column))
    log.info("ods.%s has the new column %s", contract.id, column.name)


def _breaks(contract: Contract, what: str) -> ContractError:
    return ContractError(
        f"Contract {contract.feed_code} {contract.version} breaks its table ods.{contract.id} 契约变更不兼容: {what}",
        place=Place(feed=contract.feed_code),
        advice="Only nullable columns may be added. Keep the column as it was, or give the new one another name;"
        " that a cell must be there from some day on is said by a rule (docs/engineer.md, Contracts).",
    )
