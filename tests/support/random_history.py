"""Histories that nobody thought of: random deliveries of few declarations, so that everything meets everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from support.hard_cases import Cells, Step, certificate, corrected, decl, evaluation, header, line, of, send, void

MONDAY = date(2010, 6, 7)
BRANCHES = ("320100", "320500", "320200", "320900")
CURRENCIES = ("USD", "EUR", "JPY", "CNY", "TWD", "MOP")
HS = ("8541402000", "6403190000", "0101101000", "8703231000")
COUNTRIES = ("", "840", "156", "392", "344", "410")


@dataclass(frozen=True)
class _Maker:
    random: Random
    branch: str
    day: date

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def money(self) -> str:
        return f"{self.random.choice((0, 1, 7, 999, 12345))}.{self.random.randint(0, 99):02d}"

    def time(self) -> str:
        return f"{self.day - timedelta(days=self.random.randint(0, 2))} {self.random.randint(8, 18):02d}:30:00"

    def rows(self, feed: str) -> list[Cells]:
        numbers = [self.random.randint(1, 40) for _ in range(self.random.randint(0, 25))]
        make = {"F01": self.headers, "F02": self.lines, "F03": self.evaluations, "F04": self.certificates}[feed]
        return [row for number in numbers for row in make(number)]

    def operated(self, row: Cells) -> Cells:
        version = self.random.randint(1, 4)
        if self.chance(0.12):
            return void(row, version)
        return corrected(row, version) if version > 1 else row

    def headers(self, number: int) -> list[Cells]:
        exits = self.chance(0.6)
        row = header(
            number,
            ie_flag="E" if exits else "I",
            decl_type=self.random.choice(("21", "22", "23") if exits else ("11", "12")),
            insp_org=self.random.choice(("320110", "320510", self.branch)),
            decl_date=str(self.day - timedelta(days=self.random.randint(0, 9))),
            trade_country=self.random.choice(COUNTRIES),
            origin_country=self.random.choice(COUNTRIES),
            dest_country=self.random.choice(COUNTRIES),
            transport_mode=self.random.choice(("", "2", "5")),
            total_value=self.money(),
            currency=self.random.choice(CURRENCIES),
            usd_rate=self.random.choice(("", "", "100", "119.82", "0.00537")),
            status=self.random.choices(("ACC", "REL", "VOID"), (6, 3, 1))[0],
            fee_officer=self.random.choice(("", "a1b2c3d4", "e5f6a7b8")),
            cashier=self.random.choice(("", "a1b2c3d4", "e5f6a7b8")),
        )
        return [self.spoiled(self.operated(row), "ie_flag")]

    def lines(self, number: int) -> list[Cells]:
        version = self.random.randint(1, 4)
        found = []
        for _ in range(self.random.randint(1, 3)):
            row = line(
                number,
                self.random.randint(1, 4),
                hs_code=self.random.choice(HS),
                goods_value=self.money(),
                currency=self.random.choice(CURRENCIES[:3]),
                origin_country=self.random.choice(COUNTRIES),
                weight_net=self.random.choice(("", "1.25")),
                weight_unit="035",
            )
            row = void(row, version) if self.chance(0.08) else corrected(row, version) if version > 1 else row
            found.append(self.spoiled(row, "hs_code"))
        return found

    def evaluations(self, number: int) -> list[Cells]:
        time = self.time()
        row = evaluation(
            number,
            self.random.randint(1, 3),
            result=self.random.choice("QQQNRTP"),
            nc_category="01",
            nc_item="lead",
            nc_reason_code="0101",
            disposal="02",
            eval_time=time,
            insp_end=time,
            dispatch_time=self.time() if self.chance(0.4) else "",
        )
        return [self.spoiled(self.operated(row), "insp_mode")]

    def certificates(self, number: int) -> list[Cells]:
        row = certificate(
            number,
            self.random.randint(1, 3),
            cert_type=self.random.choice(("11", "21", "31", "52", "61")),
            issue_time=self.time(),
            valid_to=self.random.choice(("", str(self.day), str(self.day + timedelta(days=9)))),
            hs_code=self.random.choice(("", *HS)),
            dest_country=self.random.choice(COUNTRIES),
            status=self.random.choice("111234"),
            used_time=self.time() if self.chance(0.4) else "",
        )
        if self.chance(0.1):
            row |= {"decl_no": decl(self.random.randint(1, 40))}
        return [self.spoiled(self.operated(row), "cert_type")]

    def spoiled(self, row: Cells, column: str) -> Cells:
        if not self.chance(0.03):
            return row
        return row | {self.random.choice((column, "version_no", "org_code")): "X"}


def random_history(seed: int, *, slices: int = 52) -> Sequence[Step]:
    """Deliveries in the order of arrival; the same for the same seed. Each name comes once."""
    random = Random(seed)
    steps: list[Step] = []
    places = [
        (feed, branch, MONDAY + timedelta(days=n), seq)
        for feed in ("F01", "F02", "F03", "F04")
        for branch in BRANCHES
        for n in range(3)
        for seq in (1, 2, 3)
    ]
    for feed, branch, day, seq in random.sample(places, slices):
        rows = [of(branch, row) for row in _Maker(random, branch, day).rows(feed)]
        status = random.choices("2301", (20, 2, 1, 1))[0]
        steps.append(send(feed, rows, branch=branch, day=day, seq=seq, status=status))
    return steps
