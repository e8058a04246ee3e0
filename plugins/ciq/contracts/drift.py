"""What is compiled from the contracts and committed, and what in the tree or the database has drifted from them."""

from __future__ import annotations

from pathlib import Path

from ciq.contracts.dbt_sources import render_sources
from ciq.contracts.dictionary import render_dictionary
from ciq.contracts.model import Contract
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
    """Feeds whose ods table lacks a column of the contract, has another type for it, or one too many."""
    from ciq.database import connect

    with connect(settings, "auditor") as connection:
        problems: list[str] = []
        for contract in load_contracts(settings.contracts).feeds:
            rows = connection.execute(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute"
                " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
                (f"ods.{contract.id}",),
            ).fetchall()
            problems += _compare(contract, dict(rows))
    return problems


def _compare(contract: Contract, found: dict[str, str]) -> list[str]:
    if not found:
        return [f"ods.{contract.id} is not there: run `ciq init`"]
    problems = []
    for column in contract.columns:
        expected = column.type.replace("timestamp", "timestamp without time zone").replace(", ", ",")
        actual = found.get(column.name)
        if actual != expected:
            problems.append(f"ods.{contract.id}.{column.name}: the contract says {expected}, the table {actual}")
    return problems
