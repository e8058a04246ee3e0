"""Whole files: other exports of the same portal, and hostile ones."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ciq.errors import Place
from ciq.loading.records import MAX_RECORD_BYTES, read_records
from ciq.mapping.model import MappingError
from ciq.mapping.reading import load_mapping, load_mappings
from ciq.mapping.source import choose
from ciq.settings import Settings
from support.third_party import Made, rich

GOOD = "2020.296;20/07/2020;nuts;food;Spain"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_separator_byte_order_mark_and_line_ends_do_not_matter(
    run: Callable[..., Made], separator: str, end: str, mark: bytes
) -> None:
    made = run(mark + rich(GOOD, end=end).replace(";", separator).encode())
    (row,) = made.rows
    assert row == {
        **dict.fromkeys(row, ""), "record_id": "2020.2960", "op": "I", "version_no": "1",
        "op_time": "2020-07-20 00:00:00", "org_code": "320000", "notice_no": "2020.2960",
        "direction": "FOREIGN_NOTIFICATION", "issuer": "RASFF", "issue_date": "2020-07-20", "product_group": "FOOD",
        "subject": "nuts", "notifying_country": "Spain", "national_flag": "0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "content", "expected"),
    [
        (
            "rasff_window",
            "reference;category;type;subject;date;notifying_country;classification;risk_decision;distribution;"
            "forAttention;forFollowUp;operator;origin;hazards\n"
            "2021.3012;Fish and fish products ;food;tuna;02-06-2021 10:11:12;Italy;Alert notification;serious;;;;;"
            "Spain;Mercury - {metals}\n",
            {"notice_no": "2021.3012", "issue_date": "2021-06-02", "product_category": "fish and fish products",
             "notice_type": "alert notification", "hazard": "mercury - {metals}", "origin_countries": "Spain"},
        ),
        (
            "rasff_window",
            "Date,Reference,Notifying Country,Subject,Category,Type\n2020-07-20,2020.29,Spain,\"a, b\",Nuts,Feed\n",
            {"notice_no": "2020.2900", "issue_date": "2020-07-20", "subject": "a, b", "product_group": "FEED"},
        ),
        (
            "rasff_portal",
            "Classification|Date of case|Reference|Notification from|Subject|Product category|Type\n"
            "alert|20 JUL 2020|2009.AYR|Spain|nuts|nuts|food contact material\n",
            {"notice_no": "2009.AYR", "issue_date": "2020-07-20", "product_group": "FOOD_CONTACT"},
        ),
        (
            "rasff_category",
            "reference,date,notifying_country,subject,category\n"
            "2020.296,\"July 20, 2020\",Spain,bowls,Food contact materials\n",
            {"notice_no": "2020.2960", "issue_date": "2020-07-20", "product_group": "FOOD_CONTACT",
             "product_category": "food contact materials"},
        ),
    ],
)  # fmt: skip
def test_the_styles_that_ship(run: Callable[..., Made], mapping: str, content: str, expected: dict[str, str]) -> None:
    mappings = list(load_mappings(Settings().contracts, "F18"))
    assert choose(io.BytesIO(content.encode()), mappings, None, Place()).name == mapping
    (row,) = run(content, mapping).rows
    assert {name: row[name] for name in expected} == expected


def test_other_encodings_are_read_when_they_are_named(run: Callable[..., Made]) -> None:
    content = rich("2020.1;20/07/2020;pâté;food;Côte").encode("cp1252")
    with pytest.raises(MappingError, match=r"编码不符: bytes 字节 e2 .*line 2.*--encoding CP1252"):
        run(content)
    for encoding in ("CP1252", "cp1252", "LATIN-1"):
        assert run(content, encoding=encoding).rows[0]["subject"] == "pâté"
    assert run(rich("2020.1;20/07/2020;大豆;food;中国").encode("gbk"), encoding="GBK").rows[0]["subject"] == "大豆"
    with pytest.raises(MappingError, match="no encoding BIG5"):
        run(content, encoding="BIG5")
    with pytest.raises(MappingError, match="UTF-8"):
        run(b"\xef\xbb\xbf" + rich(GOOD).encode(), encoding="CP1252")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04....", "xlsx"),
        (rich(GOOD).encode("utf-16"), "UTF-16"),
        (rich(GOOD).encode("utf-16-le"), "NUL"),
        (rich(GOOD, end="\r").encode(), "CR alone"),
        (b"x" * 70_000, "64 KB"),
        (rich(GOOD).replace("DATE_CASE", "WHEN"), r"issue_date \(DATE_CASE\); found 实有: REF, WHEN, SUBJET.*line 1"),
        (rich(GOOD).replace(";", "#"), "columns lack"),
        (
            rich(GOOD + ";x", header="REF;DATE_CASE;SUBJET;TYPE;NOT_COUNTRY;Reference"),
            "twice 列重复: notice_no: REF, Ref",
        ),
        ('"REF;DATE_CASE\n', "not closed"),
        ("RASFF export of July\n" + rich(GOOD), "columns lack .*line 1"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_reason(run: Callable[..., Made], content: bytes, said: str) -> None:
    with pytest.raises(MappingError, match=said) as caught:
        run(content)
    assert caught.value.place.file == "rasff.csv"


def test_a_nil_file_has_a_header_and_no_records(run: Callable[..., Made]) -> None:
    assert run(rich()).converted.records == 0


def test_records_that_cannot_be_mapped_are_passed_on_in_their_line(run: Callable[..., Made]) -> None:
    made = run(
        rich(
            "2020.1;20/07/2020;good;food;Spain",
            "",
            '2020.2;20/07/2020;"two\nlines";food;Spain',
            "2020.3;20/07/2020;a;ragged;row;Spain",
            "2020.4;31/02/2020;no such day;food;Spain",
            '2020.5;20/07/2020;stray " quote;food;Spain',
            '"2020.6;20/07/2020;open quote;food;Spain',
            "2020.7;20/07/2020;nul\0;food;Spain",
            "Total: 7",
            "2020.8;20/07/2020;good;drink;Spain",
            *(f"2019.{n};20/07/2019;good;food;Spain" for n in range(1001, 1005)),
        )
    )
    lines = made.text.splitlines()
    assert len(lines) == 16
    assert lines[2] == lines[4] == ""
    assert lines[1].startswith("2020.1000,")
    assert lines[3].startswith("2020.2000")
    assert ",two lines," in lines[3]
    assert lines[5] == '"2020.3;20/07/2020;a;ragged;row;Spain"'
    assert ",31/02/2020," in lines[6]
    assert lines[7] == '"2020.5;20/07/2020;stray "" quote;food;Spain"'
    assert lines[8] == '"""2020.6;20/07/2020;open quote;food;Spain"'
    assert "\0" in lines[9]
    assert lines[10] == '"Total: 7"'
    assert ",drink," in lines[11]
    assert made.noted() == {"shape": 5, "date": 1, "word": 1, "restored": 4}
    assert made.converted.blank_lines == 1
    assert "line 行 6" in "\n".join(made.converted.lines())


