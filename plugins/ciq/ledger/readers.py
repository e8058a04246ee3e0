"""Branch readers: logins that see the rows of their branches and no others. `ciq reader` manages them, as the owner.

A reader is a login `ciq_reader_<name>`, member of the group that row security names, and its rows in
access.reader_branch. What it sees follows from these rows at each statement; the log tells of each change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from ciq.database import connect
from ciq.errors import CiqError
from ciq.ledger.events import append_event
from ciq.ledger.logins import (
    BRANCH_READERS,
    PREFIX,
    READER_SETTINGS,
    ensure_passwords,
    keep_passwords,
    known_passwords,
    limit_login,
    make_login,
)
from ciq.settings import Settings

KIND = "reader"
"""Events of this kind say which branches a login sees from then on: {"login": ..., "branches": [...]}."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A branch reader. `has_secret`: whether its password is on file here; `can_log_in`: whether the login exists."""

    name: str
    login: str
    branches: Sequence[str]
    can_log_in: bool
    has_secret: bool


def login_of(name: str) -> str:
    """The login of a reader. Raises CiqError for what cannot be a name."""
    if not _NAME.fullmatch(name):
        raise CiqError(
            f"{name!r} cannot name a reader 读者名无效",
            advice="Use lower-case letters, digits and _, beginning with a letter, at most 40: suzhou_bi.",
        )
    return PREFIX + name


def known_login(settings: Settings, name: str) -> str:
    """The login of a reader that is there. Raises CiqError for one that is not, or whose password is not on file."""
    login = login_of(name)
    found = {reader.name: reader for reader in list_readers(settings)}
    if name not in found:
        raise CiqError(
            f"There is no branch reader {name} 无此分支局读者",
            advice=f"Known 已知: {', '.join(found) or '-'}. `ciq reader add {name} --branch ...` makes one.",
        )
    if not found[name].has_secret:
        raise CiqError(
            f"The password of {login} is not on file here 口令不在本机",
            advice=f"`ciq reader remove {name}` and `ciq reader add {name} --branch ...` give it a new one.",
        )
    return login


def add_reader(settings: Settings, name: str, branches: Collection[str]) -> Reader:
    """Let a reader see these branches, besides those that it sees already; makes its login and secret where missing.

    Raises CiqError for a code that is no branch.
    """
    login = login_of(name)
    with connect(settings, "owner", application="ciq reader") as connection:
        _check_branches(connection, branches)
        _one_at_a_time(connection)
        before = _branches_of(connection, login)
        make_login(connection, login, ensure_passwords(settings.roles_file, [login])[login])
        # Not `set role`: in the group's name nothing can be read, and a login stays who it is.
        connection.execute(
            sql.SQL("grant {} to {} with inherit true, set false").format(
                sql.Identifier(BRANCH_READERS), sql.Identifier(login)
            )
        )
        limit_login(connection, login, READER_SETTINGS, connections=settings.branch_reader_connections)
        for branch in branches:
            connection.execute(
                "insert into access.reader_branch (role_name, org_code) values (%s, %s) on conflict do nothing",
                (login, branch),
            )
        after = _branches_of(connection, login)
        if after != before:
            append_event(connection, KIND, {"login": login, "branches": after})
    return Reader(name=name, login=login, branches=after, can_log_in=True, has_secret=True)


def remove_reader(settings: Settings, name: str) -> None:
    """Take a reader's branches, login and secret away; a session still open sees no rows from its next statement on.

    Raises CiqError when there is no such reader.
    """
    login = login_of(name)
    with connect(settings, "owner", application="ciq reader") as connection:
        _one_at_a_time(connection)
        was = _branches_of(connection, login)
        if not was and not _logs_in(connection, login):
            raise CiqError(f"There is no reader {name} 无此读者", advice="`ciq reader list` names them.")
        connection.execute("delete from access.reader_branch where role_name = %s", (login,))
        connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(login)))
        if was:
            append_event(connection, KIND, {"login": login, "branches": []})
    _forget_password(settings.roles_file, login)


def list_readers(settings: Settings) -> list[Reader]:
    """All branch readers of this warehouse, by name."""
    secrets = known_passwords(settings.roles_file)
    with connect(settings, "auditor", application="ciq reader") as connection:
        rows = connection.execute(
            "select role_name, array_agg(org_code order by org_code), bool_or(rolname is not null)"
            " from access.reader_branch left join pg_roles on rolname = role_name group by 1 order by 1"
        ).fetchall()
    return [
        Reader(
            name=login.removeprefix(PREFIX),
            login=login,
            branches=branches,
            can_log_in=can_log_in,
            has_secret=login in secrets,
        )
        for login, branches, can_log_in in rows
    ]


def _one_at_a_time(connection: psycopg.Connection) -> None:
    """Until this transaction ends nobody else changes readers: each event tells what the table then has."""
    connection.execute("lock table access.reader_branch in share row exclusive mode")


def _branches_of(connection: psycopg.Connection, login: str) -> list[str]:
    rows = connection.execute(
        'select org_code from access.reader_branch where role_name = %s order by org_code collate "C"', (login,)
    ).fetchall()
    return [str(row[0]) for row in rows]


def _logs_in(connection: psycopg.Connection, login: str) -> bool:
    return connection.execute("select 1 from pg_roles where rolname = %s", (login,)).fetchone() is not None


def _check_branches(connection: psycopg.Connection, branches: Collection[str]) -> None:
    if not branches:
        raise CiqError("A reader needs a branch 须指明分支局", advice="Name one: --branch 320500.")
    for branch in branches:
        rows = connection.execute(
            "select distinct branch_code from ref.org where org_code = %s and branch_code is not null", (branch,)
        ).fetchall()
        above = sorted(str(row[0]) for row in rows)
        if branch in above:
            continue
        advice = f"It belongs to {', '.join(above)}: name that." if above else "See expectations/code_lists/org.csv."
        raise CiqError(f"{branch} is no branch 不是分支局", advice=advice)


def _forget_password(secrets_file: Path, login: str) -> None:
    known = known_passwords(secrets_file)
    if known.pop(login, None) is not None:
        keep_passwords(secrets_file, known)
