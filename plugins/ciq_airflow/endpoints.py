"""Airflow connections as typed endpoints: the connection's id is the endpoint's name in the organisations' list."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ciq.collecting.branches import local_inbox
from ciq.errors import CiqError, SettingsError
from ciq.settings import Settings
from ciq.transports.base import HTTPS_PORT, LOCAL_INBOX, Endpoint, refused_plain_http

if TYPE_CHECKING:
    from airflow.sdk import Connection

_DEFAULT_TIMEOUT_S = 30.0


def endpoint_of(connection: Connection) -> Endpoint:
    """Read a connection of type `sftp`, `http` or `https` (both over TLS), or `fs` for a folder.

    Extras: `host_key` (required for SFTP), `path` (what stands before the branches' folders), `key_file`, `ca_file`,
    `conn_timeout` in seconds. The password of an HTTPS connection is the bearer token. Raises SettingsError for another
    type, and for one that asks for plain HTTP.
    """
    extra: dict[str, Any] = connection.extra_dejson or {}
    name = connection.conn_id
    root = str(extra.get("path") or "/")
    if connection.conn_type == "fs":
        return Endpoint(name=name, kind="folder", root=root)
    if connection.conn_type in ("http", "https"):
        return _https_endpoint(connection, extra)
    if connection.conn_type != "sftp":
        raise SettingsError(
            f"Connection {name} is of type {connection.conn_type}",
            advice="Files come over sftp, https (type http), or fs for a folder.",
        )
    return Endpoint(
        name=name,
        kind="sftp",
        root=root,
        host=connection.host or "",
        port=connection.port or 22,
        user=connection.login or "",
        password=connection.password or None,
        key_file=Path(extra["key_file"]) if extra.get("key_file") else None,
        host_key=extra.get("host_key"),
        timeout_s=float(extra.get("conn_timeout") or _DEFAULT_TIMEOUT_S),
    )


def _https_endpoint(connection: Connection, extra: dict[str, Any]) -> Endpoint:
    """Airflow's form has the scheme in the field Schema, or before the host."""
    before, _, after = (connection.host or "").rpartition("://")
    for scheme in filter(None, (before, connection.schema)):
        if scheme == "http":
            raise refused_plain_http(connection.conn_id)
        if scheme != "https":
            raise SettingsError(
                f"Connection {connection.conn_id}: {scheme} is not a known scheme",
                advice="Put https into Schema, and what stands before the branches' folders into the extra path.",
            )
    return Endpoint(
        name=connection.conn_id,
        kind="https",
        root=str(extra.get("path") or "/"),
        host=after.rstrip("/"),
        port=connection.port or HTTPS_PORT,
        password=connection.password or None,
        ca_file=Path(extra["ca_file"]) if extra.get("ca_file") else None,
        timeout_s=float(extra.get("conn_timeout") or _DEFAULT_TIMEOUT_S),
    )


def connected_endpoints(settings: Settings, names: Iterable[str]) -> tuple[dict[str, Endpoint], list[CiqError]]:
    """The endpoints of these names and the local inbox, and what is wrong with the connections of the others."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    endpoints = {LOCAL_INBOX: local_inbox(settings)}
    errors: list[CiqError] = []
    for name in sorted(set(names) - {LOCAL_INBOX}):
        try:
            endpoints[name] = endpoint_of(Connection.get(name))
        except AirflowNotFoundException:
            advice = f"Add it in Admin > Connections, or as AIRFLOW_CONN_{name.upper()}."
            errors.append(SettingsError(f"There is no Airflow connection {name}", advice=advice))
        except SettingsError as error:
            errors.append(error)
    return endpoints, errors
