"""Deliveries made by hand for which two good engineers could differ: each does one thing that the decisions settle."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from support.bureau import GOOD, Bureau

Cells = dict[str, str]
Step = Callable[[Bureau], Path]
TUESDAY, WEDNESDAY = date(2010, 6, 8), date(2010, 6, 9)
ON_WEDNESDAY = {"op_time": "2010-06-09 15:00:00", "insp_end": "2010-06-09 14:00:00", "eval_time": "2010-06-09 15:00:00"}
NONCONFORMING = {
    "result": "N", "nc_category": "01", "nc_item": "lead", "nc_reason_code": "0101", "disposal": "02",
}  # fmt: skip


def decl(number: int) -> str:
    return f"3201002100{number:05d}"


def header(number: int, **cells: str) -> Cells:
    return {**GOOD["F01"], "record_id": f"h{number}", "decl_no": decl(number), **cells}


def line(number: int, goods_no: int = 1, **cells: str) -> Cells:
    own = {"record_id": f"g{number}-{goods_no}", "decl_no": decl(number), "goods_no": str(goods_no)}
    return {**GOOD["F02"], **own, **cells}


def evaluation(number: int, eval_seq: int = 1, **cells: str) -> Cells:
    own = {"record_id": f"e{number}-{eval_seq}", "decl_no": decl(number), "eval_seq": str(eval_seq)}
    return {**GOOD["F03"], **own, **cells}


def certificate(number: int, serial: int = 1, **cells: str) -> Cells:
    own = {"record_id": f"k{number}-{serial}", "decl_no": decl(number), "cert_no": f"{decl(number)}{serial:03d}"}
    return {**GOOD["F04"], **own, **cells}


def corrected(row: Cells, version: int, **cells: str) -> Cells:
    """A U row."""
    return {**row, "op": "U", "version_no": str(version), **cells}


def void(row: Cells, version: int, **cells: str) -> Cells:
    """A D row: envelope and key."""
    kept = ("record_id", "op_time", "org_code", "decl_no", "goods_no", "eval_seq", "cert_no")
    return {name: row[name] for name in kept if name in row} | {"op": "D", "version_no": str(version), **cells}


def of(branch: str, row: Cells) -> Cells:
    """The row as another branch records it."""
    return row | {name: branch for name in ("org_code", "accept_org", "insp_org", "issue_org") if name in row}


TUESDAYS_HEADERS = [
    *(header(n) for n in (1, 2, 3, 4, 9, 10, 12, 13, 14, 20)),
    void(header(5), 2, void_reason="sold", void_approver="a1b2c3d4"),  # its I comes with Wednesday's file
    header(15, currency="JPY", usd_rate="", ie_flag="I", decl_type="11", dest_country="", transport_mode=""),
    header(16, currency="TWD", usd_rate="", total_value="100000.00"),
    header(17, currency="MOP", usd_rate=""),
    header(18, currency="EUR", usd_rate="119.82", total_value="300.00"),
    header(19, decl_type="23"),
    header(21, ie_flag="I", decl_type="11", dest_country="", trade_country="392"),
    header(22, total_value="1.01", usd_rate="50"),
    header(23, usd_rate="33.33333333", total_value="900.00", currency="CNY"),
    header(24, total_value="1.00"),
    header(24, total_value="2.00", record_id="h24 again"),
    header(25, fee_officer="a1b2c3d4", cashier="a1b2c3d4"),
    header(26, insp_org="320510"),
    header(28, currency="EUR", usd_rate="", decl_date="2010-06-06", cashier="a1b2c3d4"),  # a Sunday: no rate of its own
    header(29, currency="EUR", usd_rate="", decl_date="2010-05-13"),
]
TUESDAYS_LINES = [
    *(line(n) for n in (1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14, 15, 16, 17, 19, 24, 25, 26, 28, 29)),
    line(10, 1, goods_value="400.50"),
    line(10, 2, goods_value="600.00", hs_code="6403190000"),
    line(18, 1, currency="EUR", goods_value="100.00"),
    line(18, 2, currency="USD", goods_value="150.00", hs_code="6403190000"),
    line(18, 3, currency="EUR", goods_value="50.00", hs_code="6403190000"),
    line(21, 1, goods_value="500.50", origin_country="410"),
    line(21, 2, goods_value="500.00"),
    line(22, 1, goods_value="0.51", currency="USD"),
    line(22, 2, goods_value="0.50", currency="USD"),
    *(line(23, n, goods_value="300.00", currency="CNY", hs_code=f"854140{n}000") for n in (3, 2, 1)),
    line(23, 4, goods_value="0", currency="USD", weight_net="1500", weight_unit="036"),
    line(30),  # nobody declared it
]
TUESDAYS_LINES[0] |= {"weight_net": "12.3456", "weight_unit": "035", "weight_gross": "13"}
TUESDAYS_LINES[1] |= {"weight_net": "0.0075", "weight_unit": "070"}
TUESDAYS_EVALUATIONS = [
    *(evaluation(n) for n in (1, 2, 3, 4, 5, 6, 7, 9, 10, *range(14, 27))),
    evaluation(27, dispatch_time="2010-06-08 10:00:00", insp_start="2010-06-08 10:30:00"),
    evaluation(28, dispatch_time="2010-06-08 09:00:00"),  # before it was accepted
    evaluation(29, dispatch_time="2010-06-08 14:30:00"),  # after it was inspected
    evaluation(11),  # declared on Wednesday
    evaluation(12, **NONCONFORMING),
    evaluation(13, 1, result="P"),
]
AT_NOON, AT_EIGHT = {"issue_time": "2010-06-08 12:00:00"}, {"issue_time": "2010-06-08 08:00:00"}
TUESDAYS_CERTIFICATES = [
    *(certificate(n) for n in (1, 2, 4, 5, 6, 7, 9, 10)),
    certificate(1, 2, cert_type="21", status="4", used_time="2010-06-08 17:30:00"),
    certificate(1, 4, cert_type="31", valid_to="", hs_code="", dest_country=""),
    certificate(3, cert_type="21", **AT_NOON),
    certificate(3, 2, cert_type="21", status="2", **AT_EIGHT),
    certificate(11, **AT_EIGHT),  # declared on Wednesday
    certificate(12, cert_type="21", hs_code="6403190000", dest_country="392"),
    certificate(13, cert_type="21"),
    certificate(14, **AT_EIGHT),  # before it was accepted
    certificate(14, 2, status="4", used_time="2010-06-08 15:30:00"),  # before it was issued
    certificate(15, cert_type="11", dest_country="", **AT_NOON),
    certificate(16, cert_no=f"{decl(17)}009"),
    certificate(17),
    certificate(17, 2, issue_org="320510"),
    certificate(18, valid_to="2010-06-07"),  # broken: valid until before its issue
    certificate(30),  # nobody declared it
    void(certificate(31), 1),
    certificate(32),
    void(certificate(32), 2),  # taken back, and nobody declared it either
]
WEDNESDAYS_CERTIFICATES = [
    corrected(certificate(1), 2, status="4", valid_to="2010-06-08", used_time="2010-06-09 09:00:00"),
    corrected(certificate(9), 2, decl_no=decl(10)),  # it was another lot's
    void(certificate(10), 2),
    corrected(certificate(2), 2, status="2"),
    corrected(certificate(17), 3),
    certificate(17, 2),
]
WEDNESDAYS_HEADERS = [
    void(header(2), 2),
    void(header(3), 2),
    corrected(header(3), 3, total_value="3000.00"),
    corrected(header(4), 2, status="VOID"),
    header(5),
    header(11),
    void(header(99), 2),
]
WEDNESDAYS_LINES = [
    corrected(line(9, 1), 2, goods_value="100.50"),
    corrected(line(9, 2), 2, goods_value="900.00", hs_code="854140"),  # broken: the old set stands
    corrected(line(10, 2), 2, goods_value="1000.50", hs_code="6403190000"),
    corrected(line(25, 3), 2, goods_value="999.00"),
    line(11),
]
WEDNESDAYS_EVALUATIONS = [
    evaluation(12, 2, **ON_WEDNESDAY),
    evaluation(13, 2, **ON_WEDNESDAY, **NONCONFORMING),
    void(evaluation(14), 2),
    corrected(evaluation(26), 2, result="R"),
    evaluation(10, 3, **ON_WEDNESDAY, **{**NONCONFORMING, "result": "T"}),
]

Rows = Sequence[Cells]


def send(feed: str, rows: Rows, **manifest: object) -> Step:
    """Deliver these rows."""
    return lambda bureau: bureau.deliver(feed, rows, **manifest)  # type: ignore[arg-type]


def _encoded(feed: str, rows: Rows, codec: str, encoding: str, *, tail: str = "", **manifest: object) -> Step:
    """Another encoding, no trailing comma unless told."""

    def step(bureau: Bureau) -> Path:
        data = bureau.data(feed, rows, tail=tail, encoding=codec)
        return bureau.deliver(feed, rows, data=data, encoding=encoding, **manifest)  # type: ignore[arg-type]

    return step


def _reworked(feed: str, rows: Rows, rework: Callable[[str], str], **manifest: object) -> Step:
    """The file's text, changed before it is sealed."""

    def step(bureau: Bureau) -> Path:
        text = rework(bureau.data(feed, rows).decode("gb18030"))
        return bureau.deliver(feed, rows, data=text.encode("gb18030"), **manifest)  # type: ignore[arg-type]

    return step


