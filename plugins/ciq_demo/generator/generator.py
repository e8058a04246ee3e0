"""One day of all feeds for all branches, from the seed alone."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ciq.errors import CiqError
from ciq.settings import PROJECT_ROOT
from ciq_demo.generator import certificates, declarations, goods_lines, inspections, text, workdays
from ciq_demo.generator.book import VALUE_WRONG, make_book
from ciq_demo.generator.cases.book import CaseBook
from ciq_demo.generator.choices import Choices
from ciq_demo.generator.enterprises.book import EnterpriseBook
from ciq_demo.generator.formats import CARGO_FEEDS, FeedFormat, load_formats
from ciq_demo.generator.frontier.wood import WoodBook, WoodLot
from ciq_demo.generator.lots import NEVER, VOIDED, Book, Lots, join_books
from ciq_demo.generator.origin_certs import OriginBook
from ciq_demo.generator.plan import LAGS, YearPlan
from ciq_demo.generator.randomness import Ints
from ciq_demo.generator.reference import Reference, load_reference
from ciq_demo.generator.returns.book import ReturnBook
from ciq_demo.generator.returns.rows import Sheets

_MEMORY_WORKDAYS = max(LAGS) + 6
"""A lot's last record comes at most this many workdays after its acceptance."""
_CACHED_BOOKS = 40
_CACHED_DAYS = 2

Frames = dict[tuple[str, str], pd.DataFrame]


