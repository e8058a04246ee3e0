"""Which branch delivers where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg

from ciq.errors import SettingsError
from ciq.settings import Settings
from ciq.transports.base import LOCAL_INBOX, BranchEndpoint, Endpoint


def configured_endpoints(settings: Settings) -> dict[str, Endpoint]:
    """The endpoints that the settings name, and the local inbox.

    Raises SettingsError for a URL that cannot be read.
    """
    endpoints = {name: Endpoint.from_url(name, url) for name, url in settings.endpoints.items()}
    return {**endpoints, LOCAL_INBOX: local_inbox(settings)}


def local_inbox(settings: Settings) -> Endpoint:
    """The folder transport of this machine: `ciq deliver` writes to it."""
    return Endpoint(name=LOCAL_INBOX, kind="folder", root=str(settings.inbox_root))


def delivering_branches(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """(branch, name of its endpoint), in the order of the codes, for every branch that has one.

    Of several periods the last that has begun says where it delivers now, for whatever business date; a branch that has
    closed may still owe days.
    """
    rows: list[tuple[str, str]] = connection.execute(
        "select org_code, endpoint from (select distinct on (org_code) org_code, endpoint from ref.org"
        " where valid_from <= (clock_timestamp() at time zone 'Asia/Shanghai')::date"
        " order by org_code, valid_from desc) latest where endpoint is not null order by org_code"
    ).fetchall()
    return rows


def branch_endpoints(
    branches: Sequence[tuple[str, str]], endpoints: Mapping[str, Endpoint], *, demand_all: bool = True
) -> list[BranchEndpoint]:
    """Each branch's folder behind its endpoint, and the one in the local inbox.

    `demand_all` False leaves out branches whose endpoint is not set here, as on a machine that loads by hand.
    Raises SettingsError naming the endpoint that is missing.
    """
    found = []
    for org_code, name in branches:
        if name in endpoints:
            found.append(BranchEndpoint(org_code=org_code, endpoint=endpoints[name]))
        elif demand_all:
            raise SettingsError(
                f"Branch {org_code} delivers to endpoint {name}, which is not set",
                advice="Add it to CIQ_ENDPOINTS, or as an Airflow connection of that name.",
            )
        if LOCAL_INBOX in endpoints and name != LOCAL_INBOX:
            found.append(BranchEndpoint(org_code=org_code, endpoint=endpoints[LOCAL_INBOX]))
    return found


def branch_group(branches: Sequence[tuple[str, str]], number: int, groups: int) -> list[tuple[str, str]]:
    """The `number`th (from 1) of so many groups: each endpoint's branches are spread evenly over the groups."""
    ordered = sorted(branches, key=lambda branch: (branch[1], branch[0]))
    return ordered[number - 1 :: groups]
