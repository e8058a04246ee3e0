"""Put a file that was made by hand, or by a third party, into the local inbox with the manifest that it needs."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from ciq.collecting.branches import local_inbox
from ciq.collecting.counting import Counted, count
from ciq.collecting.manifest import contradictions, read_manifest
from ciq.collecting.names import Stem, parse_name
from ciq.contracts import Contract, load_contracts
from ciq.database import connect
from ciq.errors import CiqError, Place
from ciq.loading.decode import UnreadableFileError
from ciq.loading.judge import LAST_YEAR
from ciq.mapping.convert import Converted
from ciq.mapping.deliverable import mapped_file
from ciq.plain import visible
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
_LAST_SEQ = 99
_READ_BYTES = 1 << 20


class DeliverError(CiqError):
    """A file cannot be delivered as it is."""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """A pair that stands in the local inbox."""

    stem: Stem
    data: Path
    manifest: Path
    counted: Counted
    mapped: Converted | None = None

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
    mapping: str | None = None,
    encoding: str | None = None,
    status: str = "2",
    reporter: str = "",
    auditor: str = "",
    opinion: str = "",
    report_time: datetime | None = None,
) -> Delivered:
    """Write the manifest of `file` and put both into the branch's outbox of the local inbox, under the next sequence.

    Rows and the control sum are counted by the feed's contract. `mapping`: name of the column mapping that makes the
    feed's file of a third party's (ciq.mapping), or `auto`; the opinion then says where it comes from. `encoding` (of
    the file as given) None: found out. `report_time`: local time of Asia/Shanghai, default now. Raises DeliverError
    when the file cannot be read by the contract, naming the line, and when the delivery is certain to be held;
    MappingError when it does not fit the mapping.
    """
    place = Place(feed=feed, branch=branch, business_date=business_date, file=file.name)
    contracts = load_contracts(settings.contracts)
    contract = contracts.effective(feed, business_date)
    if contract is None or feed == contracts.manifest.feed_code:
        known = ", ".join(one.feed_code for one in contracts.feeds)
        raise DeliverError("No contract is in force for this feed", place=place, advice=f"Known feeds: {known}.")
    approval = {"status": status, "reporter": reporter, "auditor": auditor, "opinion": opinion}
    order = _Order(settings, contracts.manifest, contract, place, approval, report_time or _now())
    if mapping is None:
        return _deliver(order, file, encoding)
    try:
        with mapped_file(
            settings, file, contract, mapping, encoding=encoding, branch=branch, day=business_date
        ) as mapped:
            approval["opinion"] = "; ".join(filter(None, (opinion, mapped.origin)))
            return replace(_deliver(order, mapped.path, "UTF-8"), mapped=mapped.converted)
    except OSError as error:
        raise _unreadable(error, place) from error


@dataclass(frozen=True)
class _Order:
    """What is to be delivered, besides the file."""

    settings: Settings
    manifest: Contract
    contract: Contract
    place: Place
    approval: dict[str, str]
    report_time: datetime


def _deliver(order: _Order, file: Path, encoding: str | None) -> Delivered:
    settings, contract, place, approval = order.settings, order.contract, order.place, order.approval
    feed, branch, business_date = place.feed, place.branch, place.business_date
    assert feed is not None
    assert branch is not None
    assert business_date is not None
    taken, orgs = _known(settings, feed, branch, business_date, place)
    try:
        counted = count(file, contract, branch, encoding)
    except OSError as error:
        raise _unreadable(error, place) from error
    except UnreadableFileError as error:
        raise DeliverError(
            f"The file cannot be read by the contract 与契约不符: {_words(error)}",
            place=replace(place, line=_line_of(error)),
            advice=f"{contract.id}.odcs.yaml lists the columns; say the encoding if it was found wrongly.",
        ) from error
    first = Stem(feed, branch, business_date, max(taken, default=0) + 1)
    if first.seq > _LAST_SEQ:
        raise DeliverError(f"All sequences up to {_LAST_SEQ} of this slice are taken", place=place)
    extension = _extension(file)

    def manifest_of(stem: Stem) -> bytes:
        cells = {**_cells(stem, stem.data_name(extension), counted, order.report_time), **approval}
        if approval["status"] != "2":
            cells["audit_time"] = ""
        columns = [column.name for column in order.manifest.main.file_columns]
        return _csv([columns, [cells[name] for name in columns]])

    _refuse_what_would_be_held(manifest_of(first), first, order.manifest, orgs, extension, place)
    outbox = settings.inbox_root / BranchEndpoint(org_code=branch, endpoint=local_inbox(settings)).outbox
    try:
        outbox.mkdir(parents=True, exist_ok=True)
        stem, data = _place_data(file, outbox, first, place)
        manifest = outbox / stem.manifest_name
        _write_whole(manifest, manifest_of(stem))
    except OSError as error:
        raise DeliverError(
            f"The inbox cannot be written 无法写入 {outbox}: {error.strerror}",
            place=place,
            advice="Check the folder's owner and the space on its disk, or set CIQ_INBOX.",
        ) from error
    return Delivered(stem=stem, data=data, manifest=manifest, counted=counted)


def _now() -> datetime:
    return datetime.now(BUSINESS_ZONE).replace(tzinfo=None)


def _unreadable(error: OSError, place: Place) -> DeliverError:
    said = "The file is not there 文件不存在" if isinstance(error, FileNotFoundError) else f"It failed 失败: {error}"
    return DeliverError(said, place=place, advice="Check the file, its rights, and the space on the disk of landing.")


def _refuse_what_would_be_held(
    content: bytes, stem: Stem, contract: Contract, orgs: frozenset[str], extension: str, place: Place
) -> None:
    """Read the manifest as collecting and judging will. Raises DeliverError naming all that would hold the delivery."""
    manifest = read_manifest(content, contract, orgs)
    data_name = stem.data_name(extension)
    problems = [*manifest.problems, *contradictions(manifest, stem, data_name=data_name, sender=stem.org_code)]
    said = [f"{one.message_en} {one.message_zh} ({one.rule_id}): {visible(one.value or '')[:60]!r}" for one in problems]
    if not problems and manifest.text("status") not in ("2", "3"):
        said.append("status is neither 2 (Audited) nor 3 (UnPass) 未审核 (D-status)")
    reported = manifest.report_time
    if reported and reported.date() < stem.business_date:
        said.append(f"{reported:%Y-%m-%d} is before the business date 业务日期在报送时间之后 (D-report_time)")
    if stem.business_date.year > LAST_YEAR:
        said.append(f"the business date is after {LAST_YEAR} 业务日期过晚 (D-business_date)")
    if said:
        raise DeliverError(
            f"It would be held 将被扣留: {'; '.join(said)}", place=place, advice="Correct it; nothing was written."
        )


def _words(error: UnreadableFileError) -> str:
    """What was expected and found, for people; the line is named with the place."""
    named = {"expected": "expected 应为", "found": "found 实为"}
    return "; ".join(
        f"{named.get(name, name)} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in error.detail.items()
        if name != "line"
    )


def _line_of(error: UnreadableFileError) -> int | None:
    line = error.detail.get("line")
    return line if isinstance(line, int) else None


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


def _known(
    settings: Settings, feed: str, branch: str, business_date: date, place: Place
) -> tuple[set[int], frozenset[str]]:
    """Sequences of the slice that are taken, in the ledger or in the inbox, and the known organisations."""
    with connect(settings, "loader", application="ciq deliver") as connection:
        levels: dict[str, str] = dict(connection.execute("select org_code, level from ref.org").fetchall())
        if levels.get(branch, "OFFICE") == "OFFICE":
            raise DeliverError("This is no branch", place=place, advice="`expectations/code_lists/org.csv` lists them.")
        rows = connection.execute(
            "select distinct seq from audit.delivery where feed_code = %s and org_code = %s and business_date = %s",
            (feed, branch, business_date),
        ).fetchall()
    taken = {int(row[0]) for row in rows}
    for path in (settings.inbox_root / branch / "outbox").glob(f"{feed}_{branch}_*"):
        name = parse_name(path.name)
        if name and name.stem.business_date == business_date:
            taken.add(name.stem.seq)
    return taken, frozenset(levels)


def _extension(file: Path) -> str:
    """That of the file where a data file may have it."""
    extension = file.suffix.lstrip(".").lower()
    return extension if re.fullmatch("[a-z0-9]{1,8}", extension) else "csv"


def _place_data(file: Path, outbox: Path, stem: Stem, place: Place) -> tuple[Stem, Path]:
    """Copy the data under the first sequence from the stem's on that nobody has taken meanwhile."""
    extension = _extension(file)
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
