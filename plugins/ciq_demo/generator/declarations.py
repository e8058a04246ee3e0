"""F01: the header of declarations as text, version by version."""

from __future__ import annotations

import numpy as np

from ciq_demo.generator import rates, text, workdays
from ciq_demo.generator.book import STATUS_CHANGED
from ciq_demo.generator.choices import AIR, DECL_TYPES, RAIL, SEA, TRADE_MODES
from ciq_demo.generator.lots import NEVER, ON_TOP, Bools, Lots
from ciq_demo.generator.randomness import Ints
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.text import Cells, slice_of

_WOOD_PER_CENT = 34
_PSI_COUNTRIES = ("231", "694", "818")
_SHIPS = (
    "COSCO SHANGHAI",
    "XIN NING BO",
    "EVER GLORY",
    "HANJIN PUSAN",
    "OOCL ASIA",
    "YM EMINENCE",
    "MSC LAURA",
    "中远腾飞",
)
_VOID_REASONS = ("企业申请撤单", "重复报检", "货物未出运", "报检信息有误,重新报检")


def decl_numbers(lots: Lots, reference: Reference) -> Cells:
    """decl_no: organisation (6), 1 import or 2 export, year (2), serial (6)."""
    parts = zip(lots.org.tolist(), lots.leaves.tolist(), lots.day.tolist(), lots.serial.tolist(), strict=True)
    years = {day: f"{workdays.day_of(day).year % 100:02d}" for day in np.unique(lots.day).tolist()}
    orgs = reference.orgs
    return text.column([f"{orgs[org]}{leaves + 1}{years[day]}{serial:06d}" for org, leaves, day, serial in parts])


def inserted(lots: Lots, reference: Reference) -> dict[str, Cells]:
    """Rows with op I, as the day of acceptance saw them."""
    columns = _full(lots, reference, lots.first_cents)
    same_day = lots.evaluated & (lots.result_day == lots.day)
    columns |= _envelope(lots, reference, op="I", version=1, day=lots.day, second=lots.accept_sec + 60)
    columns["status"] = text.where(same_day, "EVAL", text.where(slice_of(lots.salt2, 3, 4) == 0, "INSP", "ACC"))
    return columns


def corrected(lots: Lots, reference: Reference) -> dict[str, Cells]:
    """Rows with op U and version 2: the value put right, or the status moved on."""
    columns = _full(lots, reference, lots.cents)
    second = 9 * 3600 + slice_of(lots.salt2, 7, 8 * 3600)
    columns |= _envelope(lots, reference, op="U", version=2, day=lots.correction_day, second=second)
    moved_on = lots.evaluated & (lots.result_day <= lots.correction_day)
    archived = lots.correction == STATUS_CHANGED
    columns["status"] = text.where(moved_on, text.where(archived, "ARCH", "REL"), "INSP")
    return columns


def voided(lots: Lots, reference: Reference) -> dict[str, Cells]:
    """Rows with op D: envelope, key, reason and approver."""
    second = 9 * 3600 + slice_of(lots.salt2, 7, 8 * 3600)
    columns = _envelope(lots, reference, op="D", version=2, day=lots.void_day, second=second)
    columns["void_reason"] = text.look_up(_VOID_REASONS, slice_of(lots.salt, 5, len(_VOID_REASONS)))
    columns["void_approver"] = officers_of(lots, reference, "cashiers", slice_of(lots.salt, 9, 3))
    return columns


def _envelope(lots: Lots, reference: Reference, *, op: str, version: int, day: Ints, second: Ints) -> dict[str, Cells]:
    n = len(lots.day)
    numbers = decl_numbers(lots, reference)
    return {
        "record_id": "F01-" + numbers + f"-{version}",
        "op": text.constant(n, op),
        "version_no": text.constant(n, str(version)),
        "op_time": text.times(day, second),
        "org_code": text.look_up(reference.orgs, lots.org),
        "decl_no": numbers,
    }


def _full(lots: Lots, reference: Reference, cents: Ints) -> dict[str, Cells]:
    return (
        _identity(lots, reference)
        | _parties(lots, reference)
        | _way(lots, reference)
        | _transport(lots, reference)
        | _value(lots, cents)
    )


