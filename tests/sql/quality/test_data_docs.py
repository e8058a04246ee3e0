"""Data Docs over a real load with hostile cells, and the fences that keep them harmless."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from ciq.database import connect
from ciq.quality import docs
from ciq.quality.docs import build_data_docs
from ciq.quality.sanitise import body_of, neutral
from support.bureau import Bureau

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "${run_name} $$ $value {{7*7}}",
    "</td></table><iframe src=//evil>",
)


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def assert_harmless(text: str) -> None:
    found = Elements(text)
    assert set(found.tags).isdisjoint({"script", "img", "svg", "iframe", "object", "form", "link", "embed", "base"})
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in ("style", "src", "srcdoc")]
    assert all(value.startswith(("#", "loads/", "../index.html")) for name, value in found.attributes if name == "href")


@pytest.fixture(scope="module")
def hostile(messy: Bureau) -> int:
    """A load whose stored results hold attacks in a cell, a column name, a rule's argument and the run's name."""
    with connect(messy.settings, "owner") as connection:
        row = connection.execute(
            "insert into audit.load (run_ref, feed_code, deliveries, software) values (%s, 'F01', 1, 'x')"
            " returning load_id",
            (ATTACKS[0],),
        ).fetchone()
        assert row is not None
        for number, attack in enumerate(ATTACKS):
            detail = {
                "expectations": [
                    {
                        "success": False,
                        "expectation_config": {
                            "type": "expect_column_values_to_be_in_set",
                            "kwargs": {"column": f"column {attack}", "value_set": [attack, "ok"]},
                            "meta": {},
                            "severity": "critical",
                        },
                        "result": {
                            "element_count": 10,
                            "unexpected_count": 1,
                            "unexpected_percent": 10.0,
                            "partial_unexpected_list": [attack],
                        },
                    }
                ]
            }
            connection.execute(
                "insert into audit.rule_result values (%s, null, %s, 'gx', 'hash', 10, 1, false, %s)",
                (row[0], f"F01-attack-{number}", Jsonb(detail)),
            )
    return int(row[0])


def test_a_page_for_each_load_and_an_index(messy: Bureau) -> None:
    index = build_data_docs(messy.settings)
    assert index == messy.settings.home / "data_docs" / "index.html"
    loads = messy.fetch("select distinct load_id from audit.rule_result where engine = 'gx'")
    for load in loads:
        assert f'href="loads/{load["load_id"]}.html"' in index.read_text()
        page = index.parent / "loads" / f"{load['load_id']}.html"
        assert_harmless(page.read_text())
    page = index.parent / "loads" / f"{loads[0]['load_id']}.html"
    assert "F01-org_inst_code-format" in (index.parent / "loads" / "1.html").read_text(), "the rule's id stands there"
    assert "不得为空" in page.read_text()


def test_hostile_strings_stay_text(messy: Bureau, hostile: int) -> None:
    build_data_docs(messy.settings, load_ids=[hostile])
    text = (messy.settings.home / "data_docs" / "loads" / f"{hostile}.html").read_text()
    assert_harmless(text)
    assert_harmless((messy.settings.home / "data_docs" / "index.html").read_text())
    assert "alert(1)" in text, "the cell is shown, as text"
    assert "＜script＞" in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_second_fence_alone(attack: str) -> None:
    """As if GX rendered a string that the first fence did not see."""
    assert_harmless(
        body_of(f"<html><body><table><tr><td class='x'>{attack}</td></tr></table><p>after</p></body></html>")
    )


def test_the_second_fence_keeps_structure_and_drops_open_ends() -> None:
    page = "<div id='a' onclick='x()'>1<script>bad<b></script>2<form><p>in</p></form><br>&lt;3</div><style>x"
    assert body_of(page) == '<div id="a">12<br>&lt;3</div>'


def test_neutral_strings_hold_nothing_that_html_acts_on() -> None:
    value = neutral({"<k>": ["a\x00\x1b[31m&\"'", 1, None, True]}, cell=True)
    assert value == {"＜k＞": ["a��[31m＆＂＇", 1, None, True]}


def test_two_writers_take_turns(messy: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock belongs to an open file, so threads keep each other off as processes do."""
    inside: list[int] = []
    most: list[int] = []
    write = docs._page

    def watched(*arguments: Any) -> str:
        inside.append(1)
        most.append(len(inside))
        try:
            return write(*arguments)
        finally:
            inside.pop()

    monkeypatch.setattr(docs, "_page", watched)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: docs.build_data_docs(messy.settings), range(2)))
    assert len(most) >= 4
    assert max(most) == 1
    assert list((messy.settings.home / "data_docs").rglob("*.part")) == []
