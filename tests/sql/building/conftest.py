"""A deployed database to clone, and bureaus that deliver into clones of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from ciq.building import deploy
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from support.bureau import Bureau


@pytest.fixture(scope="session")
def deployed(make_settings: Callable[..., Settings]) -> Settings:
    """Prepared and deployed: others are cloned from its database."""
    made = make_settings("building-template")
    prepare_database(made)
    deploy(made)
    return made


@pytest.fixture(scope="module")
def make_bureau(deployed: Settings, make_settings: Callable[..., Settings]) -> Callable[[str], Bureau]:
    """make_bureau("name"): a bureau with a warehouse of its own, deployed and empty."""

    def make(name: str) -> Bureau:
        assert deployed.warehouse_url
        made = make_settings(f"building-{name}", template=deployed.warehouse_url.rpartition("/")[2])
        target = made.home / "dbt" / "target"
        target.mkdir(parents=True)
        shutil.copy(deployed.home / "dbt" / "target" / "partial_parse.msgpack", target)
        return Bureau(made)

    return make
