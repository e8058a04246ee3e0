"""The gate over tampered candidates: it must name the delivery and the rule, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Sequence

import psycopg
import pytest
import sqlalchemy
from psycopg import sql

from ciq.contracts import Contract, ContractSet
from ciq.contracts.tables import candidate_table, raw_table
from ciq.database import connect
from ciq.quality.gate import audit_candidates, read_codes
from ciq.quality.outcome import GateResult
from ciq.quality.session import open_session
from ciq.quality.suite import compile_suite
from ciq.settings import Settings

Good = dict[str, dict[str, str]]


class Load:
    """A staged load of F01 whose rows are spread over deliveries, and the means to tamper with it."""

    def __init__(self, settings: Settings, contract: Contract, connection: psycopg.Connection) -> None:
        self.settings = settings
        self.contract = contract
        self.connection = connection
        self.candidate = candidate_table(contract.main, 1)

    def deliver(self, rows_per_delivery: int) -> None:
        """Row n belongs to delivery 1 + (n - 1) // rows_per_delivery from here on."""
        for table in (self.candidate, raw_table(self.contract.main, 1)):
            self.connection.execute(
                sql.SQL("update {} set _delivery_id = 1 + (_record_no - 1) / {}").format(
                    table, sql.Literal(rows_per_delivery)
                )
            )

    def tamper(self, changes: str, rows: Sequence[int]) -> None:
        self.connection.execute(
            sql.SQL("update {} set {} where _record_no = any({})").format(
                self.candidate, sql.SQL(changes), sql.Literal(list(rows))
            )
        )

    def gate(self) -> GateResult:
        self.connection.commit()
        return audit_candidates(self.settings.dsn("loader"), self.contract, 1)


@pytest.fixture
def load(prepared: Settings, contracts: ContractSet, good: Good, stage_rows) -> Load:
    contract = next(contract for contract in contracts.feeds if contract.feed_code == "F01")
    rows = [good["F01"] | {"record_id": f"r{n}", "op": "D" if n % 10 == 0 else "I"} for n in range(1, 1001)]
    with connect(prepared, "loader") as connection:
        stage_rows(connection, contract.main, rows)
        made = Load(prepared, contract, connection)
        made.deliver(100)
        yield made
        connection.rollback()


def test_a_clean_load_passes(load: Load) -> None:
    result = load.gate()
    assert result.disagrees == {}
    assert result.over_limit == frozenset()
    assert {o.rule_id for o in result.outcomes} == {rule.id for rule in load.contract.main.row_rules}
    checked = {o.rule_id: o.rows_checked for o in result.outcomes}
    assert checked["F01-op-known"] == 1000
    assert checked["F01-total_value-range"] == 900, "a void carries no content"
    assert checked["F01-void_reason-given"] == 100


def test_warnings_are_counted_and_do_not_gate(load: Load) -> None:
    result = load.gate()
    given = next(o for o in result.outcomes if o.rule_id == "F01-void_reason-given")
    assert not given.success
    assert given.rows_broken == 100
    assert result.disagrees == {}


TAMPERED = [
    ("total_value = total_value + 0.01", "F01-total_value-type"),
    ("decl_no = '320100210009999'", "F01-decl_no-type"),
    ("decl_date = decl_date - 1", "F01-decl_date-type"),
    ("op_time = op_time + interval '1 second'", "F01-op_time-type"),
    ("usd_rate = null", "F01-usd_rate-type"),
    ("voyage = 'from nowhere'", "F01-voyage-type"),
    ("decl_date = '2010-06-09'", "F01-decl_date-not_future"),
    ("total_value = -1", "F01-total_value-range"),
    ("currency = 'XYZ'", "F01-currency-known"),
    ("decl_org = '999999'", "F01-decl_no-org"),
    ("applicant_name = null", "F01-applicant_name-required"),
]


def test_a_value_that_is_not_the_one_received_is_found(load: Load) -> None:
    """One tampered row in each of eleven deliveries of fifty rows."""
    load.deliver(50)
    for number, (changes, _) in enumerate(TAMPERED):
        load.tamper(changes, [50 * number + 1])
    disagrees = load.gate().disagrees
    assert list(disagrees) == list(range(1, len(TAMPERED) + 1))
    for number, (changes, rule_id) in enumerate(TAMPERED, start=1):
        assert rule_id in disagrees[number], changes


def test_an_empty_load_passes(load: Load) -> None:
    """A nil file is a delivery like others: its branch had nothing to declare."""
    for table in (load.candidate, raw_table(load.contract.main, 1)):
        load.connection.execute(sql.SQL("truncate {}").format(table))
    result = load.gate()
    assert all(outcome.success and outcome.rows_checked == 0 for outcome in result.all_outcomes)


def test_broken_rows_and_other_rules_releases_do_not_count(load: Load) -> None:
    load.tamper("total_value = -1, _broken = '{F01-total_value-range}'", [1])
    load.tamper("currency = 'XYZ', _released = '{F01-currency-known,F01-currency-type}'", [101])
    load.tamper("currency = 'XYZ', _released = '{F01-total_value-range,F01-currency-type}'", [201])
    assert load.gate().disagrees == {3: ("F01-currency-known",)}


def test_every_delivery_of_many_failing_rows_is_named(load: Load) -> None:
    """GX's own lists end at 200 values and 20 rows."""
    load.deliver(4)
    load.tamper("ie_flag = 'X'", range(1, 1001))
    outcome = next(o for o in load.gate().outcomes if o.rule_id == "F01-ie_flag-known")
    assert outcome.rows_broken == 900, "rows of voids are not spoken of, though GX's row query leaves that out"
    assert set(outcome.deliveries) == set(range(1, 251))
    assert len(json.dumps(outcome.detail)) < 5000


def test_cells_of_personal_columns_stay_in_the_database(load: Load) -> None:
    load.tamper("accept_officer = 'SECRET-NAME', applicant_name = 'OPEN-NAME'", [11])
    text = json.dumps([outcome.detail for outcome in load.gate().all_outcomes], ensure_ascii=False)
    assert "SECRET-NAME" not in text
    assert "OPEN-NAME" not in text, "a kept-check shows true or false, not the cell"


def test_reject_limit_is_per_delivery(load: Load) -> None:
    """One bad delivery among many good ones is over the limit, whatever share of the load its rows are."""
    load.deliver(200)  # five deliveries; the limit is 5 % of 200 = 10 records
    load.tamper("_broken = '{F01-currency-known}'", range(1, 11))
    load.tamper("_broken = '{F01-currency-known}'", range(201, 212))
    load.tamper("_broken = '{F01-set_incomplete}'", range(401, 600))
    result = load.gate()
    assert result.over_limit == {2}
    assert result.limit is not None
    assert result.limit.deliveries == {2: 11}
    assert result.disagrees == {}


def test_suite_hash_covers_rules_and_code_lists(load: Load) -> None:
    codes = read_codes(load.connection)
    suite = compile_suite(load.contract, codes)
    assert suite.hash == compile_suite(load.contract, dict(reversed(codes.items()))).hash
    assert suite.hash == load.gate().suite_hash
    assert suite.hash != compile_suite(load.contract, codes | {"currency": codes["currency"][1:]}).hash


def test_the_session_cannot_write(load: Load) -> None:
    with open_session(load.settings.dsn("loader")) as session:
        session.load("one", "select 1 as x")
        session.seal()
        with pytest.raises(sqlalchemy.exc.InternalError, match="read-only"):
            session.fetch("select audit.append_event('test', '{}')")
