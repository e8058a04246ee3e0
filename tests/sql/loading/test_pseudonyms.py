"""Who was punished, and who complained, stands in the warehouse as a pseudonym: in no table and no page by name."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import SettingsError
from ciq.landing.store import LandingStore
from ciq.ledger.prepare import prepare_database
from ciq.ledger.pseudonyms import pseudonym, use_key
from ciq.loading.redact import redact
from ciq.settings import Settings
from ciq.verifying.ledger import reject_texts
from ciq.verifying.logged import verdicts_as_logged
from support.bureau import GOOD, Bureau, rows_of

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


def test_without_a_key_the_function_says_nothing(bureau: Bureau) -> None:
    with connect(bureau.settings, "auditor") as connection, pytest.raises(Exception, match=r"ciq\.pseudonym_outer"):
        connection.execute("select audit.pseudonym('x')")


@given(
    st.lists(st.text(st.characters(codec="gb18030", exclude_characters="\x00\r\n"), max_size=12), max_size=30),
    st.sampled_from([b"\n", b"\r\n", b",\n", b""]),
)
def test_redacting_leaves_no_name_whatever_the_row_looks_like(cells: list[str], end: bytes) -> None:
    contract = next(c for c in load_contracts(Settings().contracts).feeds if c.feed_code == "F10")
    secret = "身份甲乙丙丁"
    names = [column.name for column in contract.file_columns]
    record = dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))
    record |= {"party_type": "PERSON", "party_code": secret, "party_name": secret}
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([*record.values()])
    unquoted = ",".join(cell.replace('"', "") for cell in record.values())
    for text in (out.getvalue(), unquoted, out.getvalue() + ',"'):
        raw = text.encode("gb18030") + end
        redacted = redact(raw, contract, encoding="GB18030", delimiter=",", has_tail=end.startswith(b","))
        assert secret.encode("gb18030") not in redacted


def test_a_feed_without_persons_keeps_its_bytes() -> None:
    contract = next(c for c in load_contracts(Settings().contracts).feeds if c.feed_code == "F01")
    raw = b"\xff\x00,whatever\r\n"
    assert redact(raw, contract, encoding="UTF-8", delimiter=",", has_tail=False) is raw
