"""Files on disk: byte for byte what the contracts' formats say, and the same lots as the plan."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from ciq_demo.generator import Generator, WrittenDelivery, workdays, write_baseline, write_days
from ciq_demo.generator.formats import FileFormat, control_sum, csv_text, encode

DAY = date(2010, 6, 8)
BRANCHES = Generator(2010).branches
UTF8_BRANCHES = {"320500", "320583", "320582", "320200", "321300"}
FIXED_BRANCH = "320281"
"""Writes F05 in fixed width; the others write it as XML."""
AMOUNTS = {"F01": "total_value", "F02": "goods_value", "F05": "fob_usd", "F10": "fine_cny"}
GB18030 = FileFormat("GB18030", ",", trailing_delimiter=True)
UTF8 = FileFormat("UTF-8-SIG", ",", trailing_delimiter=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenDelivery]:
    return write_days(tmp_path_factory.mktemp("exchange"), first_day=DAY, last_day=DAY)


def manifest_of(delivery: WrittenDelivery) -> dict[str, str]:
    assert delivery.manifest_path is not None
    with delivery.manifest_path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    return row


def read(delivery: WrittenDelivery) -> pd.DataFrame:
    """A delivery's data as a reader would see it who knows only its manifest."""
    assert delivery.path is not None
    codec = {"GB18030": "gb18030", "GBK": "gbk", "UTF-8-SIG": "utf-8-sig"}[manifest_of(delivery)["encoding"]]
    if manifest_of(delivery)["delimiter"] == "XML":
        return read_xml(delivery.path, codec)
    if manifest_of(delivery)["delimiter"] == "FIXED":
        return read_fixed(delivery.path, codec)
    frame = pd.read_csv(delivery.path, dtype=str, keep_default_na=False, encoding=codec)
    return frame.drop(columns=[column for column in frame.columns if column.startswith("Unnamed")])


def read_xml(path: Path, codec: str) -> pd.DataFrame:
    """By the standard library's tree: it is given text, since the file declares an encoding that it is not in."""
    declaration, _, body = path.read_bytes().decode(codec).partition("\n")
    assert declaration == '<?xml version="1.0" encoding="GB2312"?>'
    rows = [{cell.tag: cell.text for cell in element} for element in ET.fromstring(body)]
    return pd.DataFrame(rows, columns=list(Generator(2010).formats["F05"].columns)).fillna("")


def read_fixed(path: Path, codec: str) -> pd.DataFrame:
    """By the contract's places, in bytes."""
    feed = Generator(2010).formats["F05"]
    widths = feed.widths(feed.of(FIXED_BRANCH))
    lines = path.read_bytes().split(b"\r\n")[:-1]
    assert {len(line) for line in lines} <= {sum(widths)}
    starts = [sum(widths[:place]) for place in range(len(widths))]
    spans = list(zip(starts, widths, strict=True))
    rows = [[line[at : at + width].decode(codec).rstrip() for at, width in spans] for line in lines]
    return pd.DataFrame(rows, columns=list(feed.columns))


def test_every_branch_delivers_every_feed_with_a_manifest(written: list[WrittenDelivery]) -> None:
    daily = ("F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F10", "F11", "F13")
    due = {(feed, org) for feed in daily for org in BRANCHES}
    assert {(delivery.feed, delivery.org) for delivery in written if delivery.org != "320000"} == due
    for delivery in written:
        assert delivery.path is not None
        stem = f"{delivery.feed}_{delivery.org}_20100608_01"
        ending = ("txt" if delivery.org == FIXED_BRANCH else "xml") if delivery.feed == "F05" else "csv"
        assert delivery.path.name == f"{stem}.{ending}"
        assert delivery.path.parent.name == "outbox"
        assert delivery.path.parent.parent.name == delivery.org
        assert delivery.manifest_path == delivery.path.with_name(f"{stem}.manifest.csv")


