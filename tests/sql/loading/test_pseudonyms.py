"""Who was punished, and who complained, stands in the warehouse as a pseudonym: in no table and no page by name."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import logging
import os
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ciq.contracts import load_contracts
from ciq.database import connect, words_without_cells
from ciq.errors import SettingsError
from ciq.landing.store import LandingStore
from ciq.ledger.keeping import keep_secret
from ciq.ledger.prepare import prepare_database
from ciq.ledger.pseudonyms import pseudonym, use_key
from ciq.loading.decode import readable_text
from ciq.loading.records import read_records
from ciq.loading.redact import redact
from ciq.loading.rejects import cells_and_key
from ciq.settings import Settings
from ciq.verifying.ledger import reject_texts
from ciq.verifying.logged import verdicts_as_logged
from support.bureau import GOOD, Bureau, rows_of

RECORD_TYPES = {one.feed_code: one for one in load_contracts(Settings().contracts).record_types}
PERSON = {"party_type": "PERSON", "party_code": "320102197001011234", "party_name": "李四光"}


def key_of(settings: Settings) -> bytes:
    return bytes.fromhex(settings.pseudonym_key_file.read_text())


def dump(bureau: Bureau, schema: str) -> str:
    """Every row of every table of a schema as text."""
    tables = bureau.fetch(
        "select c.oid::regclass::text as name from pg_class c where relkind in ('r', 'p')"
        " and relnamespace = %s::regnamespace and not relispartition",
        schema,
    )
    return "\n".join(str(bureau.fetch(f"select x::text from {table['name']} x")) for table in tables)


def test_a_person_becomes_a_pseudonym_and_a_unit_keeps_its_name(bureau: Bureau) -> None:
    rows = [*rows_of("F10", 3), *({**row, **PERSON} for row in rows_of("F10", 5)[3:])]
    bureau.deliver("F10", rows)
    bureau.load()
    stored = bureau.fetch("select party_type, party_code, party_name from ods.f10_penalty_event order by record_no")
    unit = GOOD["F10"]
    assert {tuple(row.values()) for row in stored[:3]} == {("UNIT", unit["party_code"], unit["party_name"])}
    key = key_of(bureau.settings)
    expected = "P-" + hmac.new(key, PERSON["party_code"].encode(), hashlib.sha256).hexdigest()[:24]
    assert {row["party_code"] for row in stored[3:]} == {expected}
    assert {row["party_name"] for row in stored[3:]} == {pseudonym(key, PERSON["party_name"])}


def test_no_name_stands_anywhere_in_the_database_when_the_row_is_broken_either(bureau: Bureau) -> None:
    broken = [{**row, **PERSON, "cause_code": "NONE"} for row in rows_of("F10", 2)]
    too_long = [{**row, **PERSON, "party_code": PERSON["party_code"] * 9} for row in rows_of("F10", 3)[2:]]
    bureau.deliver("F10", [*broken, *too_long, *rows_of("F10", 40)[3:]])
    bureau.deliver("F11", [{**GOOD["F11"], "target_type": "?"}])
    bureau.load()
    assert bureau.fetch("select count(*) from quarantine.rejected_row")[0]["count"] == 4
    everything = "".join(dump(bureau, schema) for schema in ("ods", "quarantine", "audit"))
    for secret in (PERSON["party_code"], PERSON["party_name"], GOOD["F11"]["complainant"]):
        assert secret not in everything
        for encoding in ("utf-8", "gb18030"):
            assert secret.encode(encoding).hex() not in everything
    with connect(bureau.settings, "auditor", autocommit=True) as connection:
        store = LandingStore(bureau.settings.landing_root)
        assert [*reject_texts(connection), *verdicts_as_logged(connection, store)] == []


def test_another_key_is_refused_before_it_renames_anybody(bureau: Bureau) -> None:
    other = bureau.settings.model_copy(update={"pseudonym_key": None, "home": bureau.settings.home / "elsewhere"})
    with connect(bureau.settings, "loader") as connection, pytest.raises(SettingsError, match="is not there"):
        use_key(connection, other)
    stranger = Settings(home=bureau.settings.home, warehouse_url=bureau.settings.warehouse_url, pseudonym_key="ab" * 32)  # type: ignore[arg-type]
    with connect(bureau.settings, "loader") as connection, pytest.raises(SettingsError, match="not this warehouse's"):
        use_key(connection, stranger)
    with pytest.raises(SettingsError, match="not this warehouse's"):
        prepare_database(stranger)


def test_a_warehouse_that_lost_its_key_gets_no_stray_one(bureau: Bureau) -> None:
    path = bureau.settings.pseudonym_key_file
    text = path.read_text()
    path.unlink()
    with pytest.raises(SettingsError, match="is not there"):
        prepare_database(bureau.settings)
    assert not path.exists()
    path.write_text(text)
    prepare_database(bureau.settings)


def test_a_key_is_never_there_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before all of it is on disk, and tried again."""
    path = tmp_path / "secrets" / "pseudonym.key"

    def killed(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            keep_secret(path, "ab" * 32)
    assert not path.exists()
    keep_secret(path, "ab" * 32)
    assert path.read_text() == "ab" * 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_the_load_logs_quotes_no_record(bureau: Bureau, caplog: pytest.LogCaptureFixture) -> None:
    data = bureau.data("F11", rows_of("F11", 2), tail="") + "张三,c1,x\n".encode("gb18030")
    bureau.deliver("F11", rows_of("F11", 3), data=data)
    with caplog.at_level(logging.INFO, logger="ciq"):
        bureau.load()
    assert "is read record by record" in caplog.text
    assert "张三" not in caplog.text
    assert "missing data for column" in caplog.text


def test_an_error_is_told_without_the_cells_it_quotes(bureau: Bureau) -> None:
    with connect(bureau.settings, "auditor") as connection, pytest.raises(psycopg.DataError) as refused:
        connection.execute("select %s::date", ("张三",))
    assert "张三" in str(refused.value)
    assert words_without_cells(refused.value) == "InvalidDatetimeFormat 22007 invalid input syntax for type date"
    assert words_without_cells(ValueError("张三")) == "ValueError"


def test_without_a_key_the_function_says_nothing(bureau: Bureau) -> None:
    with connect(bureau.settings, "auditor") as connection, pytest.raises(Exception, match=r"ciq\.pseudonym_outer"):
        connection.execute("select audit.pseudonym('x')")


SECRETS = ("欧阳某某", "320102197001011234", "13812345678")
_CELL = st.text(st.characters(codec="gb18030", exclude_characters="\x00"), max_size=8) | st.sampled_from(
    ["1", "UNIT", "320100", "see letter", '"', "\n", ",", "r1", "2010-06-08", "***"]
)
_CHANGE = st.tuples(st.sampled_from(["drop", "add", "swap", "set"]), st.integers(0, 40), st.integers(0, 40), _CELL)


def changed(cells: list[str], changes: list[tuple[str, int, int, str]]) -> list[str]:
    """The cells after some were dropped, added, set or changed places."""
    for how, first, second, cell in changes:
        at, other = first % len(cells), second % len(cells)
        match how:
            case "drop" if len(cells) > 1:
                del cells[at]
            case "add":
                cells.insert(at, cell)
            case "swap":
                cells[at], cells[other] = cells[other], cells[at]
            case "set":
                cells[at] = cell
    return cells


@examples(max_examples=300)
@given(
    st.sampled_from(["F10", "F11"]),
    st.sampled_from(SECRETS),
    st.lists(_CHANGE, max_size=6),
    st.sampled_from([",", ";", "\t", "，", "|"]),
    st.sampled_from(["quoted", "bare", "open", "late"]),
    st.sampled_from([b"\n", b"\r\n", b",\n", b""]),
)
def test_no_broken_row_shows_a_name_whatever_it_looks_like(
    feed: str, secret: str, changes: list[tuple[str, int, int, str]], written_with: str, quotes: str, end: bytes
) -> None:
    """Each record that the reader makes of the bytes: its raw, raw text, cells and key."""
    record_type = RECORD_TYPES[feed]
    whole = GOOD[feed] | dict.fromkeys((column.name for column in record_type.pseudonymised), secret)
    whole |= {"party_type": "PERSON"} if feed == "F10" else {}
    cells = changed([whole.get(column.name, "") for column in record_type.file_columns], changes)
    out = io.StringIO()
    csv.writer(out, lineterminator="", delimiter=written_with).writerow(cells)
    bare = written_with.join(cells)
    line = {"quoted": out.getvalue(), "bare": bare, "open": out.getvalue() + ',"', "late": bare.replace("1", '"1', 1)}
    data = line[quotes].encode("gb18030") + end
    has_tail = end.startswith(b",")
    columns = [column.name for column in record_type.file_columns]
    for record in read_records(
        io.BytesIO(data), encoding="gb18030", delimiter=",", columns=len(columns), has_tail=has_tail
    ):
        raw = redact(record.raw, record_type, encoding="GB18030", delimiter=",", has_tail=has_tail)
        row = {
            "cells": {name: cell for name, cell in zip(columns, record.cells, strict=False) if cell},
            "_broken": [record.shape or f"{feed}-op-known"],
        }
        shown = cells_and_key(row, record_type, {f"{feed}-{name}-type": name for name in columns})
        for text in (raw.decode("gb18030"), readable_text(raw, "GB18030"), *map(str, shown)):
            assert secret not in text


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("c1;I;1;2010-06-08 10:00:00;320100;320100TS201000001;张三", "***"),
        ("c1\tI\t1\t2010-06-08 10:00:00\t320100\t张三", "***"),
        ("c1，I，1，2010-06-08 10:00:00，320100，张三", "***"),
        ("see letter,张三,overcharged,STAFF,,", "***"),
        ("c1,I,1,2010-06-08 10:00:00,320100,张三", "c1,I,1,2010-06-08 10:00:00,320100,***"),
        ("c1,I,1,2010-06-08 10:00:00,320100,320100TS201000001,1,RECEIVED,x",
         "c1,I,1,2010-06-08 10:00:00,320100,320100TS201000001,1,RECEIVED,***"),
        ("320102197001011234,I,1,2010-06-08 10:00:00,320100", "***"),
    ],
)  # fmt: skip
def test_a_record_of_another_shape_keeps_its_first_cells_only(line: str, kept: str) -> None:
    raw = line.encode("gb18030") + b"\r\n"
    redacted = redact(raw, RECORD_TYPES["F11"], encoding="GB18030", delimiter=",", has_tail=False)
    assert redacted.decode("gb18030") == kept + "\r\n"


