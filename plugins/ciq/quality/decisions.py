"""Decisions of named persons: release quarantined rows, release or reject held deliveries.

A decision is a fact like a delivery: it is appended, never changed, and the published state is a function of both. What
it changes shows when the delivery is judged again (`ciq.loading.rejudge`) and built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.errors import CiqError, Place
from ciq.ledger.events import append_event
from ciq.loading.rules import check_reproducible, read_rulebook
from ciq.settings import Settings

REJECTED = "D-rejected"


class DecisionError(CiqError):
    """A decision that the rules do not allow, or that speaks of nothing."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who decided, and why. The database login is kept beside it."""

    by: str
    reason: str

    def check(self) -> None:
        """Raises DecisionError when the name or the reason is blank."""
        if not self.by.strip() or not self.reason.strip():
            raise DecisionError("A decision needs a person and a reason", advice="Give --by and --reason.")


@dataclass(frozen=True, kw_only=True)
class Hold:
    """One rule that holds one delivery, with what was expected and found."""

    delivery_id: int
    feed_code: str
    org_code: str
    business_date: str
    seq: int
    data_name: str
    rule_id: str
    message_zh: str
    message_en: str
    releasable: bool
    expected: str
    found: str
    rows_held: int
    judged_at: str


def held(connection: psycopg.Connection, delivery_ids: Sequence[int] = ()) -> list[Hold]:
    """Rules that hold a delivery now; of all deliveries when none are named."""
    with connection.cursor(row_factory=class_row(Hold)) as cursor:
        return cursor.execute(
            "select v.delivery_id, d.feed_code, d.org_code, d.business_date::text, d.seq, d.data_name, h.rule_id,"
            " coalesce(r.message_zh, h.rule_id) as message_zh, coalesce(r.message_en, h.rule_id) as message_en,"
            " coalesce(r.releasable, false) as releasable, v.rows_held,"
            " coalesce(v.hold_detail #>> array[h.rule_id, 'expected'], '') as expected,"
            " case when h.rule_id = %(rejected)s then format('%%s, by %%s: %%s',"
            "  v.hold_detail #>> array[h.rule_id, 'rule'], v.hold_detail #>> array[h.rule_id, 'by'],"
            "  v.hold_detail #>> array[h.rule_id, 'reason'])"
            " else coalesce(v.hold_detail #>> array[h.rule_id, 'found'], v.hold_detail ->> h.rule_id, '') end as found,"
            " to_char(v.judged_at, 'YYYY-MM-DD HH24:MI') as judged_at"
            " from audit.delivery_verdict v join audit.delivery d using (delivery_id)"
            " cross join lateral unnest(v.hold_rules) as h(rule_id) left join ref.rule r on r.rule_id = h.rule_id"
            " where v.verdict = 'held' and (%(ids)s::bigint[] = '{}' or v.delivery_id = any(%(ids)s))"
            " order by d.business_date, d.feed_code, d.org_code, d.place, h.rule_id",
            {"ids": list(delivery_ids), "rejected": REJECTED},
        ).fetchall()


def release_holds(
    settings: Settings, delivery_id: int, rule_ids: Sequence[str], signature: Signature
) -> tuple[str, ...]:
    """Record that these holds no longer stand; all of the delivery's when none are named. Returns the rules.

    Raises DecisionError for a delivery that is not held, a rule that does not hold it or that cannot be released, and
    RulesGoneError where the verdict's rules are no longer to be had.
    """
    signature.check()
    with connect(settings, "engineer", application="ciq hold release") as connection:
        wanted = _open_holds(connection, delivery_id, rule_ids)
        stuck = [hold.rule_id for hold in wanted if not hold.releasable]
        if stuck:
            raise DecisionError(
                f"Rules that cannot be released hold the delivery 不可解除: {', '.join(stuck)}",
                place=_place(wanted[0]),
                advice="The sender must correct the file and send it again.",
            )
        _check_effect(settings, connection, delivery_id)
        released = tuple(hold.rule_id for hold in wanted)
        decide(connection, "release_hold", delivery_id, [(rule_id, None) for rule_id in released], signature)
    return released


