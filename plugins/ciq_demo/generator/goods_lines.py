"""F02: goods lines as text. Every version carries the whole item set of its declaration."""

from __future__ import annotations

import numpy as np

from ciq_demo.generator import rates, text
from ciq_demo.generator.declarations import decl_numbers
from ciq_demo.generator.lots import Book, Lines
from ciq_demo.generator.randomness import Ints
from ciq_demo.generator.reference import Good, Reference
from ciq_demo.generator.text import Cells, slice_of

_PACKAGES = ("2", "4", "5", "6", "7")
_BULK_KINDS = ("grain", "ore")
_FOOD_KINDS = ("food", "grain")
_SPECS = ("", "", "", "AA-{n}", '{n}" 规格', "型号:{n}", "{n}MM*{m}MM", "GRADE A, {n}", "无品牌")
_CHINA = "156"


def inserted(book: Book, reference: Reference) -> dict[str, Cells]:
    """Rows with op I: the lines as first declared. A wrong value sits in the first line."""
    lots, lines = book.lots, book.lines
    excess = lots.first_cents - lots.cents
    cents = lines.cents + np.where(lines.goods_no == 1, excess[lines.lot], 0)
    second = lots.accept_sec + 90
    return _rows(book, reference, cents=cents, op="I", version=1, op_time=text.times(lots.day, second))


def corrected(book: Book, reference: Reference) -> dict[str, Cells]:
    """Rows with op U and version 2: the item set put right."""
    lots = book.lots
    second = 9 * 3600 + slice_of(lots.salt2, 7, 8 * 3600) + 30
    op_time = text.times(lots.correction_day, second)
    return _rows(book, reference, cents=book.lines.cents, op="U", version=2, op_time=op_time)


def _rows(book: Book, reference: Reference, *, cents: Ints, op: str, version: int, op_time: Cells) -> dict[str, Cells]:
    lots, lines = book.lots, book.lines
    n = len(lines.lot)
    numbers = decl_numbers(lots, reference)[lines.lot]
    goods_no = text.integer(lines.goods_no)
    leaves = lots.leaves[lines.lot]
    envelope = {
        "record_id": "F02-" + numbers + "-" + goods_no + f"-{version}",
        "op": text.constant(n, op),
        "version_no": text.constant(n, str(version)),
        "op_time": op_time[lines.lot],
        "org_code": text.look_up(reference.orgs, lots.org[lines.lot]),
        "decl_no": numbers,
        "goods_no": goods_no,
    }
    return (
        envelope
        | _description(lines, leaves, reference)
        | _amounts(book, reference, cents)
        | _origin(book, leaves, reference)
    )


def _by_good(reference: Reference, lines: Lines, attribute: str) -> Cells:
    return text.column([getattr(good, attribute) for good in reference.goods])[lines.good]


def _kind_is(reference: Reference, lines: Lines, kinds: tuple[str, ...]) -> np.ndarray:
    return np.asarray(np.array([good.kind in kinds for good in reference.goods])[lines.good])


def _description(lines: Lines, leaves: Ints, reference: Reference) -> dict[str, Cells]:
    hs = _by_good(reference, lines, "hs_code")
    sent = slice_of(lines.salt, 3, 10) < 6
    wrong_way = slice_of(lines.salt, 5, 2000) == 0
    category = text.where(
        (leaves == 1) ^ wrong_way, _by_good(reference, lines, "category_out"), _by_good(reference, lines, "category_in")
    )
    return {
        "hs_code": hs,
        "ciq_code": text.where(sent, hs + text.padded(101 + slice_of(lines.salt, 9, 8), 3), ""),
        "goods_name_cn": _by_good(reference, lines, "name_zh"),
        "goods_name_en": text.where(slice_of(lines.salt, 13, 10) < 7, _by_good(reference, lines, "name_en"), ""),
        "spec": _specs(lines.salt),
        "supervision_cond": _supervision(reference.goods, lines, leaves),
        "ciq_category": category,
    }


def _supervision(goods: list[Good], lines: Lines, leaves: Ints) -> Cells:
    entry = text.column([good.supervision.replace("B", "") for good in goods])
    exit_ = text.column([good.supervision.replace("A", "").replace("P", "") for good in goods])
    return text.where(leaves == 1, exit_[lines.good], entry[lines.good])


def _specs(salt: Ints) -> Cells:
    picked = slice_of(salt, 17, len(_SPECS)).tolist()
    sizes = slice_of(salt, 21, 97).tolist()
    return text.column(
        [_SPECS[which].format(n=size + 3, m=size * 7 + 20) for which, size in zip(picked, sizes, strict=True)]
    )


def _amounts(book: Book, reference: Reference, cents: Ints) -> dict[str, Cells]:
    lots, lines = book.lots, book.lines
    unit_e4 = np.where(cents < 10**14, cents * 10_000 // lines.qty_e2, cents // lines.qty_e2 * 10_000)
    heavier = 1010 + slice_of(lines.salt, 25, 110)
    light = slice_of(lines.salt, 29, 2500) == 0
    gross = np.where(light, lines.grams * 98 // 100, lines.grams // 1000 * heavier + lines.grams % 1000)
    currency = text.look_up(rates.CURRENCIES, lots.currency[lines.lot])
    other = text.where(currency == "EUR", "USD", "EUR")
    return {
        "qty": text.decimal(lines.qty_e2, 2),
        "qty_unit": _by_good(reference, lines, "unit"),
        "weight_net": text.decimal(lines.grams, 3),
        "weight_gross": text.decimal(np.where(light, gross, np.maximum(gross, lines.grams)), 3),
        "weight_unit": text.constant(len(lines.lot), "035"),
        "unit_price": text.decimal(unit_e4, 4),
        "goods_value": text.money(cents),
        "currency": text.where(lines.other_currency == 1, other, currency),
    }


def _origin(book: Book, leaves: Ints, reference: Reference) -> dict[str, Cells]:
    lots, lines = book.lots, book.lines
    countries = text.column(reference.countries)
    bulk = _kind_is(reference, lines, _BULK_KINDS)
    food = _kind_is(reference, lines, _FOOD_KINDS)
    areas = text.column([branch.org for branch in reference.branches])[lots.branch[lines.lot]]
    produced = lots.day[lines.lot] - 5 - slice_of(lines.salt, 33, 50)
    salt = lines.salt
    return {
        "origin_country": text.where(leaves == 1, _CHINA, countries[lines.origin]),
        "origin_area": text.where(leaves == 1, areas, ""),
        "package_type": text.where(bulk, "1", text.look_up(_PACKAGES, slice_of(salt, 37, len(_PACKAGES)))),
        "package_no": text.integer(np.where(bulk, 1, 1 + slice_of(salt, 39, 900))),
        "producer_reg_no": text.where(food, "3200/" + text.padded(slice_of(salt, 41, 99999), 5), ""),
        "batch_no": text.where(slice_of(salt, 43, 10) < 4, "B" + text.padded(slice_of(salt, 45, 10**6), 6), ""),
        "production_date": text.where(food | (slice_of(salt, 47, 10) < 2), text.dates(produced), ""),
        "purpose": text.where(food, "12", text.where(slice_of(salt, 49, 10) < 3, "99", "")),
    }