def _branch(branch: str, feed: str, numbers: Iterable[int], **cells: str) -> list[Cells]:
    make = {"F01": header, "F02": line, "F03": evaluation}[feed]
    return [of(branch, make(number, **cells)) for number in numbers]


def _by_dates(text: str) -> str:
    """Dates without hyphens, times without seconds, full-width blanks around cells."""
    return text.replace(",2010-06-08,", ",\u300020100608 ,").replace("09:30:00", "09:30")


def _decorated(text: str) -> str:
    """CR LF here and there, an empty line, quoted cells with a line end and a comma inside."""
    lines = text.split("\n")
    lines[1] = lines[1].replace("太阳能电池", '"太阳能\n电池, ""A"""') + "\r"
    return "\n".join([*lines[:2], "", *lines[2:]])


def _ragged(text: str) -> str:
    """The second record ends after its seventh cell."""
    lines = text.split("\n")
    return "\n".join([*lines[:2], ",".join(lines[2].split(",")[:7]), *lines[3:]])


TUESDAY_STEPS: tuple[Step, ...] = (
    send("F01", [*TUESDAYS_HEADERS, header(6), header(7)]),
    send("F02", TUESDAYS_LINES),
    send("F03", TUESDAYS_EVALUATIONS),
    send("F04", TUESDAYS_CERTIFICATES),
    # The same slice again: 6 is gone, 7 is 8 now. Its lines and evaluations wait.
    send("F01", [*TUESDAYS_HEADERS, header(8, total_value="77.00")], seq=2),
    # Withdrawn by a 3 above it; withdrawn and sent once more; emptied; late.
    send("F01", _branch("320200", "F01", [101, 102]), branch="320200"),
    send("F02", _branch("320200", "F02", [101, 102]), branch="320200"),
    send("F01", _branch("320200", "F01", [101]), branch="320200", seq=2, status="3"),
    send("F01", _branch("320300", "F01", [111, 112]), branch="320300"),
    send("F01", [], branch="320300", seq=2, status="3"),
    send("F01", _branch("320300", "F01", [112, 113]), branch="320300", seq=3),
    send("F03", _branch("320300", "F03", [111, 112, 113]), branch="320300"),
    send("F01", _branch("320400", "F01", [121]), branch="320400"),
    send("F01", [], branch="320400", seq=2),
    # Held: one broken record too many, not approved, reported before its day, sum, count, hash, header, encoding.
    send("F01", _branch("320600", "F01", range(131, 137), ie_flag="X"), branch="320600"),
    send("F01", _branch("320600", "F01", [138]), branch="320600", seq=2, status="0"),
    send("F01", _branch("320600", "F01", [139]), branch="320600", seq=3, report_time="2010-06-07 23:00:00"),
    send("F02", _branch("320600", "F02", [139]), branch="320600", control_sum="1.00"),
    send("F02", _branch("320600", "F02", [139]), branch="320600", seq=2, row_count=2),
    send("F03", _branch("320600", "F03", [139]), branch="320600", sha256="0" * 64),
    _reworked("F03", _branch("320600", "F03", [139]), lambda t: t.replace("eval_seq", "seq"), branch="320600", seq=2),
    _encoded("F03", _branch("320600", "F03", [139]), "utf-8", "GB18030", branch="320600", seq=3),
    # Passed: five broken records are the limit; other encodings, delimiters and ways of writing a value.
    send(
        "F01",
        _branch("320700", "F01", range(141, 146), currency="502") + _branch("320700", "F01", range(146, 150)),
        branch="320700",
    ),
    send("F03", _branch("320700", "F03", range(141, 150)), branch="320700"),
    _encoded("F01", _branch("320500", "F01", [151, 152]), "utf-8-sig", "UTF-8-SIG", branch="320500"),
    _encoded("F02", _branch("320500", "F02", [151, 152]), "utf-8", "UTF-8", tail=",", branch="320500"),
    _reworked("F01", _branch("320800", "F01", [161, 162]), _by_dates, branch="320800"),
    _reworked("F02", _branch("320800", "F02", [161, 162]), _decorated, branch="320800"),
    _reworked("F03", _branch("320800", "F03", [161, 162]), _by_dates, branch="320800"),
    # A record that cannot be read takes its item set with it.
    send("F01", _branch("321000", "F01", [171, 172]), branch="321000"),
    _reworked(
        "F02",
        [of("321000", line(n, goods_no)) for n in (171, 172) for goods_no in (1, 2)],
        _ragged,
        branch="321000",
        control_sum="",
    ),
    send("F03", _branch("321000", "F03", [171, 172]), branch="321000"),
)
"""All of Tuesday's business date, reported in time but for the branch that is late."""

