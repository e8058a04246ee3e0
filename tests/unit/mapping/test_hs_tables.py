"""Tables of HS codes as customs publishes them, and as spreadsheets and hostile hands leave them."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from ciq.contracts import Contract, load_contracts
from ciq.errors import Place
from ciq.mapping.cells import restore_zeros
from ciq.mapping.convert import convert
from ciq.mapping.model import MappingError
from ciq.mapping.reading import load_mapping
from ciq.mapping.source import understand
from ciq.settings import PROJECT_ROOT, Settings
from support.third_party import Made

GACC = PROJECT_ROOT.parent / "shared/data/hs_cn_gacc_gb18030"
HEADER = '"商品编码","商品名称","年份","第一计量单位编码","第一计量单位名称","第二计量单位编码","第二计量单位名称",\n'
HORSES = '01012100,"改良种用马",2015,09,"千克",01,"头",\n'


@pytest.fixture(scope="module")
def h01() -> Contract:
    contract = load_contracts(Settings().contracts).effective("H01", date(2015, 12, 31))
    assert contract is not None
    return contract


def mapped(content: bytes, contract: Contract) -> Made:
    mapping, place = load_mapping(Settings().contracts, "gacc_hs8"), Place(file="zh-hs8-2015.csv")
    source, target = io.BytesIO(content), io.StringIO()
    reading = understand(source, mapping, None, place)
    done = convert(
        source, target, reading, contract, branch="320000", business_date=date(2015, 12, 31), place=place
    )  # fmt: skip
    return Made(target.getvalue(), done)


def gbk(text: str) -> bytes:
    return text.encode("gb18030")


@pytest.mark.parametrize(
    "content",
    [
        gbk(HEADER + HORSES),
        (HEADER + HORSES).encode("utf-8-sig"),
        (HEADER + HORSES).encode(),
        gbk((HEADER + HORSES).replace("\n", "\r\n")),
        gbk((HEADER + HORSES).replace(",\n", "\n").replace(",", "\t")),
        gbk(
            "商品编号,商品名称,年度,第一计量单位编码,第一计量单位,第二计量单位编码,第二计量单位,说明\n1012100,改良种用马,2015,9,千克,1,头,x\n"
        ),
    ],
)
def test_encoding_line_ends_separator_and_names_may_differ(content: bytes, h01: Contract) -> None:
    (row,) = mapped(content, h01).rows
    assert row == {
        "record_id": "2015-01012100", "op": "I", "version_no": "1", "op_time": "2015-01-01 00:00:00",
        "org_code": "320000", "hs8": "01012100", "tariff_year": "2015", "name_zh": "改良种用马",
        "unit1_code": "09", "unit1_name": "千克", "unit2_code": "01", "unit2_name": "头",
    }  # fmt: skip


def test_zeros_that_a_spreadsheet_took_are_restored_and_told(h01: Contract) -> None:
    made = mapped(
        gbk(HEADER + '1012100.0,"改良种用马",2015,9,"千克",1,"头",\n85414020,"太阳能电池",2015,01,"个",?,"?",\n'), h01
    )
    assert [row["hs8"] for row in made.rows] == ["01012100", "85414020"]
    assert made.rows[1]["unit2_code"] == made.rows[1]["unit2_name"] == ""
    told = "\n".join(made.converted.lines())
    assert "3 codes whose zeros at the beginning were restored" in told
    assert "已补回前导零" in told
    assert "hs8: 1012100 = 01012100" in told


def test_a_cell_of_nul_bytes_is_an_empty_one_and_a_nul_within_a_text_is_not(h01: Contract) -> None:
    text = HEADER + HORSES.replace('01,"头"', '\0,"\0"') + '02011000,"鲜\0肉",2015,09,"千克",?,"?",\n' + HORSES
    made = mapped(gbk(text), h01)
    assert made.converted.records == 3
    assert made.converted.unusable == 1
    assert [row["unit2_code"] for row in made.rows if row["hs8"]] == ["", "01"]
    told = "\n".join(made.converted.lines())
    assert "1 records with cells of NUL bytes, read as empty" in told
    assert "line 行 2" in told
    assert "S-nul" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gbk(HEADER.replace("年份", "版本") + HORSES), "tariff_year (年份"),
        (gbk(HEADER.replace("商品名称", "商品编码") + HORSES), "columns lack"),
        ((HEADER + HORSES).encode("utf-16"), "不是 CSV"),
        (b"", "empty"),
        (gbk(HEADER) + b"01012100,\xff\xff\xff,2015,09,x,01,x,\n", "encoding|编码不符"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content: bytes, said: str, h01: Contract) -> None:
    with pytest.raises(MappingError) as refused:
        mapped(content, h01)
    assert any(part in str(refused.value) for part in said.split("|"))


def test_what_is_no_number_gets_no_zeros() -> None:
    assert [restore_zeros(cell, 8) for cell in ("1012100", "8541402000", "1.0E+06", "１２", "")] == [
        "01012100", "8541402000", "1.0E+06", "１２", "",
    ]  # fmt: skip
    assert restore_zeros("", 8) == ""


FILES = sorted(GACC.glob("zh-hs8-*.csv"))


@pytest.mark.skipif(not FILES, reason="the customs tables stand beside this checkout, in ../shared/data")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_table_that_customs_published_is_mapped_whole(path: Path, h01: Contract) -> None:
    content = path.read_bytes()
    lines = [line for line in content.decode("gb18030").split("\n") if line]
    made = mapped(content, h01)
    nul = made.converted.notes.get("nul")
    assert made.converted.records == len(made.rows)
    assert made.converted.unusable == 0
    assert {row["hs8"] for row in made.rows} == {line[:8] for line in lines if line[:8].isdigit()}
    assert (nul.count if nul else 0) == sum("\0" in line for line in lines)