def test_the_year_before_is_written_when_it_is_asked_for(tmp_path: Path) -> None:
    written = write_baseline(tmp_path, orgs=["320500", "320700"])
    assert [(one.feed, one.org, one.rows) for one in written] == [("N01", "320700", 5), ("N01", "320500", 5)] * 12
    ends = sorted({one.business_date for one in written})
    assert [(day.month, (day + timedelta(days=1)).day) for day in ends] == [(month, 1) for month in range(1, 13)]
    for one in written:
        rows, manifest = read(one), manifest_of(one)
        assert manifest["file_name"] == f"N01_{one.org}_{one.business_date:%Y%m%d}_01.csv"
        assert Decimal(manifest["control_sum"]) == sum(Decimal(cell) for cell in rows["value_usd"])
        lots = {(row.topic, row.ie_flag): int(row.lots) for row in rows.itertuples()}
        assert set(lots) == {*((topic, way) for topic in ("TOTAL", "LANDBRIDGE") for way in "IE"), ("FOOD_AGRI", "E")}
        parts = [lots[topic, "E"] for topic in ("LANDBRIDGE", "FOOD_AGRI")]
        assert max(parts) < lots["TOTAL", "E"]
        assert (lots["LANDBRIDGE", "E"] > 0) == (one.org == "320700")


def test_no_temporary_files_are_left(written: list[WrittenDelivery]) -> None:
    assert written[0].path is not None
    root = written[0].path.parents[2]
    assert len(list(root.rglob("*.*"))) == 2 * len(written)
    assert not [path for path in root.rglob("*") if path.name.startswith(".")]


def test_other_files_end_every_line_with_a_comma(written: list[WrittenDelivery]) -> None:
    for delivery in written:
        if delivery.org in UTF8_BRANCHES or delivery.feed == "F05":
            continue
        assert delivery.path is not None
        codec = "gbk" if delivery.feed in {"F06", "F07", "F08", "F10", "F11"} else "gb18030"
        lines = delivery.path.read_bytes().decode(codec).split("\n")
        assert lines[-1] == ""
        assert all(line.endswith(",") for line in lines[:-1])


def test_utf8_files_begin_with_a_mark_and_have_no_trailing_comma(written: list[WrittenDelivery]) -> None:
    for delivery in written:
        if delivery.org not in UTF8_BRANCHES or delivery.feed == "F05":
            continue
        assert delivery.path is not None
        data = delivery.path.read_bytes()
        assert data.startswith(b"\xef\xbb\xbfrecord_id,op,")
        assert not data.decode("utf-8-sig").split("\n")[0].endswith(",")


def test_manifests_tell_the_truth(written: list[WrittenDelivery]) -> None:
    for delivery in written:
        assert delivery.path is not None
        data = delivery.path.read_bytes()
        manifest = manifest_of(delivery)
        frame = read(delivery)
        assert manifest["sha256"] == hashlib.sha256(data).hexdigest()
        assert manifest["bytes"] == str(len(data))
        assert manifest["row_count"] == str(len(frame)) == str(delivery.rows)
        assert manifest["status"] == "2"
        assert "2010-06-08 17:30:00" <= manifest["report_time"] < "2010-06-09 02:00:00"
        assert manifest["audit_time"] < manifest["report_time"]
        amount = AMOUNTS.get(delivery.feed)
        expected = f"{sum((Decimal(cell) for cell in frame[amount] if cell), Decimal('0.00')):.2f}" if amount else ""
        assert manifest["control_sum"] == expected


def test_files_hold_the_frames(written: list[WrittenDelivery], generator: Generator) -> None:
    frames = generator.day(DAY)
    for delivery in written:
        pd.testing.assert_frame_equal(
            read(delivery).astype(object), frames[delivery.feed, delivery.org], check_column_type=False
        )


def test_the_same_seed_gives_the_same_bytes(written: list[WrittenDelivery], tmp_path: Path) -> None:
    again = write_days(tmp_path, first_day=DAY - timedelta(days=1), last_day=DAY, orgs={"320600", "320583"})
    fresh = {delivery.path.name: delivery.path.read_bytes() for delivery in again if delivery.path is not None}
    for delivery in written:
        if delivery.org in {"320600", "320583"}:
            assert delivery.path is not None
            assert fresh[delivery.path.name] == delivery.path.read_bytes()


