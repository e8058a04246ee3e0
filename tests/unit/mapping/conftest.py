"""What a third party's file becomes under a mapping, without a warehouse."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest

from ciq.contracts import Contract, load_contracts
from ciq.errors import Place
from ciq.mapping.convert import convert
from ciq.mapping.model import Mapping
from ciq.mapping.reading import load_mapping
from ciq.mapping.source import understand
from ciq.settings import Settings
from support.third_party import Made

DAY = date(2020, 7, 31)


@pytest.fixture(scope="session")
def f18() -> Contract:
    contract = load_contracts(Settings().contracts).effective("F18", DAY)
    assert contract is not None
    return contract


@pytest.fixture(scope="session")
def run(f18: Contract) -> Callable[..., Made]:
    """run(b"...", mapping="rasff_rich", encoding=None): map the bytes of a file."""

    def made(content: bytes | str, mapping: str | Mapping = "rasff_rich", encoding: str | None = None) -> Made:
        source = io.BytesIO(content.encode() if isinstance(content, str) else content)
        known = load_mapping(Settings().contracts, mapping) if isinstance(mapping, str) else mapping
        place, target = Place(file="rasff.csv"), io.StringIO()
        reading = understand(source, known, encoding, place)
        converted = convert(source, target, reading, f18, branch="320000", business_date=DAY, place=place)
        return Made(target.getvalue(), converted)

    return made
