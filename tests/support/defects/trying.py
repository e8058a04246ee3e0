"""Try every defect on every feed in one warehouse, each in a slice of its own, and read what it ended in."""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ciq.building import build
from ciq.collecting.branches import branch_endpoints, configured_endpoints, delivering_branches
from ciq.collecting.collect import CollectReport, collect
from ciq.collecting.receipts import write_due_receipts
from ciq.contracts import load_contracts
from ciq.contracts.model import ContractSet
from ciq.database import connect
from ciq.loading import Claim, LoadReport, load
from support.bureau import Bureau
from support.defects.model import Defect, Files, Observed, Slot, Trial
from support.defects.picking import good_draft

FIRST_DAY = date(2010, 6, 8)
"""A Tuesday. Each feed has a fortnight of its own, so that one feed's trials say nothing of another's."""
FORTNIGHT = (0, 1, 2, 3, 6, 7, 8, 9, 10)
SERIALS = 10
"""Serial numbers of one slice."""

Key = tuple[str, str]
"""(feed, defect)"""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """All trials and what came of each."""

    contracts: ContractSet
    trials: Mapping[Key, Trial]
    observed: Mapping[Key, tuple[Observed, ...]]
    load: LoadReport
    still_growing: frozenset[str]
    """Names that the first collect left for the next, because they were still being written."""

    def of(self, defect: Defect) -> dict[str, tuple[Trial, tuple[Observed, ...]]]:
        """Feed -> trial and what it ended in, for the feeds that can have the defect."""
        return {
            feed: (trial, self.observed[feed, name])
            for (feed, name), trial in self.trials.items()
            if name == defect.name
        }


def trials_of(contracts: ContractSet, branches: Sequence[str], defects: Sequence[Defect]) -> dict[Key, Trial]:
    """Every defect that a feed can have, in a slice of its own."""
    found: dict[Key, Trial] = {}
    for number, contract in enumerate(contracts.feeds):
        first = FIRST_DAY + timedelta(days=14 * number)
        slots = ((first + timedelta(days=days), branch) for days in FORTNIGHT for branch in branches)
        for serial, (defect, (day, branch)) in enumerate(zip(defects, slots, strict=False)):
            slot = Slot(branch, day, (number % 10) * 10_000 + serial * SERIALS + 1)
            trial = defect.spoil(good_draft(contract, contracts.manifest, slot))
            if trial is not None:
                found[contract.feed_code, defect.name] = trial
    return found


def try_all(bureau: Bureau, defects: Sequence[Defect]) -> Tried:
    """Deliver, collect, load and build. Feeds of several sheets cannot come as delimited text, and are left out."""
    known = load_contracts(bureau.settings.contracts).contracts
    contracts = ContractSet(tuple(contract for contract in known if len(contract.record_types) == 1))
    with connect(bureau.settings, "loader") as connection:
        branches = delivering_branches(connection)
    due = [branch for branch, _ in branches if not branch.endswith("0000")]
    assert len(defects) <= len(due) * len(FORTNIGHT)
    trials = trials_of(contracts, due, defects)
    with _growing(bureau, trials.values()):
        still_growing = _collect(bureau)
    for step in ("growing", "first"):
        _put(bureau, trials.values(), step)
    _collect(bureau)
    _put(bureau, trials.values(), "then")
    _collect(bureau)
    report = load(bureau.settings, Claim(), run_ref="defects")
    built = build(bureau.settings, "defects")
    assert built is not None
    assert write_due_receipts(bureau.settings) == []
    return Tried(
        contracts=contracts,
        trials=trials,
        observed=observe(bureau, trials),
        load=report,
        still_growing=frozenset(name for branch in still_growing.branches for name in branch.growing),
    )


def _outbox(bureau: Bureau, trial: Trial) -> Path:
    folder = bureau.settings.inbox_root / trial.org / "outbox"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _put(bureau: Bureau, trials: Any, step: str) -> None:
    for trial in trials:
        files: Files = getattr(trial, step)
        for name, content in files.items():
            (_outbox(bureau, trial) / name).write_bytes(content)


