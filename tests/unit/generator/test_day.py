"""One day's frames: what the contracts want, what the plan says, and the same whatever was asked before."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pycountry
import pytest
import yaml

from ciq.errors import CiqError
from ciq_demo.generator import Generator, workdays

DAY = date(2010, 6, 8)
CARGO = ("F01", "F02", "F03", "F04")
DAILY = (*CARGO, "F05", "F06", "F07", "F08", "F10", "F11", "F13")
CONTRACTS = {
    "F01": "f01_declaration",
    "F02": "f02_goods",
    "F03": "f03_inspection",
    "F04": "f04_release_cert",
    "F05": "f05_origin_cert",
    "F06": "f06_health_quarantine",
    "F07": "f07_pest_interception",
    "F08": "f08_wood_packaging",
    "F10": "f10_penalty_event",
    "F11": "f11_complaint_event",
    "F12": "f12_legal_review",
    "N12": "n12_legal_return",
    "F13": "f13_lab_sample",
    "F18": "f18_warning_notice",
}


def whole(generator: Generator, day: date, feed: str) -> pd.DataFrame:
    frames = generator.day(day)
    return pd.concat([frame for (name, _), frame in frames.items() if name == feed], ignore_index=True)


@pytest.fixture(scope="module")
def cases(generator: Generator) -> dict[str, pd.DataFrame]:
    """By feed, what the year has beside cargo."""
    found: dict[str, list[pd.DataFrame]] = {}
    for day in workdays.all_days(date(2010, 1, 1), date(2010, 12, 31)):
        for (name, _), frame in generator.cases(day).items():
            if len(frame):
                found.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}


def test_a_workday_has_the_daily_slices_of_every_branch(generator: Generator) -> None:
    due = {(feed, org) for feed in DAILY for org in generator.branches}
    others = {key: frame for key, frame in generator.day(DAY).items() if key not in due}
    assert due <= set(generator.day(DAY))
    assert all(len(frame) for frame in others.values())


def test_a_day_of_rest_has_slices_only_where_something_happened(generator: Generator) -> None:
    frames = generator.day(date(2010, 6, 5))
    assert 0 < len(frames) < 120
    assert all(len(frame) for frame in frames.values())


def test_volumes_are_the_true_ones(generator: Generator) -> None:
    assert 6_000 < len(whole(generator, DAY, "F01")) < 7_200
    assert 9_500 < len(whole(generator, DAY, "F02")) < 12_000
    assert 6_000 < len(whole(generator, DAY, "F03")) < 7_300
    assert 7_800 < len(whole(generator, DAY, "F04")) < 9_000


def test_columns_are_the_contracts_without_derived_ones(generator: Generator) -> None:
    frame = generator.day(DAY)["F01", "320500"]
    assert list(frame.columns[:6]) == ["record_id", "op", "version_no", "op_time", "org_code", "decl_no"]
    assert "decl_org" not in frame.columns


def test_days_do_not_depend_on_what_was_asked_before(generator: Generator) -> None:
    generator.day(date(2010, 6, 7))
    again = Generator(2010).day(DAY)
    for key, frame in generator.day(DAY).items():
        pd.testing.assert_frame_equal(frame, again[key])


def test_the_numbers_of_a_day_are_the_same_on_every_machine() -> None:
    """Pins the raw draws behind a day: a change here changes every published figure of the demo."""
    book = Generator(2010).book(DAY)
    assert book is not None
    digest = hashlib.sha256()
    for part in (book.lots, book.lines):
        for name in sorted(vars(part)):
            digest.update(name.encode() + getattr(part, name).astype("<i8").tobytes())
    assert digest.hexdigest() == "524f52054289115937d8fe8efe95551678e3bd317a07710230d703002938867b"


def test_days_outside_its_time_are_refused(generator: Generator) -> None:
    with pytest.raises(CiqError, match="2009-12-01"):
        generator.day(date(2009, 11, 30))


def test_since_leaves_out_what_was_accepted_before() -> None:
    cut = Generator(2010, since=DAY)
    frames = cut.day(DAY)
    declared = {number for (feed, _), frame in frames.items() if feed == "F01" for number in frame["decl_no"]}
    others = {number for (feed, _), frame in frames.items() if feed in CARGO[1:] for number in frame["decl_no"]}
    assert others <= declared
    assert sum(len(frame) for (feed, _), frame in frames.items() if feed == "F03") > 1_500


def test_corrections_repeat_the_whole_item_set_of_a_declaration_seen_before(generator: Generator) -> None:
    corrected = whole(generator, date(2010, 6, 10), "F01").query("op == 'U'")
    lines = whole(generator, date(2010, 6, 10), "F02").query("op == 'U'")
    assert len(corrected) > 50
    assert set(lines["decl_no"]) < set(corrected["decl_no"])
    before = pd.concat([whole(generator, date(2010, 6, day), "F02") for day in (3, 4, 5, 6, 7, 8, 9)])
    first = before[before["op"] == "I"].groupby("decl_no").size()
    now = lines.groupby("decl_no").size()
    seen = now[now.index.isin(first.index)]
    assert len(seen) > 20
    assert (first[seen.index] == seen).all()
    assert set(corrected["version_no"]) == {"2"}


def test_voids_hold_the_envelope_the_key_and_the_reason(generator: Generator) -> None:
    voids = pd.concat([whole(generator, date(2010, 6, day), "F01").query("op == 'D'") for day in (8, 9, 10)])
    assert len(voids) > 10
    filled = {column for column in voids.columns if (voids[column] != "").any()}
    envelope = {"record_id", "op", "version_no", "op_time", "org_code", "decl_no"}
    assert filled == envelope | {"void_reason", "void_approver"}


def test_nonconforming_rows_say_what_was_wrong(generator: Generator) -> None:
    rows = whole(generator, DAY, "F03")
    failed = rows[rows["result"] == "N"]
    assert len(failed) > 15
    for column in ("nc_category", "nc_item", "nc_reason_code", "disposal", "nc_value_usd"):
        assert (failed[column] != "").all()
    assert (rows[rows["result"].isin(["Q", "P"])]["nc_category"] == "").all()


def test_evaluations_follow_inspection_and_acceptance(generator: Generator) -> None:
    rows = whole(generator, DAY, "F03")
    assert (rows["dispatch_time"] <= rows["insp_start"]).all()
    assert (rows["insp_start"] < rows["insp_end"]).all()
    assert (rows["insp_end"] < rows["eval_time"]).all()
    accepted = whole(generator, DAY, "F01").query("op == 'I'").set_index("decl_no")["accept_time"]
    dispatched = rows[rows["decl_no"].isin(accepted.index)].set_index("decl_no")["dispatch_time"]
    assert len(dispatched) > 2_000
    assert (dispatched > accepted[dispatched.index]).all()


def test_declarations_have_the_digit_of_their_direction_and_two_persons_for_the_fee(generator: Generator) -> None:
    rows = whole(generator, DAY, "F01").query("op != 'D'")
    assert set(rows["decl_no"].str[6] + rows["ie_flag"]) == {"1I", "2E"}
    assert (rows["fee_officer"] != "").all()
    assert (rows["fee_officer"] != rows["cashier"]).all()


def test_certificates_follow_what_they_certify(generator: Generator) -> None:
    """Imports are cleared at once, exports once they are evaluated; a number is its declaration's and a serial."""
    rows = whole(generator, DAY, "F04").query("op == 'I'")
    assert (rows["cert_no"].str[:15] == rows["decl_no"]).all()
    assert rows["cert_no"].is_unique
    accepted = whole(generator, DAY, "F01").query("op == 'I'").set_index("decl_no")["accept_time"]
    evaluated = whole(generator, DAY, "F03").query("result != 'P'").groupby("decl_no")["eval_time"].min()
    entry = rows[rows["cert_type"] == "11"].set_index("decl_no")["issue_time"]
    assert len(entry) > 2_000
    assert (entry > accepted[entry.index]).all()
    other = rows[rows["cert_type"] != "11"].set_index("decl_no")["issue_time"]
    assert len(other) > 5_000
    assert (other > evaluated[other.index]).all()
    used = rows[rows["status"] == "4"]
    assert len(used) > 1_000
    assert (used["used_time"] >= used["issue_time"]).all()
    assert set(rows[rows["status"] != "4"]["used_time"]) == {""}


