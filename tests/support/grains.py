"""Whether grains refuse nulls: null is unlike itself, so such a row would be closed and opened again by each build."""

from __future__ import annotations

import psycopg
import pytest

from ciq.building.marts import grain_columns, versioned_marts
from ciq.database import connect
from support.bureau import Bureau


def marts_whose_grain_refuses_nulls(bureau: Bureau) -> set[str]:
    """Try to put a null into each column of the grain of every mart that has rows; returns these marts."""
    tried = set()
    with connect(bureau.settings, "dbt") as connection:
        for mart in versioned_marts(connection):
            if not connection.execute(f"select from marts.{mart} limit 1".encode()).fetchall():
                continue
            tried.add(mart)
            for column in grain_columns(connection, mart):
                with pytest.raises(psycopg.errors.NotNullViolation, match=mart), connection.transaction():
                    connection.execute(
                        f"insert into marts.{mart} select (jsonb_populate_record(it,"
                        f" '{{\"{column}\": null}}')).* from marts.{mart} it limit 1".encode()
                    )
    return tried
