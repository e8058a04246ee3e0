"""F05: certificates of origin, so many a day and branch that the duty they save in 2010 adds up to a round sum.

The saving of each day and branch is fixed first; what the goods were worth follows from it and from the rates. A
certificate that is amended or reissued has a new number and the same saving, which counts once. Each branch numbers
each kind and year by itself, one certificate after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

import pandas as pd

from ciq_demo.generator import rates, workdays
from ciq_demo.generator.cases.rows import Row, at, envelope, frame_of, known, money
from ciq_demo.generator.formats import FeedFormat
from ciq_demo.generator.randomness import Dice, Stream, largest_remainder, spread
from ciq_demo.generator.reference import Branch, Reference

FEED = "F05"
CERTIFICATES_2010 = 375_000
SAVING_2010_CENTS = 370_000_000_000
"""CNY 3,700,000,000.00: what the certificates that count are estimated to have saved (about 37 亿元)."""

_OPENING_SEC = 8 * 3600 + 1800
_KINDS = {"FORM_A": 46, "CO": 26, "FORM_E": 14, "FORM_B": 8, "FORM_F": 2, "FORM_P": 2, "FORM_N": 1, "FORM_R": 1}
_LETTERS = {"FORM_A": "G", "CO": "C"}
"""First letter of the number; else the last one of the kind's name."""

_DESTINATIONS: Mapping[str, tuple[str, ...]] = {
    "FORM_A": ("276", "528", "826", "392", "380", "250", "724", "056", "124", "036", "643", "792"),
    "CO": ("840", "784", "682", "484", "076", "710", "818", "364"),
    "FORM_E": ("764", "360", "704", "458", "702", "608"),
    "FORM_B": ("410", "356", "050", "144"),
    "FORM_F": ("152",),
    "FORM_P": ("586",),
    "FORM_N": ("554",),
    "FORM_R": ("604",),
}
_GRADUATED = "840"
"""A country that gives no GSP preference: some exporters ask for a FORM A all the same, and a saving is estimated."""

_MFN_PER_MILLE = (35, 50, 65, 80, 97, 120, 140)
_CRITERIA = {"FORM_A": ("P", "W", "F"), "FORM_E": ("P", "40%", "PSR")}
_VOID, _REPLACED, _RETYPED = 4, 15, 6
_RATE_LOST, _ZERO_SAVING, _GRADUATED_PER_1000 = 12, 300, 1


@dataclass(frozen=True)
class Certificate:
    """A certificate as first issued, and what becomes of it on the next workday: nothing, VOID, REPLACED or RETYPED.

    `successor` is the number of the one that replaces it; '' when none does.
    """

    number: str
    branch: Branch
    org: str
    day: date
    second: int
    cells: Mapping[str, str]
    fate: str
    successor: str


class OriginBook:
    """Certificates of origin by day, a function of the seed only. `since` leaves out those issued before that day."""

    def __init__(self, seed: int, *, reference: Reference, since: date | None) -> None:
        self._seed = seed
        self._reference = reference
        self._since = since or workdays.FIRST_DECLARED
        self._counts, self._savings = _plan(seed, reference.branches)
        self._drafted = lru_cache(maxsize=3)(self._draft)
        self._issued = lru_cache(maxsize=3)(self._make)
        self._counting = self._count_numbers()
        self._taken: dict[date, list[Counter[str]]] = {}

    def frames(self, day: date, formats: Mapping[str, FeedFormat]) -> dict[tuple[str, str], pd.DataFrame]:
        """Frames by (feed, sender) of one business date; on workdays every branch has one, empty ones included."""
        if not workdays.is_workday(day) or day > workdays.LAST_DECLARED:
            return {}
        slices: dict[str, list[Row]] = {branch.org: [] for branch in self._reference.branches}
        for row in self._rows(day):
            slices[row.sender].append(row)
        columns = formats[FEED].columns
        return {(FEED, org): frame_of(rows, columns) for org, rows in slices.items()}

    def issued(self, day: date) -> tuple[Certificate, ...]:
        """The certificates that were first issued on a day, those that replace another not among them."""
        return self._issued(day) if day in self._counts else ()

    def _rows(self, day: date) -> Iterator[Row]:
        if day >= self._since:
            for certificate in self.issued(day):
                yield _first_row(certificate)
        before = workdays.workday_before(day, 1)
        if before >= self._since:
            for certificate in self.issued(before):
                if certificate.fate:
                    yield _later_row(certificate, day)

    def _make(self, day: date) -> tuple[Certificate, ...]:
        made: list[Certificate] = []
        taken = self._taken_before(day)
        for place, branch in enumerate(self._reference.branches):
            first, _ = self._counts[day][place]
            made.extend(_certificates(branch, day, self._drafted(day)[place], first=first, taken=taken[place]))
        return tuple(made)

    def _draft(self, day: date) -> list[list[_Draft]]:
        """What each branch issues on a day, in order."""
        slices = zip(self._reference.branches, self._counts[day], self._savings[day], strict=True)
        return [self._of_branch(branch, day, count=count, saving=saving) for branch, (_, count), saving in slices]

    def _of_branch(self, branch: Branch, day: date, *, count: int, saving: int) -> list[_Draft]:
        dice = Dice(self._seed, "origin", branch.org, day)
        codes = [
            good.hs_code[:6] for good in self._reference.goods if good.kind in branch.kinds and "E" in good.directions
        ]
        drafts = [_draft(dice, codes, branch, is_first=number == 0, day=day) for number in range(count)]
        counted = [draft for draft in drafts if draft.saves and draft.fate != "VOID"]
        shares = largest_remainder(saving, [draft.weight for draft in counted]) if counted else []
        for draft, share in zip(counted, shares, strict=True):
            draft.saving = share
        for draft in drafts:
            draft.org = dice.weighted(branch.accepting)
        return drafts

    def _taken_before(self, day: date) -> list[Counter[str]]:
        """By branch and letter, the numbers given in the year before a day. Whoever asks first waits for the year."""
        while day not in self._taken:
            counted, taken = next(self._counting)
            self._taken[counted] = taken
        return self._taken[day]

    def _count_numbers(self) -> Iterator[tuple[date, list[Counter[str]]]]:
        taken: list[Counter[str]] = []
        for before, day in pairwise((date.min, *self._counts)):
            if before.year != day.year:
                taken = [Counter() for _ in self._reference.branches]
            yield day, taken
            taken = [given + Counter(_letters(drafts)) for given, drafts in zip(taken, self._drafted(day), strict=True)]


