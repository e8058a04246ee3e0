"""`ciq init`: migrations, roles, reference data and the feeds' tables. Safe to run again at any time."""

from __future__ import annotations

import logging

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import CiqError
from ciq.ledger.claims import fill_claims
from ciq.ledger.locks import BUILD
from ciq.ledger.migrate import migrate
from ciq.ledger.ods import make_ods
from ciq.ledger.pseudonyms import adopt_key, make_key
from ciq.ledger.reference import analyze_reference, fill_due_days, fill_reference
from ciq.ledger.roles import make_roles
from ciq.ledger.sealing import sealed_reference
from ciq.settings import Settings

log = logging.getLogger(__name__)

OLDEST_SERVER = 160000


def prepare_database(settings: Settings) -> list[str]:
    """Bring the database to this version of the code; returns the migrations applied. Waits for a build under way.

    Raises CiqError for a server older than PostgreSQL 16.
    """
    contracts = load_contracts(settings.contracts)
    with connect(settings, "owner", application="ciq init") as connection:
        if connection.info.server_version < OLDEST_SERVER:
            raise CiqError(
                f"PostgreSQL {connection.info.server_version // 10000} is too old",
                advice="Point CIQ_WAREHOUSE_URL to PostgreSQL 16 or newer.",
            )
        connection.execute("select pg_advisory_lock(%s)", (BUILD,))
        connection.commit()
        applied = migrate(connection)
        make_key(connection, settings)
        adopt_key(connection, settings)
        make_roles(
            connection,
            settings.roles_file,
            reader_connections=settings.reader_connections,
            branch_reader_connections=settings.branch_reader_connections,
        )
        make_ods(connection, contracts)
        with sealed_reference(connection):
            fill_reference(connection, settings.contracts / "code_lists", contracts)
            fill_due_days(connection, settings.first_day, settings.last_day)
            fill_claims(connection, settings.contracts)
        connection.commit()
        connection.autocommit = True
        analyze_reference(connection)
    return applied
