"""Real files of the Chinese customs through the decoder and the staging, compared with a reading of our own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from ciq.contracts.model import Column, Contract, RecordType
from ciq.contracts.tables import create_raw, raw_table
from ciq.database import connect
from ciq.loading.decode import CODECS, Header, UnreadableFileError, read_header
from ciq.loading.formats import Source
from ciq.loading.records import read_records
from ciq.loading.staging import Staged, stage_delivery
from ciq.settings import PROJECT_ROOT, Settings

DATA = PROJECT_ROOT.parent / "shared/data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the reference files of third parties stand beside this checkout, in ../shared/data"
)
GACC, SOYBEANS = DATA / "hs_cn_gacc_gb18030", DATA / "cn_customs_gbk_sample"
WITH_TAIL = [
    *sorted(GACC.glob("zh-hs8-*.csv")),
    *(GACC / f"{name}.csv" for name in ("zh-CustomsRegime", "en-CustomsRegime", "zh-TradingPartner")),
    GACC / "en-TradingPartner.csv",
    GACC / "china_customs_provinces.csv",
    *sorted(SOYBEANS.glob("*.csv")),
]
WITHOUT_TAIL = [GACC / f"{lang}-TradingPartner-cleaned-manually.csv" for lang in ("zh", "en")]
NUL_LINES = {
    "zh-hs8-2015": list(range(4684, 4693)),
    "zh-hs8-2016": list(range(4690, 4699)),
    "en-TradingPartner": [151],
    "en-TradingPartner-cleaned-manually": [151],
}
"""Told by `grep -naP '\\x00'`."""


def contract_of(path: Path, encoding: str) -> Contract:
    """A contract made for the file: its own columns, all of them text."""
    with path.open(encoding=encoding, newline="") as stream:
        names = [name.strip().lower() for name in next(csv.reader(stream)) if name.strip()]
    columns = tuple(
        Column(name=name, type="text", required=False, name_zh=name, name_en=name, description=name, max_length=400)
        for name in names
    )
    record_type = RecordType(
        feed_code="F99", name="line", table="customs_file", name_zh="海关", name_en="customs", grain="a line",
        columns=columns, table_rules=(),
    )  # fmt: skip
    return Contract(
        feed_code="F99", id="customs_file", version="1.0.0", name_zh="海关", name_en="customs", purpose="", usage="",
        effective_from=date(2009, 1, 1), record_types=(record_type,), text_sha256="",
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A record as the csv module reads it: its first line (line ends are LF alone), its cells, the rule it breaks."""

    at: int
    cells: list[str]
    shape: str | None


def plainly(path: Path, encoding: str) -> list[Line]:
    """The records of a file, read independently of the loader. An empty cell behind a trailing comma is none."""
    text = io.StringIO(path.read_bytes().decode(encoding), newline="\n")
    reader = csv.reader(text)
    width = len([name for name in next(reader) if name.strip()])
    lines, last = [], 1
    for cells in reader:
        shape = "S-nul" if any("\0" in cell for cell in cells) else "S-fields" if any(cells[width:]) else None
        shape = "S-fields" if shape is None and len(cells) not in (width, width + 1) else shape
        lines.append(Line(last + 1, cells[:width], shape))
        last = reader.line_num
    return lines


def header_of(path: Path, contract: Contract, encoding: str) -> Header:
    with path.open("rb") as file:
        columns = tuple(column.name for column in contract.main.columns)
        return read_header(file, encoding=encoding, delimiter=",", columns=columns)


@dataclass(frozen=True)
class Loaded:
    """What stands in the raw table after a file was staged."""

    staged: Staged
    rows: list[dict[str, Any]]

    def lines(self, contract: Contract) -> list[Line]:
        names = [column.name for column in contract.main.file_columns]
        return [Line(row["at"], [row[name] or "" for name in names], row["_shape"]) for row in self.rows]


def whole(lines: list[Line]) -> list[Line]:
    """Those of a good shape; of the others only what they may be is shown, since PostgreSQL has no NUL."""
    return [line for line in lines if line.shape is None]


@pytest.fixture
def stage(prepared: str, settings: Settings) -> Iterator[Callable[..., Loaded]]:
    """stage(contract, content, "GB18030"): a file's content through the loader's staging."""
    with connect(settings, "loader", autocommit=True) as connection:

        def load(contract: Contract, content: bytes, encoding: str) -> Loaded:
            table = raw_table(contract.main, 1)
            connection.execute(psycopg.sql.SQL("drop table if exists {}").format(table))
            connection.execute(create_raw(contract.main, 1))
            source = Source(file=io.BytesIO(content), encoding=encoding, form=",")
            staged = stage_delivery(connection, contract=contract, load_id=1, delivery_id=7, source=source)
            with connection.cursor(row_factory=dict_row) as cursor:
                rows = cursor.execute(
                    psycopg.sql.SQL("select *, coalesce(_line_no, _record_no + 1) as at from {} order by 1, 2").format(
                        table
                    )
                ).fetchall()
            return Loaded(staged, rows)

        yield load


