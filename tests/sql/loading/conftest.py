"""A prepared database to clone, and bureaus that deliver into clones of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from support.bureau import Bureau


@pytest.fixture(scope="module")
def prepared(settings: Settings) -> str:
    """Name of a prepared database that others are cloned from."""
    prepare_database(settings)
    assert settings.warehouse_url
    return settings.warehouse_url.rpartition("/")[2]


@pytest.fixture
def make_bureau(
    prepared: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> Callable[[], Bureau]:
    """Call it for a bureau with a warehouse of its own, empty."""
    made: list[str] = []

    def make() -> Bureau:
        made.append("")
        return Bureau(make_settings(f"{request.node.nodeid}-{len(made)}", template=prepared))

    return make


@pytest.fixture
def bureau(make_bureau: Callable[[], Bureau]) -> Bureau:
    return make_bureau()
