"""The calibres: value in USD, partner country, principal line, which lots count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from support.oracle.current import Declaration
from support.oracle.reference import branch_above, counts_in_goods_total, published_rate
from support.oracle.slices import Row

CENT = Decimal("0.01")
KILOGRAMS = {"035": Decimal(1), "036": Decimal("0.001"), "070": Decimal(1000)}
"""Kilograms in a unit of weight: kilogram, gram, tonne."""
NO_LINE = "NONE"
UNALLOCATED = "UNALLOCATED"
UNKNOWN = "UNKNOWN"
"""The member for what was not told."""


@dataclass(frozen=True)
class Line:
    """A goods line and what it is worth."""

    row: Row
    country: str
    value_usd: Decimal | None
    net_weight_kg: Decimal | None

    @property
    def by_value(self) -> tuple[bool, Decimal, int]:
        """Sorts the principal line first."""
        return (self.value_usd is None, -(self.value_usd or Decimal(0)), self.row.goods_no)


@dataclass(frozen=True)
class Lot:
    """A declaration by the calibres."""

    declaration: Declaration
    rate: Decimal | None
    value_usd: Decimal | None
    lines: tuple[Line, ...]
    deleted: tuple[Line, ...]

    @property
    def header(self) -> Row:
        return self.declaration.row

    @property
    def org_id(self) -> str | None:
        """The statistical branch, on the day of the lot."""
        day = self.stat_date or self.header.decl_date
        return branch_above(self.header.insp_org, day) or branch_above(self.header.accept_org, day)

    @property
    def stat_date(self) -> date | None:
        first = self.declaration.first
        return first.eval_time.date() if first else None

    @property
    def is_nonconforming(self) -> bool:
        first = self.declaration.first
        return first is not None and first.result in {"N", "R", "T"}

    @property
    def is_counted(self) -> bool:
        evaluated = self.stat_date is not None
        return evaluated and not self.declaration.is_void and counts_in_goods_total(self.header.decl_type)

    @property
    def partner_country(self) -> str:
        return partner_country(self.header)

    @property
    def transport_mode(self) -> str:
        return str(self.header.transport_mode or UNKNOWN)

    @property
    def principal(self) -> Line | None:
        return min(self.lines, key=lambda line: line.by_value, default=None)

    @property
    def unallocated_usd(self) -> Decimal:
        """Header less lines."""
        return (self.value_usd or Decimal(0)) - sum(line.value_usd or Decimal(0) for line in self.lines)

    @property
    def unallocated(self) -> Decimal:
        """The same in the header's currency."""
        own = (line.row.goods_value for line in self.lines if line.row.currency == self.header.currency)
        return self.header.total_value - sum(own, Decimal(0))  # type: ignore[no-any-return]


def partner_country(header: Row) -> str:
    """Origin of imports, destination of exports, else the trading country."""
    first = header.origin_country if header.ie_flag == "I" else header.dest_country
    return str(first or header.trade_country or UNKNOWN)


def lot_of(declaration: Declaration) -> Lot:
    """Value one declaration."""
    header = declaration.row
    rate = header.usd_rate if header.usd_rate is not None else published_rate(header.currency, header.decl_date)
    lines = tuple(_line(header, row, rate) for row in declaration.lines)
    deleted = tuple(_line(header, row, rate) for row in declaration.deleted if row.feed == "F02")
    return Lot(declaration, rate, _usd(header.total_value, rate), lines, deleted)


def _line(header: Row, row: Row, rate: Decimal | None) -> Line:
    own = row.origin_country if header.ie_flag == "I" else None
    unit = KILOGRAMS.get(row.weight_unit or "")
    weight = None if row.weight_net is None or unit is None else row.weight_net * unit
    same = row.currency == header.currency
    return Line(row, own or partner_country(header), _usd(row.goods_value, rate) if same else None, weight)


def _usd(value: Decimal, rate: Decimal | None) -> Decimal | None:
    return None if rate is None else (value * rate / 100).quantize(CENT, ROUND_HALF_UP)
