"""As-of by time follows the publication numbers, whatever the clock and the other writers of the log do."""

from __future__ import annotations

import threading

import psycopg
import pytest

from ciq.database import connect
from ciq.settings import Settings

PUBLISH = (
    "insert into audit.publication (publication_no, promoted_at, build_id, run_ref, slices, keys, contracts_hash,"
    " codes_hash, models_hash) select audit.next_no(), '1990-01-01', build_id, 'test', 0, 0, '', '', ''"
    " from audit.build limit 1 returning promoted_at"
)


@pytest.fixture(scope="module")
def built(prepared: Settings) -> Settings:
    """With a build to publish."""
    with connect(prepared, "loader") as connection:
        connection.execute("insert into audit.build (publication_no, run_ref) values (1, 'test')")
    return prepared


def value(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_the_time_is_taken_under_the_lock_of_the_chain(built: Settings) -> None:
    promoted: list[object] = []

    def publish() -> None:
        with connect(built, "loader") as connection:
            promoted.append(value(connection, PUBLISH))

    with connect(built, "owner", autocommit=True) as writer:
        writer.execute("select pg_advisory_lock(7300001)")
        thread = threading.Thread(target=publish)
        thread.start()
        while not value(writer, "select count(*) from pg_locks where objid = 7300001 and not granted"):
            pass
        released_after = value(writer, "select clock_timestamp()")
        writer.execute("select pg_advisory_unlock(7300001)")
        thread.join()
        assert promoted[0] > released_after  # type: ignore[operator]


def test_a_clock_set_back_does_not_turn_the_order_round(built: Settings) -> None:
    with connect(built, "owner", autocommit=True) as owner:
        value(owner, PUBLISH)
        owner.execute(
            "update audit.publication set promoted_at = clock_timestamp() + interval '1 hour'"
            " where publication_no = audit.promoted_no()"
        )
        later = value(owner, PUBLISH)
        number = value(owner, "select audit.promoted_no()")
        owner.execute("select set_config('ciq.as_of', %s, false)", (str(later),))
        assert value(owner, "select published.as_of_no()") == number
        earlier = "select (max(promoted_at) - interval '1 microsecond')::text from audit.publication"
        owner.execute("select set_config('ciq.as_of', %s, false)", (str(value(owner, earlier)),))
        assert value(owner, "select published.as_of_no()") == int(str(number)) - 1


def test_a_number_that_was_never_published_is_refused(prepared: Settings) -> None:
    with connect(prepared, "bi_reader") as reader:
        reader.execute("set ciq.as_of = '99'")
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="no publication 99"):
            reader.execute("select published.as_of_no()")