@pytest.mark.parametrize("path", WITH_TAIL, ids=lambda path: path.stem)
def test_each_line_of_a_customs_file_is_staged_as_it_stands(stage: Callable[..., Loaded], path: Path) -> None:
    contract = contract_of(path, "gb18030")
    loaded = stage(contract, path.read_bytes(), "GB18030")
    expected, found = plainly(path, "gb18030"), loaded.lines(contract)
    assert header_of(path, contract, "GB18030").has_tail
    assert loaded.staged.records == len(found) == len(expected)
    assert [(line.at, line.shape) for line in found] == [(line.at, line.shape) for line in expected]
    assert whole(found) == whole(expected)
    assert [line.at for line in found if line.shape == "S-nul"] == NUL_LINES.get(path.stem, [])


@pytest.mark.parametrize("path", WITH_TAIL, ids=lambda path: path.stem)
def test_both_readers_stage_the_same(stage: Callable[..., Loaded], path: Path) -> None:
    """A last line that bare COPY would misread sends the whole file to the careful reader."""
    contract = contract_of(path, "gb18030")
    content = path.read_bytes()
    last_line = b"\\." + b"," * len(contract.main.columns) + b"\n"
    again = stage(contract, content.rstrip(b"\r\n") + b"\n" + last_line, "GB18030")
    plain = stage(contract, content, "GB18030")
    assert not again.staged.is_plain
    *rows, last = again.rows
    assert last[contract.main.columns[0].name] == "\\."
    assert Loaded(again.staged, rows).lines(contract) == plain.lines(contract)


@pytest.mark.parametrize("path", WITHOUT_TAIL, ids=lambda path: path.stem)
def test_the_files_of_the_same_folder_in_another_encoding_are_told_apart(
    stage: Callable[..., Loaded], path: Path
) -> None:
    contract = contract_of(path, "utf-8")
    loaded = stage(contract, path.read_bytes(), "UTF-8")
    expected = plainly(path, "utf-8")
    assert [(line.at, line.shape) for line in loaded.lines(contract)] == [(line.at, line.shape) for line in expected]
    assert whole(loaded.lines(contract)) == whole(expected)
    assert [line.at for line in expected if line.shape] == NUL_LINES.get(path.stem, [])
    assert not header_of(path, contract, "UTF-8").has_tail
    if path.stem.startswith("zh"):
        with pytest.raises(UnreadableFileError) as caught:
            stage(contract, path.read_bytes(), "GB18030")
        assert caught.value.rule == "D-encoding"
        assert caught.value.detail["line"] == 2


def test_a_customs_file_declared_as_utf8_is_held_with_its_line(stage: Callable[..., Loaded]) -> None:
    path = GACC / "en-TradingPartner.csv"  # its first byte that is not ASCII stands far down
    with pytest.raises(UnreadableFileError) as caught:
        stage(contract_of(path, "gb18030"), path.read_bytes(), "UTF-8")
    lines = path.read_bytes().split(b"\n")
    assert caught.value.rule == "D-encoding"
    assert caught.value.detail["line"] == next(n for n, line in enumerate(lines, start=1) if not line.isascii())
    assert "gb18030" in str(caught.value.detail["found"])
    with pytest.raises(UnreadableFileError, match="D-encoding") as caught:
        stage(contract_of(GACC / "zh-hs8-2018.csv", "gb18030"), (GACC / "zh-hs8-2018.csv").read_bytes(), "UTF-8")
    assert caught.value.detail["line"] == 1


@pytest.mark.parametrize("name", ["zh-hs8-2015", "zh-hs8-2016", "zh-hs8-2018", "zh-hs8-2023"])
def test_codes_keep_their_zeros_and_a_missing_unit_its_question_mark(stage: Callable[..., Loaded], name: str) -> None:
    path = GACC / f"{name}.csv"
    contract = contract_of(path, "gb18030")
    loaded = stage(contract, path.read_bytes(), "GB18030")
    codes = [row["商品编码"] for row in loaded.rows]
    assert all(len(code) == 8 for code in codes)
    with_zero = sum(line.startswith(b"0") for line in path.read_bytes().splitlines())
    assert sum(code.startswith("0") for code in codes) == with_zero > 0
    marks = sum(line.cells.count("?") for line in plainly(path, "gb18030"))
    assert sum(line.cells.count("?") for line in loaded.lines(contract)) == marks > 0


@pytest.mark.parametrize("name", ["zh-hs8-2015", "zh-hs8-2016", "en-TradingPartner"])
def test_a_nul_is_found_in_its_line_with_its_bytes(name: str) -> None:
    path = GACC / f"{name}.csv"
    columns = tuple(column.name for column in contract_of(path, "gb18030").main.file_columns)
    with path.open("rb") as stream:
        header = read_header(stream, encoding="GB18030", delimiter=",", columns=columns)
        stream.seek(header.data_offset)
        records = list(read_records(stream, encoding=CODECS["GB18030"], delimiter=",", columns=len(columns)))
    assert [record.line for record in records if record.shape == "S-nul"] == NUL_LINES[name]
    assert b"".join(record.raw for record in records) == path.read_bytes().partition(b"\n")[2]
    assert all(record.cells[0].isdigit() for record in records)


def test_amounts_with_thousands_separators_are_one_cell(stage: Callable[..., Loaded]) -> None:
    path = SOYBEANS / "soybean_2023.csv"
    contract = contract_of(path, "gb18030")
    loaded = stage(contract, path.read_bytes(), "GBK")
    assert loaded.rows[0]["人民币"] == "5,917,063,944"
    assert {row["第二计量单位"] for row in loaded.rows} == {"?"}
