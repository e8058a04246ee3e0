"""Text of others in a form that people can look at: nothing in it steers a terminal or hides."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are not shown, or that change how what follows is shown."""


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with control and formatting characters written as `\x1b` or `\u202e`; those in `keep` stay."""
    if text.isprintable():
        return text
    return "".join(one if one in keep or not _is_hidden(one) else _escaped(one) for one in text)


def _is_hidden(one: str) -> bool:
    return unicodedata.category(one) in _HIDDEN


def _escaped(one: str) -> str:
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def line_in(section: str | None, line: int) -> str:
    """A line as a spreadsheet names it: `Sheet!5` in a file that has sections, `5` in one that has none."""
    return str(line) if section is None else f"{section}!{line}"


def plain_json(text: str) -> str:
    r"""JSON with what is hidden in its strings written as `\uXXXX`: the same values, safe to look at."""
    if text.isprintable():
        return text
    return "".join(one if one == "\n" or not _is_hidden(one) else _json_escaped(one) for one in text)


def _json_escaped(one: str) -> str:
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2]):04x}" for at in range(0, len(units), 2))
