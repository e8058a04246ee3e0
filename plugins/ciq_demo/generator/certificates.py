"""F04: certificates as text. An import has its clearance form at once, an export once it is evaluated; some have more.

Everything follows from the numbers of the lot: a certificate looks the same where it is written off or voided.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ciq_demo.generator import text
from ciq_demo.generator.book import STATUS_CHANGED
from ciq_demo.generator.choices import DECL_TYPES
from ciq_demo.generator.declarations import decl_numbers, direct_release_modes, officers_of
from ciq_demo.generator.inspections import evaluated_sec, first_seq
from ciq_demo.generator.lots import NEVER, VOIDED, Bools, Lots
from ciq_demo.generator.randomness import Ints
from ciq_demo.generator.reference import Reference
from ciq_demo.generator.text import Cells, slice_of

_ENTRY_FORM, _EXIT_FORM = "11", "21"
_TO_BE_EXCHANGED, _SLIP = "51", "52"
_INSPECTED, _TREATMENT = "61", "62"
_FORMS = (_ENTRY_FORM, _EXIT_FORM)
_OF_KIND = {"food": "44", "grain": "42", "wood": "42", "wool": "41", "feather": "41"}
_OTHER_KIND = "31"
_PACKAGING = DECL_TYPES.index("24")
_EXCHANGED_AT_PORT = DECL_TYPES.index("23")
_FRESH = ("food", "grain")
_DAYS_VALID, _DAYS_FRESH = 60, 21
_VALID, _VOID, _WRITTEN_OFF = "1", "2", "4"
_FAILED, _TREATED = 1, 3


@dataclass(frozen=True)
class _Issue:
    """One certificate of each lot: which serial it has, of what kind it is, and when it is issued."""

    serial: Ints
    kind: Cells
    day: Ints
    second: Ints


def on_acceptance(lots: Lots, reference: Reference) -> tuple[Ints, dict[str, Cells]]:
    """The clearance forms of imports, issued when they are accepted, with the branch that sends each row."""
    entering = _take(lots, lots.leaves == 0)
    return entering.branch, _rows(entering, reference, _first(entering, reference))


def on_result(lots: Lots, reference: Reference, number: int) -> tuple[Ints, dict[str, Cells]]:
    """What is issued on the day `number` because a result has come: exports' first certificates, and second ones."""
    alive = lots.evaluated & _before_void(lots, np.full_like(lots.day, number))
    first = _take(lots, alive & (lots.leaves == 1) & (_released_on(lots) == number) & (lots.decl_type != _PACKAGING))
    second = _take(lots, alive & _has_second(lots) & (_second_on(lots) == number))
    return _join(
        (first.branch, _rows(first, reference, _first(first, reference))),
        (second.branch, _rows(second, reference, _second(second, reference))),
    )


def written_off(lots: Lots, reference: Reference) -> tuple[Ints, dict[str, Cells]]:
    """Clearance forms that customs wrote off some days after their issue: op U."""
    issue = _first(lots, reference)
    later = (lots.correction == STATUS_CHANGED) & (issue.day != NEVER) & (issue.day < lots.correction_day)
    chosen = _take(lots, later & np.isin(issue.kind, _FORMS) & ~_used_at_once(lots) & (lots.kind != VOIDED))
    again = _first(chosen, reference)
    second = 9 * 3600 + slice_of(chosen.salt2, 11, 8 * 3600)
    columns = _rows(chosen, reference, again, version=2) | _use(chosen, chosen.correction_day, second)
    columns["op_time"] = text.times(chosen.correction_day, second + 600)
    return chosen.branch, columns


def voided(lots: Lots, reference: Reference) -> tuple[Ints, dict[str, Cells]]:
    """Certificates of lots that were withdrawn: op U, void; somebody forgets one in thirty."""
    parts = []
    for issue_of, has in ((_first, None), (_second, _has_second)):
        issue = issue_of(lots, reference)
        there = (issue.day != NEVER) & (issue.day < lots.void_day) & (slice_of(lots.salt2, 33, 30) > 0)
        chosen = _take(lots, there & (has(lots) if has else lots.decl_type != _PACKAGING))
        columns = _rows(chosen, reference, issue_of(chosen, reference), version=2)
        n = len(chosen.day)
        columns |= {"status": text.constant(n, _VOID), "customs_decl_no": text.constant(n)}
        columns |= {"used_time": text.constant(n)}
        columns["op_time"] = text.times(chosen.void_day, 10 * 3600 + slice_of(chosen.salt2, 7, 7 * 3600))
        parts.append((chosen.branch, columns))
    return _join(*parts)


def _released_on(lots: Lots) -> Ints:
    """The day on which an export's result lets it go: the first that conforms, or the one after rework or treatment."""
    again = np.where(lots.again_result > _FAILED, lots.again_day, NEVER)
    return np.where(lots.result == _FAILED, again, lots.result_day)


def _second_on(lots: Lots) -> Ints:
    return np.where(lots.leaves == 1, _released_on(lots), lots.result_day)


def _has_second(lots: Lots) -> Bools:
    """Imports: a certificate of inspection for some, a notice where treatment is due. Exports: one lot in four."""
    roll = slice_of(lots.salt, 19, 100)
    enters = np.where(lots.result == 0, roll < 35, (lots.result == _FAILED) | (lots.result == _TREATED))
    leaves = (roll < 24) & (lots.decl_type < _EXCHANGED_AT_PORT)
    return np.where(lots.leaves == 1, leaves, enters)


