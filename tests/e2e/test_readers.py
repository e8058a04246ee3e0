"""Who reads while publications come and go sees one or the other, whole."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import pytest

from ciq.building import build
from ciq.database import connect
from support.bureau import Bureau
from support.hard_cases import TUESDAY_STEPS, WEDNESDAY_STEPS

pytestmark = pytest.mark.slow

APART = """
    select count(*) from (
        select stat_date, org_id, ie_flag, sum(lots) as lots, sum(value_usd_header) as usd
        from published.fct_volume group by 1, 2, 3
    ) volume full join (
        select stat_date, org_id, ie_flag, sum(value_usd) as usd from published.fct_value group by 1, 2, 3
    ) value using (stat_date, org_id, ie_flag)
    where volume.lots is null or volume.usd is distinct from coalesce(value.usd, 0)"""
"""Days, branches and directions of which volume and value do not tell the same; one statement."""
VOLUME = "select coalesce(sum(lots), 0), coalesce(sum(value_usd_header), 0) from published.fct_volume"
VALUE = "select coalesce(sum(value_usd), 0) from published.fct_value"
LOTS = """select coalesce(sum(lots), 0), coalesce(sum(value_usd) filter (where is_counted), 0)
    from published.fct_inspection_lot"""
GROUPS = (TUESDAY_STEPS, WEDNESDAY_STEPS[:4], WEDNESDAY_STEPS[4:-1])


class Reader(threading.Thread):
    """Reads in a loop, in single statements and in transactions that see one snapshot."""

    def __init__(self, bureau: Bureau) -> None:
        super().__init__(daemon=True)
        self._bureau = bureau
        self._done = threading.Event()
        self.apart: list[object] = []
        self.seen: list[tuple[object, ...]] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with connect(self._bureau.settings, "bi_reader", autocommit=True) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                while not self._done.is_set():
                    self._read(connection)
        except psycopg.Error as error:
            self.error = error

    def _read(self, connection: psycopg.Connection) -> None:
        (apart,) = connection.execute(APART).fetchone() or (None,)
        if apart:
            self.apart.append(apart)
        with connection.transaction():
            volume = connection.execute(VOLUME).fetchone() or ()
            value = connection.execute(VALUE).fetchone() or ()
            lots = connection.execute(LOTS).fetchone() or ()
        state = (*volume, *value, *lots)
        if not self.seen or self.seen[-1] != state:
            self.seen.append(state)

    def end(self) -> None:
        self._done.set()
        self.join(60)


def test_nobody_sees_volume_without_value(make_bureau: Callable[..., Bureau]) -> None:
    bureau = make_bureau("readers")
    reader = Reader(bureau)
    reader.start()
    with connect(bureau.settings, "bi_reader") as patient:
        patient.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert patient.execute(VOLUME).fetchone() == (0, 0)
        try:
            for steps in GROUPS:
                for step in steps:
                    step(bureau)
                bureau.load()
                build(bureau.settings, "test")
        finally:
            reader.end()
        assert patient.execute(VOLUME).fetchone() == (0, 0), "a transaction keeps the publication that it began with"
    assert reader.error is None
    assert reader.apart == []
    for volume_lots, volume_usd, value_usd, lots, lots_usd in reader.seen:
        assert (volume_lots, volume_usd, volume_usd) == (lots, lots_usd, value_usd)
    assert len(reader.seen) >= len(GROUPS), "it read between the publications too"
    assert reader.seen[0][0] == 0
