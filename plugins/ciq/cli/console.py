"""Where commands print: one console for people, one for errors, and JSON for programs."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ciq.plain import plain_json, visible

WIDE = 200
"""Columns of what goes to a file or a pipe: there a table must not be cut to a screen."""
UNBROKEN = 1_000_000
"""Columns where each line is one record, so that none is broken or cut."""
LONGEST_CELL = 160


class _PlainConsole(Console):
    """Shows control characters that come with somebody's text, and never sends them to the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does, with the text of each segment made visible; rich's own control codes are no text."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(visible(segment.text, keep="\n"), segment.style)


class PlainFormatter(logging.Formatter):
    """Log lines without control characters of others; those of a traceback stay lines."""

    def format(self, record: logging.LogRecord) -> str:
        """As logging does, made visible."""
        return visible(super().format(record), keep="\n")


out = _PlainConsole(highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = _PlainConsole(stderr=True, highlight=False, soft_wrap=True)


def tolerate_any_terminal() -> None:
    """Have characters that the terminal's encoding lacks written as escapes, instead of failing on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def cut(text: str, length: int = LONGEST_CELL) -> str:
    """The beginning of a text that would fill the screen."""
    return text if len(text) <= length else f"{text[:length]}…"


def print_json(value: Any) -> None:
    """Print for programs: UTF-8 JSON, dates and numbers as text where JSON has no type."""
    sys.stdout.write(plain_json(json.dumps(value, ensure_ascii=False, indent=2, default=str)) + "\n")
