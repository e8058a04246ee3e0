"""A contract and a mart gain a column: what stood before keeps its digests, and what was altered is still named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ciq.building import build, deploy
from ciq.building.requeue import queue_what_changed
from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import BuildError, ContractError
from ciq.ledger.ods import make_ods
from ciq.ledger.prepare import prepare_database
from ciq.settings import Settings
from ciq.verifying import verify
from support.bureau import DAY, Bureau, rows_of

NEXT_DAY = date(2010, 6, 9)
NEW_COLUMN = """\
      - name: lab_code
        businessName: "Laboratory"
        description: "Laboratory / 实验室"
        logicalType: string
        physicalType: text
        required: {required}
        logicalTypeOptions: {{maxLength: 10}}
        customProperties: [{{property: nameZh, value: "实验室"}}]
"""
BEFORE = "      - name: insp_mode\n"


def next_version(
    settings: Settings, folder: Path, *, required: str = "false", was: str = "", now: str = ""
) -> Settings:
    """Contracts in which F03 has a second version from the next day on, with a new column in the middle."""
    shutil.copytree(settings.contracts, folder)
    text = (folder / "f03_inspection.odcs.yaml").read_text(encoding="utf-8")
    assert text.count(BEFORE) == 1
    text = text.replace(BEFORE, NEW_COLUMN.format(required=required) + BEFORE).replace(was, now, 1 if was else 0)
    text = text.replace(
        '{property: effectiveFrom, value: "2009-01-01"}', f'{{property: effectiveFrom, value: "{NEXT_DAY}"}}'
    )
    (folder / "f03_inspection_2.odcs.yaml").write_text(text, encoding="utf-8")
    return settings.model_copy(update={"contracts": folder})


def wider_project(settings: Settings, folder: Path) -> Settings:
    """The dbt project, with a column more in fct_evaluation."""
    shutil.copytree(settings.dbt_project, folder, ignore=shutil.ignore_patterns("target", "logs"))
    model = folder / "models" / "marts" / "core" / "fct_evaluation.sql"
    text = model.read_text(encoding="utf-8")
    last = "evaluations.void_line_no\n    from"
    assert text.count(last) == 1
    model.write_text(
        text.replace(last, "evaluations.void_line_no,\n        'new' as remark\n    from"), encoding="utf-8"
    )
    return settings.model_copy(update={"dbt_project": folder})


def found(settings: Settings) -> list[str]:
    return [str(breach) for check in verify(settings) for breach in check.breaches]


def deliver(bureau: Bureau, day: date, number: str, **more: str) -> None:
    time = f"{day} 15:00:00"
    cells = {"decl_date": str(day), "accept_time": f"{day} 09:00:00", "op_time": f"{day} 10:00:00"}
    bureau.deliver("F01", rows_of("F01", 1, decl_no=number, **cells), day=day)
    bureau.deliver(
        "F03",
        rows_of("F03", 1, **{"decl_no": number, "op_time": time, "eval_time": time, "insp_end": time, **more}),
        day=day,
    )
    assert bureau.load().held == 0


@pytest.fixture(scope="module")
def widened(make_bureau: Callable[[str], Bureau], tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A day before and a day after: two publications."""
    bureau = make_bureau("new-column")
    folder = tmp_path_factory.mktemp("wider")
    deliver(bureau, DAY, "320100210000001")
    queue_what_changed(bureau.settings)
    assert build(bureau.settings, "test").publication_no == 1
    settings = wider_project(next_version(bureau.settings, folder / "expectations"), folder / "dbt")
    prepare_database(settings)
    with connect(settings, "owner") as connection:
        connection.execute("alter table marts.fct_evaluation add column remark text")
    wider = Bureau(settings)
    deliver(wider, NEXT_DAY, "320100210000002", lab_code="L-7")
    assert build(settings, "test").publication_no == 2
    return wider


def test_rows_of_before_and_after_are_sound(widened: Bureau) -> None:
    assert found(widened.settings) == []
    rows = widened.fetch("select business_date, lab_code from ods.f03_inspection order by 1")
    assert [row["lab_code"] for row in rows] == [None, "L-7"]
    marts = widened.fetch("select known_from_no, remark from marts.fct_evaluation order by 1")
    assert [(row["known_from_no"], row["remark"]) for row in marts] == [(1, None), (2, "new")]


def test_each_of_them_is_named_when_it_was_altered(widened: Bureau) -> None:
    for table, change, condition, place in (
        ("ods.f03_inspection", "inspector = 'x'", f"business_date = '{DAY}'", "F03_320100_20100608_01.csv, line 2"),
        ("ods.f03_inspection", "lab_code = 'x'", f"business_date = '{NEXT_DAY}'", "F03_320100_20100609_01.csv, line 2"),
        ("marts.fct_evaluation", "sample_no = 'x'", "known_from_no = 1", "decl_no=320100210000001"),
        ("marts.fct_evaluation", "remark = 'x'", "known_from_no = 2", "decl_no=320100210000002"),
    ):
        with connect(widened.settings, "owner") as connection:
            former = f"create table audit.former as select * from {table} where {condition}"
            connection.execute(former.encode())
            connection.execute(f"update {table} set {change} where {condition}".encode())
        named = " ".join(found(widened.settings))
        assert table in named, named
        assert place in named, named
        with connect(widened.settings, "owner") as connection:
            connection.execute(f"delete from {table} where {condition}".encode())
            connection.execute(f"insert into {table} select * from audit.former".encode())
            connection.execute("drop table audit.former")
    assert found(widened.settings) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"required": "true"}, "lab_code is required"),
        ({"was": "      - name: eval_time\n", "now": "      - name: evaluated_at\n"}, "column eval_time is gone"),
        ({"was": "physicalName: f03_inspection\n", "now": "physicalName: f03_evaluation\n"}, "two tables"),
    ],
)
def test_a_change_that_breaks_the_table_is_refused(
    deployed: Settings, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    contracts = load_contracts(next_version(deployed, tmp_path / "expectations", **change).contracts)
    with connect(deployed, "owner") as connection, pytest.raises(ContractError, match=said):
        make_ods(connection, contracts)


def test_a_mart_with_other_columns_than_its_model_is_not_written(
    make_bureau: Callable[[str], Bureau], tmp_path: Path
) -> None:
    """Without the migration, neither at deploy nor by a build; the former publication stays."""
    bureau = make_bureau("no-migration")
    deliver(bureau, DAY, "320100210000001")
    assert build(bureau.settings, "test").publication_no == 1
    wider = wider_project(bureau.settings, tmp_path / "dbt")
    model = wider.dbt_project / "models" / "marts" / "core" / "fct_evaluation.sql"
    text = model.read_text(encoding="utf-8")
    assert text.count("evaluations.sample_no,") == 1
    shorter = text.replace("evaluations.sample_no,", "evaluations.sample_no::varchar(40) as sample_no,")
    model.write_text(shorter, encoding="utf-8")
    with connect(bureau.settings, "owner") as connection:
        connection.execute("alter table marts.fct_evaluation add column seal text")
    said = (
        r"fct_evaluation.*differ: sample_no \(character varying\(40\); text\), remark \(text; not in the table\), "
        r"seal \(not in the model; text\)"
    )
    with pytest.raises(BuildError, match=said):
        deploy(wider)
    deliver(Bureau(wider), NEXT_DAY, "320100210000002")
    with pytest.raises(BuildError, match=said):
        build(wider, "test")
    assert bureau.fetch("select max(known_from_no) as no from marts.fct_evaluation")[0]["no"] == 1
