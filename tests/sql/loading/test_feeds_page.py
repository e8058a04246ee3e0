"""What docs/feeds.md promises who delivers by hand: its example passes whole, its limits are the real ones."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from ciq.settings import PROJECT_ROOT
from support.bureau import Bureau, rows_of


def test_the_example_of_the_page_is_accepted_whole(bureau: Bureau) -> None:
    page = (PROJECT_ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
    script = next(
        block for block in re.findall(r"^```bash\n(.*?)^```", page, re.DOTALL | re.MULTILINE) if "put F01" in block
    )
    outbox = bureau.settings.inbox_root / "320100" / "outbox"
    environment = {**os.environ, "OUTBOX": str(outbox), "LC_ALL": "C.UTF-8"}
    subprocess.run(["bash", "-eu", "-c", script], cwd=bureau.settings.home, env=environment, check=True, timeout=60)
    report = bureau.load()
    assert (report.accepted, report.held, report.errors) == (3, 0, [])
    assert (report.rows_received, report.rows_accepted) == (7, 7)


@pytest.mark.parametrize(("broken", "held"), [(5, False), (6, True)])
def test_of_ten_records_five_may_be_broken(bureau: Bureau, broken: int, held: bool) -> None:
    rows = rows_of("F03", 10)
    for row in rows[:broken]:
        row["result"] = "?"
    bureau.deliver("F03", rows)
    assert bureau.load().held == int(held)


@pytest.mark.parametrize(
    ("encoding", "delimiter", "line_end", "bom"),
    [("UTF-8", ";", "\r\n", ""), ("UTF-8-SIG", "TAB", "\n", "\ufeff"), ("UTF-8", "|", "\n", "\ufeff")],
)
def test_what_the_manifest_declares_is_read(
    bureau: Bureau, encoding: str, delimiter: str, line_end: str, bom: str
) -> None:
    [row] = rows_of("F03", 1, eval_time="2010-06-08T15:00", insp_end="2010-06-08 14:00:00　")
    mark = "\t" if delimiter == "TAB" else delimiter
    lines = [mark.join(bureau.columns["F03"]).upper(), mark.join(row.get(name, "") for name in bureau.columns["F03"])]
    data = (bom + line_end.join([*lines, "", ""])).encode()
    bureau.deliver("F03", [row], data=data, encoding=encoding, delimiter=delimiter)
    report = bureau.load()
    assert (report.held, report.rows_accepted, report.rows_quarantined) == (0, 1, 0)
