"""Every setting, read once, from `CIQ_*` variables and the state folder's `env` file."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettingError

from ciq.errors import SettingsError
from ciq.plain import visible

PROJECT_ROOT = Path(__file__).resolve().parents[2]
"""Where this code is installed from: `.venv/bin/ciq` finds its state here, whatever the working directory."""

Role = Literal["owner", "loader", "dbt", "engineer", "auditor", "bi_reader"]


class Settings(BaseSettings):
    """Typed settings. Paths are absolute; days are business dates in Asia/Shanghai."""

    model_config = SettingsConfigDict(env_prefix="CIQ_", extra="ignore", frozen=True, env_ignore_empty=True)

    home: Path = PROJECT_ROOT / ".ciq"
    warehouse_url: str | None = Field(
        default=None, description="An owner with CREATEROLE: postgresql://user:password@host:port/database"
    )
    landing: Path | None = Field(default=None, description="Folder of the landing store; default: home/landing")
    inbox: Path | None = Field(default=None, description="Root of the local folder transport; default: home/inbox")
    contracts: Path = PROJECT_ROOT / "expectations"
    dbt_project: Path = PROJECT_ROOT / "dbt_project"
    first_day: date | None = Field(default=None, description="First business date that is due")
    last_day: date | None = Field(default=None, description="Last business date that is due; none: open")
    reader_connections: int = Field(default=20, ge=1, description="Sessions that each reader login may have at once")
    endpoints: dict[str, str] = Field(
        default_factory=dict,
        description="For the CLI: endpoint name -> URL (sftp://user@host:port/path, https://host:port/path, file:///path)",
    )

    @property
    def landing_root(self) -> Path:
        """Folder of the landing store."""
        return self.landing or self.home / "landing"

    @property
    def inbox_root(self) -> Path:
        """Root of the local folder transport."""
        return self.inbox or self.home / "inbox"

    @property
    def roles_file(self) -> Path:
        """Secrets of the login roles, written by `ciq init`, mode 0600."""
        return self.home / "secrets" / "roles.json"

    def dsn(self, role: Role) -> str:
        """The URL with which `role` logs in.

        Raises SettingsError when the warehouse or the role's secret is not known yet.
        """
        return self._owner_url() if role == "owner" else self.login_dsn(f"ciq_{role}")

    def login_dsn(self, login: str) -> str:
        """The URL with which a login of that name logs in, its secret included; raises as `dsn`."""
        parts = urlsplit(self._owner_url())
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{login}:{quote(self._secret(login))}@{host}"))

    def _owner_url(self) -> str:
        if self.warehouse_url is None:
            raise SettingsError(
                "CIQ_WAREHOUSE_URL is not set", advice="Run `make demo`, or set it to a PostgreSQL 16+ owner URL."
            )
        parts = urlsplit(self.warehouse_url)
        if parts.scheme not in ("postgresql", "postgres"):
            raise SettingsError(
                "CIQ_WAREHOUSE_URL is not a PostgreSQL URL 不是 PostgreSQL 地址",
                advice="Expected 应为: postgresql://owner:password@host:5432/database.",
            )
        return self.warehouse_url

    def _secret(self, login: str) -> str:
        try:
            return str(json.loads(self.roles_file.read_text(encoding="utf-8"))[login])
        except FileNotFoundError as error:
            raise SettingsError(f"{self.roles_file} is not there", advice="Run `ciq init` first.") from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise SettingsError(
                f"{self.roles_file} cannot be read, or lacks {login} 密钥文件无法读取: {type(error).__name__}",
                advice="Restore it, or remove it and run `ciq init`, which sets new passwords.",
            ) from error


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process: environment first, then `home/env`, then defaults.

    Raises SettingsError naming the variable that cannot be read, its value, and what is expected.
    """
    settings = _read(None)
    env_file = settings.home / "env"
    if not _is_there(env_file):
        return settings
    try:
        lines = env_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(
            f"The settings in {env_file} cannot be read: {said} 无法读取设置",
            advice="Mend it, or run `make demo` anew.",
        ) from error
    for number, line in enumerate(lines, start=1):
        if not _ENV_LINE.fullmatch(line):
            raise SettingsError(
                f"{env_file}, line 行 {number}: {visible(line[:80])!r} is no setting",
                advice="Write NAME=value, one a line; a comment starts with #.",
            )
    return _read(env_file)


_ENV_LINE = re.compile(r"\s*(#.*|(export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=.*)?")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise SettingsError(
            f"CIQ_HOME cannot be used: {path.parent}: {error.strerror}", advice="Set it to a folder of yours."
        ) from error


def _read(env_file: Path | None) -> Settings:
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise _explained(error.errors()[0], env_file) from error
    except UnreadableSettingError as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = f"CIQ_{field.group(1).upper()}" if field else "A setting"
        raise SettingsError(f"{name} is no JSON{_origin(name, env_file)}", advice=_EXPECTED.get(name, "")) from error


_EXPECTED = {
    "CIQ_ENDPOINTS": 'Expected 应为: {"name": "sftp://user@host:22/?host_key=..."} or {"name": "file:///path"}.',
    "CIQ_FIRST_DAY": "Expected 应为: a date, for example 2010-06-08.",
    "CIQ_LAST_DAY": "Expected 应为: a date, for example 2010-06-08.",
}


def _explained(problem: ErrorDetails, env_file: Path | None) -> SettingsError:
    name = f"CIQ_{str(problem['loc'][0]).upper()}"
    value = visible(str(problem["input"])[:80])
    return SettingsError(
        f"{name} is {value!r}{_origin(name, env_file)}, which cannot be used 无法使用: {problem['msg']}",
        advice=_EXPECTED.get(name, "Correct or unset it."),
    )


def _origin(name: str, env_file: Path | None) -> str:
    """Where a value comes from, when it is not the environment."""
    return f" (in {env_file})" if env_file and name not in os.environ else ""
