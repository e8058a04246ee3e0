"""Each rule of scope build is in the models that find, and each that they find is in a contract."""

from __future__ import annotations

import re

from ciq.contracts import load_contracts
from ciq.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "intermediate" / "findings"


def test_models_and_contracts_name_the_same_rules_of_scope_build() -> None:
    contracts = load_contracts(PROJECT_ROOT / "expectations")
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(MODELS.glob("int_findings__*.sql")))
    found = set(re.findall(r"'(F\d\d-[\w-]+)'", text))
    of_every_feed = re.findall(r"feed_code \|\| '(-[\w-]+)'", text)
    found |= {feed.feed_code + rule for feed in contracts.feeds for rule in of_every_feed}
    assert found == {rule.id for rule in contracts.rules() if rule.scope == "build"}
    assert len(found) > 30
