"""Rates of exchange as a bureau froze them: USD per 100 units, from the European Central Bank's daily table."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import numpy as np
from currency_converter import CurrencyConverter

from ciq_demo.generator.randomness import Ints

CURRENCIES = ("USD", "EUR", "JPY", "CNY", "HKD", "GBP", "AUD", "KRW", "SGD", "CHF")
EXPORT_WEIGHTS = (840, 80, 30, 22, 10, 12, 3, 1, 1, 1)
IMPORT_WEIGHTS = (740, 110, 110, 14, 6, 8, 6, 2, 2, 2)
WHOLE_UNITS = ("JPY", "KRW")
"""Currencies without a minor unit in use."""
USD_RATE_E8 = 10_000_000_000


@lru_cache(maxsize=1)
def _converter() -> CurrencyConverter:
    return CurrencyConverter(decimal=True, fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known")


@lru_cache(maxsize=1024)
def rates_e8(day: date) -> tuple[int, ...]:
    """USD per 100 units times 10**8, in the order of CURRENCIES; the last published rate on or before `day`."""
    found: list[int] = []
    for currency in CURRENCIES:
        rate = Decimal(_converter().convert(Decimal(100), currency, "USD", date=day))
        found.append(int((rate * 10**8).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    found[0] = USD_RATE_E8
    return tuple(found)


def to_usd_cents(cents: Ints, rate_e8: Ints) -> Ints:
    """Cents of a currency in US cents, half a cent upwards, as PostgreSQL rounds numeric.

    The product would not fit 64 bits, so the amount is split at 10**5 and the remainders carried.
    """
    high, low = np.divmod(cents, 100_000)
    whole, rest = np.divmod(high * rate_e8, 100_000)
    return np.asarray(whole + (rest * 100_000 + low * rate_e8 + 5_000_000_000) // USD_RATE_E8, dtype=np.int64)


def from_usd_cents(usd_cents: Ints, rate_e8: Ints, *, whole: np.ndarray) -> Ints:
    """Cents of a currency that are worth about `usd_cents`; full units where `whole`."""
    cents = np.rint(usd_cents.astype(np.float64) * (float(USD_RATE_E8) / rate_e8.astype(np.float64))).astype(np.int64)
    return np.where(whole, np.maximum(cents // 100, 1) * 100, np.maximum(cents, 1))
