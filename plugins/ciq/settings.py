"""Every setting, read once, from `CIQ_*` variables and the state folder's `env` file."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ciq.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
"""Where this code is installed from: `.venv/bin/ciq` finds its state here, whatever the working directory."""

Role = Literal["owner", "loader", "dbt", "engineer", "auditor", "bi_reader"]


class Settings(BaseSettings):
    """Typed settings. Paths are absolute; days are business dates in Asia/Shanghai."""

    model_config = SettingsConfigDict(env_prefix="CIQ_", extra="ignore", frozen=True)

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
    endpoints: dict[str, str] = Field(
        default_factory=dict,
        description="For the CLI: endpoint name -> URL (sftp://user@host:port/path, file:///path)",
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
        if self.warehouse_url is None:
            raise SettingsError(
                "CIQ_WAREHOUSE_URL is not set", advice="Run `make demo`, or set it to a PostgreSQL 16+ owner URL."
            )
        if role == "owner":
            return self.warehouse_url
        try:
            secrets: dict[str, str] = json.loads(self.roles_file.read_text())
        except FileNotFoundError as error:
            raise SettingsError(f"{self.roles_file} is not there", advice="Run `ciq init` first.") from error
        parts = urlsplit(self.warehouse_url)
        host = parts.netloc.rpartition("@")[2]
        login = f"ciq_{role}"
        return urlunsplit(parts._replace(netloc=f"{login}:{quote(secrets[login])}@{host}"))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process: environment first, then `home/env`, then defaults."""
    settings = Settings()
    env_file = settings.home / "env"
    if env_file.exists():
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    return settings
