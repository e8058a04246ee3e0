"""One Great Expectations session over the warehouse: an ephemeral context and one database connection.

Nothing of it is stored and nothing is written: GX's file context is not safe for concurrent writers. The rows to audit
are copied to a temporary table once, because GX scans them once per domain and per pair of columns.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from ciq.quality.postponed import postponed

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.validator.validator import Validator

UNUSED = ("altair", "scipy", "scipy.stats")
"""What GX imports for one expectation that we do not have (KL divergence): a third of its memory."""

INDEX_COLUMNS = ("_delivery_id", "_record_no", "_line_no", "_released")
"""Columns that say which row it is."""


class AuditSession:
    """Temporary tables, validations over them, and plain queries, all on one connection."""

    def __init__(self, context: EphemeralDataContext, source: SQLDatasource) -> None:
        self._context = context
        self._source = source
        self._engine = source.get_execution_engine()
        self._validators: dict[str, Validator] = {}

    def load(self, name: str, query: str) -> str:
        """Copy the rows of `query` to a temporary table, the batch `name`; returns the table's name."""
        definition = self._source.add_query_asset(
            name, query=query.replace(":", r"\:")
        ).add_batch_definition_whole_table(name)
        validator = self._context.get_validator(batch_request=definition.build_batch_request())
        self._validators[name] = validator
        return str(validator.active_batch.data.selectable.name)  # type: ignore[union-attr]

    def seal(self) -> None:
        """From here on the session can read only."""
        self._execute("set session characteristics as transaction read only")

    def validate(
        self,
        name: str,
        expectations: Sequence[ExpectationConfiguration],
        *,
        result_format: str,
        index_columns: Sequence[str] = (),
    ) -> list[ExpectationValidationResult]:
        """Run the expectations over a loaded batch.

        `index_columns`: give the query for the broken rows, with these columns. Not by the format COMPLETE: that
        fetches a cell of every broken row, so its memory grows with the load.
        """
        wanted: dict[str, Any] = {"result_format": result_format}
        if index_columns:
            wanted["return_unexpected_index_query"] = True
            wanted["unexpected_index_column_names"] = list(dict.fromkeys(index_columns))
        return self._validators[name].graph_validate(list(expectations), {"result_format": wanted})

    def close(self) -> None:
        """Log out; the temporary tables go with the connection."""
        self._engine.close()
        self._source.get_engine().dispose()  # another engine: it tried the login and kept its connection

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query. A colon in it is text, never a parameter."""
        import sqlalchemy

        result = self._engine.execute_query(sqlalchemy.text(query.replace(":", r"\:")))
        return [tuple(row) for row in result.fetchall()]

    def _execute(self, statement: str) -> None:
        import sqlalchemy

        self._engine.execute_query_in_transaction(sqlalchemy.text(statement.replace(":", r"\:")))


@contextmanager
def open_session(dsn: str) -> Iterator[AuditSession]:
    """A session as the login of `dsn`, closed at the end. Raises GX's TestConnectionError when it cannot log in."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with postponed(*UNUSED):
        import great_expectations as gx

    # It sets its own level while it is imported, and tells its inner life at INFO.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    with warnings.catch_warnings():
        # GX would rather see add_postgres, whose type for URLs refuses sockets.
        warnings.simplefilter("ignore")
        source = context.data_sources.add_sql(
            "warehouse",
            create_temp_table=True,
            connection_string=urlunsplit(urlsplit(dsn)._replace(scheme="postgresql+psycopg")),
            # Temporary tables belong to a connection: there must be one, and a second must fail rather than miss them.
            kwargs={  # type: ignore[call-arg]
                "pool_size": 1,
                "max_overflow": 0,
                "pool_timeout": 10,
                "connect_args": {"application_name": "ciq gate", "options": "-c client_connection_check_interval=2s"},
            },
        )
    session = AuditSession(context, source)
    try:
        yield session
    finally:
        session.close()