def test_certificates_are_written_off_and_voided_later(generator: Generator) -> None:
    """By rows with op U, of numbers that were told before."""
    days = [date(2010, 6, day) for day in (1, 2, 3, 4, 7, 8, 9, 10)]
    rows = pd.concat([whole(generator, day, "F04") for day in days], ignore_index=True)
    again = rows[rows["op"] == "U"]
    assert set(again["status"]) == {"2", "4"}
    assert (again["version_no"] == "2").all()
    first = rows[rows["op"] == "I"].set_index("cert_no")
    seen = again[again["cert_no"].isin(first.index)].set_index("cert_no")
    assert len(seen) > 100
    for column in ("decl_no", "cert_type", "issue_time", "valid_to", "hs_code", "dest_country", "copies"):
        assert (seen[column] == first.loc[seen.index, column]).all(), column


def test_lines_add_up_but_for_a_few(generator: Generator) -> None:
    headers = whole(generator, DAY, "F01").query("op == 'I'").set_index("decl_no")["total_value"].map(Decimal)
    lines = whole(generator, DAY, "F02").query("op == 'I'")
    sums = lines["goods_value"].map(Decimal).groupby(lines["decl_no"]).sum()
    different = sums[sums != headers[sums.index]]
    assert 0 < len(different) < len(sums) * 0.01
    assert len(sums) == len(headers)


