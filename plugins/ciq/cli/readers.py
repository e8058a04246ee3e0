"""`ciq reader`: logins that see the rows of some branches only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ciq.cli.console import out, print_json
from ciq.cli.options import AsJson
from ciq.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Branch readers: add, list, remove, url. 分支局读者。")

Name = Annotated[str, typer.Argument(help="Name of the reader, for example suzhou; its login is ciq_reader_suzhou.")]


@app.command("add")
def add(
    name: Name,
    branch: Annotated[list[str], typer.Option("--branch", help="Branch that it sees, for example 320500; repeatable.")],
) -> None:
    """Let a reader see these branches too; makes its login where missing. 新增分支局读者, 或增加其分支局。"""
    from ciq.ledger.readers import add_reader

    reader = add_reader(get_settings(), name, branch)
    out.print(f"reader 读者 {reader.name}: login 登录名 {reader.login}, branches 分支局 {', '.join(reader.branches)}")
    out.print(f"address with password 含口令的地址: ciq reader url {reader.name}")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All branch readers with their branches. 列出分支局读者。"""
    from rich.table import Table

    from ciq.ledger.readers import list_readers

    readers = list_readers(get_settings())
    if as_json:
        print_json([asdict(reader) for reader in readers])
        return
    table = Table(caption=f"{len(readers)} readers 读者")
    for heading in ("name 读者", "login 登录名", "branches 分支局", "state 状态"):
        table.add_column(heading, overflow="fold")
    for reader in readers:
        state = "ready 可用" if reader.has_secret else "password not on file here 口令不在本机"
        table.add_row(
            reader.name,
            reader.login,
            ", ".join(reader.branches),
            state if reader.can_log_in else "the login is gone 登录名已不存在",
        )
    out.print(table)


@app.command("remove")
def remove(name: Name) -> None:
    """Take a reader's branches and its login away. 删除分支局读者。"""
    from ciq.ledger.readers import remove_reader

    remove_reader(get_settings(), name)
    out.print(f"reader 读者 {name}: removed 已删除")


@app.command("url")
def url(name: Name) -> None:
    """The address for a BI tool. It holds the password. 含口令的连接地址。"""
    from ciq.ledger.readers import known_login

    settings = get_settings()
    out.print(settings.login_dsn(known_login(settings, name)), markup=False, soft_wrap=True)
