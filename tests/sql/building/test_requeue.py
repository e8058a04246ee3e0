"""What models read reaches the facts that were published before it changed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ciq.building import build
from ciq.building.requeue import queue_what_changed
from ciq.database import connect
from support.bureau import Bureau, rows_of


def test_a_rate_that_changes_reaches_the_lots_that_used_it(make_bureau: Callable[[str], Bureau]) -> None:
    bureau = make_bureau("requeue")
    assert queue_what_changed(bureau.settings) is False
    bureau.deliver("F01", rows_of("F01", 2, currency="TWD", usd_rate="", total_value="1000.00"))
    bureau.load()
    build(bureau.settings, "test")
    assert queue_what_changed(bureau.settings) is False
    values = "select distinct value_usd from published.fct_inspection_lot"
    before = bureau.fetch(values)
    assert len(before) == 1
    with connect(bureau.settings, "owner") as connection:
        connection.execute("update ref.fx_rate set usd_per_100 = usd_per_100 * 2 where currency = 'TWD'")
    assert queue_what_changed(bureau.settings) is True
    assert build(bureau.settings, "test").publication_no == 2
    after = bureau.fetch(values)
    assert abs(after[0]["value_usd"] - 2 * before[0]["value_usd"]) <= Decimal("0.01")
    assert bureau.fetch("select count(*) as n from marts.fct_inspection_lot where known_to_no = 2") == [{"n": 2}]
