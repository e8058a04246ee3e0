"""A prepared database, and a way to have the same raw rows judged by the SQL predicates and by Great Expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import psycopg
import pytest
from psycopg import sql

from ciq.contracts import Contract, ContractSet, RecordType, load_contracts
from ciq.contracts.predicates import judge_rows
from ciq.contracts.tables import candidate_table, create_candidate, create_raw, raw_table
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from ciq.ledger.pseudonyms import use_key
from ciq.quality.gate import read_codes, run_suite
from ciq.quality.suite import audited_rows, compile_suite
from ciq.settings import Settings
from support import bureau as bureaus
from support import workbooks
from support.bureau import Bureau, rows_of

BUSINESS_DATE = "2010-06-08"
MOST_ROWS = 9000
LOAD_ID = 1

Row = Mapping[str, str]
Verdicts = dict[str, set[int]]
"""Rule id -> numbers of the rows that break it."""


GOOD: dict[str, dict[str, str]] = {
    "F01": {
        "record_id": "320100-1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
        "decl_no": "320100210001234", "ie_flag": "E", "decl_type": "21", "decl_date": "2010-06-08",
        "accept_time": "2010-06-08 09:30:00", "accept_org": "320100", "insp_org": "320100",
        "accept_officer": "12345678", "applicant_code": "3201000017", "applicant_name": "南京某进出口公司",
        "trade_mode": "0110", "trade_country": "840", "origin_country": "156", "dest_country": "840",
        "entry_exit_port": "CNNKG", "transport_mode": "2", "wood_pack_flag": "0", "container_20": "1",
        "e_supervision_flag": "1", "green_channel_flag": "0", "psi_flag": "0", "total_value": "12500.50",
        "currency": "USD", "usd_rate": "100.00000000", "value_usd": "12500.50", "status": "ACC",
    },
    "F02": {
        "record_id": "320100-1-1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00",
        "org_code": "320100", "decl_no": "320100210001234", "goods_no": "1", "hs_code": "8541402000",
        "ciq_code": "8541402000101", "goods_name_cn": "太阳能电池", "goods_name_en": "Solar cells",
        "ciq_category": "L.M/N", "origin_country": "156", "qty": "100", "qty_unit": "035", "weight_net": "10.5",
        "weight_gross": "11", "goods_value": "12500.50", "currency": "USD", "package_no": "10",
        "production_date": "2010-05-01",
    },
    "F03": {
        "record_id": "320100-1-e1", "op": "I", "version_no": "1", "op_time": "2010-06-08 15:00:00",
        "org_code": "320100", "decl_no": "320100210001234", "eval_seq": "1", "goods_no": "1",
        "insp_dept": "检务处", "inspector": "12345678", "insp_end": "2010-06-08 14:00:00",
        "eval_time": "2010-06-08 15:00:00", "insp_mode": "01", "supervision_mode": "1", "result": "Q",
    },
    **{feed: row for feed, row in bureaus.GOOD.items() if feed not in ("F01", "F02", "F03")},
}  # fmt: skip
"""A row of each feed that keeps every rule on its business date."""
for monthly in ("N01", "N12"):
    GOOD[monthly] = GOOD[monthly] | {"period_end": BUSINESS_DATE}
GOOD["N08"] = GOOD["N08"] | {"month_end": BUSINESS_DATE}
GOOD |= {feed: next(iter(sheets.values())) for feed, sheets in workbooks.GOOD.items()}


@pytest.fixture
def good() -> dict[str, dict[str, str]]:
    return GOOD


@pytest.fixture(scope="module")
def prepared(settings: Settings) -> Settings:
    prepare_database(settings)
    with connect(settings, "owner") as connection:
        connection.execute(
            "insert into audit.delivery (identity, pairing, feed_code, org_code, business_date, seq, place, endpoint)"
            " select 'test ' || n, 'paired', 'F01', '320100', %s, 1, n::text, 'test' from generate_series(1, %s) n",
            (BUSINESS_DATE, MOST_ROWS),
        )
    return settings


@pytest.fixture(scope="module")
def contracts(prepared: Settings) -> ContractSet:
    return load_contracts(prepared.contracts)


def stage(connection: psycopg.Connection, record_type: RecordType, rows: Sequence[Row]) -> None:
    """Put each row into a delivery of its own, numbered from 1, and let the predicates judge it."""
    for table in (raw_table(record_type, LOAD_ID), candidate_table(record_type, LOAD_ID)):
        connection.execute(sql.SQL("drop table if exists {}").format(table))
    connection.execute(create_raw(record_type, LOAD_ID))
    connection.execute(create_candidate(record_type, LOAD_ID))
    names = [column.name for column in record_type.file_columns]
    statement = sql.SQL("copy {} (_delivery_id, _record_no, {}) from stdin").format(
        raw_table(record_type, LOAD_ID), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for number, row in enumerate(rows, start=1):
            copy.write_row([number, number, *(row.get(name, "") for name in names)])
    connection.execute(judge_rows(record_type, LOAD_ID))
    connection.commit()


@pytest.fixture
def stage_rows() -> Callable[[psycopg.Connection, RecordType, Sequence[Row]], None]:
    return stage


@pytest.fixture
def judge_twice(prepared: Settings) -> Callable[[Contract, Sequence[Row]], tuple[Verdicts, Verdicts]]:
    """judge_twice(contract, rows) -> what SQL says, what GX says."""

    def judge(contract: Contract, rows: Sequence[Row]) -> tuple[Verdicts, Verdicts]:
        record_type = contract.main
        candidate, raw = candidate_table(record_type, LOAD_ID), raw_table(record_type, LOAD_ID)
        with connect(prepared, "loader") as connection:
            use_key(connection, prepared)
            stage(connection, record_type, rows)
            by_sql: Verdicts = {rule.id: set() for rule in record_type.row_rules}
            found = connection.execute(sql.SQL("select _record_no, _broken || _warned from {}").format(candidate))
            for number, rules in found:
                for rule_id in rules:
                    by_sql[rule_id].add(number)
            suite = compile_suite(contract, read_codes(connection))
            query = audited_rows(record_type, candidate=candidate, raw=raw, accepted=False).as_string(connection)
        result = run_suite(prepared.dsn("loader"), suite, rows_queries={record_type.name: query})
        return by_sql, {outcome.rule_id: set(outcome.deliveries) for outcome in result.outcomes}

    return judge


NASTY_NAME = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def messy(make_settings: Callable[..., Settings], request: pytest.FixtureRequest) -> Bureau:
    """A warehouse after three loads: broken rows with hostile cells, one held delivery, one clean."""
    bureau = Bureau(make_settings(f"{request.node.nodeid} messy"))
    prepare_database(bureau.settings)
    rows = rows_of("F01", 120)
    rows[0] |= {"currency": "XYZ", "voyage": "=cmd|' /C calc'!A0"}
    rows[1] |= {"applicant_code": NASTY_NAME}
    rows[2] |= {"total_value": "-5"}
    rows[3] |= {"total_value": "=1+1", "decl_type": ""}
    rows[4] |= {"accept_officer": "SECRET-OFFICER-NAME"}
    rows[5] |= {"org_inst_code": "not nine characters"[:9]}
    bureau.deliver("F01", rows, control_sum="")
    bureau.deliver("F01", rows_of("F01", 3, org_code="320500"), branch="320500", row_count=4)
    bureau.deliver("F03", rows_of("F03", 2))
    report = bureau.load()
    assert (report.accepted, report.held, report.rows_quarantined) == (2, 1, 5)
    return bureau


@pytest.fixture
def messy_delivery(messy: Bureau) -> int:
    """The id of its delivery with broken rows."""
    return int(messy.fetch("select delivery_id from quarantine.rejected_row limit 1")[0]["delivery_id"])
