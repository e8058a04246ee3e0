"""Under which version of its contract each delivery behind a figure was judged."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from ciq.contracts import load_contracts
from ciq.errors import Place
from ciq.loading.rules import RulesGoneError, read_rulebook
from ciq.settings import Settings


def rules_of(settings: Settings, connection: psycopg.Connection, delivery_ids: Iterable[int]) -> dict[int, str]:
    """Delivery -> contract and version of the verdict in force, for example `F01 1.0.0`.

    Where contract and code lists of then can no longer be told apart, the beginning of the rules' hash.
    """
    rulebook = read_rulebook(settings, connection, load_contracts(settings.contracts))
    verdicts = connection.execute(
        "select v.delivery_id, d.feed_code, v.rules_hash from audit.delivery_verdict v"
        " join audit.delivery d using (delivery_id) where v.delivery_id = any(%s)",
        (sorted(set(delivery_ids)),),
    ).fetchall()
    named: dict[tuple[str, str], str] = {}
    for _, feed_code, rules_hash in verdicts:
        if (feed_code, rules_hash) not in named:
            try:
                contract = rulebook.contract_of(rules_hash, feed_code, Place(feed=feed_code))
            except RulesGoneError:
                contract = None
            named[feed_code, rules_hash] = f"{feed_code} {contract.version if contract else rules_hash[:12]}"
    return {delivery_id: named[feed_code, rules_hash] for delivery_id, feed_code, rules_hash in verdicts}