def _identity(lots: Lots, reference: Reference) -> dict[str, Cells]:
    orgs = text.column(reference.orgs)
    branch_orgs = text.column([branch.org for branch in reference.branches])
    return {
        "ie_flag": text.look_up(("I", "E"), lots.leaves),
        "decl_type": text.look_up(DECL_TYPES, lots.decl_type),
        "decl_date": text.dates(lots.declared_day),
        "accept_time": text.times(lots.day, lots.accept_sec),
        "accept_org": orgs[lots.org],
        "insp_org": orgs[lots.insp_org],
        "purpose_org": text.where(lots.leaves == 0, branch_orgs[lots.insp_branch], ""),
        "visa_org": branch_orgs[lots.branch],
        "accept_officer": officers_of(lots, reference, "acceptors", lots.acceptor),
        "fee_officer": officers_of(lots, reference, "cashiers", slice_of(lots.salt, 2, 3)),
        "cashier": officers_of(lots, reference, "cashiers", (slice_of(lots.salt, 2, 3) + 1) % 3),
    }


def officers_of(lots: Lots, reference: Reference, pool: str, position: Ints) -> Cells:
    """The officers at these positions of a pool of the accepting branches."""
    pools = [getattr(branch, pool) for branch in reference.branches]
    return text.column([pools[b][p] for b, p in zip(lots.branch.tolist(), position.tolist(), strict=True)])


def accept_officers(lots: Lots, reference: Reference) -> Cells:
    """The officers who accepted the lots."""
    return officers_of(lots, reference, "acceptors", lots.acceptor)


def _parties(lots: Lots, reference: Reference) -> dict[str, Cells]:
    branches = reference.branches
    rows = zip(lots.branch.tolist(), lots.enterprise.tolist(), lots.agent.tolist(), strict=True)
    owners = []
    applicants = []
    for branch, enterprise, agent in rows:
        owner = branches[branch].enterprises[enterprise]
        owners.append(owner)
        applicants.append(owner if agent == NEVER else branches[branch].agents[agent])
    codes = text.column([owner.code for owner in owners])
    made_here = slice_of(lots.salt, 11, 10) < 7
    return {
        "applicant_code": text.column([party.code for party in applicants]),
        "applicant_name": text.column([party.name for party in applicants]),
        "consignor_code": text.where(lots.leaves == 1, codes, ""),
        "consignee_code": text.where(lots.leaves == 0, codes, ""),
        "producer_code": text.where((lots.leaves == 1) & made_here, codes, ""),
        "org_inst_code": text.column([owner.institution_code for owner in owners]),
    }


def _way(lots: Lots, reference: Reference) -> dict[str, Cells]:
    countries = text.column(reference.countries)
    partner = countries[lots.partner]
    enters = lots.leaves == 0
    landbridge = reference.landbridge_provinces
    neighbours = reference.other_provinces
    roll = slice_of(lots.salt, 21, 100)
    province = text.where(
        lots.landbridge == 1,
        text.look_up(landbridge, slice_of(lots.salt, 17, len(landbridge))),
        text.where(
            roll < 8,
            text.look_up(neighbours, slice_of(lots.salt, 17, len(neighbours))),
            text.constant(len(roll), "320000"),
        ),
    )
    psi = ~enters & np.isin(partner.astype(str), _PSI_COUNTRIES)
    zones = text.column([branch.zone_code for branch in reference.branches])
    return {
        "trade_mode": text.look_up(TRADE_MODES, lots.trade_mode),
        "terms": text.look_up(("1", "2", "3", "3", "3", "1"), slice_of(lots.salt, 27, 6)),
        "trade_country": countries[lots.trader],
        "origin_country": text.where(enters, partner, text.where(roll < 4, "156", "")),
        "dest_country": text.where(enters, "", partner),
        "origin_province": province,
        "zone_code": text.where(np.isin(lots.trade_mode, (4, 5)), zones[lots.branch], ""),
        "psi_flag": text.where(psi, "1", "0"),
    }