def test_references_that_become_one_are_kept_apart(run: Callable[..., Made]) -> None:
    made = run(
        rich(
            "2020.29;20/07/2020;a;food;Spain",
            "2020.0029;20/07/2020;b;food;Spain",
            "2020.2900;20/07/2020;c;food;Spain",
            "2020.29;20/07/2020;d;food;Spain",
            "2020;20/07/2020;e;food;Spain",
        )
    )
    assert [row["notice_no"] for row in made.rows] == [
        "2020.2900", "2020.0029", "2020.2900 = 2020.2900 = line 2", "2020.2900", "2020 = ?",
    ]  # fmt: skip
    assert made.noted() == {"restored": 1, "collision": 1, "repeated": 1, "doubtful": 1}


def test_another_style_of_dates_is_refused_and_no_row_is_misread(run: Callable[..., Made]) -> None:
    rows = [f"2020.{n};07/{n:02d}/2020;s;food;Spain" for n in range(13, 29)]
    with pytest.raises(MappingError, match=r"16 of 16 records .*dates .*'07/13/2020'.*another style"):
        run(rich(*rows))


@pytest.mark.parametrize(("mapping", "read"), [("rasff_rich", "2020-02-03"), ("rasff_rich_month_first", "2020-03-02")])
def test_the_mapping_says_whether_day_or_month_comes_first(run: Callable[..., Made], mapping: str, read: str) -> None:
    assert run(rich("2020.1;03/02/2020;s;food;Spain"), mapping).rows[0]["issue_date"] == read


def test_a_column_that_tells_another_style_is_named(run: Callable[..., Made]) -> None:
    with pytest.raises(MappingError, match="of another style 属另一样式的列: Type"):
        run("reference,date,notifying_country,subject,category,Type\n", "rasff_category")


def test_rows_that_all_have_another_width_are_refused(run: Callable[..., Made]) -> None:
    rows = [f"{n};2020.{n};20/07/2020;s;food;Spain" for n in range(10, 20)]
    with pytest.raises(MappingError, match=r"10 of 10 records .*S-fields, 6 of 共 5"):
        run(rich(*rows))


