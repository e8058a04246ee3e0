"""What a trial ended in against what it should end in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from support.defects.model import Observed, Trial
from support.defects.trying import Tried
from support.oracle.serials import RULES

SETTLED = ("withdrawal", "superseded")
"""States whose receipts need not name what held the delivery."""


def differences(trial: Trial, observed: Sequence[Observed], usual: Collection[str]) -> Iterator[str]:
    """In words, what is not as expected. `usual`: what the build finds of a delivery without a defect."""
    ends = trial.ends
    states = sorted(one.state for one in observed)
    if states != sorted(ends.states):
        yield f"ends as {states}, not {sorted(ends.states)}: {[sorted(one.rules) for one in observed]}"
    rules = frozenset().union(*(one.rules for one in observed))
    if missing := ends.rules - rules:
        yield f"does not break {sorted(missing)}"
    if not ends.any_rule and (more := rules - ends.rules - ends.optional):
        yield f"also breaks {sorted(more)}"
    if sum(one.quarantined for one in observed) != ends.quarantined:
        yield f"{sum(one.quarantined for one in observed)} rows are quarantined, not {ends.quarantined}"
    yield from _found(trial, observed, usual)
    for one in observed:
        yield from _law_one(trial, one)
        yield from _untold(one)


def _found(trial: Trial, observed: Sequence[Observed], usual: Collection[str]) -> Iterator[str]:
    findings = frozenset().union(*(one.findings for one in observed))
    if missing := trial.ends.findings - findings:
        yield f"the build does not find {sorted(missing)}"
    if not trial.ends.any_finding and (more := findings - trial.ends.findings - set(usual)):
        yield f"the build also finds {sorted(more)}"


def _law_one(trial: Trial, one: Observed) -> Iterator[str]:
    if one.received != one.accepted + one.quarantined + one.held:
        yield f"received {one.received} is not {one.accepted} + {one.quarantined} + {one.held}"
    if one.state in ("accepted", "quarantined") and one.received != trial.records:
        yield f"{one.received} records were counted, not {trial.records}"


def _untold(one: Observed) -> Iterator[str]:
    if one.state in SETTLED:
        return
    for rule in one.rules - {"D-manifest"}:
        zh, en = one.told.get(rule, ("", ""))
        if not zh or not en or rule in (zh, en):
            yield f"the receipt does not tell what {rule} is"


def usual_findings(tried: Tried, feed: str) -> frozenset[str]:
    """What the build finds of the feed's delivery without a defect: it comes alone, so that others are missed.

    Of its numbers, too: those of other trials stand before them, and what a defect keeps out leaves a gap.
    """
    found = frozenset[str]().union(*(one.findings for one in tried.observed[feed, "none"]))
    return found | {RULES[feed]} if feed in RULES else found
