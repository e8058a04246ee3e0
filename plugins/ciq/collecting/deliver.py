"""Put a file that was made by hand, or by a third party, into the local inbox with the manifest that it needs."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from ciq.collecting.branches import local_inbox
from ciq.collecting.names import Stem, parse_name
from ciq.contracts import Contract, load_contracts
from ciq.contracts.predicates import lexical_form
from ciq.database import connect
from ciq.errors import CiqError, Place
from ciq.loading.decode import CODECS, DELIMITERS, UnreadableFileError, read_header
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
_LAST_SEQ = 99
_READ_BYTES = 1 << 20


class DeliverError(CiqError):
    """A file cannot be delivered as it is."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a file says of itself. `control_sum`: of the amounts that can be read; None when the feed has none."""

    encoding: str
    delimiter: str
    row_count: int
    control_sum: Decimal | None
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """A pair that stands in the local inbox."""

    stem: Stem
    data: Path
    manifest: Path
    counted: Counted

    def __str__(self) -> str:
        sum_ = "" if self.counted.control_sum is None else f", sum {self.counted.control_sum:f}"
        return f"{self.data.name}: {self.counted.row_count} rows{sum_}, {self.counted.encoding}"


def deliver(
    settings: Settings,
    file: Path,
    *,
    feed: str,
    branch: str,
    business_date: date,
    encoding: str | None = None,
    status: str = "2",
    reporter: str = "",
    auditor: str = "",
    opinion: str = "",
    report_time: datetime | None = None,
) -> Delivered:
    """Write the manifest of `file` and put both into the branch's outbox of the local inbox, under the next sequence.

    Rows and the control sum are counted by the feed's contract. `encoding` None: found out. `report_time`: local time
    of Asia/Shanghai, default now. Raises DeliverError, naming the line, when the file cannot be read by the contract.
    """
    place = Place(feed=feed, branch=branch, business_date=business_date, file=file.name)
    contracts = load_contracts(settings.contracts)
    contract = contracts.effective(feed, business_date)
    if contract is None or feed == contracts.manifest.feed_code:
        known = ", ".join(one.feed_code for one in contracts.feeds)
        raise DeliverError("No contract is in force for this feed", place=place, advice=f"Known feeds: {known}.")
    taken = _taken_sequences(settings, feed, branch, business_date, place)
    try:
        counted = _count(file, contract, branch, encoding)
    except FileNotFoundError as error:
        raise DeliverError("The file is not there", place=place) from error
    except UnreadableFileError as error:
        raise DeliverError(
            f"The file cannot be read by the contract: {error.detail}",
            place=place,
            advice=f"{contract.id}.odcs.yaml lists the columns; say the encoding if it was found wrongly.",
        ) from error
    outbox = settings.inbox_root / BranchEndpoint(org_code=branch, endpoint=local_inbox(settings)).outbox
    outbox.mkdir(parents=True, exist_ok=True)
    stem, data = _place_data(file, outbox, Stem(feed, branch, business_date, max(taken, default=0) + 1), place)
    reported = report_time or datetime.now(BUSINESS_ZONE).replace(tzinfo=None)
    approval = {"status": status, "reporter": reporter, "auditor": auditor, "opinion": opinion}
    cells = {**_cells(stem, data.name, counted, reported), **approval}
    if status != "2":
        cells["audit_time"] = ""
    columns = [column.name for column in contracts.manifest.file_columns]
    manifest = outbox / stem.manifest_name
    _write_whole(manifest, _csv([columns, [cells[name] for name in columns]]))
    return Delivered(stem=stem, data=data, manifest=manifest, counted=counted)


def _cells(stem: Stem, data_name: str, counted: Counted, reported: datetime) -> dict[str, object]:
    return {
        "feed_code": stem.feed_code,
        "org_code": stem.org_code,
        "business_date": stem.business_date.isoformat(),
        "seq": stem.seq,
        "file_name": data_name,
        "sha256": counted.sha256,
        "bytes": counted.bytes,
        "encoding": counted.encoding,
        "delimiter": counted.delimiter,
        "row_count": counted.row_count,
        "control_sum": "" if counted.control_sum is None else f"{counted.control_sum:f}",
        "report_time": f"{reported:%Y-%m-%d %H:%M:%S}",
        "audit_time": f"{reported:%Y-%m-%d %H:%M:%S}",
    }


def _taken_sequences(settings: Settings, feed: str, branch: str, business_date: date, place: Place) -> set[int]:
    with connect(settings, "loader", application="ciq deliver") as connection:
        known = (
            "select 1 from ref.org_period where org_code = %s and level <> 'OFFICE' and is_active"
            " and valid_from <= %s and %s < valid_to"
        )
        if connection.execute(known, (branch, business_date, business_date)).fetchone() is None:
            raise DeliverError(
                "On this day this is no branch", place=place, advice="`expectations/code_lists/org.csv` lists them."
            )
        rows = connection.execute(
            "select distinct seq from audit.delivery where feed_code = %s and org_code = %s and business_date = %s",
            (feed, branch, business_date),
        ).fetchall()
    taken = {int(row[0]) for row in rows}
    for path in (settings.inbox_root / branch / "outbox").glob(f"{feed}_{branch}_*"):
        name = parse_name(path.name)
        if name and name.stem.business_date == business_date:
            taken.add(name.stem.seq)
    return taken