def test_what_spreadsheets_add_is_no_obstacle(run: Callable[..., Made]) -> None:
    header = ";REF;DATE_CASE;SUBJET;TYPE;NOT_COUNTRY;"
    made = run("sep=;\n" + rich(f"0;{GOOD};", "1;2020.31;=1+1;@x;food;Spain;", header=header))
    assert [row["issue_date"] for row in made.rows] == ["2020-07-20", "=1+1"]
    assert made.text.splitlines()[1] == ""
    assert made.rows[0]["notice_no"] == "2020.2960"


def test_an_empty_cell_more_than_the_header_has_tells_of_moved_cells(run: Callable[..., Made]) -> None:
    made = run(rich(GOOD, "2020.31;20/07/2020;nuts; salted;food;"))
    assert made.noted()["shape"] == 1


def test_unknown_columns_are_named_or_refused(run: Callable[..., Made]) -> None:
    content = rich(GOOD + ";x", header="REF;DATE_CASE;SUBJET;TYPE;NOT_COUNTRY;NEW")
    assert "columns not taken 未采用的列: NEW" in list(run(content).converted.lines())
    strict = load_mapping(Settings().contracts, "rasff_rich").model_copy(update={"unknown_columns": "refuse"})
    with pytest.raises(MappingError, match="does not know 有未知列: NEW"):
        run(content, strict)


def test_a_default_stands_for_words_that_the_map_lacks(run: Callable[..., Made]) -> None:
    rich_mapping = load_mapping(Settings().contracts, "rasff_rich")
    group = rich_mapping.columns["product_group"].model_copy(update={"default": "OTHER"})
    mapping = rich_mapping.model_copy(update={"columns": {**rich_mapping.columns, "product_group": group}})
    made = run(rich("2020.1;20/07/2020;a; FOOD ;Spain", "2020.2;20/07/2020;b;drink;Spain"), mapping)
    assert [row["product_group"] for row in made.rows] == ["FOOD", "OTHER"]
    assert made.noted()["default"] == 1


def test_words_for_nothing_are_empty_cells(run: Callable[..., Made]) -> None:
    (row,) = run(rich("2020.1;20/07/2020; NaN ;food;\u00a0")).rows
    assert row["subject"] == row["notifying_country"] == ""


def test_a_header_that_fits_two_mappings_is_not_chosen(run: Callable[..., Made]) -> None:
    mapping = load_mapping(Settings().contracts, "rasff_rich")
    twin = mapping.model_copy(update={"name": "twin"})
    content = io.BytesIO(rich(GOOD).encode())
    with pytest.raises(MappingError, match=r"more than one mapping .*rasff_rich, twin"):
        choose(content, [mapping, twin], None, Place())
    assert choose(content, [mapping, twin.model_copy(update={"auto": False})], None, Place()) is mapping
    with pytest.raises(MappingError, match="fits no mapping"):
        choose(io.BytesIO("编码;品名\n".encode("gbk")), [mapping], None, Place())
    with pytest.raises(MappingError, match=r"fit mapping rasff_rich .*columns lack 缺少列: issue_date \(DATE_CASE\)"):
        choose(io.BytesIO(rich().replace("DATE_CASE", "DAY").encode()), [mapping], None, Place())


def test_a_record_too_long_for_any_feed_is_passed_on_as_such(run: Callable[..., Made], f18: object) -> None:
    made = run(rich(f"2020.1;20/07/2020;{'x' * MAX_RECORD_BYTES};food;Spain", GOOD))
    stream = io.BytesIO(made.text.encode())
    stream.readline()
    records = list(read_records(stream, encoding="utf-8", delimiter=",", columns=23))
    assert [(record.line, record.shape) for record in records] == [(2, "S-size"), (3, None)]


_CELLS = st.text(alphabet='ab;," \n\r\0\u3000é', max_size=6)


@settings(deadline=None)
@given(st.lists(st.lists(_CELLS, min_size=1, max_size=7), max_size=8), st.booleans())
def test_each_record_of_the_source_is_one_of_the_mapped_file_in_the_same_line(
    run: Callable[..., Made], rows: list[list[str]], quoted: bool
) -> None:
    def cell(text: str) -> str:
        return '"{}"'.format(text.replace('"', '""')) if quoted else text

    content = rich(*(";".join(map(cell, row)) for row in rows)).encode()
    source = io.BytesIO(content)
    source.readline()
    lines = [one.line for one in read_records(source, encoding="utf-8", delimiter=";", columns=5, has_tail=False)]
    try:
        made = run(content)
    except MappingError:  # more than half of more than five: refused as a whole
        return
    mapped = io.BytesIO(made.text.encode())
    width = len(mapped.readline().split(b","))
    records = list(read_records(mapped, encoding="utf-8", delimiter=",", columns=width))
    assert [one.line for one in records] == lines
    assert made.converted.records == len(lines)
    assert sum(one.shape is not None for one in records) == made.noted().get("shape", 0)