class Generator:
    """The feeds of 2009-12-01..2011-01-31 as frames of text cells; the same seed always gives the same frames.

    Days can be asked for in any order; asked in order they are fastest, since recent days stay in memory.
    `since` leaves out every record of declarations accepted, and of cases begun, before that day, as if all branches
    began then.
    """

    def __init__(self, seed: int = 2010, *, contracts: Path | None = None, since: date | None = None) -> None:
        folder = contracts or PROJECT_ROOT / "expectations"
        self.seed = seed
        self.formats: dict[str, FeedFormat] = load_formats(folder)
        self.reference: Reference = load_reference(folder)
        self.plan = YearPlan(seed, self.reference)
        self._choices = Choices(self.reference)
        self._since = since
        self._books: OrderedDict[date, Book | None] = OrderedDict()
        self._frames: OrderedDict[date, Frames] = OrderedDict()
        self._origin = OriginBook(seed, reference=self.reference, since=since)
        self._returns = ReturnBook(seed, reference=self.reference, since=since)
        self._enterprises = EnterpriseBook(seed, reference=self.reference, since=since)
        self._wood = WoodBook(seed, reference=self.reference, since=since, find_wood=self._find_wood)
        self._cases = CaseBook(seed, reference=self.reference, plan=self.plan, since=since, find_lot=self._find_import)

    @property
    def branches(self) -> list[str]:
        """Codes of the twenty branches that deliver."""
        return [branch.org for branch in self.reference.branches]

    def book(self, day: date) -> Book | None:
        """Everything accepted on `day` as numbers; None when there is nothing. The aggregate way to a year's sums."""
        if day in self._books:
            self._books.move_to_end(day)
            return self._books[day]
        plans = self.plan.of_day(day)
        book = (
            make_book(seed=self.seed, day=day, plans=plans, reference=self.reference, choices=self._choices)
            if plans
            else None
        )
        self._books[day] = book
        while len(self._books) > _CACHED_BOOKS:
            self._books.popitem(last=False)
        return book

    def day(self, business_date: date) -> Frames:
        """Frames by (feed, sender) for one business date, columns in the contract's order, empty cells ''.

        The frames are kept for the next call: copy before changing.

        On workdays every branch has its declarations, goods, evaluations, certificates, penalties and complaints, empty
        ones included; on other days, and of the other feeds, there is only what happened.
        Raises CiqError for a date outside the generator's time.
        """
        frames = self.cargo(business_date) | self.origin_certs(business_date)
        return frames | self.wood_packaging(business_date) | self.cases(business_date)

    def cases(self, business_date: date) -> Frames:
        """The frames of penalties, complaints, reviews, monthly returns and notices: quickly made, not kept.

        Raises CiqError for a date outside the generator's time.
        """
        _check(business_date)
        return self._cases.frames(business_date, self.formats)

    def origin_certs(self, business_date: date) -> Frames:
        """The frames of certificates of origin, not kept. Raises CiqError for a date outside the generator's time."""
        _check(business_date)
        return self._origin.frames(business_date, self.formats)

    def wood_packaging(self, business_date: date) -> Frames:
        """The frames of wood packaging, not kept; they need the lots of two days.

        Raises CiqError for a date outside the generator's time.
        """
        _check(business_date)
        return self._wood.frames(business_date, self.formats)

    def returns(self, business_date: date) -> dict[tuple[str, str], Sheets]:
        """The workbooks of weekly and monthly returns by (feed, sender), frames of their record types by name; none but
        on the last workday of a week and the last day of a month.

        Raises CiqError for a date outside the generator's time.
        """
        _check(business_date)
        weekly = self._enterprises.workbooks(business_date, self.formats)
        return weekly | self._returns.workbooks(business_date, self.formats)

    def cargo(self, business_date: date) -> Frames:
        """The frames of declarations, goods lines, evaluations and certificates, kept for the next call.

        Raises CiqError for a date outside the generator's time.
        """
        _check(business_date)
        if business_date not in self._frames:
            parts = self._parts(business_date)
            frames: Frames = {}
            for feed in CARGO_FEEDS:
                frames |= self._by_branch(feed, parts[feed], keep_empty=workdays.is_workday(business_date))
            self._frames[business_date] = frames
            while len(self._frames) > _CACHED_DAYS:
                self._frames.popitem(last=False)
        return dict(self._frames[business_date])

    def self_contained(self, business_date: date, org: str) -> list[str]:
        """Declarations of a branch whose every record, in all feeds, is in that branch's files of that one day."""
        book = self.book(business_date)
        if book is None:
            return []
        lots = book.lots
        same_day = (lots.result_day == lots.day) & (lots.kind != VOIDED) & (lots.correction_day == NEVER)
        alone = (lots.again_day == NEVER) & (lots.retyped_day == NEVER) & (lots.insp_branch == lots.branch)
        index = np.flatnonzero(same_day & alone & (lots.branch == self.branches.index(org)))
        return [str(number) for number in declarations.decl_numbers(book.choose(index).lots, self.reference)]

    def _find_import(self, org: str, day: date, kind: str) -> str:
        """The number of the first imported lot of a kind of goods that a branch accepted on a day; '' for none."""
        book = self.book(day)
        if book is None:
            return ""
        lots, goods = book.lots, self.reference.goods
        wanted = np.isin(lots.good, [number for number, good in enumerate(goods) if good.kind == kind])
        found = _where(lots, wanted & (lots.leaves == 0) & (lots.branch == self.branches.index(org)))
        return str(declarations.decl_numbers(found, self.reference)[0]) if len(found.day) else ""

    def _find_wood(self, day: date) -> list[WoodLot]:
        """The lots accepted on a day for entry that declare wood packaging."""
        book = self.book(day)
        if book is None:
            return []
        found = _where(book.lots, declarations.has_wood_packaging(book.lots) & (book.lots.leaves == 0))
        numbers = declarations.decl_numbers(found, self.reference)
        return [WoodLot(branch, str(number)) for branch, number in zip(found.branch.tolist(), numbers, strict=True)]

    def _parts(self, business_date: date) -> dict[str, list[tuple[Ints, dict[str, text.Cells]]]]:
        """Per feed: blocks of rows, each with the sending branch of every row."""
        number = workdays.number(business_date)
        reference = self.reference
        parts: dict[str, list[tuple[Ints, dict[str, text.Cells]]]] = {feed: [] for feed in CARGO_FEEDS}
        today = self.book(business_date)
        if today is not None:
            parts["F01"].append((today.lots.branch, declarations.inserted(today.lots, reference)))
            branch = today.lots.branch[today.lines.lot]
            parts["F02"].append((branch, goods_lines.inserted(today, reference)))
            parts["F04"].append(certificates.on_acceptance(today.lots, reference))
        recent = self._recent(business_date)
        if recent is None:
            return parts
        lots = recent.lots
        fixed = recent.choose(np.flatnonzero(lots.correction_day == number))
        void = _where(lots, lots.void_day == number)
        parts["F01"].append((fixed.lots.branch, declarations.corrected(fixed.lots, reference)))
        parts["F01"].append((void.branch, declarations.voided(void, reference)))
        revalued = fixed.choose(np.flatnonzero(fixed.lots.correction == VALUE_WRONG))
        parts["F02"].append((revalued.lots.branch[revalued.lines.lot], goods_lines.corrected(revalued, reference)))
        alive = lots.evaluated
        early = alive | (lots.pending_day < lots.void_day)
        for make, chosen in (
            (inspections.pending, (lots.pending_day == number) & early),
            (inspections.results, (lots.result_day == number) & alive),
            (inspections.repeated, (lots.again_day == number) & alive & _before_void(lots, lots.again_day)),
            (inspections.retyped, (lots.retyped_day == number) & alive & _before_void(lots, lots.retyped_day)),
        ):
            some = _where(lots, chosen)
            parts["F03"].append((some.insp_branch, make(some, reference)))
        parts["F04"].append(certificates.on_result(lots, reference, number))
        parts["F04"].append(certificates.written_off(fixed.lots, reference))
        parts["F04"].append(certificates.voided(void, reference))
        return parts

    def _recent(self, business_date: date) -> Book | None:
        """The lots that can have a record on the day besides their declaration: only those with one, joined."""
        number = workdays.number(business_date)
        first = max(workdays.workday_before(business_date, _MEMORY_WORKDAYS), workdays.FIRST_DECLARED)
        if self._since is not None:
            first = max(first, self._since)
        chosen: list[Book] = []
        for day in workdays.all_days(first, business_date):
            book = self.book(day)
            if book is not None:
                chosen.append(book.choose(np.flatnonzero(_happens(book.lots, number))))
        return join_books(chosen) if chosen else None

    def _by_branch(self, feed: str, blocks: list[tuple[Ints, dict[str, text.Cells]]], *, keep_empty: bool) -> Frames:
        columns = self.formats[feed].columns
        frames: Frames = {}
        tables = [(branch, text.table(cells, columns)) for branch, cells in blocks if len(branch)]
        if tables:
            branch = np.concatenate([part[0] for part in tables])
            order = np.argsort(branch, kind="stable")
            whole = pd.concat([part[1] for part in tables], ignore_index=True).iloc[order]
            ends = np.searchsorted(branch[order], np.arange(len(self.branches)), side="right").tolist()
        else:
            whole = pd.DataFrame(columns=list(columns), dtype=object)
            ends = [0] * len(self.branches)
        start = 0
        for org, end in zip(self.branches, ends, strict=True):
            if end > start or keep_empty:
                frames[feed, org] = whole.iloc[start:end].reset_index(drop=True)
            start = end
        return frames


def _check(business_date: date) -> None:
    if not workdays.FIRST_DECLARED <= business_date <= workdays.LAST_EVALUATED:
        raise CiqError(
            f"the generator has no data for {business_date}",
            advice=f"Ask for {workdays.FIRST_DECLARED} to {workdays.LAST_EVALUATED}.",
        )


def _happens(lots: Lots, number: int) -> np.ndarray:
    days = (lots.result_day, lots.pending_day, lots.again_day, lots.retyped_day, lots.correction_day, lots.void_day)
    return np.asarray(np.logical_or.reduce([day == number for day in days]))


def _before_void(lots: Lots, day: Ints) -> np.ndarray:
    return np.asarray((lots.kind != VOIDED) | (day < lots.void_day))


def _where(lots: Lots, condition: np.ndarray) -> Lots:
    chosen = lots.take(np.flatnonzero(condition))
    assert isinstance(chosen, Lots)
    return chosen
