"""F07: interceptions of pests. Many are identified weeks later, by a row with op U."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import Row, at, envelope
from ciq_demo.generator.frontier.lots import FindNumber
from ciq_demo.generator.randomness import Dice
from ciq_demo.generator.reference import Branch, Reference

_DATA = Path(__file__).parents[1] / "data"
_IDENTIFIED_AFTER = 12
"""Workdays from the interception to the name of the species."""
_PER_DAY_AT_PORTS, _PER_DAY_INLAND = 7, 2
_PENDING_PER_1000, _MISTAKEN_PER_1000 = 300, 4
_SOURCES = {"CARGO": 60, "WOOD_PACKAGING": 25, "CONTAINER": 8, "TRAVELLER": 4, "MAIL": 3}
_STAGES = {"INSECT": ("ADULT", "ADULT", "LARVA", "PUPA", "EGG"), "WEED": ("SEED",), "NEMATODE": ("ADULT",)}
_TREATMENTS = ("FUMIGATION", "FUMIGATION", "HEAT", "RETURN", "DESTRUCTION")


@dataclass(frozen=True)
class _Species:
    code: str
    latin: str
    zh: str
    taxon: str
    kinds: tuple[str, ...]
    is_quarantine: bool
    weight: int


@dataclass(frozen=True)
class _Found:
    """One interception as its final version tells it; `is_pending`: the first version names the genus only."""

    number: str
    day: date
    second: int
    org: str
    is_pending: bool
    is_mistaken: bool
    cells: dict[str, str]


def pest_rows(seed: int, reference: Reference, find_number: FindNumber, day: date) -> Iterator[Row]:
    """The rows of one business date: what was found on it, and what was identified or found to be a mistake."""
    for found in _found_on(seed, reference, find_number, day):
        yield _row(found, day, version=1)
    earlier = workdays.workday_before(day, _IDENTIFIED_AFTER)
    if not workdays.is_workday(day) or earlier < workdays.FIRST_DECLARED:
        return
    for found in _found_on(seed, reference, find_number, earlier):
        if found.is_pending or found.is_mistaken:
            yield _row(found, day, version=2)


def _found_on(seed: int, reference: Reference, find_number: FindNumber, day: date) -> Iterator[_Found]:
    for index, branch in enumerate(reference.branches):
        yield from _ordinary(seed, reference, find_number, index, branch, day)
        for place, entry in enumerate(_national()):
            if entry["org_code"] == branch.org and entry["date"] == day.isoformat():
                yield _of_national(entry, place, find_number(index, day, place))


def _ordinary(
    seed: int, reference: Reference, find_number: FindNumber, index: int, branch: Branch, day: date
) -> Iterator[_Found]:
    if not branch.port and not workdays.is_workday(day):
        return
    dice = Dice(seed, "pests", branch.org, day)
    most = _PER_DAY_AT_PORTS if branch.port and workdays.is_workday(day) else _PER_DAY_INLAND
    for serial in range(1, 1 + dice.below(most)):
        possible = {kind: kind for kind in branch.kinds}
        species = dice.weighted(
            {one: one.weight for one in _species() if any(kind in possible for kind in one.kinds)} or _any_species()
        )
        goods = [good for good in reference.goods if good.kind in species.kinds and "I" in good.directions]
        good = dice.pick(goods or reference.goods)
        source = dice.weighted(_SOURCES)
        yield _Found(
            number=f"{branch.org}YJ{day:%Y%m%d}{serial:02d}",
            day=day,
            second=9 * 3600 + dice.below(8 * 3600),
            org=branch.org,
            is_pending=dice.chance(_PENDING_PER_1000),
            is_mistaken=dice.chance(_MISTAKEN_PER_1000),
            cells={
                "decl_no": find_number(index, day, serial) if source in {"CARGO", "WOOD_PACKAGING"} else "",
                "source": source,
                "host_hs": good.hs_code if source != "WOOD_PACKAGING" else "4415",
                "origin_country": dice.pick(good.origins or ("840", "124", "036", "643")),
                "species_code": species.code,
                "species_latin": species.latin,
                "species_zh": species.zh,
                "taxon": species.taxon,
                "life_stage": dice.pick(_STAGES.get(species.taxon, ("MYCELIUM",))),
                "quantity": str(1 + dice.below(40)),
                "quarantine_pest_flag": "1" if species.is_quarantine else "0",
                "first_in_china_flag": "0",
                "national_significance": "0",
                "lab_no": f"JSDZ{day:%y%m}{dice.below(10_000):04d}",
                "treatment": dice.pick(_TREATMENTS) if species.is_quarantine else "",
                "certificate_out": "1" if dice.chance(200) else "0",
            },
        )


def _of_national(entry: dict[str, str], place: int, decl_no: str) -> _Found:
    day = date.fromisoformat(entry["date"])
    return _Found(
        number=f"{entry['org_code']}YJ{day:%Y%m%d}{90 + place % 10}",
        day=day,
        second=10 * 3600 + 60 * place,
        org=entry["org_code"],
        is_pending=False,
        is_mistaken=False,
        cells={
            "decl_no": decl_no if entry["source"] in {"CARGO", "WOOD_PACKAGING"} else "",
            "source": entry["source"],
            "host_hs": entry["host_hs"],
            "origin_country": entry["origin_country"],
            "species_code": entry["code"],
            "species_latin": entry["latin"],
            "species_zh": entry["zh"],
            "taxon": entry["taxon"],
            "life_stage": entry["stage"],
            "quantity": entry["quantity"],
            "quarantine_pest_flag": "1",
            "first_in_china_flag": "1" if place % 5 == 0 else "0",
            "national_significance": "1",
            "lab_no": f"JSDZ{day:%y%m}9{place:03d}",
            "treatment": entry["treatment"],
            "certificate_out": "1",
        },
    )


def _row(found: _Found, day: date, *, version: int) -> Row:
    op = "I" if version == 1 else "D" if found.is_mistaken else "U"
    recorded = at(day, found.second + 300 * version)
    cells = envelope("F07", found.number, op=op, version=version, recorded=recorded, org=found.org)
    cells |= {"interception_no": found.number}
    if op != "D":
        told = found.cells | {"intercept_date": found.day.isoformat()}
        if version == 1 and found.is_pending:
            genus = found.cells["species_latin"].partition(" ")[0]
            told |= {"species_latin": f"{genus} sp.", "species_code": "", "species_zh": ""}
        cells |= told
    return Row("F07", found.org, day, found.day, cells)


@lru_cache(maxsize=1)
def _species() -> tuple[_Species, ...]:
    return tuple(
        _Species(
            row["code"],
            row["latin"],
            row["zh"],
            row["taxon"],
            tuple(row["kinds"].split()),
            row["quarantine"] == "1",
            int(row["weight"]),
        )
        for row in _table("species")
    )


def _any_species() -> dict[_Species, int]:
    return {one: one.weight for one in _species()}


@lru_cache(maxsize=1)
def _national() -> tuple[dict[str, str], ...]:
    return tuple(_table("national_interceptions"))


def _table(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
