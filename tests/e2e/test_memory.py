"""The loader's memory does not grow with the file: measured on the process itself, as the operating system saw it."""

from __future__ import annotations

import subprocess
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ciq.loading.decode import CopyStream, Header
from ciq.loading.records import read_records
from support.bureau import GOOD, Bureau, rows_of

MB = 1 << 20
RECORDS = 60_000
WIDE = {"contract_no": "C" * 40, "container_nos": "CONT1234567;" * 20, "producer_name": "南京㛃堃电子有限公司" * 4}


def records(bureau: Bureau, *, careful: bool) -> Iterator[bytes]:
    """Wide records. One in fifty is rejected; `careful`: others hold quoted line ends, so that COPY is not used."""
    row = {**GOOD["F01"], **WIDE, "decl_no": "@decl_no@@@@@@@"}
    head, rest = bureau.data("F01", [row]).split(b"\n", 1)
    before, after = rest.split(b"@decl_no@@@@@@@")
    broken, split = after.replace(b",E,", b",?,"), after.replace(b"C" * 40, b'"first\nsecond"')
    yield head + b"\n"
    for number in range(RECORDS):
        end = broken if number % 50 == 0 else split if careful and number % 50 == 1 else after
        yield b"%s3201002%08d%s" % (before, number, end)


def peak_of_load(start_ciq: Callable[..., subprocess.Popen[str]], bureau: Bureau) -> int:
    """Bytes of the largest resident set that `ciq load` had.

    Not `ru_maxrss`, which a process takes over from the one that started it, here the tests.
    """
    bureau.collect()
    status, peak = "", 0
    with start_ciq(bureau, "load", "--all", "--no-build") as process:
        while process.poll() is None:
            with suppress(OSError):  # it may end in between
                status = Path(f"/proc/{process.pid}/status").read_text()
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    peak = int(line.split()[1]) * 1024
            time.sleep(0.02)
        assert process.stderr
        assert process.returncode == 0, process.stderr.read()
    return peak


def test_a_large_load_needs_no_more_memory_than_a_small_one(
    make_bureau: Callable[..., Bureau], start_ciq: Callable[..., subprocess.Popen[str]]
) -> None:
    bureau = make_bureau("memory")
    bureau.deliver("F01", [GOOD["F01"]], seq=1)
    small = peak_of_load(start_ciq, bureau)
    sizes = []
    for seq, careful in ((2, False), (3, True)):
        data = b"".join(records(bureau, careful=careful))
        sizes.append(len(data))
        bureau.deliver("F01", [], seq=seq, data=data, row_count=RECORDS, control_sum="")
    rejected = rows_of("F01", 20_000, **WIDE, trade_mode="?")
    bureau.deliver("F01", rejected, branch="320200")
    large = peak_of_load(start_ciq, bureau)
    assert min(sizes) > 25 * MB
    judged = bureau.fetch(
        "select rows_accepted, rows_quarantined, rows_held from audit.verdict join audit.delivery using (delivery_id)"
        " order by org_code, seq"
    )
    large_ones = [(RECORDS - RECORDS // 50, RECORDS // 50, 0)] * 2
    assert [tuple(row.values()) for row in judged] == [(1, 0, 0), *large_ones, (0, 0, 20_000)]
    returned = bureau.settings.inbox_root / "320200" / "inbox" / "F01_320200_20100608_01.rejects.csv"
    assert returned.stat().st_size > 10 * MB
    assert large <= 300 * MB
    assert large - small <= 24 * MB


@pytest.mark.parametrize("careful", [False, True])
def test_reading_holds_a_few_chunks(tmp_path: Path, careful: bool) -> None:
    """What Great Expectations brings into memory later would hide that the whole file had been there before."""
    path = tmp_path / "data.csv"
    line = (
        ",".join([*"abcdefghij" * 3, "南京㛃堃电子有限公司" * 30, '"x\ny"' if careful else "x"]).encode("gb18030")
        + b"\n"
    )
    path.write_bytes(line * (32 * MB // len(line)))
    with path.open("rb") as file:
        reader: Iterator[object] = (
            read_records(file, encoding="gb18030", delimiter=",", columns=32)
            if careful
            else iter(CopyStream(file, Header(data_offset=0, has_tail=False), "GB18030"))
        )
        tracemalloc.start()
        try:
            deque(reader, maxlen=0)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 12 * MB
