"""What holds up a branch: rules that hold its deliveries, and files that make up no delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from ciq.database import connect
from ciq.errors import CiqError, Place
from ciq.quality.decisions import REJECTED, Hold, Signature, decide, held
from ciq.settings import Settings

KINDS = {
    "data_only": ("数据文件缺清单", "data without a manifest"),
    "manifest_only": ("清单缺数据文件", "manifest without data"),
    "unreadable_name": ("文件名无法识别", "unreadable name"),
}
"""Why a file makes up no delivery."""

_SETTLED = {
    "paired": ("已配对, 属报送", "paired: part of delivery"),
    "replaced": ("已被同名报送取代", "replaced by delivery"),
    "dismissed": ("不予处理", "dismissed by"),
}


@dataclass(frozen=True, kw_only=True)
class UnpairedFile:
    """A file that makes up no delivery. `settled_how`: paired, replaced, dismissed; None while nobody accounts for it.

    `settled_by`: the delivery that settled it; `decided_by`: the person who did.
    """

    delivery_id: int
    pairing: str
    feed_code: str | None
    org_code: str
    business_date: str | None
    seq: int | None
    file_name: str
    sha256: str
    problems: list[dict[str, str]]
    registered_at: datetime
    settled_how: str | None
    settled_by: int | None
    decided_by: str | None
    is_beside_a_pair: bool

    @property
    def settlement(self) -> tuple[str, str]:
        """How it was settled, in both languages; empty while it is not."""
        if self.settled_how is None:
            return "", ""
        zh, en = _SETTLED[self.settled_how]
        who = self.settled_by or self.decided_by
        return f"{zh} {who}", f"{en} {who}"


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    """One reason on one delivery or file, for lists. `settled`: why it needs nothing any more, empty while it does."""

    delivery_id: int
    pairing: str
    feed_code: str | None
    org_code: str
    business_date: str | None
    data_name: str
    rule_id: str
    message_zh: str
    message_en: str
    releasable: bool
    expected: str
    found: str
    rows_held: int
    since: str
    settled_zh: str = ""
    settled_en: str = ""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def read_unpaired(
    connection: psycopg.Connection, *, settled: bool = False, delivery_ids: Sequence[int] = ()
) -> list[UnpairedFile]:
    """Files that make up no delivery and that nobody accounts for; `settled`: those of before as well."""
    with connection.cursor(row_factory=class_row(UnpairedFile)) as cursor:
        return cursor.execute(
            "select delivery_id, pairing, feed_code, org_code, business_date::text, seq, file_name, sha256, problems,"
            " registered_at, settled_how, settled_by, decided_by, is_beside_a_pair from audit.unpaired_file"
            " where (settled_how is null or %(settled)s)"
            " and (%(ids)s::bigint[] = '{}' or delivery_id = any(%(ids)s))"
            " order by business_date nulls last, org_code, feed_code, delivery_id",
            {"settled": settled, "ids": list(delivery_ids)},
        ).fetchall()


def unpaired_summary(files: Sequence[UnpairedFile]) -> str:
    """How many files nobody accounts for, by kind, in one line; empty when there are none."""
    if not files:
        return ""
    counts = {pairing: sum(one.pairing == pairing for one in files) for pairing in KINDS}
    parts = [f"{en} {zh} {counts[pairing]}" for pairing, (zh, en) in KINDS.items() if counts[pairing]]
    return f"not accounted for 未计入: {len(files)} files 个文件 ({', '.join(parts)})"


def read_holds(connection: psycopg.Connection, *, settled: bool = False) -> list[HoldLine]:
    """Deliveries that are held, one entry per reason, then files that make up no delivery.

    `settled`: also deliveries that were superseded or rejected, noted withdrawals, and files that were paired, replaced
    or dismissed since.
    """
    done = _settled_deliveries(connection)
    holds = [hold for hold in held(connection) if settled or hold.delivery_id not in done]
    problems = _manifest_problems(connection, [one.delivery_id for one in holds if one.rule_id == "D-manifest"])
    lines = [
        _with_settlement(line, done.get(hold.delivery_id))
        for hold in holds
        for line in _hold_lines(hold, problems.get(hold.delivery_id, []))
    ]
    return lines + [line for file in read_unpaired(connection, settled=settled) for line in _file_lines(file)]


_SETTLED_DELIVERIES = """
select d.delivery_id, above.delivery_id, above.status, v.hold_detail #>> array[%(rejected)s, 'by']
from audit.delivery_verdict v
join audit.delivery d using (delivery_id)
left join lateral (
    select a.delivery_id, a.status
    from audit.delivery a
    join audit.delivery_verdict x using (delivery_id)
    where (a.feed_code, a.org_code, a.business_date) = (d.feed_code, d.org_code, d.business_date)
        and a.pairing = 'paired' and a.place > d.place and (x.verdict = 'accepted' or a.status = '3')
    order by a.place desc
    limit 1
) above on true
where v.verdict = 'held' and (
    above.delivery_id is not null or %(rejected)s = any(v.hold_rules)
    or (d.status = '3' and v.hold_rules = '{D-status}')
)
"""
"""Held deliveries that need nothing any more, with what stands highest above each, and who rejected it."""


def _settled_deliveries(connection: psycopg.Connection) -> dict[int, tuple[str, str]]:
    """Delivery -> how its hold was settled, in both languages."""
    rows = connection.execute(_SETTLED_DELIVERIES, {"rejected": REJECTED})
    return {int(number): _settlement(above, status, by) for number, above, status, by in rows}


def _settlement(above: int | None, status: str | None, rejected_by: str | None) -> tuple[str, str]:
    if above is not None:
        zh, en = (
            ("已被撤回", "superseded by withdrawal")
            if status == "3"
            else ("已被后续报送取代", "superseded by delivery")
        )
        return f"{zh} {above}", f"{en} {above}"
    if rejected_by is not None:
        return f"已拒收 {rejected_by}", f"rejected by {rejected_by}"
    return "撤回已登记", "withdrawal noted"


def _with_settlement(line: HoldLine, settlement: tuple[str, str] | None) -> HoldLine:
    if settlement is None:
        return line
    zh, en = settlement
    return replace(_with_remark(line, zh, en), settled_zh=zh, settled_en=en)


def _with_remark(line: HoldLine, zh: str, en: str) -> HoldLine:
    return replace(line, message_zh=f"{line.message_zh}; {zh}", message_en=f"{line.message_en}; {en}")


def refuse_files(connection: psycopg.Connection, delivery_id: int) -> None:
    """Raise CiqError when the number is that of a file that makes up no delivery: there is nothing to release."""
    for file in read_unpaired(connection, settled=True, delivery_ids=[delivery_id]):
        zh, en = KINDS[file.pairing]
        raise CiqError(
            f"{delivery_id} is a file that makes up no delivery ({en} {zh}): there is nothing to release",
            place=Place(feed=file.feed_code, branch=file.org_code, file=file.file_name),
            advice="The sender must send what lacks; `ciq hold reject` if it counts for nothing.",
        )


def dismiss_file(settings: Settings, delivery_id: int, signature: Signature) -> bool:
    """Record that a file counts for nothing, so that it is listed no more; False when the number is a delivery's.

    Raises CiqError for a file that was settled before.
    """
    signature.check()
    with connect(settings, "engineer", application="ciq hold reject") as connection:
        files = read_unpaired(connection, settled=True, delivery_ids=[delivery_id])
        if not files:
            return False
        (file,) = files
        if file.settled_how:
            zh, en = file.settlement
            raise CiqError(f"File {delivery_id} was settled before 已了结: {en} {zh}", place=Place(file=file.file_name))
        decide(connection, "reject_hold", delivery_id, [(_rule_of(file), None)], signature)
    return True


def _manifest_problems(
    connection: psycopg.Connection, delivery_ids: Sequence[int]
) -> Mapping[int, list[dict[str, str]]]:
    rows = connection.execute(
        "select delivery_id, coalesce(manifest -> '_problems', '[]') from audit.delivery where delivery_id = any(%s)",
        (list(delivery_ids),),
    )
    return {int(number): problems for number, problems in rows}


def _hold_lines(hold: Hold, problems: Iterable[dict[str, str]]) -> list[HoldLine]:
    """The hold as one line; one for each fault of the manifest when it is that which holds the delivery."""
    line = HoldLine(
        delivery_id=hold.delivery_id,
        pairing="paired",
        feed_code=hold.feed_code,
        org_code=hold.org_code,
        business_date=hold.business_date,
        data_name=hold.data_name,
        rule_id=hold.rule_id,
        message_zh=hold.message_zh,
        message_en=hold.message_en,
        releasable=hold.releasable,
        expected=hold.expected,
        found=hold.found,
        rows_held=hold.rows_held,
        since=hold.judged_at,
    )
    if (hold.rule_id, hold.found) == ("D-status", "3"):
        zh, en = (
            "撤回 (审批状态 3): 此前的报送不再有效",
            "a withdrawal (UnPass): what was delivered before is not in force",
        )
        return [replace(line, message_zh=zh, message_en=en, expected="", found="")]
    faults = problems if hold.rule_id == "D-manifest" else ()
    return [_with_problem(line, problem) for problem in faults] or [line]


def _with_problem(line: HoldLine, problem: Mapping[str, str]) -> HoldLine:
    """`rule_id` stays that of the delivery; the fault's own rule is named in the message."""
    zh, en = problem["message_zh"], problem["message_en"]
    own = f" ({problem['rule_id']})" if problem["rule_id"] != line.rule_id else ""
    column = problem.get("column")
    found = problem.get("value", "")
    return replace(
        line,
        message_zh=zh,
        message_en=f"{en}{own}",
        expected=problem.get("expected", ""),
        found=f"{column} = {found}" if column else found,
    )


def _rule_of(file: UnpairedFile) -> str:
    return "D-name" if file.pairing == "unreadable_name" else "D-unpaired"


def _file_lines(file: UnpairedFile) -> list[HoldLine]:
    kind_zh, kind_en = KINDS[file.pairing]
    line = HoldLine(
        delivery_id=file.delivery_id,
        pairing=file.pairing,
        feed_code=file.feed_code,
        org_code=file.org_code,
        business_date=file.business_date,
        data_name=file.file_name,
        rule_id=_rule_of(file),
        message_zh=kind_zh,
        message_en=kind_en,
        releasable=False,
        expected="",
        found="",
        rows_held=0,
        since=f"{file.registered_at:%Y-%m-%d %H:%M}",
    )
    if file.settled_how:
        return [_with_settlement(line, file.settlement)]
    lines = [_with_problem(line, problem) for problem in file.problems if problem["rule_id"].startswith("D-")] or [line]
    if not file.is_beside_a_pair:
        return lines
    remark = "同名的先前报送不受影响", "the delivery of before under this name stands"
    return [_with_remark(one, *remark) for one in lines]
