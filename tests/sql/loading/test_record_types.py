"""Two record types in one workbook: a table for each, one verdict, and a line that is told by its sheet."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from ciq.collecting.deliver import deliver
from ciq.contracts import load_contracts
from ciq.contracts.tables import digest_columns, ods_table, row_digest
from ciq.database import connect
from ciq.errors import ContractError
from ciq.landing.store import LandingStore
from ciq.ledger.ods import make_ods
from ciq.ledger.prepare import prepare_database
from ciq.loading import rejudge
from ciq.quality.decisions import DecisionError, Signature, release_rows
from ciq.reports.rejects import RejectFilter, read_rejects
from ciq.settings import Settings
from ciq.verifying import ledger, logged
from support.bureau import DAY
from support.post import CONTRACT, Post, broken_on_line_3, contracts_with_parcels, parcels, seals, stem, workbook

BOSS = Signature(by="Wang Li", reason="Seen")

Step = Callable[[Post], None]

STATE = (
    "select v.rows, v.digest, v.place from audit.slice_winner w join audit.slice_version v using (slice_version_id)",
    "select d.place, v.verdict, v.hold_rules, v.rows_accepted, v.rows_quarantined, v.rows_held from audit.verdict v"
    " join audit.delivery d using (delivery_id) order by 1",
    "select d.place, q.section, q.line_no, q.record_no, q.rule_ids, q.state from quarantine.rejected_row q"
    " join audit.delivery d using (delivery_id) order by 1, q.record_no",
)
"""What the ledger says, without numbers and times that depend on when it was said."""


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return contracts_with_parcels(tmp_path_factory.mktemp("record-types"))


@pytest.fixture(scope="module")
def template(make_settings: Callable[..., Settings], contracts: Path, request: pytest.FixtureRequest) -> str:
    settings = make_settings(f"{request.node.nodeid} record types").model_copy(update={"contracts": contracts})
    prepare_database(settings)
    assert settings.warehouse_url
    return settings.warehouse_url.rpartition("/")[2]


@pytest.fixture
def post(
    make_settings: Callable[..., Settings], template: str, contracts: Path, request: pytest.FixtureRequest
) -> Post:
    settings = make_settings(request.node.nodeid, template=template)
    return Post(settings.model_copy(update={"contracts": contracts}))


def breaches(post: Post) -> list[str]:
    """What the checks of the ledger and of accepted rows find."""
    found = load_contracts(post.settings.contracts)
    with connect(post.settings, "auditor", autocommit=True) as connection:
        checks = (
            ledger.rows_balance(connection),
            ledger.ods_rows(connection, found),
            ledger.reject_states(connection),
            ledger.reject_texts(connection),
            logged.verdicts_as_logged(connection, LandingStore(post.settings.landing_root)),
            logged.decisions_as_logged(connection),
        )
        return [f"{breach.place}: {breach.found}" for check in checks for breach in check]


def counts(post: Post) -> tuple[str, int, int, int, int]:
    verdict = post.verdict()
    rows = (verdict[f"rows_{name}"] for name in ("received", "accepted", "quarantined", "held"))
    return (verdict["verdict"], *rows)  # type: ignore[return-value]


def places(post: Post) -> set[tuple[str, str, str]]:
    """(line, rule, state) of what is in quarantine."""
    with connect(post.settings, "engineer") as connection:
        return {(r.place, r.rule_id, r.state) for r in read_rejects(connection, RejectFilter(state="all"))}


def stored(post: Post, table: str) -> list[dict[str, Any]]:
    return post.fetch(f"select record_no, line_no, released_rules from ods.{table} order by record_no")


def test_each_sheet_has_its_table_and_the_delivery_one_verdict(post: Post) -> None:
    post.send({"parcel": parcels(4), "seal": seals(3)})
    post.load()
    assert counts(post) == ("accepted", 7, 7, 0, 0)
    assert [row["line_no"] for row in stored(post, "f90_parcel")] == [2, 3, 4, 5]
    assert [row["line_no"] for row in stored(post, "f90_seal")] == [2, 3, 4]
    numbers = [row["record_no"] for table in ("f90_parcel", "f90_seal") for row in stored(post, table)]
    assert numbers == [1, 2, 3, 4, 5, 6, 7], "one numbering over both"
    (version,) = post.fetch("select rows, digest, layouts from audit.slice_version")
    assert version["rows"] == 7
    assert [layout.split()[0] for layout in version["layouts"]] == ["ods.f90_parcel", "ods.f90_seal"]
    (value,) = post.fetch("select currency, received::text, accepted::text from audit.verdict_value")
    assert value == {"currency": "CNY", "received": "42.00", "accepted": "42.00"}
    assert breaches(post) == []


def test_a_line_is_told_by_its_sheet_and_released_by_its_rule(post: Post) -> None:
    post.send(broken_on_line_3())
    post.load()
    assert counts(post) == ("accepted", 7, 5, 2, 0)
    office, colour = "F90-office-format", "F90-seal-colour-format"
    assert places(post) == {("邮包!3", office, "open"), ("封识!3", colour, "open")}
    delivery = post.verdict()["delivery_id"]
    with pytest.raises(DecisionError, match="at lines 4"):
        release_rows(post.settings, delivery, colour, [4], BOSS)
    assert release_rows(post.settings, delivery, colour, [3], BOSS) == 1
    rejudge(post.settings, [delivery], run_ref="test")
    assert counts(post) == ("accepted", 7, 6, 1, 0)
    assert places(post) == {
        ("邮包!3", office, "superseded"),
        ("邮包!3", office, "open"),
        ("封识!3", colour, "released"),
    }
    assert [row["released_rules"] for row in stored(post, "f90_seal") if row["line_no"] == 3] == [[colour]]
    assert all(not row["released_rules"] for row in stored(post, "f90_parcel"))
    assert breaches(post) == []


def test_the_bytes_kept_are_those_of_the_row(post: Post) -> None:
    post.send(broken_on_line_3())
    post.load()
    rows = post.fetch(
        "select section, raw_text, cells, key, amount::text from quarantine.rejected_row order by record_no"
    )
    assert [(row["section"], row["cells"], row["amount"]) for row in rows] == [
        ("邮包", {"office": "nanjing"}, "10.50"),
        ("封识", {"colour": "RED"}, None),
    ]
    assert "P0002" in rows[0]["raw_text"]
    assert rows[1]["key"] == {"record_id": "s2", "version_no": "1", "parcel_no": "P0001", "seal_no": "2"}


def test_counts_and_limits_are_over_both_sheets(post: Post) -> None:
    sheets = {"parcel": parcels(2, office="x"), "seal": seals(2, colour="X")}
    post.send(sheets, row_count=2, control_sum="10.50")
    post.load()
    assert counts(post) == ("held", 4, 0, 0, 4)
    verdict = post.verdict()
    assert verdict["hold_rules"] == ["D-control_sum", "D-reject_limit", "D-row_count"]
    assert verdict["hold_detail"]["D-reject_limit"] == {"expected": "at most 3", "found": 4}
    assert verdict["hold_detail"]["D-control_sum"] == {"expected": "10.50", "found": "21.00"}


def test_what_is_queued_is_of_both_sheets(post: Post) -> None:
    post.send({"parcel": parcels(1), "seal": seals(1, parcel_no="P0009")})
    post.load()
    queued = post.fetch("select entity, key from audit.build_queue where entity <> 'slice' order by key")
    assert [(row["entity"], row["key"]) for row in queued] == [("parcel", "P0001"), ("seal", "P0009")]


def test_results_are_told_rule_by_rule(post: Post) -> None:
    post.send(broken_on_line_3())
    report = post.load()
    results = post.fetch(
        "select rule_id, engine, delivery_id is null as whole, rows_checked, rows_broken from audit.rule_result"
        " where load_id = %s and rule_id in ('F90-op-known', 'F90-seal-op-known', 'F90-seal-colour-format')"
        " order by rule_id, engine, whole",
        report.loads[0],
    )
    told = [(row["rule_id"], row["engine"], row["whole"], row["rows_checked"], row["rows_broken"]) for row in results]
    assert told == [
        ("F90-op-known", "gx", True, 3, 0),
        ("F90-op-known", "sql", True, 4, 0),
        ("F90-seal-colour-format", "gx", True, 2, 0),
        ("F90-seal-colour-format", "sql", False, 3, 1),
        ("F90-seal-colour-format", "sql", True, 3, 1),
        ("F90-seal-op-known", "gx", True, 2, 0),
        ("F90-seal-op-known", "sql", True, 3, 0),
    ]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update ods.f90_seal set colour = 'blue' where line_no = 3", "ods.f90_seal.*line 封识!3"),
        ("delete from ods.f90_seal where line_no = 3", "ods.f90_parcel, ods.f90_seal.*7 rows were accepted, 6 are"),
        (
            "insert into ods.f90_seal select slice_version_id, delivery_id, sender_org, business_date, record_no + 50,"
            " line_no, record_id, op, version_no, op_time, org_code, parcel_no, seal_no, colour, released_rules,"
            " row_digest from ods.f90_seal where line_no = 2",
            "8 are there",
        ),
        (
            "update quarantine.rejected_row set section = '邮包' where section = '封识'",
            "its rejected rows are not those",
        ),
    ],
    ids=["a value", "a row gone", "a row twice", "the sheet of a rejected row"],
)
def test_what_is_altered_in_either_table_is_found(post: Post, statement: str, named: str) -> None:
    post.send(broken_on_line_3() if "quarantine" in statement else {"parcel": parcels(4), "seal": seals(3)})
    post.load()
    assert breaches(post) == []
    with connect(post.settings, "owner") as connection:
        connection.execute(statement.encode())
    found = breaches(post)
    assert [one for one in found if re.search(named, one)], found


def test_the_digest_of_a_row_names_its_record_type(post: Post) -> None:
    """So that a row of one table cannot stand for a row of its sister."""
    post.send({"parcel": parcels(1), "seal": seals(1)})
    post.load()
    seal = post.contract.record_types[1]
    columns = digest_columns(seal)
    with connect(post.settings, "auditor") as connection:
        own, first = row_digest(seal, columns), row_digest(replace(seal, mark=""), columns)
        statement = sql.SQL("select row_digest = {}, row_digest = {} from {}").format(own, first, ods_table(seal))
        assert connection.execute(statement).fetchall() == [(True, False)]


def test_a_corrected_workbook_replaces_both_tables(post: Post) -> None:
    post.send(broken_on_line_3())
    post.send({"parcel": parcels(4), "seal": seals(2)}, seq=2)
    post.load()
    (winner,) = post.fetch(
        "select v.rows, v.digest from audit.slice_winner w join audit.slice_version v using (slice_version_id)"
    )
    assert winner["rows"] == 6
    assert {state for _, _, state in places(post)} == {"superseded"}
    assert breaches(post) == []


def test_a_workbook_without_one_of_the_sheets_is_held(post: Post) -> None:
    data = workbook({"邮包": (post.contract.main, parcels(2))})
    path = post.deliver(
        "F90",
        parcels(2),
        data=data,
        encoding="UTF-8",
        delimiter="XLSX",
        file_name=f"{stem()}.xlsx",
        control_sum="21.00",
    )
    path.rename(path.with_suffix(".xlsx"))
    assert hashlib.sha256(data).hexdigest() == hashlib.sha256(path.with_suffix(".xlsx").read_bytes()).hexdigest()
    post.load()
    assert post.verdict()["hold_rules"] == ["D-header"]
    assert "封识" in str(post.verdict()["hold_detail"])


def test_a_workbook_made_by_hand_is_counted_over_its_sheets(post: Post, tmp_path: Path) -> None:
    file = tmp_path / "parcels.xlsx"
    sheets = {"parcel": parcels(3), "seal": seals(2)}
    file.write_bytes(workbook({one.section or "": (one, sheets[one.name]) for one in post.contract.record_types}))
    deliver(post.settings, file, feed="F90", branch="320100", business_date=DAY)
    post.load()
    assert counts(post) == ("accepted", 5, 5, 0, 0)
    assert post.fetch("select control_sum::text from audit.delivery") == [{"control_sum": "31.50"}]


def test_a_file_without_sections_is_held(post: Post) -> None:
    post.deliver("F90", parcels(2))
    post.load()
    assert post.verdict()["hold_rules"] == ["D-format"]
    assert post.verdict()["hold_detail"]["D-format"] == {"expected": "XLSX / XLS / XML", "found": ","}


def test_order_of_arrival_does_not_matter(
    make_settings: Callable[..., Settings], template: str, contracts: Path, request: pytest.FixtureRequest
) -> None:
    """Law 3 with two tables: what stands afterwards is the same."""
    first: Step = lambda post: post.send(broken_on_line_3())  # noqa: E731
    second: Step = lambda post: post.send({"parcel": parcels(3), "seal": seals(4, colour="X")}, seq=2)  # noqa: E731
    ends = []
    for number, steps in enumerate(([first, second], [second, first])):
        settings = make_settings(f"{request.node.nodeid}-{number}", template=template)
        post = Post(settings.model_copy(update={"contracts": contracts}))
        for step in steps:
            step(post)
            post.load()
        ends.append([post.fetch(query) for query in STATE])
        assert breaches(post) == []
    assert ends[0] == ends[1]
    assert len(ends[0][0]) == 1


def test_a_record_type_may_be_added_last_and_none_may_go(post: Post, contracts: Path, tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    first, _, _ = text.partition("  - name: seal\n")
    later = text.replace('"2009-01-01"', '"2010-07-01"')
    for name, now, before in (("grown", later, first), ("shrunk", first.replace('"2009-01-01"', '"2010-07-01"'), text)):
        folder = tmp_path / name
        shutil.copytree(contracts, folder)
        (folder / "f90_parcels.odcs.yaml").write_text(before, encoding="utf-8")
        (folder / "f90_later.odcs.yaml").write_text(now, encoding="utf-8")
    with connect(post.settings, "owner") as connection:
        make_ods(connection, load_contracts(tmp_path / "grown"))
        with pytest.raises(ContractError, match="seal is gone or has moved"):
            make_ods(connection, load_contracts(tmp_path / "shrunk"))