def _collect(bureau: Bureau) -> CollectReport:
    with connect(bureau.settings, "loader") as connection:
        branches = delivering_branches(connection)
    endpoints = branch_endpoints(branches, configured_endpoints(bureau.settings), demand_all=False)
    report = collect(bureau.settings, endpoints, run_ref="defects")
    assert not report.failed, report.failed
    return report


@contextmanager
def _growing(bureau: Bureau, trials: Any) -> Iterator[None]:
    """Half of each file that grows is there; a byte comes every few milliseconds for as long as this lasts."""
    growing = [(_outbox(bureau, trial) / name, content) for trial in trials for name, content in trial.growing.items()]
    data = [(path, content) for path, content in growing if not path.name.endswith(".manifest.csv")]
    for path, content in growing:
        path.write_bytes(content)
    for path, content in data:
        path.write_bytes(content[: len(content) // 2])
    done = threading.Event()

    def grow() -> None:
        while not done.wait(0.02):
            for path, content in data:
                size = path.stat().st_size
                path.write_bytes(content[: len(content) // 2 + (size + 1) % (len(content) // 2 - 1)])

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


def observe(bureau: Bureau, trials: Mapping[Key, Trial]) -> dict[Key, tuple[Observed, ...]]:
    """What the ledger, the marts and the receipts say of each trial's deliveries."""
    receipts = _receipts(bureau)
    findings: dict[int, set[str]] = defaultdict(set)
    for row in bureau.fetch("select delivery_id, rule_id from published.fct_finding"):
        findings[row["delivery_id"]].add(row["rule_id"])
    by_name: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in bureau.fetch(_DELIVERIES):
        by_name[row["org_code"], row["data_name"] or row["manifest_name"]].append(row)
    return {
        key: tuple(
            _observed(row, receipts[row["delivery_id"]], findings[row["delivery_id"]])
            for name in sorted(trial.names)
            for row in by_name[trial.org, name]
            if row["delivery_id"] in receipts  # what came apart and was settled since needs no answer any more
        )
        for key, trial in trials.items()
    }


_DELIVERIES = """
select d.delivery_id, d.org_code, d.data_name, d.manifest_name, d.pairing, d.manifest_broken,
    coalesce(v.hold_rules, '{}') as holds, coalesce(v.rows_received, 0) as received,
    coalesce(v.rows_accepted, 0) as accepted, coalesce(v.rows_quarantined, 0) as quarantined,
    coalesce(v.rows_held, 0) as held,
    array(select distinct r.rule_id from audit.rule_result r join ref.rule using (rule_id)
        where r.delivery_id = d.delivery_id and r.rows_broken > 0 and r.engine in ('parser', 'sql')
            and ref.rule.severity = 'critical') as broken
from audit.delivery d left join audit.delivery_verdict x using (delivery_id)
left join audit.verdict v using (verdict_id)
order by d.place nulls last, d.delivery_id
"""


def _receipts(bureau: Bureau) -> dict[int, dict[str, Any]]:
    """Delivery -> its entry in the receipt that lies in the sender's inbox."""
    found = {}
    for path in bureau.settings.inbox_root.glob("*/inbox/*.receipt.json"):
        for entry in json.loads(path.read_text(encoding="utf-8"))["deliveries"]:
            found[entry["delivery_id"]] = entry
    return found


def _observed(row: dict[str, Any], entry: dict[str, Any], findings: set[str]) -> Observed:
    unpaired = {finding["rule_id"] for finding in entry["findings"]} if row["pairing"] != "paired" else set()
    return Observed(
        state=entry["state"],
        holds=frozenset(row["holds"]) | unpaired,
        broken=frozenset(row["broken"]),
        findings=frozenset(findings),
        received=row["received"],
        accepted=row["accepted"],
        quarantined=row["quarantined"],
        held=row["held"],
        told={f["rule_id"]: _message(f) for f in entry["findings"]},
    )


def _message(finding: dict[str, Any]) -> tuple[str, str]:
    """What the rule says; where the file was taken for something else, what it is, in the receipt's own words."""
    found = str(finding.get("found", ""))
    told = found.rpartition("; ")[2] if found.startswith("bytes") and "; " in found else found
    hint = f" ({told})" if re.search("[\u4e00-\u9fff]", told) and not told.startswith("bytes") else ""
    return finding["message_zh"], finding["message_en"] + hint