WEDNESDAY_STEPS: tuple[Step, ...] = (
    send("F01", WEDNESDAYS_HEADERS, day=WEDNESDAY),
    send("F02", WEDNESDAYS_LINES, day=WEDNESDAY),
    send("F03", WEDNESDAYS_EVALUATIONS, day=WEDNESDAY),
    send("F04", WEDNESDAYS_CERTIFICATES, day=WEDNESDAY),
    # A whole branch is late for Tuesday.
    send("F01", _branch("320900", "F01", [181, 182]), branch="320900", report_time="2010-06-09 09:20:00"),
    send("F02", _branch("320900", "F02", [181, 182]), branch="320900", report_time="2010-06-09 09:20:00"),
    send("F03", _branch("320900", "F03", [181, 182]), branch="320900", report_time="2010-06-09 09:20:00"),
    # Another branch has a higher version of 25.
    send("F01", [corrected(header(25), 2, total_value="2500.00")], branch="320500", day=WEDNESDAY),
    # A number that stands below what came: judged, kept, superseded.
    send("F01", [of("320300", header(114))], branch="320300", seq=2, report_time="2010-06-08 20:01:00"),
    # The same number under two names of its contents: the time of reporting decides.
    send("F03", _branch("320200", "F03", [101], result="Q"), branch="320200", report_time="2010-06-08 21:00:00"),
    send("F03", _branch("320200", "F03", [101], result="P"), branch="320200", report_time="2010-06-08 20:00:00"),
)


def arrive(bureau: Bureau, archive: Path, steps: Sequence[Step]) -> None:
    """Deliver and collect one by one, keeping a copy of each: names may come again with other contents."""
    for step in steps:
        data = step(bureau)
        kept = archive / f"{len(list(archive.glob('*'))):03d}" / "outbox"
        kept.mkdir(parents=True)
        for name in (data.name, f"{data.stem}.manifest.csv"):
            shutil.copy(data.with_name(name), kept / name)
        bureau.collect()
