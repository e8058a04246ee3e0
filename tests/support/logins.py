"""The logins of a warehouse, two branch readers among them, and what each is shown or refused."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from ciq.database import connect, connect_login
from ciq.ledger.readers import add_reader, remove_reader
from ciq.settings import Settings
from support.bureau import Bureau

NANJING, SUZHOU, WUXI = "320100", "320500", "320200"
STAFF = {"loader", "dbt", "engineer", "auditor"}
PROVINCE = {"owner", *STAFF, "bi_reader"}
BRANCHES = {"nanjing", "south"}
"""Two branch readers: one of one branch, one of two."""
EVERYBODY = PROVINCE | BRANCHES


def add_branch_readers(bureau: Bureau) -> None:
    """The second one gets its branches one by one."""
    add_reader(bureau.settings, "nanjing", [NANJING])
    add_reader(bureau.settings, "south", [SUZHOU])
    add_reader(bureau.settings, "south", [WUXI])


def remove_branch_readers(bureau: Bureau) -> None:
    for name in BRANCHES:
        remove_reader(bureau.settings, name)


@dataclass
class World:
    """A warehouse as its logins see it."""

    bureau: Bureau

    @property
    def settings(self) -> Settings:
        return self.bureau.settings

    def connect(self, name: str) -> psycopg.Connection:
        """Log in; what it does is never committed."""
        if name == "owner":
            return connect(self.settings, "owner")
        return connect_login(self.settings, f"ciq_reader_{name}" if name in BRANCHES else f"ciq_{name}")

    def ask(self, name: str, query: str) -> list[tuple[object, ...]]:
        with self.connect(name) as connection:
            return connection.execute(query.encode()).fetchall()

    def refused(self, name: str, *statements: str) -> bool:
        """Whether the last statement is refused for want of a right."""
        with self.connect(name) as connection:
            for statement in statements[:-1]:
                connection.execute(statement.encode())
            try:
                connection.execute(statements[-1].encode())
            except psycopg.errors.InsufficientPrivilege:
                return True
            finally:
                connection.rollback()
        return False
