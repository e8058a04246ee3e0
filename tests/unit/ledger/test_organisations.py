"""What org.csv may say of an organisation over time, and what becomes of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ciq.errors import CiqError
from ciq.ledger.organisations import periods_of, read_lines
from ciq.settings import PROJECT_ROOT

HEADING = "org_code,parent_code,level,name_zh,name_en,seat_zh,valid_from,valid_to,is_due,endpoint"
TOP = "320000,,HQ,江苏局,Jiangsu,南京,1999-08-10,,0,"
NANJING = "320100,320000,BRANCH,南京局,Nanjing,南京,1999-08-10,,1,x"
WUXI = "320200,320000,BRANCH,无锡局,Wuxi,无锡,1999-08-10,,1,x"
OFFICE = "320110,{parent},OFFICE,机场办,Airport,南京,{first},{last},0,"


def stays(**cells: str) -> str:
    return OFFICE.format(**{"parent": "320100", "first": "1999-08-10", "last": "", **cells})


def periods(folder: Path, *lines: str) -> list[tuple[str, str, str, str, str]]:
    """(code, from, to, branch, path) of each row that ref.org gets."""
    (folder / "org.csv").write_text("\n".join((HEADING, *lines)) + "\n", encoding="utf-8")
    return [
        (p.line.org_code, str(p.valid_from), str(p.valid_to or ""), p.above.branch_code, p.above.path)
        for p in periods_of(read_lines(folder / "org.csv"))
    ]


def test_an_office_that_moves_has_a_row_for_each_branch(tmp_path: Path) -> None:
    moved = (stays(last="2010-06-09"), stays(parent="320200", first="2010-06-09"))
    assert periods(tmp_path, TOP, NANJING, WUXI, *moved)[3:] == [
        ("320110", "1999-08-10", "2010-06-09", "320100", "320000/320100/320110"),
        ("320110", "2010-06-09", "", "320200", "320000/320200/320110"),
    ]


def test_the_order_of_the_lines_does_not_matter(tmp_path: Path) -> None:
    lines = (stays(parent="320200", first="2010-06-09"), WUXI, stays(last="2010-06-09"), NANJING, TOP)
    assert sorted(periods(tmp_path, *lines)) == sorted(periods(tmp_path, *lines[::-1]))


def test_what_changes_above_begins_a_new_period_below(tmp_path: Path) -> None:
    """The office's own line goes on; its branch is renamed, then an office between them moves."""
    renamed = (NANJING.replace("1999-08-10,", "1999-08-10,2008-01-01"), NANJING.replace("1999-08-10", "2008-01-01"))
    renamed = (renamed[0], renamed[1].replace("南京局", "金陵局"))
    between = (stays(last="2010-06-09"), stays(parent="320200", first="2010-06-09"))
    below = "320119,320110,OFFICE,航站,Terminal,南京,1999-08-10,,0,"
    found = [row[1:4] for row in periods(tmp_path, TOP, *renamed, WUXI, *between, below) if row[0] == "320119"]
    assert found == [
        ("1999-08-10", "2008-01-01", "320100"),
        ("2008-01-01", "2010-06-09", "320100"),
        ("2010-06-09", "", "320200"),
    ]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((stays(), stays(parent="320200", first="2010-06-09")), "line 6.*valid_to of a period is valid_from"),
        ((stays(last="2010-06-10"), stays(first="2010-06-09")), "overlap: 1999-08-10 to 2010-06-10"),
        ((stays(last="2010-06-08"), stays(first="2010-06-09")), "gap between periods"),
        ((stays(), stays()), "overlap"),
        ((stays(first="2010-06-09", last="2010-06-09"),), "The period is empty"),
        ((stays(parent="320900"),), "320900, is not there"),
        ((stays(first="1999-08-09"),), "On 1999-08-09 the organisation above, 320100, is not there"),
        ((stays(first="2010-6-9"),), "cannot be read"),
        ((stays().replace("OFFICE", "OFICE"),), "Unknown level 'OFICE'"),
        ((stays(parent="320119"), stays().replace("320110,320100", "320119,320110")), "320110, is below it"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(CiqError, match=words) as refused:
        periods(tmp_path, TOP, NANJING, WUXI, *lines)
    assert refused.value.place.line is not None


def test_a_branch_that_ends_leaves_no_office_behind(tmp_path: Path) -> None:
    ended = NANJING.replace("1999-08-10,", "1999-08-10,2010-06-09")
    with pytest.raises(CiqError, match=r"On 2010-06-09 the organisation above, 320100, is not there.*another parent"):
        periods(tmp_path, TOP, ended, stays())
    assert len(periods(tmp_path, TOP, ended, stays(last="2010-06-09"))) == 3


def test_the_organisations_of_the_bureau() -> None:
    lines = read_lines(PROJECT_ROOT / "expectations" / "code_lists" / "org.csv")
    rows = list(periods_of(lines))
    assert len({row.line.org_code for row in rows if row.line.is_due}) == 20
    office = [row for row in rows if row.line.org_code == "320590"]
    assert [(row.above.branch_code, row.valid_from) for row in office] == [("320583", date(2003, 3, 10))]
