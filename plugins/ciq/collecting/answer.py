"""What a receipt says: the state of each delivery and of each file of one name, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ciq.collecting.names import MANIFEST_ENDING, parse_name
from ciq.plain import plain_json

Row = dict[str, Any]

STATES = {
    "registered": ("已登记, 待装载", "registered, not judged yet"),
    "accepted": ("已接收", "accepted"),
    "quarantined": ("已接收, 部分记录被隔离, 请更正后重新报送", "accepted; some records are quarantined: correct them"),
    "held": ("整批暂扣, 请按说明更正后重新报送", "held as a whole: correct what is named and send it again"),
    "superseded": ("已被同一机构同一业务日期的后续报送取代", "superseded by a later delivery of the same slice"),
    "withdrawal": (
        "撤回已登记 (审批状态 3): 此前的报送不再有效, 已撤回",
        "withdrawal noted (status 3): what was delivered before is no longer in force",
    ),
    "withdrawn": (
        "已被退回 (审批状态 3), 该业务日期现无有效报送",
        "withdrawn: an UnPass (status 3) stands above it",
    ),
    "data_only": ("缺清单, 请补送", "its manifest is missing: send it"),
    "manifest_only": ("缺数据文件, 请补送", "its data file is missing: send it"),
    "other_data": (
        "同名数据文件内容已变, 清单与之不符: 新内容未计入, 请补送其清单或以新序号重新报送",
        "another content came under this name, and no manifest describes it: it is not accounted for;"
        " send its manifest, or both under the next seq",
    ),
    "other_manifest": (
        "同名清单内容已变, 所述数据文件未到: 新清单未计入, 请补送数据文件",
        "another manifest came under this name, and the data that it describes are not there: it is not accounted for;"
        " send them",
    ),
    "unreadable_name": (
        "文件名无法识别, 请改名后重新报送",
        "the file name says nothing: rename it and send it again",
    ),
    "paired": ("已与清单配对, 见该报送的回执", "part of a delivery by now: see its receipt"),
    "replaced": ("已被同名的后续报送取代", "replaced by a later delivery of the same name"),
    "dismissed": ("经人工确认不予处理", "a named person has decided that it counts for nothing"),
}
"""State -> what the sender is told, in both languages."""

ALL_QUARANTINED = (
    "全部记录被隔离, 无一接受, 请更正后重新报送",
    "all records are quarantined, none was accepted: correct them",
)
"""What `quarantined` says of a delivery of which nothing is in force."""

LISTED = 5
"""Lines and cells that a receipt names of each rule; the return file has all of them."""


def receipt(rows: Sequence[Row], broken: Mapping[int, list[Row]], *, returned: int | None = None) -> bytes:
    """The receipt of one file name: what is not accounted for, then the deliveries, the highest first.

    `returned`: the delivery whose bad rows are in the return file beside it.
    """
    ordered = _to_be_told(in_order(rows))
    entries = [_entry(row, broken.get(row["verdict_id"] or 0, [])) for row in ordered]
    for entry in entries:
        if entry["delivery_id"] == returned:
            entry["return_file"] = f"{receipt_name(rows[0])}.rejects.csv"
    content = {
        "receipt": receipt_name(rows[0]),
        "summary": f"{entries[0]['state_zh']} / {entries[0]['state_en']}",
        "deliveries": entries,
    }
    return plain_json(json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n").encode()


def receipt_name(row: Mapping[str, Any]) -> str:
    """The stem under which the sender finds the answer."""
    name = str(row["data_name"] or row["manifest_name"])
    if parse_name(name):
        return name.removesuffix(MANIFEST_ENDING) if name.endswith(MANIFEST_ENDING) else name.rpartition(".")[0]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:80]}.{str(row['data_sha256'])[:8]}"


def state_of(row: Mapping[str, Any]) -> str:
    """Where a delivery, or a file that makes up none, stands: a key of STATES."""
    if row["pairing"] != "paired":
        return _state_of_unpaired(row)
    if row["verdict"] is None:
        return "registered"
    if row["verdict"] == "held" and not _withdraws(row):
        return "superseded" if row["is_below"] else "held"
    if row["winner_id"] is None:
        return "withdrawn" if row["verdict"] == "accepted" else "withdrawal"
    if row["winner_id"] != row["delivery_id"]:
        return "superseded"
    return "quarantined" if row["rows_quarantined"] else "accepted"


def _state_of_unpaired(row: Mapping[str, Any]) -> str:
    if row["settled_how"]:
        return str(row["settled_how"])
    others = {"data_only": "other_data", "manifest_only": "other_manifest"}
    return others[row["pairing"]] if row["is_beside_a_pair"] else str(row["pairing"])


def _withdraws(row: Mapping[str, Any]) -> bool:
    """An UnPass with nothing else wrong. If its slice has a winner, that one stands above it."""
    return row["status"] == "3" and list(row["hold_rules"] or []) == ["D-status"]


def in_order(rows: Sequence[Row]) -> list[Row]:
    """The rows of one name: files that nobody accounts for, then the deliveries, the one that stands highest first."""
    return sorted(rows, key=lambda row: (_is_open(row), row["place"] or "", row["delivery_id"]), reverse=True)


def _is_open(row: Row) -> bool:
    return row["pairing"] != "paired" and not row["settled_how"]


def _to_be_told(ordered: list[Row]) -> list[Row]:
    """What came apart and was settled since needs no answer any more, unless it is all that there is."""
    return [row for row in ordered if row["pairing"] == "paired" or _is_open(row)] or ordered


def _entry(row: Row, broken: Sequence[Row]) -> dict[str, Any]:
    state = state_of(row)
    is_all_bad = state == "quarantined" and not row["rows_accepted"]
    state_zh, state_en = ALL_QUARANTINED if is_all_bad else STATES[state]
    entry: dict[str, Any] = {
        "state": state,
        "state_zh": state_zh,
        "state_en": state_en,
        "delivery_id": row["delivery_id"],
        "data": {"name": row["data_name"], "sha256": row["data_sha256"], "bytes": row["data_bytes"]},
        "manifest": {"name": row["manifest_name"], "sha256": row["manifest_sha256"], "status": row["status"]},
        "registered_at": row["registered_at"].isoformat(timespec="seconds"),
    }
    if row["verdict"]:
        entry["judged_at"] = row["judged_at"].isoformat(timespec="seconds")
        entry["rows"] = {name: row[f"rows_{name}"] for name in ("received", "accepted", "quarantined", "held")}
    if state == "superseded":
        entry["superseded_by"] = {"name": row["top_name"], "delivery_id": row["top_id"]}
    if row["settled_by"]:
        entry["settled_by"] = {"name": row["settled_name"], "delivery_id": row["settled_by"]}
    is_done = state in ("withdrawal", "paired", "replaced", "dismissed")
    entry["findings"] = [] if is_done else [*_holds(row), *(_finding(one) for one in broken)]
    return entry


def _holds(row: Row) -> list[dict[str, Any]]:
    """What is wrong with the delivery as a whole: the manifest's cells, then the rules that hold it."""
    problems = list((row["manifest"] or {}).get("_problems", []))
    found = [*_grouped(problems)]
    for rule_id in row["hold_rules"] or []:
        if rule_id in {problem["rule_id"] for problem in problems} or (rule_id == "D-manifest" and problems):
            continue
        detail = (row["hold_detail"] or {}).get(rule_id, {})
        messages = row["messages"].get(rule_id, {"zh": rule_id, "en": rule_id})
        found.append({"rule_id": rule_id, "message_zh": messages["zh"], "message_en": messages["en"], **detail})
    return found


def _grouped(problems: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One finding per rule; what it was found in several times is counted, and the first ones are listed."""
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for problem in problems:
        by_rule.setdefault(problem["rule_id"], []).append(problem)
    return [_group(rule_id, members) for rule_id, members in by_rule.items()]


def _group(rule_id: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    if len(members) == 1:
        return members[0]
    first = [{name: value for name, value in one.items() if name != "rule_id"} for one in members[:LISTED]]
    return {
        "rule_id": rule_id,
        "message_zh": f"共 {len(members)} 处; 首先: {members[0]['message_zh']}",
        "message_en": f"{len(members)} times; first: {members[0]['message_en']}",
        "count": len(members),
        "first": first,
    }


def _finding(row: Row) -> dict[str, Any]:
    """A broken rule: how many rows break it, the first lines in quarantine, who released it if it held the delivery."""
    found = {name: row[name] for name in ("rule_id", "severity", "message_zh", "message_en", "rows")}
    if row["released_by"]:
        found["released_zh"] = f"已由 {row['released_by']} 放行: {row['reason']}"
        found["released_en"] = f"released by {row['released_by']}: {row['reason']}"
    return {**found, "lines": row["lines"]} if row["lines"] else found
