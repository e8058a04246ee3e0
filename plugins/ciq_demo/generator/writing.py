"""Writes deliveries into the branches' outboxes, as the bureaus would."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pandas as pd

from ciq.errors import CiqError
from ciq.settings import PROJECT_ROOT
from ciq_demo.generator import baseline, defects, workdays
from ciq_demo.generator.correcting import corrected_events, corrected_frames
from ciq_demo.generator.defects import Defect, Draft
from ciq_demo.generator.formats import (
    CARGO_FEEDS,
    control_sum,
    csv_text,
    file_stem,
    make_manifest,
    usual_report_time,
)
from ciq_demo.generator.forms import encode_form, encode_sheets, ending_of, has_form
from ciq_demo.generator.frontier.wood import FEED as WOOD_FEED
from ciq_demo.generator.generator import Frames, Generator
from ciq_demo.generator.origin_certs import FEED as ORIGIN_FEED
from ciq_demo.generator.randomness import Stream
from ciq_demo.generator.returns.rows import Sheets
from ciq_demo.generator.scenario import Correction, Duplicate, Happening, Missing, Scenario, delay

_LATE_REPORT = time(9, 20)
_CORRECTION_REPORT = time(16, 40)


@dataclass(frozen=True)
class WrittenDelivery:
    """A delivery on disk. `path` or `manifest_path` is None when that file was not written."""

    feed: str
    org: str
    business_date: date
    seq: int
    path: Path | None
    manifest_path: Path | None
    rows: int
    delivered_on: date
    events: tuple[str, ...]

    @property
    def late(self) -> bool:
        """Whether it comes on a later day than its business date."""
        return self.delivered_on > self.business_date


@dataclass(frozen=True)
class _Planned:
    """One delivery of a slice: what, when, and what happens to it."""

    feed: str
    org: str
    seq: int
    delivered_on: date
    report_time: datetime
    happenings: tuple[Happening, ...]
    corrected: bool = False


def write_days(
    exchange_root: Path,
    *,
    first_day: date,
    last_day: date,
    seed: int = 2010,
    scenario: Scenario | None = None,
    cutover: bool = False,
    delivered_on: date | None = None,
    orgs: Collection[str] | None = None,
    feeds: Collection[str] | None = None,
    contracts: Path | None = None,
) -> list[WrittenDelivery]:
    """Write the deliveries of the business dates `first_day`..`last_day` to `<exchange_root>/<org6>/outbox`.

    `cutover` leaves out records of declarations accepted, and of cases begun, before `first_day`; `delivered_on` writes
    only what is delivered on that day; `orgs` only those senders, `feeds` only those feeds. Each file appears at once
    under its name, data before manifest.
    Raises CiqError for dates outside the generator's time.
    """
    generator = _generator(seed, contracts or PROJECT_ROOT / "expectations", first_day if cutover else None)
    writer = _Writer(exchange_root, generator, scenario or Scenario())
    written: list[WrittenDelivery] = []
    for day in workdays.all_days(first_day, last_day):
        written.extend(writer.write_day(day, delivered_on=delivered_on, orgs=orgs, feeds=feeds))
    return written


def write_baseline(
    exchange_root: Path, *, seed: int = 2010, orgs: Collection[str] | None = None, contracts: Path | None = None
) -> list[WrittenDelivery]:
    """Write the monthly summaries of 2009 (N01), one of each branch and month, as `write_days` writes files."""
    generator = _generator(seed, contracts or PROJECT_ROOT / "expectations", None)
    writer = _Writer(exchange_root, generator, Scenario())
    return [
        delivery
        for day, org, frame in baseline.frames(generator)
        if orgs is None or org in orgs
        for delivery in writer.write_slices(day, {(baseline.FEED, org): frame})
    ]


@lru_cache(maxsize=2)
def _generator(seed: int, contracts: Path, since: date | None) -> Generator:
    """Kept for the next call: the demo writes day after day."""
    return Generator(seed, contracts=contracts, since=since)


class _Writer:
    def __init__(self, root: Path, generator: Generator, scenario: Scenario) -> None:
        self._root = root
        self._generator = generator
        self._scenario = scenario

    def write_day(
        self, day: date, *, delivered_on: date | None, orgs: Collection[str] | None, feeds: Collection[str] | None
    ) -> Iterator[WrittenDelivery]:
        if delivered_on is not None and day != delivered_on and not self._has_later(day):
            return
        frames = self._frames(day, feeds)
        wanted = {
            (feed, org): frame
            for (feed, org), frame in frames.items()
            if (orgs is None or org in orgs) and (feeds is None or feed in feeds)
        }
        yield from self.write_slices(day, wanted, delivered_on=delivered_on)
        yield from self._write_workbooks(day, delivered_on=delivered_on, orgs=orgs, feeds=feeds)

    def _write_workbooks(
        self, day: date, *, delivered_on: date | None, orgs: Collection[str] | None, feeds: Collection[str] | None
    ) -> Iterator[WrittenDelivery]:
        for (feed, org), sheets in sorted(self._generator.returns(day).items()):
            if (orgs is not None and org not in orgs) or (feeds is not None and feed not in feeds):
                continue
            for planned in self._plan_slice(feed, org, day):
                if delivered_on in (None, planned.delivered_on):
                    yield self._write(self._workbook_draft(planned, day, sheets))

    def write_slices(self, day: date, frames: Frames, *, delivered_on: date | None = None) -> Iterator[WrittenDelivery]:
        for feed, org in sorted(frames):
            for planned in self._plan_slice(feed, org, day):
                if delivered_on in (None, planned.delivered_on):
                    yield self._write(self._draft(planned, day, frames))

    def _frames(self, day: date, feeds: Collection[str] | None) -> Frames:
        """The frames of a day; those that take long to make only where a feed of them is wanted."""
        if feeds is None or set(feeds) & set(CARGO_FEEDS):
            return self._generator.day(day)
        origin = self._generator.origin_certs(day) if ORIGIN_FEED in feeds else {}
        wood = self._generator.wood_packaging(day) if WOOD_FEED in feeds else {}
        return origin | wood | self._generator.cases(day)

    def _has_later(self, day: date) -> bool:
        return any(hasattr(happening.event, "days") for happening in self._scenario.of_day(day))

    def _plan_slice(self, feed: str, org: str, day: date) -> list[_Planned]:
        happenings = self._scenario.of_slice(feed, org, day)
        if any(isinstance(happening.event, Missing) for happening in happenings):
            return []
        late = delay(happenings)
        on = day + timedelta(days=late)
        report = datetime.combine(on, _LATE_REPORT) if late else usual_report_time(feed, org, day)
        first = _Planned(feed, org, 1, on, report, tuple(h for h in happenings if h.seq == 1))
        planned = [first]
        for happening in happenings:
            event = happening.event
            if isinstance(event, Duplicate):
                planned.append(replace(first, delivered_on=on + timedelta(days=event.days)))
            elif isinstance(event, Correction):
                again = on + timedelta(days=event.days)
                report = datetime.combine(again, _CORRECTION_REPORT)
                own = tuple(h for h in happenings if h.seq == 2)
                planned.append(_Planned(feed, org, 2, again, report, own, corrected=True))
        return planned

    def _draft(self, planned: _Planned, day: date, frames: Frames) -> Draft:
        feed, org = planned.feed, planned.org
        frame = self._corrected(feed, org, day, frames) if planned.corrected else frames[feed, org]
        spoilers = _spoilers(planned)
        frame = self._spoil_cells(frame, spoilers, planned, day)
        data = self._encoded(frame, planned, day, spoilers)
        total = control_sum(frame, self._generator.formats[feed].control_sum)
        return self._finished(planned, day, data, len(frame), total)

    def _workbook_draft(self, planned: _Planned, day: date, sheets: Sheets) -> Draft:
        """A workbook of several record types. Raises CiqError for a defect of cells or lines, and for a correction."""
        wrong = [spoiler.name for spoiler in _spoilers(planned) if spoiler.name not in defects.FILES]
        if wrong or planned.corrected:
            raise CiqError(f"a workbook of several sheets has no {', '.join(wrong) or 'correction'}: {planned.feed}")
        feed_format = self._generator.formats[planned.feed]
        sums = [
            Decimal(control_sum(sheets[one.name], one.control_sum)) for one in feed_format.sheets if one.control_sum
        ]
        data = encode_sheets(sheets, feed_format)
        return self._finished(planned, day, data, sum(map(len, sheets.values())), f"{sum(sums):.2f}" if sums else "")

    def _finished(self, planned: _Planned, day: date, data: bytes, rows: int, total: str) -> Draft:
        """With its manifest, and what happens to the files themselves."""
        feed, org = planned.feed, planned.org
        feed_format = self._generator.formats[feed]
        file_format = feed_format.of(org)
        manifest = make_manifest(
            feed=feed_format,
            org=org,
            day=day,
            seq=planned.seq,
            data=data,
            rows=rows,
            total=total,
            report_time=planned.report_time,
            ending=ending_of(file_format),
        )
        names = tuple(_event_name(happening) for happening in planned.happenings)
        draft = Draft(
            feed=feed,
            org=org,
            day=day,
            seq=planned.seq,
            rows=rows,
            data=data,
            manifest=manifest,
            report_time=planned.report_time,
            delivered_on=planned.delivered_on,
            format=file_format,
            events=("correction", *names) if planned.corrected else names,
        )
        for spoiler in _spoilers(planned):
            if spoiler.name in defects.FILES:
                draft = defects.spoil_file(draft, spoiler)
        return draft

    def _encoded(self, frame: pd.DataFrame, planned: _Planned, day: date, spoilers: list[Defect]) -> bytes:
        """The file's bytes. Raises CiqError for a defect of lines where there are none of delimited text."""
        feed_format = self._generator.formats[planned.feed]
        file_format = feed_format.of(planned.org)
        of_lines = [spoiler for spoiler in spoilers if spoiler.name in defects.LINES]
        if has_form(file_format):
            if of_lines:
                raise CiqError(f"defect {of_lines[0].name!r} needs delimited text, and {planned.feed} has none")
            return encode_form(frame, feed_format, file_format)
        text = csv_text(frame, file_format)
        for spoiler in of_lines:
            text = defects.spoil_text(text, spoiler, stream=self._stream(spoiler, planned, day))
        return text.encode(file_format.codec)

    def _spoil_cells(self, frame: pd.DataFrame, spoilers: list[Defect], planned: _Planned, day: date) -> pd.DataFrame:
        for spoiler in spoilers:
            if spoiler.name in defects.CELLS:
                stream = self._stream(spoiler, planned, day)
                frame = defects.spoil_frame(frame, spoiler, feed=planned.feed, stream=stream)
        return frame

    def _stream(self, spoiler: Defect, planned: _Planned, day: date) -> Stream:
        return Stream(self._generator.seed, "defect", spoiler.name, planned.feed, planned.org, day, planned.seq)

    def _corrected(self, feed: str, org: str, day: date, frames: Frames) -> pd.DataFrame:
        if feed not in CARGO_FEEDS:
            return corrected_events(frames[feed, org], amount=self._generator.formats[feed].control_sum)
        candidates = self._generator.self_contained(day, org)
        stream = Stream(self._generator.seed, "correction", org, day)
        present: Frames = {
            (cargo, org): frames.get(
                (cargo, org), pd.DataFrame(columns=list(self._generator.formats[cargo].columns), dtype=object)
            )
            for cargo in CARGO_FEEDS
        }
        return corrected_frames(present, org=org, candidates=candidates, stream=stream)[feed, org]

    def _write(self, draft: Draft) -> WrittenDelivery:
        outbox = self._root / draft.org / "outbox"
        outbox.mkdir(parents=True, exist_ok=True)
        (self._root / draft.org / "inbox").mkdir(exist_ok=True)
        stem = file_stem(draft.feed, draft.org, draft.day, draft.seq)
        path = manifest_path = None
        if draft.data is not None:
            path = _put(outbox / f"{stem}.{ending_of(draft.format)}", draft.data)
        if draft.manifest is not None:
            columns = self._generator.formats["F00"].columns
            manifest_path = _put(outbox / f"{stem}.manifest.csv", draft.manifest.encode(columns))
        return WrittenDelivery(
            feed=draft.feed,
            org=draft.org,
            business_date=draft.day,
            seq=draft.seq,
            path=path,
            manifest_path=manifest_path,
            rows=draft.rows,
            delivered_on=draft.delivered_on,
            events=draft.events,
        )


def _put(path: Path, content: bytes) -> Path:
    """Write under another name first, so that no reader sees half a file."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
    return path


def _spoilers(planned: _Planned) -> list[Defect]:
    return [happening.event for happening in planned.happenings if isinstance(happening.event, Defect)]


def _event_name(happening: Happening) -> str:
    event = happening.event
    return event.name if isinstance(event, Defect) else type(event).__name__.lower()
