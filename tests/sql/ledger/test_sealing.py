"""Seals on reference data: filling renews them, and does not make good what somebody altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg import sql

from ciq.database import connect
from ciq.ledger.events import append_event
from ciq.ledger.layouts import columns_of
from ciq.ledger.prepare import prepare_database
from ciq.ledger.sealing import rows_to_seal, sealed_total
from ciq.settings import Settings
from ciq.verifying.reference import sealed_rows


@pytest.fixture
def owner(prepared: Settings) -> Iterator[psycopg.Connection]:
    with connect(prepared, "owner", autocommit=True) as connection:
        yield connection


def breaches(settings: Settings) -> list[str]:
    with connect(settings, "auditor") as connection:
        return [breach.place for breach in sealed_rows(connection)]


def seals(owner: psycopg.Connection) -> int:
    row = owner.execute("select count(*) from audit.event where kind = 'reference'").fetchone()
    assert row is not None
    return int(row[0])


def test_filling_sets_right_what_the_files_say_and_seals_nothing_else(
    prepared: Settings, owner: psycopg.Connection
) -> None:
    before = seals(owner)
    owner.execute("update ref.code set name_en = 'x' where list_id = 'country' and code = '840'")
    owner.execute("delete from ref.calendar where day = '2010-06-08'")
    owner.execute("insert into ref.code (list_id, code, name_zh, name_en) values ('country', 'ZZZ', '某国', 'Nowhere')")
    unfilled = "ref.code list_id=country code=ZZZ"
    assert breaches(prepared) == ["ref.calendar day=2010-06-08", "ref.code list_id=country code=840", unfilled]
    prepare_database(prepared)
    assert (seals(owner), breaches(prepared)) == (before, [unfilled])
    owner.execute("delete from ref.code where code = 'ZZZ'")
    assert breaches(prepared) == []


def test_what_filling_changes_is_sealed_anew(prepared: Settings, owner: psycopg.Connection) -> None:
    before = seals(owner)
    prepare_database(prepared.model_copy(update={"last_day": date(2010, 7, 1)}))
    assert breaches(prepared) == []
    assert seals(owner) > before


def test_a_seal_that_the_loader_forged_hides_nothing(prepared: Settings, owner: psycopg.Connection) -> None:
    owner.execute("update ref.code set name_en = 'x' where list_id = 'country' and code = '840'")
    with connect(prepared, "loader") as connection:
        connection.execute("delete from audit.sealed_row where relation = 'ref.code'")
        connection.execute(sql.SQL("insert into audit.sealed_row {}").format(rows_to_seal(connection, "ref.code")))
        rows, digest = sealed_total(connection, "ref.code")
        forged = {"relation": "ref.code", "columns": columns_of(connection, "ref.code"), "rows": rows, "digest": digest}
        append_event(connection, "dimensions", forged)
    assert breaches(prepared) == ["audit.sealed_row of ref.code"]
    prepare_database(prepared)
    assert breaches(prepared) == []


def test_the_loader_seals_no_reference_data_and_decides_nothing(prepared: Settings) -> None:
    for login, kind in (("loader", "decision"), ("loader", "reference"), ("engineer", "publication")):
        with (
            connect(prepared, login) as connection,  # type: ignore[arg-type]
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("select audit.append_event(%s, '{}')", (kind,))
