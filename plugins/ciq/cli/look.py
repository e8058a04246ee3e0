"""Commands that look: query, explain, fingerprint, verify."""

from __future__ import annotations

import csv
import sys
from typing import Annotated

import typer

from ciq.cli.console import UNBROKEN, err, out, print_json
from ciq.cli.options import AsJson
from ciq.plain import visible
from ciq.settings import get_settings


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("query")(query)
    app.command("explain")(explain)
    app.command("fingerprint")(fingerprint)
    app.command("verify")(verify)


def query(
    sql: Annotated[str, typer.Argument(help="SQL over the schema `published`, as the BI reader.")],
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header.")] = False,
    as_of: Annotated[str | None, typer.Option(help="As known at a publication number or time.")] = None,
    reader: Annotated[str | None, typer.Option(help="Ask as this branch reader, of `ciq reader list`.")] = None,
) -> None:
    """Ask the warehouse as the BI reader, or a branch reader: read only, schema `published`. 查询。"""
    import psycopg

    from ciq.database import connect_login
    from ciq.ledger.publications import read_publication
    from ciq.ledger.readers import known_login

    login = known_login(get_settings(), reader) if reader else "ciq_bi_reader"
    with connect_login(get_settings(), login, application="ciq query") as connection:
        connection.read_only = True
        connection.execute("set search_path = published")
        if as_of is not None:
            read_publication(connection, as_of)
        try:
            cursor = connection.execute(sql.encode())
        except psycopg.Error as error:
            err.print("[bold red]error 错误[/]", end=" ")
            err.print(str(error), markup=False)
            raise typer.Exit(1) from None
        names = [column.name for column in cursor.description or ()]
        _print_rows(names, cursor.fetchall() if names else [], as_json=as_json, as_csv=as_csv)


def _print_rows(names: list[str], rows: list[tuple[object, ...]], *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    else:
        from rich.table import Column, Table
        from rich.text import Text

        table = Table(*(Column(Text(visible(name)), overflow="fold") for name in names), caption=f"{len(rows)} rows 行")
        for row in rows:
            table.add_row(*(Text("" if value is None else visible(str(value))) for value in row))
        out.print(table)


def explain(
    table: Annotated[str, typer.Argument(help="A fact, for example fct_volume.")],
    keys: Annotated[list[str], typer.Argument(help="COLUMN=VALUE ... that pick its rows.")],
    as_json: AsJson = False,
) -> None:
    """From a fact row to its lots, their deliveries, file and line. 溯源。"""
    from ciq.building.explain import explain as explain_rows
    from ciq.building.explain import render

    wanted = dict(key.split("=", 1) for key in keys if "=" in key)
    if len(wanted) != len(keys):
        raise typer.BadParameter("write each key as COLUMN=VALUE")
    found = explain_rows(get_settings(), table, wanted)
    if as_json:
        print_json(found.as_json())
    else:
        if not sys.stdout.isatty():
            out.width = UNBROKEN
        out.print(render(found), soft_wrap=not sys.stdout.isatty())
    if not found.rows and not found.lots_total:
        err.print(f"nothing found 无记录: no row of {table} has these values", markup=False)
        raise typer.Exit(1)


def fingerprint(as_json: AsJson = False) -> None:
    """One hash per published table, over its business content only. 指纹。"""
    from ciq.building.fingerprint import fingerprint as fingerprint_tables

    hashes = fingerprint_tables(get_settings())
    if as_json:
        print_json(hashes)
    else:
        for table, value in hashes.items():
            out.print(f"{value}  {table}", soft_wrap=True)


def verify(
    landing: Annotated[bool, typer.Option("--landing", help="Also hash every landed content again.")] = False,
) -> None:
    """Check every invariant and the received-to-reported bridge; exit 1 on a breach, naming the first. 核验。"""
    from ciq.verifying import verify as run_checks

    first: str | None = None
    for check in run_checks(get_settings(), landing=landing):
        mark = "[green]✓[/]" if check.holds else "[red]✗[/]"
        out.print(f"{mark} {check.name_zh} {check.name_en}")
        for breach in check.breaches:
            first = first or str(breach)
            out.print(f"    {breach}", markup=False)
    if first:
        err.print("[bold red]breach 违反[/]", end=" ")
        err.print(first, markup=False)
        raise typer.Exit(1)
    out.print("everything holds 全部成立")
