"""Fixtures that all tests share: a PostgreSQL of their own, a fresh database per module, a state folder.

Each pytest process (each worker of pytest-xdist) has a server of its own: login roles belong to a whole server, so
modules that make them at once would get in each other's way.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import psutil
import pytest

from ciq.errors import CiqError
from ciq.settings import Settings
from ciq_demo import postgres

_PREFIX = "ciq-tests-"


def pytest_configure() -> None:
    """Shut out what the developer's shell, or a demo in this checkout, says about a warehouse.

    Before any test module is imported, in each worker: settings are read once per process.
    """
    for name in list(os.environ):
        if name.startswith("CIQ_") and not name.startswith("CIQ_TEST_"):
            del os.environ[name]
    os.environ["CIQ_HOME"] = str(Path(tempfile.gettempdir()) / f"{_PREFIX}no-home")


@pytest.fixture(scope="session")
def pg_home() -> Iterator[Path]:
    """The state folder of this process's PostgreSQL; servers of test runs that were killed are removed first."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        with suppress(CiqError, OSError):  # another worker may be removing it too
            if owner.isdigit() and not psutil.pid_exists(int(owner)) and left.stat().st_uid == os.geteuid():
                _remove(left)
    home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    yield home
    _remove(home)


def _remove(home: Path) -> None:
    postgres.destroy(home)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def pg(pg_home: Path) -> postgres.Server:
    """The PostgreSQL of this process; CIQ_TEST_POSTGRES=16 runs the tests on the oldest version that we support."""
    return postgres.start(pg_home, version=int(os.environ.get("CIQ_TEST_POSTGRES", "18")), throwaway=True)


@pytest.fixture(scope="session")
def make_settings(pg: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """make_settings("name", template="other", **fields): settings with a new state folder and a new database.

    The logins' secrets are shared within this process, as the logins are.
    """
    secrets = tmp_path_factory.mktemp("secrets")

    def make(name: str, *, template: str = "template1", **fields: object) -> Settings:
        database = f"t_{crc32(name.encode()):08x}"
        postgres.drop_database(pg, database)
        url = postgres.create_database(pg, database, "ciq_owner", template=template)
        home = tmp_path_factory.mktemp("home")
        (home / "secrets").symlink_to(secrets)
        return Settings(home=home, warehouse_url=url, **fields)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="module")
def settings(make_settings: Callable[..., Settings], request: pytest.FixtureRequest) -> Settings:
    """A state folder and an empty database for this module; two working days are due."""
    return make_settings(request.node.nodeid, first_day="2010-06-08", last_day="2010-06-09")


@pytest.fixture
def ciq(settings: Settings) -> Callable[..., subprocess.CompletedProcess[str]]:
    """ciq("status", "--json"): run the command line in its own process against this module's database."""
    environment = {
        **os.environ,
        "CIQ_HOME": str(settings.home),
        "CIQ_WAREHOUSE_URL": str(settings.warehouse_url),
        "CIQ_FIRST_DAY": str(settings.first_day),
        "CIQ_LAST_DAY": str(settings.last_day),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("ciq")), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)

    return run
