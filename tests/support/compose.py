"""docker-compose.yml as Docker would read it, as far as this project uses the format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from ciq.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "docker-compose.yml"
EXAMPLE = PROJECT_ROOT / ".env.example"

_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\})")


class MissingError(Exception):
    """A required variable is empty; Docker Compose refuses to start."""


@dataclass(frozen=True)
class Service:
    """One service, with its variables filled in."""

    name: str
    fields: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        """What its processes get: the files of `env_file`, then `environment` above them."""
        files = self.fields.get("env_file", [])
        found: dict[str, str] = {}
        for file in [files] if isinstance(files, str) else files:
            found |= {name: value or "" for name, value in dotenv_values(PROJECT_ROOT / file).items()}
        return found | {name: str(value) for name, value in self.fields.get("environment", {}).items()}

    @property
    def commands(self) -> list[list[str]]:
        """Its command lines, as words: one, or each line of a shell script but the shell's own."""
        words = self.fields.get("command", [])
        if words[:2] == ["sh", "-ec"]:
            lines = [line.split() for line in words[2].splitlines()]
            return [line for line in lines if line[0] not in ("trap", "umask")]
        return [words] if words else []

    @property
    def is_ours(self) -> bool:
        """Whether it runs the image of this project."""
        return "build" in self.fields

    @property
    def runs_once(self) -> bool:
        """Whether it ends by itself."""
        return "restart" not in self.fields


def raw() -> dict[str, Any]:
    """The file with its anchors resolved and its variables left as they are."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def services(env: Mapping[str, str]) -> dict[str, Service]:
    """All services under the values of an `.env` file. Raises MissingError when a required one is empty."""
    return {name: Service(name, _filled(fields, env)) for name, fields in raw()["services"].items()}


def variables(value: object) -> Iterator[tuple[str, str | None]]:
    """Each variable that occurs, and `?` where it is required, `-` where it has a default."""
    if isinstance(value, str):
        for match in _VARIABLE.finditer(value):
            if match["name"]:
                yield match["name"], match["kind"]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from variables(item)
    elif isinstance(value, list):
        for item in value:
            yield from variables(item)


def read_env(path: Path) -> dict[str, str]:
    """An `.env` file."""
    return {name: value or "" for name, value in dotenv_values(path).items()}


def _filled(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value(match, env), value)
    if isinstance(value, Mapping):
        return {name: _filled(item, env) for name, item in value.items()}
    return [_filled(item, env) for item in value] if isinstance(value, list) else value


def _value(match: re.Match[str], env: Mapping[str, str]) -> str:
    if match["name"] is None:
        return "$"
    value = env.get(match["name"], "")
    if value or match["kind"] is None:
        return value
    if match["kind"] == "?":
        raise MissingError(f"{match['name']}: {match['word']}")
    return str(match["word"])
