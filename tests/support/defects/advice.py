"""What a sender does about a rule that was broken, or about where a delivery stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable

NOTHING = ("无需处理", "nothing")
_CORRECT = ("更正该记录, 以新序号重新报送", "correct the record and send the slice under the next seq")
_EXPORT = ("重新导出后以新序号报送", "export it again and send it under the next seq")
_MANIFEST = ("更正清单、文件名或所在目录, 重新报送", "correct the manifest, or name and folder, and send it again")

RULES = {
    "D-encoding": (
        "如实声明编码, 或另存为 GB18030/UTF-8 的 CSV",
        "declare the encoding that it is in, or save it as CSV in GB18030 or UTF-8",
    ),
    "D-format": ("重新导出, 或如实声明文件形式", "export it again, or declare the form that it is of"),
    "D-header": ("按数据字典核对表头后重新报送", "compare the header with the data dictionary and send it again"),
    "D-hash": ("两个文件一并重新报送", "send both files again"),
    "D-bytes": ("两个文件一并重新报送", "send both files again"),
    "D-row_count": (
        "更正清单或补齐记录; 总部可放行", "correct the manifest, or send all records; headquarters may release it"
    ),
    "D-control_sum": ("更正清单或金额; 总部可放行", "correct the manifest or the amounts; headquarters may release it"),
    "D-reject_limit": (
        "按退回文件更正后重新报送; 总部可放行", "correct what the return file lists; headquarters may release it"
    ),
    "D-status": ("审核通过后以状态 2 报送", "have it approved and send it with status 2"),
    "D-manifest": _MANIFEST,
    "D-report_time": ("更正清单, 重新报送", "correct the manifest and send it again"),
    "D-business_date": ("更正文件名与清单中的日期", "correct the date in name and manifest"),
    "D-feed": ("核对数据源代码与业务日期", "check feed code and business date"),
    "D-unpaired": ("补送缺少的文件", "send the file that is missing"),
    "D-name": ("按规则改名后重新报送", "rename the files and send them again"),
    "S-fields": (
        "检查多余或缺少的分隔符, 单元格内的分隔符应加引号; XML 则检查属性及未知、重复的元素",
        "look for a delimiter too many or too few, and quote cells that hold one; in XML, look for attributes and for"
        " elements that are unknown or repeated",
    ),
    "S-quote": ("将单元格置于引号内, 其中的引号成对书写", "quote the cell and double the marks in it"),
    "S-nul": _EXPORT,
    "S-size": ("检查缺少的换行或引号", "look for a missing line end or quotation mark"),
    "S-line_end": ("删除单独的 CR", "remove the lone CR"),
}  # fmt: skip

STATES = {
    "superseded": ("无需处理; 次序较高的报送有效", "nothing; the delivery that stands higher is in force"),
    "withdrawal": ("更正后以更高序号、状态 2 报送", "send a higher one with status 2"),
    "withdrawn": ("更正后以更高序号、状态 2 报送", "send a higher one with status 2"),
    "other_data": ("补送其清单, 或两者以新序号报送", "send its manifest, or both under the next seq"),
}

UNFINISHED = ("传完后改为正式名称", "give them their names when they are complete")
FINDING = ("核对; 若有误, 以 U 或 D 更正", "look at it; where it is wrong, correct it by U or D")


def advice(states: Collection[str], rules: Iterable[str], findings: Iterable[str]) -> tuple[str, str]:
    """What to do, zh and en."""
    said = [STATES[state] for state in sorted(set(states)) if state in STATES]
    said = said or [RULES.get(rule, _CORRECT) for rule in sorted(rules)]
    said = said or ([FINDING] if list(findings) else [NOTHING if list(states) else UNFINISHED])
    unique = list(dict.fromkeys(said))
    return "; ".join(zh for zh, _ in unique), "; ".join(en for _, en in unique)