def test_encode_writes_these_bytes() -> None:
    frame = pd.DataFrame([["1", '15" 屏,"大"', "㛃"], ["", "两\n行", "2"]], columns=["a", "b", "c"], dtype=object)
    assert encode(frame, GB18030) == 'a,b,c,\n1,"15"" 屏,""大""",㛃,\n,"两\n行",2,\n'.encode("gb18030")
    assert encode(frame, UTF8) == b"\xef\xbb\xbf" + 'a,b,c\n1,"15"" 屏,""大""",㛃\n,"两\n行",2\n'.encode()


def test_an_empty_frame_is_a_header() -> None:
    frame = pd.DataFrame(columns=["a", "b"], dtype=object)
    assert encode(frame, GB18030) == b"a,b,\n"
    assert csv_text(frame, UTF8) == "a,b\n"


def test_control_sums_skip_what_is_no_amount() -> None:
    frame = pd.DataFrame({"v": ["1.05", "", "NaN", "2", "1,000.50"]}, dtype=object)
    assert control_sum(frame, "v") == "1003.55"
    assert control_sum(frame, None) == ""


@pytest.mark.slow
def test_files_of_some_weeks_hold_the_planned_lots_and_values(tmp_path: Path, generator: Generator) -> None:
    """Read back from the files alone, by record order: lots, failed lots and value per stat_date are the plan's."""
    checked = [date(2010, 6, 15) + timedelta(days=step) for step in range(4)]
    headers, evaluations = _read_weeks(tmp_path, date(2010, 6, 1), date(2010, 6, 25))
    found: dict[str, list[Decimal | int]] = defaultdict(lambda: [0, 0, Decimal(0)])
    for number, result in evaluations.items():
        stat = next((row for _, row in sorted(result.items()) if row["result"] != "P"), None)
        header = headers.get(number)
        if stat is None or header is None or header["op"] == "D" or header["decl_type"] in {"23", "24"}:
            continue
        sums = found[stat["eval_time"][:10]]
        sums[0] += 1
        sums[1] += stat["result"] in {"N", "R", "T"}
        rate = header["usd_rate"] or header["_rate"]
        sums[2] += (Decimal(header["total_value"]) * Decimal(rate) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    for day in checked:
        assert found[day.isoformat()] == _planned(generator, day), day


def _read_weeks(
    root: Path, first: date, last: date
) -> tuple[dict[str, dict[str, str]], dict[str, dict[int, dict[str, str]]]]:
    headers: dict[str, dict[str, str]] = {}
    evaluations: dict[str, dict[int, dict[str, str]]] = defaultdict(dict)
    rates: dict[tuple[str, str], str] = {}
    for delivery in write_days(root, first_day=first, last_day=last, feeds={"F01", "F03"}):
        for row in read(delivery).to_dict("records"):
            if delivery.feed == "F01":
                if row["usd_rate"]:
                    rates[row["currency"], row["decl_date"]] = row["usd_rate"]
                if int(row["version_no"]) >= int(headers.get(row["decl_no"], {"version_no": "0"})["version_no"]):
                    headers[row["decl_no"]] = row
            else:
                kept = evaluations[row["decl_no"]].get(int(row["eval_seq"]))
                if kept is None or int(kept["version_no"]) < int(row["version_no"]):
                    evaluations[row["decl_no"]][int(row["eval_seq"])] = row
    for row in headers.values():
        row["_rate"] = rates.get((row["currency"], row["decl_date"]), "")
    return headers, evaluations


def _planned(generator: Generator, day: date) -> list[Decimal | int]:
    number = workdays.number(day)
    lots = failed = cents = 0
    for declared in workdays.all_days(workdays.workday_before(day, 10), day):
        book = generator.book(declared)
        if book is None:
            continue
        counted = book.lots.counts & (book.lots.result_day == number)
        lots += int(counted.sum())
        failed += int((counted & (book.lots.result > 0)).sum())
        cents += int(book.lots.usd_cents[counted].sum())
    return [lots, failed, Decimal(cents) / 100]
