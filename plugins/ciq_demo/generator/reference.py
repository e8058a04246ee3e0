"""What the generator knows about the branches, goods, countries and findings: the tables in `data/`, read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ciq_demo.generator.names import Enterprise, agents, enterprises, officers

_DATA = Path(__file__).parent / "data"
LANDBRIDGE_ORG, LANDBRIDGE_PORT = "320700", "CNLYG"
"""The branch whose lots travel by the land bridge, and its port."""
_OFFICE_ACCEPTS = 8
_OFFICE_INSPECTS = 14
_NEIGHBOURS = ("310000", "330000", "420000", "440000")
"""Provinces other than Jiangsu that are not on the land bridge and whose goods pass through it all the same."""


@dataclass(frozen=True)
class Branch:
    """One line of `data/branches.csv`, with its offices from the code list of organisations."""

    org: str
    share_bp: int
    exit_permille: int
    port: bool
    lot_value_usd: int
    kinds: dict[str, int]
    ports: dict[str, int]
    zone_code: str
    name_prefix: str
    accepting: dict[str, int]
    inspecting: dict[str, int]
    enterprises: list[Enterprise]
    agents: list[Enterprise]
    acceptors: list[str]
    inspectors: list[str]
    cashiers: list[str]

    def first_enterprises(self, count: int) -> list[Enterprise]:
        """The first `count` of its enterprises: those that declare, and then others."""
        trades = [kind for kind, weight in self.kinds.items() for _ in range(weight)]
        return enterprises(org=self.org, prefix=self.name_prefix, kinds=trades, count=count)

    @property
    def is_at_landbridge(self) -> bool:
        """Whether lots that it accepts travel by the land bridge."""
        return self.org == LANDBRIDGE_ORG


@dataclass(frozen=True)
class Good:
    """One line of `data/goods.csv`. `price_e4`: USD x 10,000 per unit; `grams` per unit; `lot_cents`: USD cents."""

    hs_code: str
    name_zh: str
    name_en: str
    kind: str
    directions: str
    weight: int
    unit: str
    price_e4: int
    grams: int
    lot_cents: int
    category_in: str
    category_out: str
    supervision: str
    origins: tuple[str, ...]

    @property
    def counted(self) -> bool:
        """Whether the unit is a piece, so that quantities are whole."""
        return self.unit not in {"030", "032", "033", "035", "095"}


@dataclass(frozen=True)
class Finding:
    """One line of `data/nonconformities.csv`: what can be wrong with goods of some chapters."""

    first_chapter: int
    last_chapter: int
    category: str
    item: str
    reason_code: str
    standard_no: str
    limit: str
    unit: str
    low: int
    high: int
    disposal: str


@dataclass(frozen=True)
class Lab:
    """One line of the code list of laboratories: its code, and the branch or headquarters that it belongs to."""

    code: str
    org: str


@dataclass(frozen=True)
class Reference:
    """Every table, and the positions by which lots refer to them."""

    branches: list[Branch]
    orgs: list[str]
    branch_of_org: list[int]
    goods: list[Good]
    countries: list[str]
    import_weights: list[int]
    export_weights: list[int]
    findings: list[Finding]
    findings_of_good: list[dict[int, int]]
    ports: list[str]
    landbridge_provinces: list[str]
    other_provinces: list[str]
    labs: list[Lab]
    departments: list[str]
    """Codes of the departments of headquarters."""


@lru_cache(maxsize=4)
def load_reference(contracts: Path) -> Reference:
    """Read the tables; what both sides know comes from `contracts`/code_lists: offices, provinces, laboratories."""
    offices: dict[str, list[str]] = {}
    latest = {row["org_code"]: row for row in _rows(contracts / "code_lists" / "org.csv")}
    for row in latest.values():
        if row["level"] == "OFFICE":
            offices.setdefault(row["parent_code"], []).append(row["org_code"])
    branches = [_branch(row, offices.get(row["org_code"], [])) for row in _rows(_DATA / "branches.csv")]
    orgs = [org for branch in branches for org in branch.inspecting]
    branch_of_org = [number for number, branch in enumerate(branches) for _ in branch.inspecting]
    goods = [_good(row) for row in _rows(_DATA / "goods.csv")]
    countries = _rows(_DATA / "countries.csv")
    provinces = _rows(contracts / "code_lists" / "province.csv")
    findings = [_finding(row) for row in _rows(_DATA / "nonconformities.csv")]
    return Reference(
        branches=branches,
        orgs=orgs,
        branch_of_org=branch_of_org,
        goods=goods,
        countries=[row["numeric"] for row in countries],
        import_weights=[int(row["import_weight"]) for row in countries],
        export_weights=[int(row["export_weight"]) for row in countries],
        findings=findings,
        findings_of_good=[_possible(good, findings) for good in goods],
        ports=sorted({port for branch in branches for port in branch.ports}),
        landbridge_provinces=[row["code"] for row in provinces if row["landbridge"] == "1"],
        other_provinces=[row["code"] for row in provinces if row["code"] in _NEIGHBOURS],
        labs=[Lab(row["code"], row["org_code"]) for row in _rows(contracts / "code_lists" / "lab.csv")],
        departments=[row["code"] for row in _rows(contracts / "code_lists" / "hq_department.csv")],
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _weights(text: str) -> dict[str, int]:
    return {name: int(weight) for name, _, weight in (part.partition(":") for part in text.split())}


def _branch(row: dict[str, str], offices: list[str]) -> Branch:
    org = row["org_code"]
    share = int(row["share_bp"])
    kinds = _weights(row["kinds"])
    trades = [kind for kind, weight in kinds.items() for _ in range(weight)]
    return Branch(
        org=org,
        share_bp=share,
        exit_permille=int(row["exit_permille"]),
        port=row["port"] == "1",
        lot_value_usd=int(row["lot_value_usd"]),
        kinds=kinds,
        ports=_weights(row["ports"]),
        zone_code=row["zone_code"],
        name_prefix=row["name_prefix"],
        accepting={org: 100} | dict.fromkeys(offices, _OFFICE_ACCEPTS),
        inspecting={org: 100} | dict.fromkeys(offices, _OFFICE_INSPECTS),
        enterprises=enterprises(org=org, prefix=row["name_prefix"], kinds=trades, count=int(row["enterprises"])),
        agents=agents(org=org, prefix=row["name_prefix"], count=int(row["agents"])),
        acceptors=officers(org, "acceptance", 4 + share // 80),
        inspectors=officers(org, "inspection", 8 + share // 25),
        cashiers=officers(org, "cash", 3 + share // 300),
    )


def _good(row: dict[str, str]) -> Good:
    return Good(
        hs_code=row["hs_code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        kind=row["kind"],
        directions="IE" if row["ie"] == "B" else row["ie"],
        weight=int(row["weight"]),
        unit=row["unit"],
        price_e4=round(float(row["unit_price_usd"]) * 10_000),
        grams=max(1, round(float(row["kg_per_unit"]) * 1000)),
        lot_cents=int(row["lot_usd"]) * 100,
        category_in=row["category_in"],
        category_out=row["category_out"],
        supervision=row["supervision"],
        origins=tuple(row["origins"].split()),
    )


def _finding(row: dict[str, str]) -> Finding:
    return Finding(
        first_chapter=int(row["chapter_from"]),
        last_chapter=int(row["chapter_to"]),
        category=row["category"],
        item=row["item_zh"],
        reason_code=row["reason_code"],
        standard_no=row["standard_no"],
        limit=row["limit_value"],
        unit=row["unit"],
        low=int(row["measured_low"]),
        high=int(row["measured_high"]),
        disposal=row["disposal"],
    )


def _possible(good: Good, findings: list[Finding]) -> dict[int, int]:
    """Findings that fit the good's chapter; the narrower ones are likelier than those that fit everything."""
    chapter = int(good.hs_code[:2])
    return {
        number: 1 if finding.last_chapter - finding.first_chapter > 50 else 6
        for number, finding in enumerate(findings)
        if finding.first_chapter <= chapter <= finding.last_chapter
    }