def _first(lots: Lots, reference: Reference) -> _Issue:
    enters = lots.leaves == 0
    released = _released_on(lots)
    port = np.array([branch.port for branch in reference.branches])[lots.branch]
    at_port = port | (lots.decl_type == _EXCHANGED_AT_PORT) | (direct_release_modes(lots) != "NONE")
    slip = text.where(slice_of(lots.salt, 21, 100) < 8, _TO_BE_EXCHANGED, _SLIP)
    kind = text.where(enters, _ENTRY_FORM, text.where(at_port, _EXIT_FORM, slip))
    on_entry = lots.accept_sec + 1200 + slice_of(lots.salt2, 9, 5400)
    second = np.where(enters, on_entry, _after_evaluation(lots, released))
    return _Issue(np.ones_like(lots.day), kind, np.where(enters, lots.day, released), second)


def _second(lots: Lots, reference: Reference) -> _Issue:
    kinds = text.column([_OF_KIND.get(good.kind, _OTHER_KIND) for good in reference.goods])
    entry = text.where(lots.result == 0, _INSPECTED, _TREATMENT)
    day = _second_on(lots)
    # One in two thousand has the next serial: the one between was never sent.
    serial = np.where(slice_of(lots.salt2, 35, 2000) == 0, 3, 2)
    return _Issue(
        serial, text.where(lots.leaves == 1, kinds[lots.good], entry), day, _after_evaluation(lots, day) + 300
    )


def _after_evaluation(lots: Lots, day: Ints) -> Ints:
    """Up to two hours after the evaluation of that day."""
    seq = first_seq(lots) + (day == lots.again_day)
    return evaluated_sec(lots, day, seq) + 900 + slice_of(lots.salt2, 15, 6300)


def _rows(lots: Lots, reference: Reference, issue: _Issue, *, version: int = 1) -> dict[str, Cells]:
    n = len(lots.day)
    numbers = decl_numbers(lots, reference)
    certificates = numbers + text.padded(issue.serial, 3)
    org = text.look_up(reference.orgs, lots.org)
    columns = {
        "record_id": "F04-" + certificates + f"-{version}",
        "op": text.constant(n, "I" if version == 1 else "U"),
        "version_no": text.constant(n, str(version)),
        "op_time": text.times(issue.day, issue.second + 60),
        "org_code": org,
        "cert_no": certificates,
        "decl_no": numbers,
        "cert_type": issue.kind,
        "issue_time": text.times(issue.day, issue.second),
        "visa_officer": officers_of(lots, reference, "cashiers", slice_of(lots.salt, 25, 3)),
        "issue_org": org,
        "copies": text.integer(1 + slice_of(lots.salt, 27, 3)),
        "status": text.constant(n, _VALID),
    } | _clearance(lots, reference, issue)
    at_once = np.isin(issue.kind, _FORMS) & _used_at_once(lots)
    used = _use(lots, issue.day, issue.second + 2400 + slice_of(lots.salt2, 19, 9000))
    return columns | {
        name: text.where(at_once, cells, columns.get(name, text.constant(n))) for name, cells in used.items()
    }


def _clearance(lots: Lots, reference: Reference, issue: _Issue) -> dict[str, Cells]:
    """What a clearance form or an exchange certificate says of the goods; a few say it wrong."""
    named = np.isin(issue.kind, (*_FORMS, _TO_BE_EXCHANGED, _SLIP))
    codes = text.column([good.hs_code for good in reference.goods])
    another = codes[(lots.good + 1) % len(reference.goods)]
    countries = text.column(reference.countries)
    other_country = countries[(lots.partner + 1) % len(countries)]
    fresh = np.array([good.kind in _FRESH for good in reference.goods])[lots.good]
    days = np.where(fresh, _DAYS_FRESH, _DAYS_VALID)
    # A day of validity that was typed wrong shows once customs uses the form.
    mistyped = (lots.correction == STATUS_CHANGED) & (slice_of(lots.salt, 29, 60) == 0)
    valid_to = text.dates(np.maximum(issue.day, 0) + np.where(mistyped, 0, days))
    country = text.where(slice_of(lots.salt, 31, 500) == 0, other_country, countries[lots.partner])
    return {
        "valid_to": text.where(named, valid_to, ""),
        "hs_code": text.where(named, text.where(slice_of(lots.salt, 23, 400) == 0, another, codes[lots.good]), ""),
        "dest_country": text.where(named & (lots.leaves == 1), country, ""),
    }


def _used_at_once(lots: Lots) -> Bools:
    return np.asarray(slice_of(lots.salt, 17, 100) < 30)


def _use(lots: Lots, day: Ints, second: Ints) -> dict[str, Cells]:
    """Customs wrote it off."""
    declared = "2301" + text.padded(slice_of(lots.salt, 3, 10**14), 14)
    return {
        "status": text.constant(len(lots.day), _WRITTEN_OFF),
        "customs_decl_no": declared,
        "used_time": text.times(day, second),
    }


def _before_void(lots: Lots, day: Ints) -> Bools:
    return np.asarray((lots.kind != VOIDED) | (day < lots.void_day))


def _take(lots: Lots, condition: np.ndarray) -> Lots:
    chosen = lots.take(np.flatnonzero(condition))
    assert isinstance(chosen, Lots)
    return chosen


def _join(*parts: tuple[Ints, dict[str, Cells]]) -> tuple[Ints, dict[str, Cells]]:
    names = parts[0][1]
    return (
        np.concatenate([branch for branch, _ in parts]),
        {name: np.concatenate([columns[name] for _, columns in parts]) for name in names},
    )
