"""A prepared database, cloned for each module."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings


@pytest.fixture(scope="session")
def template(make_settings: Callable[..., Settings]) -> str:
    """The name of a prepared database."""
    made = make_settings("ledger-template")
    prepare_database(made)
    return str(made.warehouse_url).rpartition("/")[2]


@pytest.fixture(scope="module")
def prepared(template: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest) -> Settings:
    """Prepared, with a database of its own."""
    return make_settings(f"{request.node.nodeid} prepared", template=template)