def test_the_senders_usd_value_is_value_times_rate_but_for_a_few(generator: Generator) -> None:
    rows = whole(generator, DAY, "F01").query("op == 'I' and value_usd != '' and usd_rate != ''")
    exact = [
        (Decimal(v) * Decimal(r) / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP") == Decimal(u)
        for v, r, u in zip(rows["total_value"], rows["usd_rate"], rows["value_usd"], strict=True)
    ]
    assert 0 < exact.count(False) < len(exact) * 0.005


def test_names_need_gb18030(generator: Generator) -> None:
    names = " ".join(whole(generator, DAY, "F01")["applicant_name"])
    with pytest.raises(UnicodeEncodeError):
        names.encode("gbk")
    assert names.encode("gb18030").decode("gb18030") == names
    assert "（中国）" in names


# --- the contracts' own rules ---------------------------------------------------------------------------------------


def code_list(contracts: Path, name: str) -> set[str]:
    if name == "country":
        return {country.numeric for country in pycountry.countries} | _codes(contracts, "country_historic", "code")
    if name == "currency":
        return {currency.alpha_3 for currency in pycountry.currencies} | _codes(contracts, "currency_historic", "code")
    return _codes(contracts, name, "org_code" if name == "org" else "code")


def _codes(contracts: Path, name: str, column: str) -> set[str]:
    return set(pd.read_csv(contracts / "code_lists" / f"{name}.csv", dtype=str)[column])


def broken(frame: pd.DataFrame, column: dict[str, Any], contracts: Path) -> set[str]:
    """Cells of a column that break its type or a rule; a warning may be meant, such as a FORM A to the USA."""
    found = set()
    name = column["name"]
    given = {cell for cell in frame[name] if cell}
    longest = column.get("logicalTypeOptions", {}).get("maxLength", 10**6)
    parse = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat}
    kind = column["physicalType"]
    for cell in given:
        if len(cell) > longest:
            found.add(cell)
        if kind in parse:
            parse[kind](cell)
        elif kind != "text":
            Decimal(cell)
    for rule in (rule for rule in column.get("quality", []) if rule["severity"] != "warning"):
        found |= _broken_by(rule, {cell for cell in _concerned(frame, rule)[name] if cell}, contracts)
    return found


def _concerned(frame: pd.DataFrame, rule: dict[str, Any]) -> pd.DataFrame:
    """The rows that a rule speaks of: all, or those with the cells that its `when` names."""
    conditions = [item["value"] for item in rule["customProperties"] if item["property"] == "when"]
    for condition in conditions:
        for name, cells in condition.items():
            frame = frame[frame[name].isin(cells)]
    return frame


def _broken_by(rule: dict[str, Any], given: set[str], contracts: Path) -> set[str]:
    check = rule["implementation"]["type"]
    arguments = rule["implementation"]["kwargs"]
    lists = [item["value"] for item in rule["customProperties"] if item["property"] == "codeList"]
    if check.endswith("match_regex"):
        return {cell for cell in given if not re.fullmatch(arguments["regex"], cell)}
    if check.endswith("in_set"):
        allowed = set(arguments.get("value_set") or code_list(contracts, lists[0]))
        return given - allowed
    if check.endswith("to_be_between"):
        low = Decimal(str(arguments.get("min_value", 0)))
        return {cell for cell in given if Decimal(cell) < low}
    return set()


@pytest.mark.parametrize("feed", CONTRACTS)
def test_days_without_defects_break_no_rule(
    generator: Generator, cases: dict[str, pd.DataFrame], contracts: Path, feed: str
) -> None:
    contract = yaml.safe_load((contracts / f"{CONTRACTS[feed]}.odcs.yaml").read_text(encoding="utf-8"))
    frame = cases[feed] if feed in cases else whole(generator, DAY, feed)
    full = frame[frame["op"] != "D"]
    for column in contract["schema"][0]["properties"]:
        if column.get("transformLogic"):
            continue
        name = column["name"]
        if column.get("required"):
            assert (full[name] != "").all(), f"{feed}.{name} is required"
        assert not broken(frame, column, contracts), f"{feed}.{name}"


def test_a_december_day_of_2009_is_there(generator: Generator) -> None:
    frames = generator.day(workdays.FIRST_DECLARED)
    assert sum(len(frame) for (feed, _), frame in frames.items() if feed == "F01") > 4_000
