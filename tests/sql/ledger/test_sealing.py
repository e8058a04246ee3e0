"""Seals on reference data: filling renews them, and does not make good what somebody altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from ciq.database import connect
from ciq.ledger.prepare import prepare_database
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


def test_the_loader_seals_no_reference_data_and_decides_nothing(prepared: Settings) -> None:
    for login, kind in (("loader", "decision"), ("loader", "reference"), ("engineer", "publication")):
        with (
            connect(prepared, login) as connection,  # type: ignore[arg-type]
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("select audit.append_event(%s, '{}')", (kind,))
