"""The plugin in Airflow's own app: nothing of it answers without a login, and nothing else is run as a plugin."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings, get_settings

PROJECT = Path(__file__).resolve().parents[2]

Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def airflow_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """Airflow's API server with our plugin and a metadata database of its own."""
    from airflow.api_fastapi.app import create_app, purge_cached_app
    from airflow.utils.db import initdb

    initdb()
    yield create_app(apps="core")
    purge_cached_app()


@pytest.fixture(scope="module")
def portal(airflow_app: FastAPI) -> FastAPI:
    mount = next(route for route in airflow_app.routes if isinstance(route, Mount) and route.path == "/ciq")
    return mount.app.app  # type: ignore[attr-defined]


@pytest.fixture
def ask(airflow_app: FastAPI) -> Ask:
    """ask("GET", "/ciq/loads", role="viewer"): one request to Airflow's app, anonymous without a role."""

    async def send(method: str, path: str, role: str | None, headers: dict[str, str]) -> httpx.Response:
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

        transport = httpx.ASGITransport(airflow_app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            if role is not None:
                token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="someone", role=role))
                client.cookies.set("_token", token)
            return await client.request(method, path, headers=headers)

    return lambda method, path, role=None, **headers: asyncio.run(send(method, path, role, headers))


@pytest.fixture
def warehouse(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    prepare_database(settings)
    monkeypatch.setenv("CIQ_HOME", str(settings.home))
    monkeypatch.setenv("CIQ_WAREHOUSE_URL", str(settings.warehouse_url))
    get_settings.cache_clear()
    yield settings
    get_settings.cache_clear()


def _filled(path: str) -> str:
    values = {"{load_id:int}": "1", "{year:int}": "2010", "{number:int}": "1", "{path:path}": "some/where"}
    for parameter, value in values.items():
        path = path.replace(parameter, value)
    assert "{" not in path
    return path


def paths_of(portal: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route, with values for its parameters."""
    assert all(isinstance(route, APIRoute) for route in portal.routes), "a mount or a plain route carries no dependency"
    return [
        (method, _filled(route.path))
        for route in portal.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    ]


def test_no_route_answers_anonymously(portal: FastAPI, ask: Ask) -> None:
    routes = paths_of(portal)
    assert len(routes) >= 4
    for method, path in [*routes, ("GET", "/docs"), ("GET", "/openapi.json"), ("POST", "/loads"), ("GET", "/")]:
        answer = ask(method, f"/ciq{path}")
        assert answer.status_code in (401, 403, 405), (method, path, answer.status_code)
        assert "CIQ warehouse" not in answer.text


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer x.y.z"}, {"Cookie": "_token=x.y.z"}])
def test_a_forged_token_is_refused(ask: Ask, headers: dict[str, str]) -> None:
    assert ask("GET", "/ciq/loads", **headers).status_code in (401, 403)


def test_who_may_read_the_logs_of_ingest_sees_the_pages(ask: Ask, warehouse: Settings) -> None:
    answer = ask("GET", "/ciq/loads", role="viewer")
    assert answer.status_code == 200
    assert "装载质量" in answer.text
    assert ask("GET", "/ciq/loads/1", role="viewer").status_code == 404
    assert "jsciq_review_2010" in ask("GET", "/ciq/reviews", role="viewer").text
    assert ask("GET", "/ciq/reviews/2010/frozen/1", role="viewer").status_code == 404
    assert ask("GET", "/ciq/some/where", role="viewer").status_code == 404


def test_a_login_without_a_role_sees_nothing(ask: Ask) -> None:
    assert ask("GET", "/ciq/loads", role="").status_code == 403


@pytest.mark.parametrize("role", [None, "viewer"])
def test_every_answer_carries_the_policy(ask: Ask, warehouse: Settings, role: str | None) -> None:
    headers = ask("GET", "/ciq/loads", role=role).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_the_plugin_manager_runs_exactly_our_one_file() -> None:
    from airflow._shared.plugins_manager.plugins_manager import _load_plugins_from_plugin_directory

    before = {name: module for name, module in sys.modules.items() if name != "ciq_plugin"}
    plugins, errors = _load_plugins_from_plugin_directory(str(PROJECT / "plugins"))
    assert errors == {}
    assert [plugin.name for plugin in plugins] == ["ciq"]
    replaced = [name for name, module in before.items() if sys.modules.get(name) is not module]
    assert replaced == [], "a file of ours took the name of a module"


def test_loading_the_plugin_does_not_build_the_portal() -> None:
    """Workers and the dag-processor load plugins too, and serve no pages."""
    plugin = importlib.import_module("ciq_airflow.ciq_plugin")
    assert "app" not in vars(plugin.Portal())


@pytest.mark.parametrize(
    ("load_ids", "link"),
    [([7], "/ciq/loads/7"), ([7, 8], "/ciq/loads?ids=7%2C8"), ([], "/ciq/loads?run=manual__2010-06-08%2B08")],
)
def test_the_link_of_a_load_task(load_ids: list[int], link: str) -> None:
    from ciq_airflow.quality_link import QualityReportLink

    operator: Any = SimpleNamespace(load_ids=load_ids)
    key: Any = SimpleNamespace(run_id="manual__2010-06-08+08")
    assert QualityReportLink().get_link(operator, ti_key=key) == link
