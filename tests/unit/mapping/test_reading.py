"""Mappings that are wrong say which file, which key, and what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ciq.mapping.model import MappingError
from ciq.mapping.reading import load_mapping, load_mappings
from ciq.settings import Settings

RICH = (Settings().contracts / "mappings/rasff_rich.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts")
    for path in Settings().contracts.glob("f*.odcs.yaml"):
        shutil.copy(path, folder)
    (folder / "mappings").mkdir()
    (folder / "mappings/rasff_rich.yaml").write_text(RICH, encoding="utf-8")
    return folder


def written(contracts: Path, text: str) -> str:
    (contracts / "mappings/mine.yaml").write_text(text, encoding="utf-8")
    return "mine"


def test_the_mappings_that_ship_are_right() -> None:
    mappings = {mapping.name: mapping for mapping in load_mappings(Settings().contracts, "F18")}
    assert set(mappings) == {
        "rasff_category", "rasff_portal", "rasff_rich", "rasff_rich_month_first", "rasff_window",
        "rasff_window_month_first",
    }  # fmt: skip
    # What the header does not tell is never taken by auto.
    assert {name for name, mapping in mappings.items() if not mapping.auto} == {
        name for name in mappings if name.endswith("month_first")
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("feed: F18\n", "", "feed: is missing 缺少"),
        ("feed: F18", "feed: F77", "there is no feed F77"),
        ("feed: F18", "feed: [", "no YAML"),
        ("version: 1.0.0", "version: 1.0", "version: .*found 实为 1.0; put it in quotation marks"),
        ("unknown_columns: ignore", "unknown: ignore", "unknown: unknown key"),
        ("unknown_columns: ignore", "unknown_columns: maybe", "unknown_columns: .*'maybe'"),
        ("encodings: [UTF-8]", "encodings: [BIG5]", r"encodings\.0: .*BIG5"),
        ('delimiters: [";"', 'delimiters: ["#"', r"delimiters\.0: .*'#'"),
        (
            "national_flag: {value",
            "national_flg: {value",
            r"columns\.national_flg: f18_warning_notice has no such column",
        ),
        ("  issuer: {value: RASFF}\n", "", r"columns\.issuer: the contract requires it"),
        ("issuer: {value: RASFF}", "issuer: {value: RASFF, from: [X]}", r"columns\.issuer: say either"),
        ("issuer: {value: RASFF}", "issuer: {}", r"columns\.issuer: say either"),
        ("issuer: {value: RASFF}", 'issuer: {value: "{nobody}"}', r"columns\.issuer\.value: \{nobody\}"),
        ("issuer: {value: RASFF}", "issuer: {value: 7}", r"columns\.issuer\.value: .*quotation marks"),
        ("product: {from: [PRODUCT]", "product: {from: [PRODUCT], pad_fraction: 4", r"columns\.product\.pad_fraction"),
        ("pad_fraction: 4", "pad_fraction: four", r"columns\.notice_no\.pad_fraction: .*'four'"),
        ("product: {from: [PRODUCT]", "product: {from: [PRODUCT], default: x", r"columns\.product\.default"),
        ('  - "%d.%m.%Y"\n', '  - "%m/%d/%Y"\n', "dates: '%d/%m/%Y' and '%m/%d/%Y' read .* as two days"),
        ('  - "%d.%m.%Y"\n', '  - "%d.%m"\n', r"dates: '%d.%m' does not tell day, month and year"),
        ('  - "%d.%m.%Y"\n', '  - "dd.mm.yyyy"\n', "dates: 'dd.mm.yyyy' does not tell"),
        (RICH[RICH.index("dates:") : RICH.index("unknown_columns")], "", r"dates: say how columns\.issue_date"),
    ],
)
def test_a_wrong_key_is_named(contracts: Path, old: str, new: str, said: str) -> None:
    assert old in RICH
    with pytest.raises(MappingError, match=said) as caught:
        load_mapping(contracts, written(contracts, RICH.replace(old, new)))
    assert caught.value.place.file == "mappings/mine.yaml"


def test_a_style_that_differs_in_little_extends_another(contracts: Path) -> None:
    text = "extends: rasff_rich\nfeed: F18\nversion: 1.0.0\nname_zh: 月在前\nname_en: month first\nauto: false\n"
    mapping = load_mapping(
        contracts, written(contracts, text + 'dates: ["%m/%d/%Y"]\ncolumns: {issuer: {value: FDA}}\n')
    )
    assert mapping.dates == ["%m/%d/%Y"]
    assert mapping.columns["issuer"].value == "FDA"
    assert mapping.columns["notice_no"].names == ["REF", "REFERENCE"]
    assert b"%m/%d/%Y" in mapping.text
    assert b"SUBJET" in mapping.text


def test_extending_what_is_not_there_or_oneself_is_refused(contracts: Path) -> None:
    with pytest.raises(MappingError, match="no mapping 'nothing'"):
        load_mapping(contracts, written(contracts, "extends: nothing\n"))
    with pytest.raises(MappingError, match="circle"):
        load_mapping(contracts, written(contracts, "extends: mine\n"))


@pytest.mark.parametrize("name", ["nowhere", "../f18_warning_notice", "rasff_rich.yaml"])
def test_a_name_that_is_no_mapping_lists_those_that_are(name: str) -> None:
    with pytest.raises(MappingError, match=r"no mapping .*rasff_portal, rasff_rich, "):
        load_mapping(Settings().contracts, name)
