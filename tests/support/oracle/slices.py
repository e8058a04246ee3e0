"""Which deliveries pass, and which one each slice publishes."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from support.oracle.contract import Column, feeds
from support.oracle.files import Sent, pairs, read_data
from support.oracle.judging import Judged

Slice = tuple[str, str, date]


@dataclass(frozen=True)
class Row:
    """An accepted record; `rank` decides among rows of one key."""

    feed: str
    sender: str
    day: date
    line: int
    rank: tuple[Any, ...]
    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def is_void(self) -> bool:
        """It takes back, and tells nothing else."""
        return bool(self.values["op"] == "D")


UNOPENED = {"D-status", "D-report_time", "D-hash", "D-bytes"}
"""What is known before a file is opened, and leaves it unopened."""


@dataclass(frozen=True)
class Delivery:
    """A delivery and its verdict: held for these rules, or accepted. `key` makes the pseudonyms of persons."""

    sent: Sent
    held: tuple[str, ...]
    judged: Judged | None
    key: bytes

    @property
    def slice(self) -> Slice:
        return (self.sent.feed, self.sent.org, self.sent.day)

    @property
    def place(self) -> str:
        """Its place in the order, as text."""
        seq, reported, data, manifest = self.sent.place
        return f"{seq:02d}|{reported:%Y-%m-%dT%H:%M:%S}|{data}|{manifest}"

    @property
    def received(self) -> int:
        """Records of the file; those that the manifest declares where it cannot be read, or nobody opens it."""
        is_read = self.judged is not None and not UNOPENED & set(self.held)
        return len(self.judged.lines) if self.judged and is_read else int(str(self.sent.manifest["row_count"]))

    @property
    def quarantined(self) -> int:
        """Records of an accepted delivery that were rejected."""
        return sum(self.judged.rejected) if self.judged and not self.held else 0

    @property
    def accepted(self) -> int:
        return 0 if self.held else self.received - self.quarantined

    def rows(self) -> Iterable[Row]:
        """Accepted records; persons under their pseudonyms."""
        assert self.judged
        for line, values, rejected in zip(self.judged.lines, self.judged.values, self.judged.rejected, strict=True):
            if not rejected:
                rank = (values["version_no"], self.sent.day, self.sent.place, line)
                yield Row(self.sent.feed, self.sent.org, self.sent.day, line, rank, self._told(values))

    def _told(self, values: dict[str, Any]) -> dict[str, Any]:
        """A void tells its envelope and key, whatever else its cells hold."""
        feed = feeds()[self.sent.feed]
        if values["op"] != "D":
            persons = [column.name for column in feed.personal if _is_person(column, values)]
            return values | {name: _pseudonym(self.key, values[name]) for name in persons} if persons else values
        told = {column.name for column in feed.columns if column.always_told}
        return {name: value if name in told else None for name, value in values.items()}

    def rejected_keys(self) -> set[str]:
        """Declarations, cases or notices of rejected records, as far as their numbers can be read."""
        assert self.judged
        rows = zip(self.judged.values, self.judged.rejected, strict=True)
        name = feeds()[self.sent.feed].entity
        return {values[name] for values, rejected in rows if rejected and values.get(name)}


def _is_person(column: Column, values: dict[str, Any]) -> bool:
    unless = column.tells_of_person
    if unless is None or values[column.name] is None:
        return False
    return not unless or any(values[name] not in kept for name, kept in unless.items())


def _pseudonym(key: bytes, text: str) -> str:
    return f"P-{hmac.new(key, text.encode(), 'sha256').hexdigest()[:24]}"


def deliveries_of(root: Path, arrived: Iterable[Path] | None, key: bytes) -> list[Delivery]:
    """Every pair of files, judged; `key` makes the pseudonyms of persons."""
    return [_deliver(sent, key) for sent in pairs(root, arrived)]


def _deliver(sent: Sent, key: bytes) -> Delivery:
    manifest = sent.manifest
    judged = read_data(sent)
    problems = {
        "D-status": manifest["status"] != "2",
        "D-report_time": sent.place[1].date() < sent.day,
        "D-hash": manifest["sha256"] != sent.place[2],
        "D-bytes": manifest["bytes"] != len(sent.data),
    }
    if isinstance(judged, str):
        problems[judged] = True
        return Delivery(sent, tuple(sorted(rule for rule, found in problems.items() if found)), None, key)
    feed = feeds()[sent.feed]
    total, told_total = judged.amount_sum, manifest["control_sum"]
    problems["D-row_count"] = manifest["row_count"] != len(judged.lines)
    problems["D-control_sum"] = total is not None and told_total is not None and total != told_total
    limit = max(feed.reject_rows, feed.reject_share * len(judged.lines))
    problems["D-reject_limit"] = sum(judged.broken) > limit
    return Delivery(sent, tuple(sorted(rule for rule, found in problems.items() if found)), judged, key)


def published(deliveries: Iterable[Delivery]) -> dict[Slice, Delivery]:
    """Per slice the highest that passed, unless a higher one says UnPass (3)."""
    by_slice: dict[Slice, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_slice[delivery.slice].append(delivery)
    found = {}
    for key, sent in by_slice.items():
        decisive = [d for d in sent if not d.held or d.sent.manifest["status"] == "3"]
        if decisive:
            highest = max(decisive, key=lambda d: d.sent.place)
            if not highest.held:
                found[key] = highest
    return found


def undecided_rows(sent: Iterable[Delivery]) -> int:
    """Rows of a slice's held deliveries above the highest one that decides."""
    rows = 0
    for delivery in sorted(sent, key=lambda one: one.sent.place, reverse=True):
        if not delivery.held or delivery.sent.manifest["status"] == "3":
            break
        rows += delivery.received
    return rows