def reject_hold(settings: Settings, delivery_id: int, signature: Signature) -> tuple[str, ...]:
    """Record that the delivery stays held for good. Returns the rules that hold it.

    Raises DecisionError for a delivery that is not held, or that was rejected before.
    """
    signature.check()
    with connect(settings, "engineer", application="ciq hold reject") as connection:
        holds = _open_holds(connection, delivery_id, ())
        if REJECTED in {hold.rule_id for hold in holds}:
            raise DecisionError("The delivery was rejected before 已拒收", place=_place(holds[0]))
        _check_effect(settings, connection, delivery_id)
        rules = tuple(hold.rule_id for hold in holds)
        decide(connection, "reject_hold", delivery_id, [(rules[0], None)], signature)
    return rules


def _open_holds(connection: psycopg.Connection, delivery_id: int, rule_ids: Sequence[str]) -> list[Hold]:
    holds = held(connection, [delivery_id])
    if not holds:
        raise DecisionError(f"Delivery {delivery_id} is not held 未被扣留", advice="See `ciq hold list`.")
    unknown = sorted(set(rule_ids) - {hold.rule_id for hold in holds})
    if unknown:
        raise DecisionError(
            f"{', '.join(unknown)} does not hold the delivery", place=_place(holds[0]), advice="See `ciq hold list`."
        )
    return [hold for hold in holds if not rule_ids or hold.rule_id in rule_ids]


def release_rows(settings: Settings, delivery_id: int, rule_id: str, lines: Sequence[int], signature: Signature) -> int:
    """Record that the rule does not stand against these lines; against all that it quarantined when none are named.

    Returns the number of rows. A row that breaks other rules too stays in quarantine until they are released as well.
    Raises DecisionError for a rule that cannot be released and for lines that are not in quarantine for it.
    """
    signature.check()
    with connect(settings, "engineer", application="ciq quarantine release") as connection:
        _check_releasable(connection, rule_id)
        _check_effect(settings, connection, delivery_id)
        rows = connection.execute(
            "select line_no from quarantine.rejected_row where delivery_id = %s and state = 'open'"
            " and %s = any(rule_ids) and (%s::bigint[] = '{}' or line_no = any(%s)) order by line_no",
            (delivery_id, rule_id, list(lines), list(lines)),
        ).fetchall()
        found = [int(row[0]) for row in rows]
        missing = sorted(set(lines) - set(found))
        if missing or not found:
            where = f"lines {', '.join(map(str, missing))}" if missing else "any line"
            raise DecisionError(
                f"{rule_id} keeps no open row of delivery {delivery_id} in quarantine at {where}",
                advice="See `ciq quarantine list`.",
            )
        decide(connection, "release_row", delivery_id, [(rule_id, line) for line in found], signature)
    return len(found)


def _check_effect(settings: Settings, connection: psycopg.Connection, delivery_id: int) -> None:
    """A decision is judged under the rules of the verdict that it speaks of: they must still be there."""
    rulebook = read_rulebook(settings, connection, load_contracts(settings.contracts))
    check_reproducible(rulebook, connection, delivery_id)


def _check_releasable(connection: psycopg.Connection, rule_id: str) -> None:
    row = connection.execute("select releasable from ref.rule where rule_id = %s", (rule_id,)).fetchone()
    if row is None:
        raise DecisionError(f"There is no rule {rule_id} 规则不存在", advice="See `ciq quarantine list`.")
    if not row[0]:
        raise DecisionError(
            f"{rule_id} cannot be released: such a row has no usable value 不可放行",
            advice="The sender must correct the row and send it again.",
        )


def decide(
    connection: psycopg.Connection,
    kind: str,
    delivery_id: int,
    subjects: Sequence[tuple[str, int | None]],
    signature: Signature,
) -> None:
    """Append a decision on (rule, line or None for all) and its event, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into audit.decision (kind, delivery_id, rule_id, line_no, decided_by, reason)"
            " values (%s, %s, %s, %s, %s, %s)",
            [
                (kind, delivery_id, rule, line, signature.by.strip(), signature.reason.strip())
                for rule, line in subjects
            ],
        )
    payload = {
        "kind": kind,
        "delivery_id": delivery_id,
        "subjects": [list(subject) for subject in subjects],
        "by": signature.by.strip(),
        "reason": signature.reason.strip(),
    }
    append_event(connection, "decision", payload)


def _place(hold: Hold) -> Place:
    return Place(feed=hold.feed_code, branch=hold.org_code, file=hold.data_name)
