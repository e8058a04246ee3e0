"""From a third party's file to one that can be delivered, with what explains it kept in landing."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from ciq.contracts import Contract, load_contracts
from ciq.errors import Place
from ciq.landing.store import LandingStore
from ciq.mapping.convert import Converted, convert
from ciq.mapping.model import Mapping, MappingError
from ciq.mapping.reading import load_mapping, load_mappings, problems_of
from ciq.mapping.source import choose, understand
from ciq.plain import visible
from ciq.settings import Settings

AUTO = "auto"
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Mapped:
    """A mapped file, UTF-8 with commas, and where it comes from; the hash of `mapping.text` is `mapping_sha256`."""

    path: Path
    source_name: str
    source_sha256: str
    mapping_sha256: str
    converted: Converted

    @property
    def origin(self) -> str:
        """For the manifest's opinion: the source and the mapping, each by the hash under which landing keeps it."""
        mapping = self.converted.reading.mapping
        return (
            f"mapping 映射 {mapping.name} {mapping.version} sha256 {self.mapping_sha256};"
            f" source 源文件 {visible(self.source_name)[:100]} sha256 {self.source_sha256}, same lines 行号一致"
        )


@contextmanager
def mapped_file(
    settings: Settings, file: Path, contract: Contract, name: str, *, encoding: str | None, branch: str, day: date
) -> Iterator[Mapped]:
    """Map a file by the mapping of that name, or by the only one that its header fits (`auto`); gone afterwards.

    The file and the mapping's text are put into landing. Raises MappingError, and OSError when it cannot be read.
    """
    place = Place(feed=contract.feed_code, branch=branch, business_date=day, file=file.name)
    store = LandingStore(settings.landing_root)
    with file.open("rb") as source, tempfile.TemporaryDirectory(prefix="ciq-mapping-") as folder:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        mapping = find_mapping(settings, contract, name, source, encoding, place)
        reading = understand(source, mapping, encoding, place)
        path = Path(folder) / "mapped.csv"
        with path.open("w", encoding="utf-8", newline="") as target:
            converted = convert(source, target, reading, contract, branch=branch, business_date=day, place=place)
        source.seek(0)
        kept = store.put(iter(lambda: source.read(_READ_BYTES), b""))
        if kept.sha256 != sha256:
            raise MappingError("The file changed while it was read 读取时文件有变动", place=place, advice="Try again.")
        yield Mapped(path, file.name, kept.sha256, store.put([mapping.text]).sha256, converted)


def try_mapping(
    settings: Settings, file: Path, name: str, *, feed: str, branch: str, day: date, encoding: str | None
) -> Converted:
    """Map a file to nowhere and say what came of it. Raises MappingError as `mapped_file` does."""
    place = Place(feed=feed, file=file.name)
    contract = load_contracts(settings.contracts).effective(feed, day)
    if contract is None:
        raise MappingError("No contract is in force for this feed 该数据源无有效契约", place=place)
    with file.open("rb") as source, Path(os.devnull).open("w", encoding="utf-8", newline="") as target:
        reading = understand(source, find_mapping(settings, contract, name, source, encoding, place), encoding, place)
        return convert(source, target, reading, contract, branch=branch, business_date=day, place=place)


def feed_of(settings: Settings, name: str) -> str | None:
    """The feed of the mapping of that name; None for `auto`. Raises MappingError for one that is not there."""
    return None if name == AUTO else load_mapping(settings.contracts, name).feed


def better_mappings(
    settings: Settings, file: Path, tried: Converted, *, branch: str, encoding: str | None, day: date
) -> list[str]:
    """Mappings of the same feed under which more records of the file can be used, the best first."""
    mapping = tried.reading.mapping
    found: list[tuple[int, str]] = []
    for other in load_mappings(settings.contracts, mapping.feed) if tried.unusable else ():
        try:
            done = try_mapping(settings, file, other.name, feed=mapping.feed, branch=branch, day=day, encoding=encoding)
        except MappingError:  # its header does not fit, or most records do not
            continue
        if done.unusable < tried.unusable:
            found.append((done.unusable, other.name))
    return [name for _, name in sorted(found)]


def find_mapping(
    settings: Settings, contract: Contract, name: str, source: BinaryIO, encoding: str | None, place: Place
) -> Mapping:
    """The mapping of that name, or the only one of the feed that the header fits.

    Raises MappingError; also for a mapping of another feed, and one that does not suit the contract in force.
    """
    if name == AUTO:
        mapping = choose(source, list(load_mappings(settings.contracts, contract.feed_code)), encoding, place)
    else:
        mapping = load_mapping(settings.contracts, name)
    if mapping.feed != contract.feed_code:
        raise MappingError(
            f"Mapping {mapping.name} is for feed {mapping.feed} 映射属另一数据源",
            place=place,
            advice="Name one of this feed.",
        )
    for problem in problems_of(mapping, contract):
        raise MappingError(
            f"Mapping {mapping.name} does not suit the contract of that date 映射与当日契约不符: {problem}", place=place
        )
    return mapping
