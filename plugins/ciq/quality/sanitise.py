"""Make what Great Expectations renders safe to open: GX 1.24 leaves cells and column names unescaped in its pages.

Two fences, each enough by itself: strings are neutralised before GX sees them, and of the finished page only harmless
elements are kept.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Any

# Look-alikes rather than entities: GX escapes some strings and not others, and no reader should see `&amp;lt;`.
_NEUTRAL = str.maketrans({"<": "＜", ">": "＞", "&": "＆", '"': "＂", "'": "＇", "`": "｀"})
_CELL = str.maketrans({"$": "＄"})  # GX puts strings into string.Template

# fmt: off
_KEPT = frozenset((
    "a", "b", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "li", "ol", "p", "pre", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
))
_KEPT_ATTRIBUTES = frozenset(("class", "colspan", "id", "rowspan"))
_WITH_CONTENT_DROPPED = frozenset((
    "button", "embed", "footer", "form", "head", "iframe", "label", "math", "nav", "noscript", "object", "script",
    "select", "style", "svg", "template", "textarea", "title",
))
# fmt: on
_VOID = frozenset(("br", "hr", "img", "input", "link", "meta", "embed"))


def neutral(value: Any, *, cell: bool = False) -> Any:
    """The JSON value with every string, keys included, freed of what HTML and (in a cell) templates act on."""
    if isinstance(value, str):
        text = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in value).translate(_NEUTRAL)
        return text.translate(_CELL) if cell else text
    if isinstance(value, list):
        return [neutral(item, cell=cell) for item in value]
    if isinstance(value, dict):
        return {neutral(name, cell=cell): neutral(item, cell=cell) for name, item in value.items()}
    return value


def body_of(page: str) -> str:
    """The content of a page: structure and text only, links only within it."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return "".join(reader.kept)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropping or tag in _WITH_CONTENT_DROPPED:
            if tag not in _VOID:
                self._dropping.append(tag)
        elif tag in _KEPT:
            self.kept.append(f"<{tag}{''.join(self._attribute(name, value) for name, value in attrs)}>")

    @staticmethod
    def _attribute(name: str, value: str | None) -> str:
        inside = name == "href" and value is not None and value.startswith("#")
        return f' {name}="{escape(value or "")}"' if inside or name in _KEPT_ATTRIBUTES else ""

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag in self._dropping:  # also ends what was left open inside it
                del self._dropping[self._dropping.index(tag) :]
        elif tag in _KEPT and tag not in _VOID:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.kept.append(escape(data))
