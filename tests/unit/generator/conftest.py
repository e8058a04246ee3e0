"""One generator for all tests of this folder: days that one test made stay in memory for the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from ciq_demo.generator import Generator


@pytest.fixture(scope="session")
def generator() -> Generator:
    return Generator(2010)


@pytest.fixture(scope="session")
def contracts() -> Path:
    return Path(__file__).parents[3] / "expectations"
