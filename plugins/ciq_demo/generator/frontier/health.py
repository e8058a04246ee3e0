"""F06: health quarantine of conveyances, containers and persons at the ports; inland branches have none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ciq_demo.generator import workdays
from ciq_demo.generator.cases.rows import Row, at, envelope
from ciq_demo.generator.randomness import Dice
from ciq_demo.generator.reference import Branch, Reference

CLUSTER, CLUSTER_DAY, CLUSTER_ORG = "MAL-2010-01", date(2010, 8, 4), "320100"
"""Imported malaria: workers who came home together. The review's one outbreak."""
_CLUSTER_CASES, _MALARIA = 6, "B54"
_CONFIRMED_AFTER = 3
_EVENTS_PER_DAY = 26
_VECTORS = {
    "RAT": ("Rattus norvegicus", 12), "ROACH": ("Blattella germanica", 38), "FLY": ("Musca domestica", 26),
    "MOSQUITO": ("Culex pipiens", 14), "MIDGE": ("Culicoides sp.", 4), "FLEA": ("Xenopsylla cheopis", 2),
}  # fmt: skip
_DISEASES = {"J11": 50, "A15": 18, "B16": 14, "A90": 6, _MALARIA: 8, "J09": 4}
_COUNTRIES = ("410", "392", "158", "702", "764", "704", "643", "036", "076", "710", "566", "226", "840")
_SHIPS = ("HAI FENG", "ORIENT STAR", "XIN YANG", "PACIFIC JADE", "GLOBAL UNITY", "SUN FLORA", "TAI HANG", "NORD WAVE")
_NUMBERS = {"VESSEL": 2000, "AIRCRAFT": 9000, "TRAIN": 9000, "CONTAINER": 9000}
"""How many numbers the conveyances of a kind have; ships of each name have them all."""
_AIRPORTS = ("CNNKG", "CNWUX", "CNCZX")
_POSITIVE_PER_1000 = {"VESSEL": 160, "AIRCRAFT": 12, "TRAIN": 25, "CONTAINER": 45}
_SUSPECT_PER_1000, _DISCARDED_PER_1000 = 60, 350
_OPERATORS = ("口岸卫生处理服务中心", "卫生处理有限公司", "检疫除害处理站")


@dataclass(frozen=True)
class _Event:
    """One event. `suspected`: its disease is confirmed or discarded some days later."""

    number: str
    day: date
    second: int
    org: str
    cells: dict[str, str]
    suspected: bool = False
    discarded: bool = False


@dataclass(frozen=True)
class _Watch:
    """A branch on a day; `place`: which of the `ports` branches at a port it is."""

    org: str
    day: date
    place: int
    ports: int

    def numbers(self, kind: str) -> range:
        """Of the conveyances of a kind those that call here: at one port a day, at others on other days."""
        return range((self.place + self.day.toordinal()) % self.ports, _NUMBERS[kind], self.ports)


def health_rows(seed: int, reference: Reference, day: date) -> Iterator[Row]:
    """The rows of one business date: its events, and what became of the suspected cases of some days before."""
    for event in _events_on(seed, reference, day):
        yield _row(event, day, version=1)
    earlier = workdays.workday_before(day, _CONFIRMED_AFTER)
    if not workdays.is_workday(day) or earlier < workdays.FIRST_DECLARED:
        return
    for event in _events_on(seed, reference, earlier):
        if event.suspected:
            yield _row(event, day, version=2)


def _events_on(seed: int, reference: Reference, day: date) -> Iterator[_Event]:
    branches = [branch for branch in reference.branches if branch.port]
    for place, branch in enumerate(branches):
        yield from _of_port(seed, branch, _Watch(branch.org, day, place, len(branches)))
        if branch.org == CLUSTER_ORG and day == CLUSTER_DAY:
            yield from _cluster()


