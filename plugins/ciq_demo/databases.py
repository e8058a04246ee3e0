"""The two databases of one PostgreSQL server and their owners: the warehouse's, and that of Airflow's metadata.

    python -m ciq_demo.databases

The embedded server's start makes them through these functions; in production, this command makes them on the server
that libpq's variables name (PGHOST, PGUSER, PGPASSWORD: a superuser), with the names and passwords of CIQ_WAREHOUSE_URL
and AIRFLOW__DATABASE__SQL_ALCHEMY_CONN. Running it again sets passwords right and changes nothing else.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import unquote, urlsplit

import psycopg
import typer
from psycopg import sql

from ciq.errors import CiqError, SettingsError
from ciq.ledger.logins import RESERVED_CONNECTIONS, make_login

WAREHOUSE_VARIABLE = "CIQ_WAREHOUSE_URL"
METADATA_VARIABLE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def create_login(admin: psycopg.Connection, name: str, password: str, *, creates_roles: bool) -> None:
    """Make a login, or set its password and rights right; never a superuser.

    It may have the server's reserved connections: the work goes on when readers have taken the others. One that
    creates roles may let those have them too.
    """
    make_login(admin, name, password)
    role = sql.Identifier(name)
    rights = sql.SQL("nosuperuser createrole" if creates_roles else "nosuperuser nocreaterole")
    admin.execute(sql.SQL("alter role {} {}").format(role, rights))
    admin.execute(
        sql.SQL("grant {} to {} with admin {}").format(
            sql.Identifier(RESERVED_CONNECTIONS), role, sql.SQL("true" if creates_roles else "false")
        )
    )


def create_database(admin: psycopg.Connection, name: str, owner: str, *, template: str = "template1") -> None:
    """Make a database, as a copy of `template`, if it is not there, with the time zone and date style of the project.

    `admin` commits by itself: a database cannot be made in a transaction.
    """
    database = sql.Identifier(name)
    if not admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        names = (database, sql.Identifier(owner), sql.Identifier(template))
        admin.execute(sql.SQL("create database {} owner {} template {}").format(*names))
    for setting, value in (("timezone", "Asia/Shanghai"), ("datestyle", "ISO, YMD")):
        command = sql.SQL("alter database {} set {} = {}")
        admin.execute(command.format(database, sql.Identifier(setting), sql.Literal(value)))


def create_from_url(admin: psycopg.Connection, variable: str, *, creates_roles: bool) -> str:
    """Make the login and the database that the URL in an environment variable names; returns the database's name.

    Raises SettingsError when the variable is not set or the URL lacks one of login, password and database.
    """
    parts = urlsplit(os.environ.get(variable, ""))
    name = parts.path.removeprefix("/")
    if not (parts.username and parts.password and name):
        raise SettingsError(
            f"{variable} names no login, password and database 未写明用户、口令与数据库",
            advice="Expected 应为: postgresql://login:password@host:5432/database.",
        )
    login = unquote(parts.username)
    create_login(admin, login, unquote(parts.password), creates_roles=creates_roles)
    create_database(admin, name, login)
    return name


def main() -> None:
    """Make both databases on the server of libpq's variables; an error ends in one message and exit code 1."""
    try:
        typer.echo(f"databases 数据库: {', '.join(create_both())}")
    except (CiqError, psycopg.Error) as error:
        sys.exit(str(error))


def create_both() -> list[str]:
    """Make both databases; returns their names."""
    with psycopg.connect(dbname="postgres", autocommit=True) as admin:
        return [
            create_from_url(admin, WAREHOUSE_VARIABLE, creates_roles=True),
            create_from_url(admin, METADATA_VARIABLE, creates_roles=False),
        ]


if __name__ == "__main__":
    main()
