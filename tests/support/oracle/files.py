"""From bytes to records: pairs of files, the manifest, strict decoding, strict CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from support.oracle.contract import Feed, feeds
from support.oracle.judging import Judged, judge

NAME = re.compile(r"([A-Z]\d\d)_(\d{6})_(\d{8})_(\d\d)\.(?:csv|xml|txt)")
CODECS = {"GB18030": "gb18030", "GBK": "gbk", "UTF-8": "utf-8", "UTF-8-SIG": "utf-8-sig"}
DELIMITERS = {",": ",", ";": ";", "|": "|", "TAB": "\t"}


@dataclass(frozen=True)
class Record:
    """One record: its first line in the file, and its cells, or as many as can be told when it is `broken`."""

    line: int
    cells: list[str]
    broken: bool = False


@dataclass(frozen=True)
class Sent:
    """A data file with its manifest, as read; `place` orders deliveries of one slice."""

    path: Path
    feed: str
    org: str
    day: date
    data: bytes
    manifest: dict[str, object]
    place: tuple[int, datetime, str, str]


def pairs(root: Path, arrived: Iterable[Path] | None) -> Iterator[Sent]:
    """Every data file that has a manifest which can be read and is its own."""
    known = None if arrived is None else {path.resolve() for path in arrived}
    for path in sorted(root.glob("*/outbox/*.*")):
        name = NAME.fullmatch(path.name)
        manifest_path = path.with_name(f"{path.stem}.manifest.csv")
        if not name or not manifest_path.exists() or (known is not None and path.resolve() not in known):
            continue
        sent = _read_pair(path, manifest_path, name)
        if sent is not None:
            yield sent


def _read_pair(path: Path, manifest_path: Path, name: re.Match[str]) -> Sent | None:
    content = manifest_path.read_bytes()
    day = datetime.strptime(name[3], "%Y%m%d").date()  # noqa: DTZ007  local time, as in the feeds
    manifest = _read_manifest(content, day)
    if manifest is None:
        return None
    told = (manifest["feed_code"], manifest["org_code"], manifest["business_date"], manifest["seq"])
    if (*told, manifest["file_name"]) != (name[1], name[2], day, int(name[4]), path.name):
        return None
    data = path.read_bytes()
    hashes = (hashlib.sha256(data).hexdigest(), hashlib.sha256(content).hexdigest())
    report_time = manifest["report_time"]
    assert isinstance(report_time, datetime)
    return Sent(path, name[1], name[2], day, data, manifest, (int(name[4]), report_time, *hashes))


def _read_manifest(content: bytes, day: date) -> dict[str, object] | None:
    try:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError):
        return None
    if header != feeds()["F00"].names or len(rows) != 1 or len(rows[0]) != len(header):
        return None
    judged = judge(feeds()["F00"], [Record(2, rows[0])], day)
    return None if judged.broken[0] else judged.values[0]


def read_data(sent: Sent) -> Judged | str:
    """The judged records, or the rule by which the file cannot be read."""
    encoding, delimiter = sent.manifest["encoding"], sent.manifest["delimiter"]
    try:
        text = sent.data.decode(CODECS[str(encoding)])
    except UnicodeDecodeError:
        return "D-encoding"
    feed = feeds()[sent.feed]
    if delimiter in {"XML", "FIXED"}:
        read = xml_records if delimiter == "XML" else fixed_records
        return judge(feed, read(text, feed, sent.org), sent.day)
    found = list(records(text, DELIMITERS[str(delimiter)]))
    header = found[0].cells if found and not found[0].broken else []
    if header not in (feed.names, [*feed.names, ""]):
        return "D-header"
    return judge(feed, [_fitted(record, len(header), len(feed.names)) for record in found[1:]], sent.day)


def _fitted(record: Record, width: int, columns: int) -> Record:
    """The record without the phantom cell; broken when it has another number of cells than the header."""
    if record.broken or len(record.cells) != width or any(record.cells[columns:]):
        return Record(record.line, record.cells, broken=True)
    return Record(record.line, record.cells[:columns])


def records(text: str, delimiter: str) -> Iterator[Record]:
    """Strict CSV, the header first; an unclosed quotation mark breaks its own line only. Empty lines are none."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    at = 0
    while at < len(lines):
        if not lines[at]:
            at += 1
            continue
        record, at = _record(lines, at, delimiter)
        yield record


def _record(lines: list[str], at: int, delimiter: str) -> tuple[Record, int]:
    if '"' not in lines[at]:
        cells, last = lines[at].split(delimiter), at
    else:
        quoted = _quoted(lines, at, delimiter)
        if quoted is None:
            return Record(at + 1, lines[at].split(delimiter), broken=True), at + 1
        cells, last = quoted
    whole = "\n".join(lines[at : last + 1])
    return Record(at + 1, cells, broken="\x00" in whole or "\r" in whole), last + 1


def xml_records(text: str, feed: Feed, _org: str) -> list[Record]:
    """Elements of well-formed XML, by the standard library's tree; the line is that of the start tag."""
    declaration = re.match(r"<\?xml[^>]*\?>", text)
    root = ET.fromstring(text[declaration.end() :] if declaration else text)
    lines = [text.count("\n", 0, tag.start()) + 1 for tag in re.finditer(f"<{feed.record_name}[ />]", text)]
    return [
        Record(line, [element.findtext(name) or "" for name in feed.names], broken=not _fits(element, feed))
        for line, element in zip(lines, root, strict=True)
    ]


def _fits(element: ET.Element, feed: Feed) -> bool:
    tags = [cell.tag for cell in element]
    return set(tags) <= set(feed.names) and len(tags) == len(set(tags)) and not element.attrib


def fixed_records(text: str, feed: Feed, org: str) -> list[Record]:
    """Lines by the places of their columns, in bytes of GB18030 or in characters."""
    layout = feed.formats.get(org) or feed.formats[""]
    codec, step = ("gb18030", 1) if layout.get("unit") == "bytes" else ("utf-32-le", 4)
    widths = [feed.width(column, layout) * step for column in feed.columns if not column.derived]
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        body, cells, at = line.encode(codec), [], 0
        for width in widths:
            cells.append(body[at : at + width].decode(codec, errors="replace").strip())
            at += width
        rest = body[at:].decode(codec, errors="replace").strip()
        found.append(Record(number, cells, broken=len(body) < at or bool(rest) or any("\ufffd" in c for c in cells)))
    return found[1:] if layout.get("header", True) else found


_CELL = '(?:"((?:[^"]|"")*)"|([^"{d}\n]*))'


def _quoted(lines: list[str], at: int, delimiter: str) -> tuple[list[str], int] | None:
    """Cells and last line of the record that begins at line `at`; None when its quotation marks do not close."""
    text = "\n".join(lines[at:])
    cell = re.compile(_CELL.replace("{d}", re.escape(delimiter)))
    cells: list[str] = []
    position = 0
    while True:
        match = cell.match(text, position)
        assert match
        cells.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        position = match.end()
        if position == len(text) or text[position] == "\n":
            return cells, at + text.count("\n", 0, position)
        if text[position] != delimiter:
            return None
        position += 1
