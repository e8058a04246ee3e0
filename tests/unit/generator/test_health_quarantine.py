"""F06: what the ports tell of conveyances."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pandas as pd
import pytest

from ciq_demo.generator import Generator, workdays

AUGUST = (date(2010, 8, 1), date(2010, 8, 31))


@pytest.fixture(scope="module")
def told(generator: Generator) -> pd.DataFrame:
    """Conveyances of a month, weekends included."""
    frames = [
        frame
        for day in workdays.all_days(*AUGUST)
        for (feed, _), frame in generator.cases(day).items()
        if feed == "F06"
    ]
    return pd.concat(frames, ignore_index=True).query("event_type != 'PERSON'")


def test_each_conveyance_calls_at_one_port_a_day(told: pd.DataFrame) -> None:
    assert len(told) > 6000
    assert (told["conveyance_id"] != "").all()
    assert told.groupby(["conveyance_id", "event_date"])["port"].nunique().max() == 1
    assert told.groupby(["conveyance_id", "event_date"])["org_code"].nunique().max() == 1, "two branches share a port"


def test_ships_come_again_and_to_other_ports(told: pd.DataFrame) -> None:
    ports: dict[str, set[str]] = defaultdict(set)
    for ship, port in told.query("event_type == 'VESSEL'")[["conveyance_id", "port"]].itertuples(index=False):
        ports[ship].add(port)
    assert sum(len(of_one) > 1 for of_one in ports.values()) > 100
