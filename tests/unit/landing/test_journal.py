"""The journal: every event leaves the database once, in order, and disagreement is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ciq.contracts.reading import parse_contract, read_contract
from ciq.database import connect
from ciq.landing.journal import event_path, flush, keep_texts, read_events, read_text
from ciq.landing.store import LandingError
from ciq.ledger.events import append_event
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Settings:
    prepare_database(settings)
    return settings


@pytest.fixture
def loader(warehouse: Settings) -> Iterator[psycopg.Connection]:
    with connect(warehouse, "loader", autocommit=True) as connection:
        yield connection


@pytest.fixture
def journal(warehouse: Settings) -> Path:
    return warehouse.landing_root / "journal"


def append(connection: psycopg.Connection, count: int) -> int:
    number = 0
    for index in range(count):
        with connection.transaction():
            number = append_event(connection, "test", {"名": "南京", "index": index})
    return number


def test_events_are_written_in_order_and_once(warehouse: Settings, loader: psycopg.Connection, journal: Path) -> None:
    last = append(loader, 3)
    first = flush(warehouse, loader)
    assert first.flushed_to == last
    again = flush(warehouse, loader)
    assert (again.events, again.texts, again.flushed_to) == (0, 0, last)
    events = list(read_events(journal))
    assert [event["event_no"] for event in events] == list(range(1, last + 1))
    assert json.loads(events[-1]["payload"]) == {"名": "南京", "index": 2}
    # The chain can be checked from the files alone.
    for event in events:
        parts = (event["event_no"], event["at_epoch"], event["kind"], event["payload"], event["prev_hash"])
        text = "\n".join(str(part) for part in parts)
        assert hashlib.sha256(text.encode()).hexdigest() == event["hash"]


def test_the_contract_texts_are_kept_by_their_hash(
    warehouse: Settings, loader: psycopg.Connection, journal: Path
) -> None:
    flush(warehouse, loader)
    (together,) = (journal / "text_sets").iterdir()
    names = json.loads(together.read_text())
    assert "f01_declaration.odcs.yaml" in names
    assert "code_lists/org.csv" in names
    for name, digest in names.items():
        assert (journal / "texts" / digest).read_bytes() == (warehouse.contracts / name).read_bytes()


def test_a_contract_with_windows_line_ends_is_found_by_its_hash(warehouse: Settings, tmp_path: Path) -> None:
    path = tmp_path / "f01_declaration.odcs.yaml"
    path.write_bytes((warehouse.contracts / path.name).read_bytes().replace(b"\n", b"\r\n"))
    settings = warehouse.model_copy(update={"contracts": tmp_path, "home": tmp_path / "home"})
    keep_texts(settings)
    contract = read_contract(path)
    text = read_text(settings, contract.text_sha256)
    assert text is not None
    assert parse_contract(text, name=path.name) == contract


def test_a_flush_that_was_killed_before_its_mark_is_repeated(
    warehouse: Settings, loader: psycopg.Connection, journal: Path
) -> None:
    append(loader, 2)
    last = flush(warehouse, loader).flushed_to
    loader.execute("update audit.journal_mark set flushed_to = %s", (last - 2,))
    assert flush(warehouse, loader).flushed_to == last


def test_an_event_that_is_not_committed_is_not_written(
    warehouse: Settings, loader: psycopg.Connection, journal: Path
) -> None:
    with connect(warehouse, "loader") as writing:
        number = append_event(writing, "test", {"committed": False})
        flush(warehouse, loader)
        assert not event_path(journal, number).exists()
        writing.rollback()


def test_a_file_that_says_something_else_is_found(
    warehouse: Settings, loader: psycopg.Connection, journal: Path
) -> None:
    append(loader, 1)
    last = flush(warehouse, loader).flushed_to
    path = event_path(journal, last)
    path.chmod(0o644)
    path.write_text(path.read_text().replace("test", "lies"))
    loader.execute("update audit.journal_mark set flushed_to = %s", (last - 1,))
    with pytest.raises(LandingError, match=path.name):
        flush(warehouse, loader)