@dataclass
class _Draft:
    """What is drawn of a certificate. Rates in per mille, None where not known; `saving` in cents; `org` issues it."""

    kind: str
    dest: str
    ent_code: str
    ent_name: str
    hs6: str
    criterion: str
    mfn: int
    pref: int | None
    weight: int
    zero: bool
    retro: bool
    fate: str
    saving: int = 0
    org: str = ""

    @property
    def saves(self) -> bool:
        """Whether it has a share in what the day saves."""
        return self.kind != "CO" and self.pref is not None

    @property
    def letter(self) -> str:
        """What its number begins with."""
        return _LETTERS.get(self.kind, self.kind[-1])

    def cells(self, *, cny_e8: int, day: date, serial: int) -> dict[str, str]:
        """The cells that do not depend on what becomes of it."""
        saving = self.saving or (self.weight * 5 if self.saves else 0)
        # Value = saving / (difference of the rates), in USD at the day's rate: cents x per mille, rate x 10^8 per 100.
        difference = self.mfn - (self.pref or 0)
        fob = saving * 1000 * cny_e8 // (difference * 100 * 10**8) if self.saves else self.weight * 40
        return known(
            {
                "coo_type": self.kind,
                "apply_ent": self.ent_code,
                "apply_ent_name": self.ent_name,
                "issue_org": self.org,
                "issue_date": day.isoformat(),
                "dest_country": self.dest,
                "invoice_no": f"INV{day:%y%m}{serial:06d}",
                "fob_usd": money(max(fob, 1)),
                "hs6": self.hs6,
                "origin_criterion": self.criterion,
                "mfn_rate": f"{self.mfn / 10:.1f}" if self.kind != "CO" else "",
                "pref_rate": f"{self.pref / 10:.1f}" if self.pref is not None and self.kind != "CO" else "",
                "est_duty_saving_cny": money(saving) if self.saves else "0.00" if self.zero else "",
                "retro_flag": str(int(self.retro)),
            }
        )


def _certificates(
    branch: Branch, day: date, drafts: Sequence[_Draft], *, first: int, taken: Mapping[str, int]
) -> Iterator[Certificate]:
    """The certificates of a branch and day. `first` counts all kinds together; `taken`: numbers given, by letter."""
    given = Counter(taken)
    numbers: list[str] = []
    for letter in _letters(drafts):
        given[letter] += 1
        numbers.append(f"{letter}{day:%y}{branch.org}{given[letter]:06d}")
    own, successors = numbers[: len(drafts)], iter(numbers[len(drafts) :])
    cny = rates.rates_e8(day)[rates.CURRENCIES.index("CNY")]
    for place, (draft, number) in enumerate(zip(drafts, own, strict=True)):
        yield Certificate(
            number=number,
            branch=branch,
            org=draft.org,
            day=day,
            second=_OPENING_SEC + 8 * 3600 * place // len(drafts),
            cells=draft.cells(cny_e8=cny, day=day, serial=first + place),
            fate=draft.fate,
            successor=next(successors) if draft.fate == "REPLACED" else "",
        )