def _transport(lots: Lots, reference: Reference) -> dict[str, Cells]:
    salt, sea = lots.salt2, lots.transport == SEA
    boxes = np.where(sea, slice_of(salt, 11, 4), 0)
    large = np.where(sea & (boxes == 0), 1 + slice_of(salt, 13, 2), np.where(sea, slice_of(salt, 15, 3), 0))
    flight = "MU" + text.padded(slice_of(salt, 17, 9000), 4)
    ship = text.look_up(_SHIPS, slice_of(salt, 19, len(_SHIPS)))
    voyage = text.padded(slice_of(salt, 23, 999), 3) + text.look_up(("E", "W", "S", "N"), slice_of(salt, 29, 4))
    enters = lots.leaves == 0
    arrived = lots.day - 1 - slice_of(salt, 31, 6)
    ports = text.column(reference.ports)
    return {
        "entry_exit_port": ports[lots.port],
        "transport_mode": text.integer(lots.transport),
        "conveyance_name": text.where(lots.transport == AIR, flight, text.where(sea, ship, "")),
        "voyage": text.where(sea, voyage, ""),
        "bl_no": text.where((lots.transport == RAIL) | sea, "SNL" + text.padded(slice_of(salt, 5, 10**8), 8), ""),
        "contract_no": text.look_up(("SC", "PO", "JS10-", "HT-"), slice_of(salt, 41, 4)) + text.integer(salt % 999983),
        "arrival_date": text.where(enters, text.dates(arrived), ""),
        "unload_date": text.where(enters & sea, text.dates(arrived + 1), ""),
        "despatch_date": text.where(enters, "", text.dates(lots.day + 2 + slice_of(salt, 31, 6))),
        "wood_pack_flag": text.where(has_wood_packaging(lots), "1", "0"),
        "container_20": text.integer(boxes),
        "container_40": text.integer(large),
        "container_nos": text.where(boxes + large > 0, _containers(salt, boxes + large), ""),
        "direct_release_mode": direct_release_modes(lots),
        "e_supervision_flag": text.where(slice_of(salt, 45, 100) < 38, "1", "0"),
        "green_channel_flag": text.where(slice_of(salt, 47, 100) < 12, "1", "0"),
        "transfer_no": _transfer_numbers(lots),
    }


def has_wood_packaging(lots: Lots) -> Bools:
    """Which lots are declared to come, or go, in wood packaging."""
    return np.asarray(slice_of(lots.salt2, 43, 100) < _WOOD_PER_CENT)


def direct_release_modes(lots: Lots) -> Cells:
    """direct_release_mode of each lot; NONE for most."""
    direct = slice_of(lots.salt2, 37, 100)
    mode = text.where(direct < 17, "DIRECT", "NONE")
    mode = text.where((direct >= 95) & (lots.transport == AIR), "VIRTUAL_PORT_AIR", mode)
    return text.where((direct >= 97) & (lots.transport == SEA), "WATER_WATER", mode)


def _containers(salt: Ints, count: Ints) -> Cells:
    owners = ("COSU", "CCLU", "EGHU", "MSKU", "OOLU")
    return text.column(
        [
            ",".join(f"{owners[(seed + box) % 5]}{(seed + box * 7919) % 10_000_000:07d}" for box in range(boxes))
            for seed, boxes in zip(salt.tolist(), count.tolist(), strict=True)
        ]
    )


def _transfer_numbers(lots: Lots) -> Cells:
    has = (lots.kind == ON_TOP) | ((lots.leaves == 1) & (slice_of(lots.salt, 31, 10) < 5))
    return text.where(has, "10" + text.padded(lots.salt % 10**16, 16), "")


def _value(lots: Lots, cents: Ints) -> dict[str, Cells]:
    usd = rates.to_usd_cents(cents, lots.rate_e8)
    wrong = usd + 100 + slice_of(lots.salt, 35, 90_000)
    sent = text.money(np.where(lots.value_sent == 2, wrong, usd))
    return {
        "total_value": text.money(cents),
        "currency": text.look_up(rates.CURRENCIES, lots.currency),
        "usd_rate": text.where(lots.rate_sent == 1, text.decimal(lots.rate_e8, 8), ""),
        "value_usd": text.where(lots.value_sent == 0, "", sent),
    }
