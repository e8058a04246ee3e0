"""Weighted choices that are the same for all days, prepared once from the reference tables."""

from __future__ import annotations

from ciq_demo.generator import rates
from ciq_demo.generator.plan import VOID_LAGS
from ciq_demo.generator.randomness import Chooser
from ciq_demo.generator.reference import Branch, Good, Reference

DECL_TYPES = ("11", "12", "13", "21", "22", "23", "24")
ELSEWHERE = (1, 2)
"""Positions of the types that another branch inspects: 12 and 13."""
TRADE_MODES = ("0110", "0615", "0214", "0654", "1233", "1234", "1300", "2025", "3010", "4019", "9900")
RESULTS = ("Q", "N", "R", "T")
SEA, RAIL, ROAD, AIR, POST, OTHER = 2, 3, 4, 5, 6, 9

_LINES = {1: 660, 2: 190, 3: 80, 4: 35, 5: 20, 8: 15}
_AIRPORTS = {"CNPVG", "CNSHA", "CNNKG", "CNWUX", "CNCZX"}
_INLAND = {"CNKUS", "CNSZH", "CNXUZ"}
_RAIL_PORTS = {"CNLYG", "CNXUZ"}


class Choices:
    """Choosers by group; the group is named in each attribute's comment."""

    def __init__(self, reference: Reference) -> None:
        branches = reference.branches
        org_number = {org: number for number, org in enumerate(reference.orgs)}
        port_number = {port: number for number, port in enumerate(reference.ports)}
        # branch * 2 + leaves
        self.good = Chooser([_goods(reference, branch, way) for branch in branches for way in "IE"])
        # good * 2 + leaves
        self.partner = Chooser([_partners(reference, good, way) for good in reference.goods for way in "IE"])
        # good * 2 + leaves
        self.more_goods = Chooser([_siblings(reference, good, way) for good in reference.goods for way in "IE"])
        # good
        self.finding = Chooser(reference.findings_of_good)
        # organisation that accepts
        self.insp_org = Chooser([_inspecting(reference, org, org_number) for org in reference.orgs])
        # accepting branch: organisations of the other branches
        self.insp_elsewhere = Chooser([_elsewhere(reference, branch) for branch in branches])
        # branch
        self.port = Chooser(
            [{port_number[port]: weight for port, weight in branch.ports.items()} for branch in branches]
        )
        self.enterprise = Chooser([_falling(len(branch.enterprises)) for branch in branches])
        self.agent = Chooser([_falling(len(branch.agents)) for branch in branches])
        self.acceptor = Chooser([dict.fromkeys(range(len(branch.acceptors)), 1) for branch in branches])
        self.inspector = Chooser([dict.fromkeys(range(len(branch.inspectors)), 1) for branch in branches])
        # port
        self.transport = Chooser([_transports(port) for port in reference.ports])
        # leaves
        self.currency = Chooser([dict(enumerate(rates.IMPORT_WEIGHTS)), dict(enumerate(rates.EXPORT_WEIGHTS))])
        self.decl_type = Chooser([{0: 900, 1: 70, 2: 30}, {3: 930, 4: 70}])
        # one group
        self.on_top_type = Chooser([{5: 65, 6: 35}])
        self.trade_mode = Chooser([dict(enumerate((560, 220, 90, 10, 40, 30, 8, 16, 12, 2, 12)))])
        self.lines = Chooser([_LINES])
        self.result = Chooser([{1: 60, 2: 22, 3: 18}])
        self.void_lag = Chooser([dict.fromkeys(VOID_LAGS, 1)])


def _goods(reference: Reference, branch: Branch, way: str) -> dict[int, int]:
    totals = {
        kind: sum(good.weight for good in reference.goods if good.kind == kind and way in good.directions)
        for kind in branch.kinds
    }
    return {
        number: branch.kinds[good.kind] * good.weight * 1000 // totals[good.kind]
        for number, good in enumerate(reference.goods)
        if good.kind in branch.kinds and way in good.directions
    }


def _siblings(reference: Reference, good: Good, way: str) -> dict[int, int]:
    """Goods that stand on one declaration with `good`: itself above all, and others of its kind."""
    return {
        number: 3 * other.weight if other is good else other.weight
        for number, other in enumerate(reference.goods)
        if other is good or (other.kind == good.kind and way in other.directions and other.unit == good.unit)
    }


def _partners(reference: Reference, good: Good, way: str) -> dict[int, int]:
    if way == "I" and good.origins:
        number = {country: position for position, country in enumerate(reference.countries)}
        return {number[country]: 60 // (rank + 1) for rank, country in enumerate(good.origins)}
    weights = reference.import_weights if way == "I" else reference.export_weights
    return {position: weight for position, weight in enumerate(weights) if weight}


def _inspecting(reference: Reference, org: str, org_number: dict[str, int]) -> dict[int, int]:
    """An office inspects what it accepts; the branch itself leaves part to its offices."""
    for branch in reference.branches:
        if org == branch.org:
            return {org_number[other]: weight for other, weight in branch.inspecting.items()}
    return {org_number[org]: 1}


def _elsewhere(reference: Reference, branch: Branch) -> dict[int, int]:
    number = {org: position for position, org in enumerate(reference.orgs)}
    return {number[other.org]: other.share_bp for other in reference.branches if other is not branch}


def _falling(count: int) -> dict[int, int]:
    """A few large ones and a long tail."""
    return {position: 100_000 // (position + 6) for position in range(count)}


def _transports(port: str) -> dict[int, int]:
    if port in _AIRPORTS:
        return {AIR: 96, POST: 4}
    if port in _RAIL_PORTS:
        return {SEA: 88, RAIL: 10, OTHER: 2} if port == "CNLYG" else {RAIL: 70, ROAD: 30}
    if port in _INLAND:
        return {ROAD: 78, OTHER: 22}
    return {SEA: 97, ROAD: 2, OTHER: 1}