def _letters(drafts: Sequence[_Draft]) -> list[str]:
    """The letters of the numbers that a day's certificates take: their own, then those of what replaces some of them.

    Replacements are issued the next morning, before anything else: who begins on that day misses none of its numbers.
    """
    replaced = (draft for draft in drafts if draft.fate == "REPLACED")
    return [draft.letter for draft in (*drafts, *replaced)]


def _draft(dice: Dice, codes: Sequence[str], branch: Branch, *, is_first: bool, day: date) -> _Draft:
    """The first one of a slice always saves something, so that the slice's sum has somewhere to go."""
    kind = "FORM_A" if is_first else dice.weighted(_KINDS)
    enterprise = dice.pick(branch.enterprises)
    mfn = dice.pick(_MFN_PER_MILLE)
    is_known = is_first or not dice.chance(_RATE_LOST)
    roll = dice.below(1000)
    fate = "VOID" if roll < _VOID else "REPLACED" if roll < _VOID + _REPLACED else ""
    fate = "RETYPED" if not fate and roll < _VOID + _REPLACED + _RETYPED else fate
    can_follow = workdays.workday_after(day, 1).year == day.year
    graduated = kind == "FORM_A" and dice.chance(_GRADUATED_PER_1000)
    return _Draft(
        kind=kind,
        dest=_GRADUATED if graduated else dice.pick(_DESTINATIONS[kind]),
        ent_code=enterprise.code,
        ent_name=enterprise.name,
        hs6=dice.pick(codes),
        criterion=dice.pick(_CRITERIA.get(kind, ("P", "W", "PSR"))),
        mfn=mfn,
        pref=mfn * dice.pick((0, 0, 50, 70)) // 100 if is_known else None,
        weight=20_000 + dice.below(400_000),
        zero=kind != "CO" and not is_known and dice.chance(_ZERO_SAVING),
        retro=dice.chance(30),
        fate=fate if can_follow and not is_first else "",
    )


def _first_row(certificate: Certificate) -> Row:
    moment = at(certificate.day, certificate.second)
    cells = envelope(FEED, certificate.number, recorded=moment, org=certificate.org)
    content = {"coo_no": certificate.number, **certificate.cells, "status": "1"}
    if certificate.fate == "RETYPED":
        content["invoice_no"] = "INV-?"
    return Row(FEED, certificate.branch.org, certificate.day, certificate.day, cells | content)


def _later_row(certificate: Certificate, day: date) -> Row:
    """What comes of it on the next workday."""
    moment = at(day, certificate.second // 2 + _OPENING_SEC // 2)
    number, content = certificate.number, {"coo_no": certificate.number, **certificate.cells, "status": "1"}
    op, version = "U", 2
    if certificate.fate == "VOID":
        content["status"] = "2"
    elif certificate.fate == "REPLACED":
        op, version = "I", 1
        number = certificate.successor
        status = "3" if certificate.second % 2 else "4"
        content |= {"coo_no": number, "issue_date": day.isoformat(), "status": status}
        content["replaces_coo_no"] = certificate.number
    cells = envelope(FEED, number, op=op, version=version, recorded=moment, org=certificate.org)
    return Row(FEED, certificate.branch.org, day, certificate.day, cells | content)


_Counts = dict[date, list[tuple[int, int]]]


def _plan(seed: int, branches: list[Branch]) -> tuple[_Counts, dict[date, list[int]]]:
    """By day: each branch's (first serial, certificates), and the cents that it saves. Only 2010 adds up to the sum."""
    days = [
        day for day in workdays.all_days(workdays.FIRST_DECLARED, workdays.LAST_DECLARED) if workdays.is_workday(day)
    ]
    inside = [day for day in days if day.year == 2010]
    seasons = sum(map(workdays.season, inside))
    shares = largest_remainder(CERTIFICATES_2010, [branch.share_bp * branch.exit_permille for branch in branches])
    counts: _Counts = {day: [] for day in days}
    weights: dict[date, list[int]] = {day: [] for day in days}
    for branch, share in zip(branches, shares, strict=True):
        noise = Stream(seed, "origin plan", branch.org).below(len(days), 240)
        of_year = spread(share, [workdays.season(day) * (880 + int(noise[at_])) for at_, day in enumerate(days)
                                 if day.year == 2010])  # fmt: skip
        before = [share * workdays.season(day) // seasons for day in days if day.year != 2010]
        serials = {2009: 1, 2010: 1}
        for place, (day, count) in enumerate(zip(days, [*before, *of_year], strict=True)):
            counts[day].append((serials[day.year], count))
            serials[day.year] += count
            weights[day].append(count * (850 + int(noise[place]) * 7 % 300))
    flat = [weight for day in inside for weight in weights[day]]
    savings = iter(largest_remainder(SAVING_2010_CENTS, flat))
    return counts, {
        day: [next(savings) if day.year == 2010 else weight * 1000 for weight in weights[day]] for day in days
    }
