"""Each rule of scope build is in the models that find, and each that they find is in a contract."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import yaml

from ciq.contracts import load_contracts
from ciq.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "intermediate" / "findings"
MACROS = tuple(PROJECT_ROOT / "dbt_project" / "macros" / name for name in ("numberings.sql", "told_twice.sql"))
"""That name rules of models that know none by name."""
MEASURED = ("F01", "F02", "F03", "F04", "F05")
"""Feeds of which a day has so many records that their number can be unusual."""
STAGING = PROJECT_ROOT / "dbt_project" / "models" / "staging"


def _standing() -> list[str]:
    """What the rule ids of record types whose records stand by themselves begin with: `F07`, `F09-honor`."""
    models = (yaml.safe_load(path.read_text(encoding="utf-8"))["models"] for path in STAGING.glob("*/*__models.yml"))
    records = [model["config"]["meta"]["record"] for model in chain(*models) if "config" in model]
    return ["-".join(filter(None, (record["feed"], record.get("type")))) for record in records]


STANDING = _standing()


def rules_of(model: Path) -> set[str]:
    """The rules that a model names: in full, or for each of its feeds."""
    text = model.read_text(encoding="utf-8")
    feeds = re.findall(r"^ +\('([A-Z]\d\d)', ", text, re.MULTILINE)
    of_lists = re.findall(r"\bfeed ~ '(-[\w-]+)'", text)
    listed = re.findall(r"^ +\('([A-Z]\d\d)', '\w+', '([\w-]+-missing)'", text, re.MULTILINE)
    measured = [feed + ending for ending in re.findall(r"feed_code \|\| '(-[\w-]+)'", text) for feed in MEASURED]
    endings = re.findall(r"^ +(?:\()?'(-[a-z]+-[a-z]+)',", text, re.MULTILINE)
    standing = [prefix + ending for ending in endings for prefix in STANDING]
    in_full = re.findall(r"'([A-Z]\d\d-[\w-]+)'", text)
    of_feeds = (feed + ending for feed in feeds for ending in of_lists)
    return set(chain(in_full, of_feeds, standing, (f"{feed}-{rule}" for feed, rule in listed), measured))


def test_models_and_contracts_name_the_same_rules_of_scope_build() -> None:
    contracts = load_contracts(PROJECT_ROOT / "expectations")
    found = set().union(*(rules_of(model) for model in (*MODELS.glob("int_findings__*.sql"), *MACROS)))
    assert found == {rule.id for rule in contracts.rules() if rule.scope == "build"}
    assert len(found) >= 70


def test_state_machines_speak_of_events_that_there_are_and_the_documents_show_them() -> None:
    macros = (PROJECT_ROOT / "dbt_project" / "macros" / "findings.sql").read_text(encoding="utf-8")
    steps = re.findall(r"\('([A-Z]\d\d)', '(\w*)', '([\w ]*)'\)", macros)
    documents = (PROJECT_ROOT / "docs" / "calibres.md").read_text(encoding="utf-8")
    assert len(steps) == len({step[:2] for step in steps}) > 20
    events: dict[str, set[str]] = {}
    for feed, state, following in steps:
        assert f"| `{feed}` | {state or '(start)'} | {', '.join(following.split())} |" in documents
        events.setdefault(feed, set()).update({state, *following.split()} - {""})
    sets = {rule.id: rule.kwargs.get("value_set") for rule in load_contracts(PROJECT_ROOT / "expectations").rules()}
    for feed, named in events.items():
        assert named == set(sets[f"{feed}-event_type-known"])
