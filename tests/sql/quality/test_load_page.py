"""The page of one load, over a real load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ciq.database import connect
from ciq.portal.pages import render_load
from ciq.portal.router import create_router
from ciq.reports.load_page import LoadPage, read_load_page
from support.bureau import Bureau

PERSONAL = {"accept_officer"}


@pytest.fixture
def page(messy: Bureau) -> LoadPage:
    return read_page(messy, "F01")


def read_page(bureau: Bureau, feed: str) -> LoadPage:
    load_id = bureau.fetch("select load_id from audit.load where feed_code = %s", feed)[0]["load_id"]
    with connect(bureau.settings, "auditor") as connection:
        found = read_load_page(connection, load_id, PERSONAL)
    assert found is not None
    return found


Get = Callable[..., httpx.Response]


@pytest.fixture
def get(messy: Bureau) -> Get:
    """get("/ciq/loads", ids="1"): one request to the router, redirects not followed."""
    app = FastAPI()
    app.include_router(create_router(messy.settings), prefix="/ciq")

    async def ask(path: str, parameters: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client:
            return await client.get(path, params=parameters)

    return lambda path, **parameters: asyncio.run(ask(path, parameters))


class Elements(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_law_one_in_rows_and_value(page: LoadPage) -> None:
    head = page.head
    assert (head.received, head.accepted, head.quarantined, head.held) == (123, 115, 5, 3)
    for line in page.values:
        assert line.received == line.accepted + line.quarantined + line.held
    assert {line.currency for line in page.values} == {"USD", "XYZ"}
    assert sum(line.unreadable for line in page.values) == 1


def test_rules_show_both_engines(page: LoadPage) -> None:
    rules = {rule.rule_id: rule for rule in page.rules}
    currency = rules["F01-currency-known"]
    assert (currency.sql_broken, currency.gx_broken, currency.deliveries) == (1, 0, 1)
    assert currency.sql_checked == 123
    warning = rules["F01-org_inst_code-format"]
    assert (warning.sql_broken, warning.gx_broken, warning.disagrees) == (1, 1, False)
    assert not any(rule.disagrees for rule in page.rules)
    assert page.suite_hash
    assert page.rules_hash
    assert page.suite_hash != page.rules_hash


def test_a_held_delivery_says_why(page: LoadPage) -> None:
    (held,) = [delivery for delivery in page.deliveries if delivery.verdict == "held"]
    (reason,) = held.reasons
    assert (reason.rule_id, reason.expected, reason.found) == ("D-row_count", "4", "3")
    assert page.deliveries[0] is held, "what needs attention comes first"


def test_hostile_cells_are_text_and_personal_cells_are_masked(page: LoadPage) -> None:
    text = render_load(page, up="../../")
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "SECRET-OFFICER" not in text
    assert "•••" in text


def test_the_page_loads_and_runs_nothing(page: LoadPage) -> None:
    elements = Elements(render_load(page, up="../../"))
    assert elements.tags.isdisjoint({"script", "link", "img", "iframe", "object", "form", "svg"})
    assert not [name for name, _ in elements.attributes if name == "style" or name.startswith("on")]
    targets = [value for name, value in elements.attributes if name in ("href", "src")]
    assert targets
    assert all(target.startswith("../../") for target in targets)


def test_a_page_that_stands_alone_links_nowhere(page: LoadPage) -> None:
    assert "a" not in Elements(render_load(page)).tags


def test_a_clean_load_shows_no_quarantine(messy: Bureau) -> None:
    page = read_page(messy, "F03")
    assert page.rejects == ()
    assert page.broken_rules == ()
    assert "无违反 No rule was broken" in render_load(page)


def test_routes(get: Get, page: LoadPage) -> None:
    answer = get(f"/ciq/loads/{page.head.load_id}")
    assert answer.status_code == 200
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert get("/ciq/loads").status_code == 200
    one = get("/ciq/loads", ids=str(page.head.load_id))
    assert (one.status_code, one.headers["location"]) == (303, f"loads/{page.head.load_id}")
    assert get("/ciq/loads", run="test").text.count("<tr>") == 3, "a header and the run's two loads"
    assert get("/ciq/").headers["location"] == "loads"


@pytest.mark.parametrize("path", ["loads/999999", "loads/99999999999999999999", "loads/abc", "nothing", "a/b/c"])
def test_what_is_not_there_is_404(get: Get, path: str) -> None:
    assert get(f"/ciq/{path}").status_code == 404


@pytest.mark.parametrize("ids", ["x", "1;drop", "1,,2", "9" * 30])
def test_hostile_ids_are_refused(get: Get, ids: str) -> None:
    assert get("/ciq/loads", ids=ids).status_code == 422
