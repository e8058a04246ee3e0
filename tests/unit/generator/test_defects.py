"""Each named defect does what it says, and nothing else."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ciq.errors import CiqError
from ciq_demo.generator import (
    Defect,
    Generator,
    Scenario,
    WrittenDelivery,
    defect_names,
    defects_of,
    write_days,
)

DAY = date(2010, 6, 8)
BRANCH = "320600"
"""Delivers GB18030."""
Write = Callable[..., tuple[list[list[str]], dict[str, str], bytes]]


def _write(root: Path, scenario: Scenario, feed: str, org: str) -> WrittenDelivery:
    written = write_days(root, first_day=DAY, last_day=DAY, scenario=scenario, orgs={org})
    (delivery,) = [one for one in written if one.feed == feed]
    return delivery


def manifest_of(delivery: WrittenDelivery) -> dict[str, str]:
    assert delivery.manifest_path is not None
    with delivery.manifest_path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    return row


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[..., tuple[bytes, bytes, dict[str, str]]]:
    """spoiled("name", feed): the clean bytes, the spoiled bytes and the spoiled manifest."""

    def write(name: str, feed: str = "F01", *, org: str = BRANCH, rows: int = 1) -> tuple[bytes, bytes, dict[str, str]]:
        clean = _write(tmp_path / "clean", Scenario(), feed, org)
        scenario = Scenario().add(feed, org, DAY, Defect(name, rows=rows))
        bad = _write(tmp_path / "bad", scenario, feed, org)
        assert bad.events == (name,)
        assert clean.path is not None
        assert bad.path is not None
        return clean.path.read_bytes(), bad.path.read_bytes(), manifest_of(bad)

    return write


def changed_cells(clean: bytes, bad: bytes) -> list[tuple[str, str, str]]:
    """Column, clean cell, spoiled cell."""
    before, after = (list(csv.reader(text.decode("gb18030").split("\n"))) for text in (clean, bad))
    assert len(before) == len(after)
    return [
        (before[0][position], old, new)
        for was, now in zip(before, after, strict=True)
        for position, (old, new) in enumerate(zip(was, now, strict=True))
        if old != new
    ]


@pytest.mark.parametrize(
    ("name", "feed", "column", "pattern"),
    [
        ("lost_zero_org", "F01", "org_code", lambda old, new: new == old.rstrip("0") != old),
        ("lost_zero_hs", "F02", "hs_code", lambda old, new: old == "0" + new),
        ("lost_zero_decl_no", "F03", "decl_no", lambda _old, new: len(new) == 14),
        ("scientific_notation", "F01", "decl_no", lambda old, new: new == f"{old[0]}.{old[1:4]}E+14"),
        ("customs_country_142", "F02", "origin_country", lambda _old, new: new == "142"),
        ("customs_country_502", "F01", "trade_country", lambda _old, new: new == "502"),
        ("customs_currency", "F01", "currency", lambda _old, new: new == "502"),
        ("unknown_code", "F03", "insp_mode", lambda _old, new: new == "X9"),
        ("unknown_result", "F03", "result", lambda _old, new: new == "合格"),
        ("nan", "F01", "total_value", lambda _old, new: new == "NaN"),
        ("today", "F01", "accept_time", lambda _old, new: new == "today"),
        ("full_width_digits", "F03", "eval_seq", lambda _old, new: new in "１２"),
        ("thousands_separators", "F02", "goods_value", lambda old, new: new.replace(",", "") == old),
        ("missing_nc_category", "F03", "nc_category", lambda _old, new: new == ""),
        ("backslash_dot", "F01", "applicant_name", lambda _old, new: new == "\\."),
        ("nul_byte", "F02", "goods_name_cn", lambda old, new: new.replace("\x00", "") == old),
        ("formula_text", "F01", "applicant_name", lambda _old, new: new.startswith("=cmd|")),
    ],
)
def test_cell_defects_spoil_one_cell(
    spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]],
    name: str,
    feed: str,
    column: str,
    pattern: Callable[[str, str], bool],
) -> None:
    clean, bad, manifest = spoiled(name, feed)
    ((where, old, new),) = changed_cells(clean, bad)
    assert where == column
    assert pattern(old, new), (old, new)
    assert manifest["sha256"] == hashlib.sha256(bad).hexdigest()


def test_cell_defects_spoil_as_many_rows_as_asked(
    spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]],
) -> None:
    clean, bad, _ = spoiled("customs_currency", "F02", rows=4)
    assert len(changed_cells(clean, bad)) == 4


def test_a_megabyte_cell_is_one(spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]]) -> None:
    clean, bad, _ = spoiled("megabyte_cell")
    assert len(bad) - len(clean) == 1 << 20


def test_an_embedded_newline_is_quoted_and_legal(
    spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]],
) -> None:
    clean, bad, manifest = spoiled("embedded_newline")
    text = bad.decode("gb18030")
    rows = list(csv.reader(text.splitlines(keepends=True)))
    assert len(rows) - 1 == int(manifest["row_count"])
    assert text.count("\n") == clean.decode("gb18030").count("\n") + 1


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("ragged_row", lambda _clean, bad: sum(line.count(",") == 6 for line in bad.split("\n")) == 1),
        ("stray_quote", lambda _clean, bad: bad.count('a"b,') == 1),
        ("lone_cr", lambda _clean, bad: bad.count("\r") == 1 and "\r\n" not in bad),
        ("mixed_line_ends", lambda _clean, bad: 0 < bad.count("\r\n") < bad.count("\n")),
        ("blank_line", lambda clean, bad: "\n\n" in bad and "\n\n" not in clean),
        ("header_changed", lambda _clean, bad: "decl_no_1" in bad.split("\n")[0]),
    ],
)
def test_line_defects_spoil_the_text_under_a_manifest_that_fits(
    spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]], name: str, check: Callable[[str, str], bool]
) -> None:
    clean, bad, manifest = spoiled(name, "F02")
    assert check(clean.decode("gb18030"), bad.decode("gb18030"))
    assert manifest["sha256"] == hashlib.sha256(bad).hexdigest()
    assert manifest["bytes"] == str(len(bad))


def test_a_truncated_file_does_not_fit_its_manifest(
    spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]],
) -> None:
    clean, bad, manifest = spoiled("truncated")
    assert clean.startswith(bad)
    assert manifest["sha256"] == hashlib.sha256(clean).hexdigest()
    assert int(manifest["bytes"]) == len(clean) > len(bad)


def test_wrong_encodings_are_not_the_declared_one(
    spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]],
) -> None:
    clean, bad, manifest = spoiled("wrong_encoding", org="320200")
    assert manifest["encoding"] == "UTF-8-SIG"
    assert bad.decode("gb18030") == clean.decode("utf-8-sig")
    with pytest.raises(UnicodeDecodeError):
        bad.decode("utf-8")


def test_a_bom_before_gb18030(spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]]) -> None:
    clean, bad, manifest = spoiled("bom_in_gb18030")
    assert bad == b"\xef\xbb\xbf" + clean
    assert manifest["encoding"] == "GB18030"


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [("status_0", "status", "0"), ("status_1", "status", "1"), ("status_3", "status", "3")],
)
def test_statuses(
    spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]], name: str, cell: str, value: str
) -> None:
    clean, bad, manifest = spoiled(name)
    assert clean == bad
    assert manifest[cell] == value


def test_wrong_manifest_figures(spoiled: Callable[..., tuple[bytes, bytes, dict[str, str]]]) -> None:
    clean, bad, manifest = spoiled("wrong_row_count")
    assert clean == bad
    assert int(manifest["row_count"]) == clean.count(b"\n")
    _, _, wrong = spoiled("wrong_total")
    assert wrong["control_sum"] != manifest["control_sum"]


def test_missing_halves(tmp_path: Path) -> None:
    scenario = Scenario().add("F01", BRANCH, DAY, Defect("missing_manifest"))
    scenario = scenario.add("F02", BRANCH, DAY, Defect("missing_data"))
    no_manifest = _write(tmp_path, scenario, "F01", BRANCH)
    no_data = _write(tmp_path, scenario, "F02", BRANCH)
    assert (no_manifest.path is None, no_manifest.manifest_path is None) == (False, True)
    assert (no_data.path is None, no_data.manifest_path is None) == (True, False)
    names = sorted(path.name for path in (tmp_path / BRANCH / "outbox").iterdir())
    assert f"F01_{BRANCH}_20100608_01.manifest.csv" not in names
    assert f"F02_{BRANCH}_20100608_01.csv" not in names


CASE_DAY = date(2010, 6, 30)


@pytest.mark.parametrize(
    ("name", "feed", "org", "column", "pattern"),
    [
        ("lost_zero_case_no", "F10", "320583", "case_no", lambda old, new: len(new) == len(old) - 1),
        ("event_in_words", "F10", "320583", "event_type", lambda _old, new: new == "已处理"),
        ("event_next_year", "F10", "320583", "event_time", lambda old, new: new == old.replace("2010", "2011", 1)),
        ("decision_unnumbered", "F10", "320583", "decision_no", lambda _old, new: new == ""),
        ("fine_negative", "F10", "320583", "fine_cny", lambda old, new: new == f"-{old}"),
        ("filed_lost", "F10", "320583", "event_type", lambda old, new: (old, new) == ("FILED", "INVEST")),
        ("closed_before_decided", "F10", "320583", "event_type", lambda _old, new: new == "CLOSED"),
        ("event_skipped", "F10", "320583", "event_seq", lambda old, new: int(new) == int(old) + 10),
        ("decision_no_reused", "F10", "320583", "decision_no", lambda _old, new: new.endswith("0001号")),
        ("consultation_accepted", "F11", "320500", "case_type", lambda _old, new: new == "CONSULTATION"),
    ],
)
def test_defects_of_cases_spoil_one_cell(
    tmp_path: Path, name: str, feed: str, org: str, column: str, pattern: Callable[[str, str], bool]
) -> None:
    day = CASE_DAY if feed == "F10" else date(2010, 6, 29)
    texts = []
    for root, scenario in (
        (tmp_path / "clean", Scenario()),
        (tmp_path / "bad", Scenario().add(feed, org, day, Defect(name))),
    ):
        (one,) = write_days(root, first_day=day, last_day=day, scenario=scenario, orgs={org}, feeds={feed})
        assert one.path is not None
        texts.append(one.path.read_bytes().decode("utf-8-sig").encode("gb18030"))
    ((where, old, new),) = changed_cells(*texts)
    assert where == column
    assert pattern(old, new), (old, new)


def test_which_defects_a_feed_can_have_follows_from_its_columns() -> None:
    every = {feed: set(defects_of(form.columns)) for feed, form in Generator(2010).formats.items() if feed != "F00"}
    assert set().union(*every.values()) == set(defect_names())
    for name, feeds in {
        "lost_zero_hs": {"F02", "F04"},
        "lost_zero_decl_no": {"F01", "F02", "F03", "F04", "F07", "F08", "F10", "F13", "F18"},
        "lost_zero_case_no": {"F10", "F11", "F12"},
        "consultation_accepted": {"F11", "F12"},
        "fine_negative": {"F10"},
        "unknown_result": {"F03"},
        "truncated": set(every),
    }.items():
        assert {feed for feed, names in every.items() if name in names} == feeds, name


def test_every_defect_is_tested_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert not [name for name in defect_names() if f'"{name}"' not in source]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(CiqError, match="no defect is named"):
        Defect("lost_marbles")


def test_a_defect_that_finds_too_few_rows_is_refused(tmp_path: Path) -> None:
    scenario = Scenario().add("F02", BRANCH, DAY, Defect("lost_zero_hs", rows=100_000))
    with pytest.raises(CiqError, match="finds only"):
        _write(tmp_path, scenario, "F02", BRANCH)


def test_a_defect_without_a_column_in_the_feed_is_refused(tmp_path: Path) -> None:
    scenario = Scenario().add("F01", BRANCH, DAY, Defect("lost_zero_hs"))
    with pytest.raises(CiqError, match="no column in feed F01"):
        _write(tmp_path, scenario, "F01", BRANCH)
