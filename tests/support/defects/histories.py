"""Defects that only the build can see, because it looks at several records or deliveries: it makes findings of them."""

from __future__ import annotations

from collections.abc import Callable

from support.defects.model import Defect, Draft, Trial, accepted
from support.defects.picking import table_rule

CLOSED = "CLOSED"
"""The event that ends a case, in every feed of events."""


def _unknown_void(draft: Draft) -> Trial:
    """A D of what was never delivered: envelope and key."""
    kept = ("record_id", "version_no", "op_time", "org_code", *draft.record_type.key)
    rows = tuple({**{name: row[name] for name in kept}, "op": "D"} for row in draft.rows)
    return _finds("void-unknown")(draft.with_rows(rows))  # type: ignore[return-value]


def _twice(draft: Draft) -> Trial:
    rows = (*draft.rows, {**draft.rows[-1], "record_id": "again"})
    within_a_set = f"{draft.record_type.key[-1]}-duplicate"
    rule = within_a_set if table_rule(draft.record_type, within_a_set) else "version-duplicate"
    return _finds(rule)(draft.with_rows(rows))  # type: ignore[return-value]


def _jump(draft: Draft) -> Trial:
    """The second version of what had none before."""
    return _finds("version-gap")(draft.with_cells(op="U", version_no="3"))  # type: ignore[return-value]


def _finds(*endings: str) -> Callable[[Draft], Trial | None]:
    """The build finds what breaks the feed's rules of these names; None where the feed has no such rule."""

    def spoil(draft: Draft) -> Trial | None:
        rules = [table_rule(draft.record_type, ending) for ending in endings]
        if None in rules:
            return None
        return accepted(draft, *filter(None, rules), any_finding=True)

    return spoil


def _events(*events: tuple[str, str, int], finds: str) -> Callable[[Draft], Trial | None]:
    """One case with these events: (event_seq, event_type or "" for the first kind, hours)."""

    def spoil(draft: Draft) -> Trial | None:
        if table_rule(draft.record_type, "state-order") is None:
            return None
        begun = draft.rows[0]
        rows = tuple(
            {
                **begun,
                "record_id": f"{begun['record_id']}-{seq}",
                "event_seq": seq,
                "event_type": kind or begun["event_type"],
                "event_time": f"{begun['event_time'][:10]} {hour:02d}:00:00",
            }
            for seq, kind, hour in events
        )
        return _finds(finds)(draft.with_rows(rows))

    return spoil


def _without_beginning(draft: Draft) -> Trial | None:
    beginning = "received-missing" if table_rule(draft.record_type, "received-missing") else "filed-missing"
    return _events(("1", CLOSED, 9), finds=beginning)(draft)


HISTORIES = (
    Defect(
        "void_unknown",
        "history",
        "撤销从未报送的记录 (仅有 D)",
        "D without I: a void of what never came",
        _unknown_void,
    ),
    Defect("twice", "history", "同一文件中同键同版本两次", "the same key and version twice in a file", _twice),
    Defect("version_jump", "history", "版本号跳号", "a version number left out", _jump),
    Defect(
        "event_order",
        "history",
        "状态次序错误 (结案后又立案)",
        "broken state machine: the case begins again after its end",
        _events(("1", "", 9), ("2", CLOSED, 10), ("3", "", 11), finds="state-order"),
    ),
    Defect(
        "event_first_missing",
        "history",
        "案件缺首个事件",
        "broken state machine: a case without its beginning",
        _without_beginning,
    ),
    Defect(
        "event_gap",
        "history",
        "事件序号跳号",
        "an event number left out",
        _events(("1", "", 9), ("5", CLOSED, 10), finds="event_seq-gap"),
    ),
    Defect(
        "event_time",
        "history",
        "事件时间次序颠倒",
        "events in another order than their times",
        _events(("1", "", 9), ("2", CLOSED, 8), finds="time-order"),
    ),
)