def test_a_name_that_moved_within_the_record_is_masked_where_it_went() -> None:
    record_type = RECORD_TYPES["F10"]
    moved = GOOD["F10"] | {"procedure": "ORDI", "party_type": "NARY", "cause_code": "李四光", "law_article": "EVASION"}
    raw = ",".join(moved.get(column.name, "") for column in record_type.file_columns).encode("gb18030")
    redacted = redact(raw, record_type, encoding="GB18030", delimiter=",", has_tail=False).decode("gb18030")
    cells = dict(zip((column.name for column in record_type.file_columns), redacted.split(","), strict=True))
    assert {name for name, cell in cells.items() if cell == "***"} == {
        *("procedure", "party_type", "party_code", "party_name", "cause_code", "law_article")
    }
    assert cells["record_id"] == moved["record_id"]
    assert cells["case_no"] == moved["case_no"]


def test_a_cell_of_its_columns_form_is_shown_as_received() -> None:
    raw = ",".join(
        {**GOOD["F10"], "law_article": "", "party_code": "", "party_name": "", "cause_code": '"NONE"'}.get(c.name, "")
        for c in RECORD_TYPES["F10"].file_columns
    ).encode()
    assert redact(raw, RECORD_TYPES["F10"], encoding="UTF-8", delimiter=",", has_tail=False) is raw


def test_a_feed_without_persons_keeps_its_bytes() -> None:
    record_type = RECORD_TYPES["F01"]
    raw = b"\xff\x00,whatever\r\n"
    assert redact(raw, record_type, encoding="UTF-8", delimiter=",", has_tail=False) is raw
