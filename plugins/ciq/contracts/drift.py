"""What is compiled from the contracts and committed, and what in the tree or the database has drifted from them."""

from __future__ import annotations

from pathlib import Path

from ciq.contracts.dbt_sources import render_sources
from ciq.contracts.dictionary import render_dictionary
from ciq.contracts.model import RecordType
from ciq.contracts.reading import load_contracts, validate_odcs
from ciq.settings import PROJECT_ROOT, Settings

_SOURCES = Path("models/staging/sources/_ods__sources.yml")
_DICTIONARY = PROJECT_ROOT / "docs" / "data-dictionary.md"


def compiled_files(settings: Settings) -> dict[Path, str]:
    """Path -> text of every committed file that is compiled from the contracts."""
    contracts = load_contracts(settings.contracts)
    return {
        settings.dbt_project / _SOURCES: render_sources(contracts),
        _DICTIONARY: render_dictionary(contracts),
    }


def drifted_files(settings: Settings) -> list[str]:
    """Contracts that are not valid ODCS (raises ContractError) and compiled files that differ from the contracts."""
    import yaml

    for path in sorted(settings.contracts.rglob("*.odcs.yaml")):
        validate_odcs(yaml.safe_load(path.read_text(encoding="utf-8")), path)
    return [
        f"{path} differs from the contracts: run `ciq contracts compile`"
        for path, text in compiled_files(settings).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def drifted_tables(settings: Settings) -> list[str]:
    """Record types whose ods table lacks a column of the contract, has another type for it, or one too many."""
    from ciq.database import connect

    with connect(settings, "auditor") as connection:
        problems: list[str] = []
        for record_type in load_contracts(settings.contracts).record_types:
            rows = connection.execute(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute"
                " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
                (f"ods.{record_type.table}",),
            ).fetchall()
            problems += _compare(record_type, dict(rows))
    return problems


def _compare(record_type: RecordType, found: dict[str, str]) -> list[str]:
    if not found:
        return [f"ods.{record_type.table} is not there: run `ciq init`"]
    problems = []
    for column in record_type.columns:
        expected = column.type.replace("timestamp", "timestamp without time zone").replace(", ", ",")
        actual = found.get(column.name)
        if actual != expected:
            problems.append(f"ods.{record_type.table}.{column.name}: the contract says {expected}, the table {actual}")
    return problems