def _place_data(file: Path, outbox: Path, stem: Stem, place: Place) -> tuple[Stem, Path]:
    """Copy the data under the first sequence from the stem's on that nobody has taken meanwhile."""
    extension = file.suffix.lstrip(".").lower() or "csv"
    with _unfinished(outbox) as (stream, unfinished):
        with file.open("rb") as source:
            shutil.copyfileobj(source, stream, _READ_BYTES)
        stream.flush()
        for seq in range(stem.seq, _LAST_SEQ + 1):
            free = Stem(stem.feed_code, stem.org_code, stem.business_date, seq)
            try:
                os.link(unfinished, outbox / free.data_name(extension))
            except FileExistsError:
                continue
            return free, outbox / free.data_name(extension)
    raise DeliverError(f"All sequences up to {_LAST_SEQ} of this slice are taken", place=place)


def _count(file: Path, contract: Contract, branch: str, encoding: str | None) -> Counted:
    expected = contract.format_of(branch)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        found = encoding or _find_encoding(stream, expected.encoding)
        if found not in CODECS:
            raise UnreadableFileError("D-encoding", expected=sorted(CODECS), found=found)
        delimiter = _find_delimiter(stream, contract, found, expected.delimiter)
        row_count, total = _count_records(stream, contract, found, delimiter)
        return Counted(
            encoding=found,
            delimiter=delimiter,
            row_count=row_count,
            control_sum=total,
            sha256=digest,
            bytes=stream.seek(0, os.SEEK_END),
        )


def _find_encoding(stream: BinaryIO, expected: str) -> str:
    """UTF-8 shows itself: text in another encoding is hardly ever valid UTF-8. What is plain ASCII is as expected."""
    stream.seek(0)
    if stream.read(3) == codecs.BOM_UTF8:
        return "UTF-8-SIG"
    broken = {name for name in ("ascii", "utf-8", "gb18030") if not _decodes(stream, name)}
    if "ascii" not in broken:
        return "UTF-8" if expected == "UTF-8-SIG" else expected
    if "utf-8" not in broken:
        return "UTF-8"
    if "gb18030" not in broken:
        return "GB18030"
    raise UnreadableFileError("D-encoding", expected="UTF-8 or GB18030", found="neither")


def _decodes(stream: BinaryIO, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    stream.seek(0)
    try:
        while chunk := stream.read(_READ_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _find_delimiter(stream: BinaryIO, contract: Contract, encoding: str, expected: str) -> str:
    columns = tuple(column.name for column in contract.file_columns)
    ordered = sorted(DELIMITERS, key=lambda name: name != expected)
    failure: UnreadableFileError | None = None
    for name in ordered:
        stream.seek(0)
        try:
            read_header(stream, encoding=encoding, delimiter=DELIMITERS[name], columns=columns)
        except UnreadableFileError as error:
            failure = failure or error
        else:
            return name
    assert failure is not None
    raise failure


def _count_records(stream: BinaryIO, contract: Contract, encoding: str, delimiter: str) -> tuple[int, Decimal | None]:
    """Records after the header, and the sum of the amounts that can be read; None when the feed has none."""
    names = [column.name for column in contract.file_columns]
    at = names.index(contract.control_sum) if contract.control_sum else None
    form = lexical_form(contract.column(contract.control_sum)) if contract.control_sum else None
    total = Decimal(0)
    count = 0
    for cells in _records(stream, encoding, delimiter):
        count += 1
        cell = cells[at].strip() if at is not None and at < len(cells) else ""
        if form and re.fullmatch(form, cell, re.ASCII):
            total += Decimal(cell)
    return count, total if at is not None else None


def _records(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[list[str]]:
    stream.seek(0)
    codec = "utf-8-sig" if encoding.startswith("UTF-8") else CODECS[encoding]
    text = io.TextIOWrapper(stream, encoding=codec, errors="strict", newline="")
    reader = csv.reader(text, delimiter=DELIMITERS[delimiter], strict=True)
    try:
        next(reader)
        yield from (cells for cells in reader if cells)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(
            "D-encoding", line=reader.line_num + 1, expected=encoding, found=str(error)[:200]
        ) from error
    finally:
        text.detach()


@contextmanager
def _unfinished(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file of a name that no collect looks at; it is gone afterwards."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream, path
    finally:
        path.unlink(missing_ok=True)


def _write_whole(path: Path, content: bytes) -> None:
    with _unfinished(path.parent) as (stream, unfinished):
        stream.write(content)
        stream.flush()
        unfinished.chmod(0o644)
        unfinished.replace(path)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
