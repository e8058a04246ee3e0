"""A real export of the EU's RASFF, from `ciq deliver --mapping` to what stands in the warehouse."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pandas as pd
import pytest

from ciq.landing.store import LandingStore
from ciq.settings import PROJECT_ROOT
from support.bureau import Bureau

EXPORT = PROJECT_ROOT.parent / "shared/data/rasff_notifications/rasff_2019-09_2020-07_rich.csv"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not EXPORT.is_file(),
        reason="the reference files of third parties stand beside this checkout, in ../shared/data",
    ),
]
DELIVER = ("deliver", "--feed", "F18", "--branch", "320000", "--date", "2020-07-31", "--mapping", "auto")
CURRENT = """
    select n.* from ods.f18_warning_notice n
    join audit.slice_version s using (slice_version_id)
    join audit.delivery d on d.delivery_id = s.delivery_id
    where d.seq = (select max(seq) from audit.delivery where feed_code = 'F18') order by n.line_no"""

Run = Callable[..., subprocess.CompletedProcess[str]]


def done(process: subprocess.CompletedProcess[str]) -> str:
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def told(make_bureau: Callable[..., Bureau], run_ciq: Run) -> tuple[Bureau, str]:
    """A warehouse into which the export was delivered and loaded, and what the commands said."""
    bureau = make_bureau("rasff")
    said = done(run_ciq(bureau, *DELIVER, str(EXPORT)))
    return bureau, said + done(run_ciq(bureau, "load", "--all"))


@pytest.fixture(scope="module")
def export() -> pd.DataFrame:
    """The export as pandas reads it, all of it text."""
    return pd.read_csv(EXPORT, sep=";", dtype=str, keep_default_na=False)


def test_every_record_is_accounted_for(told: tuple[Bureau, str], export: pd.DataFrame) -> None:
    bureau, said = told
    assert len(export) == 2600
    assert "mapping 映射 rasff_rich" in said
    assert "received 收到 2,600 = accepted 接受 2,600 + quarantined 隔离 0 + held 扣留 0" in said
    (verdict,) = bureau.fetch("select verdict, rows_received, rows_accepted, rows_quarantined from audit.verdict")
    assert tuple(verdict.values()) == ("accepted", 2600, 2600, 0)


def test_the_figures_are_those_of_the_export(told: tuple[Bureau, str], export: pd.DataFrame) -> None:
    bureau, _ = told
    rows = bureau.fetch(CURRENT)
    months = pd.to_datetime(export["DATE_CASE"], format="%d/%m/%Y").dt.strftime("%Y-%m")
    groups = export["TYPE"].map({"food": "FOOD", "feed": "FEED", "fcm": "FOOD_CONTACT"})
    for column, expected in {
        "notice_type": export["CLASSIF"].str.strip().str.lower(),
        "notifying_country": export["NOT_COUNTRY"].str.strip(),
        "product_group": groups,
        "product_category": export["PROD_CAT"].str.strip().str.lower(),
        "risk": export["RISK_DECISION"].str.strip().str.lower(),
        "disposal": export["ACTION_TAKEN"].str.strip().str.lower(),
        "origin_countries": export["COUNT_ORIGEN"].str.strip(),
    }.items():
        assert Counter(row[column] or "" for row in rows) == Counter(expected), column
    assert Counter(f"{row['issue_date']:%Y-%m}" for row in rows) == Counter(months)
    assert len({row["notice_no"] for row in rows}) == 2600


def test_references_have_their_zeros_again(told: tuple[Bureau, str], export: pd.DataFrame) -> None:
    bureau, _ = told
    found = [row["notice_no"] for row in bureau.fetch(CURRENT)]
    assert found == [f"{Decimal(ref):.4f}" for ref in export["REF"]]
    assert sum(ref != restored for ref, restored in zip(export["REF"], found, strict=True)) == 270


def test_each_row_leads_to_the_line_of_the_source_that_landing_keeps(told: tuple[Bureau, str]) -> None:
    bureau, _ = told
    (delivery,) = bureau.fetch("select manifest from audit.delivery")
    opinion = delivery["manifest"]["opinion"]
    assert "rasff_rich 1.0.0" in opinion
    assert EXPORT.name in opinion
    mapping_sha256, source_sha256 = (part.split(",")[0].split(";")[0] for part in opinion.split("sha256 ")[1:])
    store = LandingStore(bureau.settings.landing_root)
    with store.open(source_sha256) as source:
        lines = source.read().decode().split("\n")
    assert "\n".join(lines).encode() == EXPORT.read_bytes()
    with store.open(mapping_sha256) as mapping:
        assert b"pad_fraction: 4" in mapping.read()
    for row in bureau.fetch(CURRENT):
        assert f"{Decimal(lines[row['line_no'] - 1].split(';')[4]):.4f}" == row["notice_no"]


def test_the_same_file_delivered_again_changes_nothing(told: tuple[Bureau, str], run_ciq: Run) -> None:
    bureau, _ = told
    content = CURRENT.replace("n.*", "encode(n.row_digest, 'hex') as digest, n.line_no")
    before = bureau.fetch(content)
    done(run_ciq(bureau, *DELIVER, str(EXPORT)))
    done(run_ciq(bureau, "load", "--all"))
    assert [row["seq"] for row in bureau.fetch("select seq from audit.delivery order by 1")] == [1, 2]
    assert bureau.fetch(content) == before
    done(run_ciq(bureau, "verify"))