def _of_port(seed: int, branch: Branch, watch: _Watch) -> Iterator[_Event]:
    day = watch.day
    dice = Dice(seed, "health", branch.org, day)
    own = [port for port in branch.ports if port.startswith("CN") and port not in {"CNPVG", "CNSHA", "CNSGH"}]
    kinds = {"VESSEL": 60, "CONTAINER": 25, "PERSON": 15}
    if any(port in _AIRPORTS for port in own):
        kinds |= {"AIRCRAFT": 30}
    if "CNLYG" in own:
        kinds |= {"TRAIN": 12}
    count = _EVENTS_PER_DAY // (1 if workdays.is_workday(day) else 3)
    for serial in range(1, 1 + count // 2 + dice.below(count)):
        kind = dice.weighted(kinds)
        port = next((port for port in own if (port in _AIRPORTS) == (kind == "AIRCRAFT")), own[0])
        second = dice.below(23 * 3600)
        yield _event(dice, kind, f"{branch.org}WJ{day:%Y%m%d}{serial:03d}", watch, port, second)


def _event(dice: Dice, kind: str, number: str, watch: _Watch, port: str, second: int) -> _Event:
    cells = {
        "event_type": kind,
        "port": port,
        "event_date": watch.day.isoformat(),
        "from_country": dice.pick(_COUNTRIES),
        "inspected_cnt": str(1 + dice.below(30) if kind == "CONTAINER" else 1),
    }
    if kind == "PERSON":
        return _screening(dice, number, watch, second, cells)
    cells["conveyance_id"] = _conveyance(dice, kind, watch)
    cells["vector_positive_cnt"] = "0"
    if dice.chance(_POSITIVE_PER_1000[kind]):
        code = dice.weighted({code: weight for code, (_, weight) in _VECTORS.items()})
        cells |= {
            "vector_positive_cnt": "1",
            "vector_code": code,
            "vector_latin": _VECTORS[code][0],
            "vector_qty": str(1 + dice.below(60)),
            "pathogen_positive": "1" if dice.chance(8) else "0",
            "treatment": "DISINSECT" if code != "RAT" else "DERAT",
            "treatment_operator": dice.pick(_OPERATORS),
        }
    if kind in {"VESSEL", "AIRCRAFT"}:
        cells |= {"persons_screened": str(18 + dice.below(12) if kind == "VESSEL" else 90 + dice.below(120))}
        cells |= {"fever_cnt": "1" if dice.chance(20) else "0"}
    return _Event(number, watch.day, second, watch.org, cells)


def _screening(dice: Dice, number: str, watch: _Watch, second: int, cells: dict[str, str]) -> _Event:
    screened = 40 + dice.below(200)
    cells |= {"inspected_cnt": str(screened), "persons_screened": str(screened), "fever_cnt": str(dice.below(3))}
    if not dice.chance(_SUSPECT_PER_1000):
        return _Event(number, watch.day, second, watch.org, cells)
    cells |= {"disease_code": dice.weighted(_DISEASES), "confirmed_flag": "0"}
    discarded = dice.chance(_DISCARDED_PER_1000)
    return _Event(number, watch.day, second, watch.org, cells, suspected=True, discarded=discarded)


def _cluster() -> Iterator[_Event]:
    for place in range(_CLUSTER_CASES):
        cells = {
            "event_type": "PERSON",
            "port": "CNNKG",
            "event_date": CLUSTER_DAY.isoformat(),
            "from_country": "226",
            "inspected_cnt": "1",
            "persons_screened": "1",
            "fever_cnt": "1",
            "disease_code": _MALARIA,
            "confirmed_flag": "0",
            "cluster_id": CLUSTER,
            "treatment": "ISOLATION",
        }
        number = f"{CLUSTER_ORG}WJ{CLUSTER_DAY:%Y%m%d}9{place:02d}"
        yield _Event(number, CLUSTER_DAY, 20 * 3600 + 120 * place, CLUSTER_ORG, cells, suspected=True)


def _conveyance(dice: Dice, kind: str, watch: _Watch) -> str:
    number = dice.pick(watch.numbers(kind))
    if kind == "VESSEL":
        return f"{dice.pick(_SHIPS)} {number + 10}"
    if kind == "AIRCRAFT":
        return f"MU{number:04d}"
    if kind == "TRAIN":
        return f"X{number:04d}"
    return f"COSU{watch.day:%m%d}{number:04d}"


def _row(event: _Event, day: date, *, version: int) -> Row:
    recorded = at(day, min(event.second + 600 * version, 86_399))
    op = "I" if version == 1 else "U"
    cells = envelope("F06", event.number, op=op, version=version, recorded=recorded, org=event.org)
    cells |= {"event_no": event.number} | event.cells
    if version == 2:
        cells |= {"confirmed_flag": "0" if event.discarded else "1"}
        if event.discarded:
            cells |= {"disease_code": ""}
    return Row("F06", event.org, day, event.day, cells)
