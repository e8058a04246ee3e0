"""A hand-made third-party file: what its bad records end in, and that a file of another style leaves nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ciq.collecting.deliver import Delivered, DeliverError, deliver
from ciq.errors import CiqError
from ciq.mapping.model import MappingError
from support.bureau import Bureau
from support.third_party import rich

DAY = date(2020, 7, 31)
GOOD = [f"2020.{number};20/07/2020;nuts from Spain;food;Spain" for number in range(1001, 1201)]


def send(bureau: Bureau, path: Path, content: str | bytes, **arguments: str) -> Delivered:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    arguments = {"feed": "F18", "branch": "320000", "mapping": "rasff_rich", **arguments}
    return deliver(bureau.settings, path, business_date=DAY, **arguments)  # type: ignore[arg-type]


def test_bad_records_are_quarantined_under_their_line_of_the_source(bureau: Bureau, tmp_path: Path) -> None:
    content = rich(
        "2020.29;20/07/2020;=cmd|' /C calc'!A0;food;Spain",  # line 2: a formula is text
        '2020.3;20/07/2020;"two\nlines";feed;Spain',  # 3 and 4
        "",
        "2020.4;31/02/2020;no such day;food;Spain",  # 6
        "2020.5;a;ragged",  # 7
        "2020.6;20/07/2020;nul\0;food;Spain",  # 8
        "2020.2900;20/07/2020;another of line 2;food;Spain",  # 9
        "2020.7;20/07/2020;a drink;drink;Spain",  # 10
        "2020.8;01/08/2020;to come;food;Spain",  # 11
        '"2020.9;20/07/2020;never closed;food;Spain',  # 12
        *GOOD,
        "Total;209",  # 213
        end="\r\n",
    )
    delivered = send(bureau, tmp_path / "hand made.csv", content)
    assert delivered.counted.row_count == 210
    assert delivered.mapped is not None
    report = bureau.load()
    assert (report.accepted, report.rows_accepted, report.rows_quarantined) == (1, 202, 8)
    rejected = {
        row["line_no"]: row["rule_ids"]
        for row in bureau.fetch("select line_no, rule_ids from quarantine.rejected_row order by line_no")
    }
    assert rejected == {
        6: ["F18-op_time-type", "F18-issue_date-type"],
        7: ["S-fields"],
        8: ["S-nul"],
        9: ["F18-notice_no-format"],
        10: ["F18-product_group-known"],
        11: ["F18-issue_date-not_future"],
        12: ["S-fields"],
        213: ["S-fields"],
    }
    lines = content.split("\n")
    raw = {row["line_no"]: row["raw"] for row in bureau.fetch("select line_no, raw from quarantine.rejected_row")}
    for line in (7, 8, 213):
        assert raw[line] == f'"{lines[line - 1].strip()}"\n'.encode()
    rows = bureau.fetch("select notice_no, subject, line_no from ods.f18_warning_notice order by line_no limit 3")
    assert [tuple(row.values()) for row in rows] == [
        ("2020.2900", "=cmd|' /C calc'!A0", 2),
        ("2020.3000", "two lines", 3),
        ("2020.1001", "nuts from Spain", 13),
    ]


@pytest.mark.parametrize(
    ("content", "arguments", "error", "said"),
    [
        (rich(*GOOD).replace("DATE_CASE", "Datum"), {}, MappingError, r"issue_date \(DATE_CASE\).*feed F18.*line 1"),
        (rich(*GOOD).replace("20/07", "07/20"), {}, MappingError, "200 of 200 records .*another style"),
        (rich(*GOOD), {"feed": "F01"}, MappingError, "for feed F18"),
        (rich(*GOOD), {"mapping": "rasff"}, MappingError, "no mapping 'rasff'"),
        (rich(*GOOD), {"mapping": "rasff_window"}, MappingError, r"notice_no \(reference\)"),
        ("a;b\n1;2\n", {"mapping": "auto"}, MappingError, "fits no mapping"),
        (b"PK\x03\x04", {"mapping": "auto"}, MappingError, "xlsx"),
        (rich(*GOOD), {"opinion": "x" * 400}, DeliverError, "opinion is longer than 500"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_and_leaves_nothing(
    bureau: Bureau, tmp_path: Path, content: str | bytes, arguments: dict[str, str], error: type[CiqError], said: str
) -> None:
    with pytest.raises(error, match=said):
        send(bureau, tmp_path / "other.csv", content, **arguments)
    assert not list(bureau.settings.inbox_root.glob("*/outbox/*"))
