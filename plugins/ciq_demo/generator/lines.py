"""Goods lines of lots: on average 1.6, adding up to the lot's value but for a few that are a finding."""

from __future__ import annotations

import numpy as np

from ciq_demo.generator import rates
from ciq_demo.generator.choices import Choices
from ciq_demo.generator.lots import Lines, Lots
from ciq_demo.generator.randomness import Ints, Stream
from ciq_demo.generator.reference import Reference

_WRONG_TOTAL_PER_100K = 300
_OTHER_CURRENCY_PER_100K = 20
_WHOLE = [rates.CURRENCIES.index(name) for name in rates.WHOLE_UNITS]


def make_lines(lots: Lots, *, reference: Reference, choices: Choices, stream: Stream) -> Lines:
    """The lines of the final version of each lot, in the order of the lots."""
    lot = np.repeat(np.arange(len(lots.day)), lots.lines)
    n = len(lot)
    first = np.cumsum(lots.lines) - lots.lines
    goods_no = np.arange(n) - first[lot] + 1
    main = lots.good[lot]
    way = main * 2 + lots.leaves[lot]
    good = np.where(goods_no == 1, main, choices.more_goods.pick(stream, way))
    same_origin = stream.chance(n, 90_000) | (goods_no == 1)
    origin = np.where(same_origin, lots.partner[lot], choices.partner.pick(stream, way))
    cents = _split(lots, lot, first, stream)
    qty_e2, grams = _quantities(lots, lot, good, cents, reference, stream)
    return Lines(
        lot=lot,
        goods_no=goods_no,
        good=good,
        origin=origin,
        cents=cents,
        qty_e2=qty_e2,
        grams=grams,
        other_currency=stream.chance(n, _OTHER_CURRENCY_PER_100K).astype(np.int64),
        salt=(stream.raw(n) >> np.uint64(1)).astype(np.int64),
    )


def _split(lots: Lots, lot: Ints, first: Ints, stream: Stream) -> Ints:
    """Cents per line; the first line takes what rounding leaves, so that the sum is the header's total."""
    weights = 10 + stream.below(len(lot), 90)
    sums = np.add.reduceat(weights, first)
    grain = np.where(np.isin(lots.currency, _WHOLE), 100, 1)[lot]
    cents = lots.cents[lot] // sums[lot] * weights // grain * grain
    cents[first] += lots.cents - np.add.reduceat(cents, first)
    wrong = first[stream.chance(len(first), _WRONG_TOTAL_PER_100K)]
    cents[wrong] += 100 * (1 + stream.below(len(wrong), 50_000))
    return cents


def _quantities(
    lots: Lots, lot: Ints, good: Ints, cents: Ints, reference: Reference, stream: Stream
) -> tuple[Ints, Ints]:
    """Quantity in hundredths of the unit, whole for pieces, and net weight in grams."""
    prices = np.array([item.price_e4 for item in reference.goods], dtype=np.int64)[good]
    usd_cents = rates.to_usd_cents(cents, lots.rate_e8[lot])
    jittered = np.maximum(prices * (80 + stream.below(len(lot), 40)) // 100, 1)
    units_e2 = usd_cents * 10_000 // jittered
    counted = np.array([item.counted for item in reference.goods])[good]
    qty_e2 = np.where(counted, np.maximum(units_e2 // 100, 1) * 100, np.maximum(units_e2, 1))
    weights = np.array([item.grams for item in reference.goods], dtype=np.int64)[good]
    return qty_e2, np.maximum(qty_e2 * weights // 100, 1)
