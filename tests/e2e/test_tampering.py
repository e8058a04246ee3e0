"""`ciq verify` exits 0 on what the warehouse made, and 1 with the place on what was altered behind its back."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest

from ciq.building import build
from ciq.verifying import verify
from ciq_demo import postgres
from support.bureau import Bureau
from support.hard_cases import TUESDAY_STEPS, WEDNESDAY_STEPS, decl

pytestmark = pytest.mark.slow

RunCiq = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Tampering:
    """What a superuser does, and what `ciq verify` must say of it."""

    statement: str
    named: tuple[str, ...]


LOT = f"decl_no = '{decl(12)}' and known_to_no is null"
TAMPERINGS = {
    "a value in ods": Tampering(
        f"update ods.f01_declaration set total_value = total_value + 1 where decl_no = '{decl(12)}' and sender_org ="
        " '320100' and slice_version_id in (select slice_version_id from audit.slice_publication)",
        ("F01_320100_20100608_02.csv", "line 8"),
    ),
    "an evaluation in ods moved to another lot": Tampering(
        f"update ods.f03_inspection set decl_no = '{decl(1)}', eval_seq = 9 where decl_no = '{decl(12)}'"
        " and eval_seq = 1",
        ("F03_320100_20100608_01.csv", r"line \d+"),
    ),
    "a row gone from ods": Tampering(
        f"delete from ods.f02_goods where decl_no = '{decl(12)}'", ("F02_320100_20100608_01.csv",)
    ),
    "a row of ods twice": Tampering(
        "insert into ods.f02_goods select (jsonb_populate_record(g, jsonb_build_object('record_no', 9999))).*"
        f" from ods.f02_goods g where decl_no = '{decl(12)}'",
        ("F02_320100_20100608_01.csv",),
    ),
    "a row of a mart": Tampering(
        "update marts.fct_volume set lots = lots + 1 where ctid = (select ctid from marts.fct_volume"
        " where known_to_no is null and lots_nonconforming = 1 limit 1)",
        ("fct_volume", "stat_date.*2010-06-0[89]"),
    ),
    "a row of a mart, with its digest made to fit": Tampering(
        f"update marts.fct_inspection_lot set value_usd = 1, row_digest = sha256('\\x00') where {LOT}",
        ("fct_inspection_lot", "bridge balances in USD.*320100"),
    ),
    "a row gone from a mart": Tampering(f"delete from marts.fct_inspection_lot where {LOT}", ("fct_inspection_lot",)),
    "a row gone from a mart that nothing else repeats": Tampering(
        "delete from marts.fct_finding where ctid ="
        " (select ctid from marts.fct_finding where known_to_no is null limit 1)",
        ("fct_finding",),
    ),
    "history of a mart": Tampering(
        "delete from marts.fct_inspection_lot where known_to_no is not null", ("fct_inspection_lot",)
    ),
    "a row of a mart hidden": Tampering(
        f"update marts.fct_goods_line set known_to_no = known_from_no where {LOT}", ("fct_goods_line",)
    ),
    "a row gone from the quarantine": Tampering(
        "delete from quarantine.rejected_row where rejected_row_id = (select min(rejected_row_id)"
        " from quarantine.rejected_row join audit.delivery using (delivery_id) where data_name ="
        " 'F01_320700_20100608_01.csv')",
        ("F01_320700_20100608_01.csv",),
    ),
    "counts of a verdict": Tampering(
        "update audit.verdict v set rows_received = rows_received + 1, rows_accepted = rows_accepted + 1"
        " from audit.delivery d where d.delivery_id = v.delivery_id and data_name = 'F02_320100_20100608_01.csv'",
        ("F02_320100_20100608_01.csv",),
    ),
    "a held delivery made an accepted one": Tampering(
        "update audit.verdict v set verdict = 'accepted', rows_accepted = rows_held, rows_held = 0"
        " from audit.delivery d where d.delivery_id = v.delivery_id and data_name = 'F01_320600_20100608_01.csv'",
        ("F01_320600_20100608_01.csv",),
    ),
    "digest of a slice version": Tampering(
        "update audit.slice_version set digest = '0:0' where slice_version_id = 1", ("F01_320100_20100608_01.csv",)
    ),
    "a former slice version in force": Tampering(
        "update audit.slice_publication p set slice_version_id = (select min(slice_version_id) from audit.slice_version"
        " s where (s.feed_code, s.org_code, s.business_date) = (p.feed_code, p.org_code, p.business_date))"
        " where feed_code = 'F01' and org_code = '320100' and business_date = '2010-06-08'",
        ("F01.*320100.*2010-06-08",),
    ),
    "digest of a publication": Tampering(
        "update audit.publication_mart set digest = '1:1' where mart = 'fct_value' and publication_no = 2",
        ("fct_value",),
    ),
    "an event in the middle gone": Tampering("delete from audit.event where event_no = 5", ("event.* [56]",)),
    "the last event gone": Tampering(
        "delete from audit.event where event_no = (select max(event_no) from audit.event)", ("event|publication",)
    ),
    "an event's words": Tampering(
        "update audit.event set payload = replace(payload, '320100', '320500') where event_no = (select min(event_no)"
        " from audit.event where kind = 'verdict' and payload like '%320100%')",
        (r"audit.event \d+",),
    ),
    "bytes of a quarantined row": Tampering(
        "update quarantine.rejected_row q set raw = raw || 'x' from audit.delivery d where d.delivery_id ="
        " q.delivery_id and data_name = 'F01_320700_20100608_01.csv' and line_no = 2",
        ("F01_320700_20100608_01.csv", "line 2"),
    ),
    "amounts of a verdict": Tampering(
        "update audit.verdict_value x set received = received + 1, accepted = accepted + 1 from audit.verdict v"
        " join audit.delivery d using (delivery_id) where v.verdict_id = x.verdict_id and currency = 'USD'"
        " and data_name = 'F02_320100_20100608_01.csv'",
        ("F02_320100_20100608_01.csv",),
    ),
    "a delivery forgotten": Tampering(
        "delete from audit.delivery where data_name = 'F03_320600_20100608_03.csv'", ("F03_320600_20100608|delivery",)
    ),
    "a decision that nobody took": Tampering(
        "insert into audit.decision (kind, delivery_id, rule_id, decided_by, reason)"
        " select 'release_hold', min(delivery_id), 'D-row_count', 'x', 'y' from audit.delivery",
        ("release_hold",),
    ),
    "an amount in ods, of no delivery": Tampering(
        f"update ods.f01_declaration set total_value = 9, delivery_id = -1 where decl_no = '{decl(12)}'",
        ("F01_320100_20100608", r"line \d+"),
    ),
    "a rejected row's state": Tampering(
        "update quarantine.rejected_row q set state = 'superseded' from audit.delivery d where d.delivery_id ="
        " q.delivery_id and data_name = 'F01_320700_20100608_01.csv' and line_no = 2",
        ("F01_320700_20100608_01.csv", "line 2", "should be open"),
    ),
    "the time of a publication": Tampering(
        "update audit.publication set promoted_at = promoted_at - interval '1 day' where publication_no = 2",
        ("publication 2",),
    ),
    "a rate and its seal": Tampering(
        "with rate as (update ref.fx_rate set usd_per_100 = 1 where currency = 'EUR' and day = '2010-06-08'"
        " returning fx_rate) update audit.sealed_row set digest = substring(sha256(convert_to(("
        "select fx_rate::text from rate), 'UTF8')) for 16) where key = 'currency=EUR day=2010-06-08'",
        ("ref.fx_rate",),
    ),
    "a row of ods of another delivery": Tampering(
        f"update ods.f01_declaration set delivery_id = delivery_id + 1 where decl_no = '{decl(12)}'",
        ("F01_320100_20100608", r"line \d+"),
    ),
    "a published view that counts twice": Tampering(
        "select 1; do $$ begin execute 'create or replace view published.agg_commodity_lots as ' || replace("
        "pg_get_viewdef('published.agg_commodity_lots'::regclass), 'commodities.lots_containing,',"
        " '2 * commodities.lots_containing as lots_containing,'); end $$; select 1",
        ("published.agg_commodity_lots: its definition",),
    ),
    "a published view made anew, without grants": Tampering(
        "select 1; drop view published.fct_value; create view published.fct_value as select * from marts.fct_value;"
        " select 1",
        ("published.fct_value: its definition", "permission denied for view fct_value"),
    ),
    "a view that nobody deployed": Tampering(
        "select 1; create view published.fct_more as select 1 as lots; drop view published.fct_coverage; select 1",
        ("published.fct_more: nobody deployed it", "published.fct_coverage: it is gone"),
    ),
    "the seal of the views gone": Tampering(
        "delete from audit.event where kind = 'views'", ("never sealed: run `ciq init`", r"audit.event \d+")
    ),
    "what a quarantined row says to people": Tampering(
        "update quarantine.rejected_row q set raw_text = 'x' || raw_text from audit.delivery d where d.delivery_id ="
        " q.delivery_id and data_name = 'F01_320700_20100608_01.csv' and line_no = 2",
        ("F01_320700_20100608_01.csv, line 2: its text",),
    ),
}

REFERENCE = {
    "a rate": Tampering(
        "update ref.fx_rate set usd_per_100 = usd_per_100 + 1 where currency = 'EUR' and day = '2010-06-08'",
        ("ref.fx_rate currency=EUR day=2010-06-08",),
    ),
    "an organisation that need not deliver": Tampering(
        "update ref.org set is_due = false where org_code = '320500'", ("ref.org org_code=320500",)
    ),
    "a code more": Tampering(
        "insert into ref.code (list_id, code, name_zh, name_en) values ('currency', 'QQQ', '钱', 'Money')",
        ("ref.code list_id=currency code=QQQ.*nobody",),
    ),
    "a workday gone": Tampering("delete from ref.calendar where day = '2010-06-08'", ("ref.calendar day=2010-06-08",)),
    "an HS name": Tampering("update ref.hs set name_en = 'x' where hs_code = '8541'", ("ref.hs hs_code=8541:",)),
    "a feed's cut-off": Tampering("update ref.feed set cutoff = '23:59' where feed_code = 'F02'", ("feed_code=F02",)),
    "a rule made releasable": Tampering(
        "update ref.rule set releasable = true where rule_id = 'D-hash'", ("ref.rule rule_id=D-hash",)
    ),
    "a day of the calendar": Tampering(
        "update marts.dim_date set is_workday = not is_workday where date_day = '2010-06-08'",
        ("marts.dim_date date_day=2010-06-08",),
    ),
    "a branch's name": Tampering(
        "update marts.dim_org set name_en = 'x' where org_code = '320500'", ("marts.dim_org org_key=",)
    ),
    "a country": Tampering(
        "update marts.dim_country set name_zh = 'x' where country_code = '840'", ("dim_country country_code=840",)
    ),
    "a currency gone": Tampering(
        "delete from marts.dim_currency where currency_code = 'EUR'", ("dim_currency currency_code=EUR.*gone",)
    ),
    "a code's meaning": Tampering(
        "update marts.dim_code set name_en = 'Conforming' where list_id = 'result' and code = 'N'",
        ("dim_code list_id=result code=N",),
    ),
    "a declaration type that counts": Tampering(
        "update marts.dim_decl_type set counts_in_goods_total = not counts_in_goods_total where decl_type = '21'",
        ("dim_decl_type decl_type=21",),
    ),
    "a name in the HS dimension": Tampering(
        "update marts.dim_hs set name_en = 'x' where hs_code = '8541'", ("dim_hs hs_code=8541:",)
    ),
}
"""One row of each kind of reference data and of each static dimension, altered in one warehouse."""


@pytest.fixture(scope="module")
def sound(make_bureau: Callable[..., Bureau]) -> Bureau:
    """Two publications, everything in order."""
    bureau = make_bureau("sound")
    for steps in (TUESDAY_STEPS, WEDNESDAY_STEPS[:-2]):
        for step in steps:
            step(bureau)
        bureau.load()
        build(bureau.settings, "test")
    return bureau


def test_what_the_warehouse_made_is_sound(sound: Bureau, run_ciq: RunCiq) -> None:
    verified = run_ciq(sound, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.fixture
def tamper(sound: Bureau, make_bureau: Callable[..., Bureau], pg: postgres.Server) -> Callable[..., Bureau]:
    """tamper("name", *tamperings): a clone of the sound warehouse, with that done to it by a superuser."""

    def do(name: str, *tamperings: Tampering) -> Bureau:
        bureau = make_bureau(f"tampered-{name}", of=sound)
        database = str(bureau.settings.warehouse_url).rpartition("/")[2]
        with psycopg.connect(pg.url(database, postgres.SUPERUSER)) as superuser:
            superuser.execute("set session_replication_role = replica")
            for tampering in tamperings:
                assert superuser.execute(tampering.statement.encode()).rowcount > 0
        return bureau

    return do


def found(bureau: Bureau) -> str:
    return " ".join(str(breach) for check in verify(bureau.settings) for breach in check.breaches)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_and_named(tamper: Callable[..., Bureau], name: str) -> None:
    assert_named(TAMPERINGS[name], found(tamper(name, TAMPERINGS[name])))


@pytest.mark.parametrize(
    "name",
    [
        "a value in ods",
        "a row of a mart",
        "a row gone from a mart",
        "a row gone from the quarantine",
        "the last event gone",
    ],
)
def test_the_command_fails_and_names_the_place(tamper: Callable[..., Bureau], run_ciq: RunCiq, name: str) -> None:
    verified = run_ciq(tamper(name, TAMPERINGS[name]), "verify")
    words = " ".join((verified.stdout + verified.stderr).split())
    assert verified.returncode == 1, words
    assert_named(TAMPERINGS[name], words)


def test_altered_reference_data_is_found_and_named(tamper: Callable[..., Bureau]) -> None:
    words = found(tamper("reference", *REFERENCE.values()))
    for tampering in REFERENCE.values():
        assert_named(tampering, words)


def assert_named(tampering: Tampering, words: str) -> None:
    for place in tampering.named:
        assert re.search(place, words), words or "nothing was found"
