"""Defects of the manifest, and of what it says about its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from support.defects.model import Defect, Draft, Ends, Trial, accepted, arrives, held, quarantined

MANIFEST = "D-manifest"
OTHER_HASH = "0" * 64


def _says(*rules: str, **cells: str) -> Callable[[Draft], Trial]:
    """The manifest says this."""
    return lambda draft: held(draft.declared(**cells), *rules)


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Draft], Trial]:
    """The manifest's bytes are these."""

    def spoil(draft: Draft) -> Trial:
        files = draft.files
        name = f"{draft.stem}.manifest.csv"
        return held(draft, MANIFEST, files={**files, name: change(files[name])})

    return spoil


def _cut(draft: Draft) -> Trial:
    """The upload broke off: the data end after three fifths."""
    return held(replace(draft, data=draft.data[: len(draft.data) * 3 // 5]), "D-bytes", "D-hash")


def _off_by_a_cent(draft: Draft) -> Trial | None:
    if not draft.record_type.control_sum:
        return None
    return held(draft.declared(control_sum=str(Decimal(draft.cells["control_sum"]) + Decimal("0.01"))), "D-control_sum")


def _no_total(draft: Draft) -> Trial | None:
    return accepted(draft.declared(control_sum="")) if draft.record_type.control_sum else None


def _total_too_much(draft: Draft) -> Trial | None:
    """A feed without amounts has no sum to compare."""
    return None if draft.record_type.control_sum else accepted(draft.declared(control_sum="1.00"))


def _status_3(draft: Draft) -> Trial:
    ends = Ends(states=("withdrawal",), rules=frozenset({"D-status"}))
    return arrives(draft.declared(status="3", opinion="退回修改"), ends)


def _withdrawn(draft: Draft) -> Trial:
    """A good delivery, and an UnPass above it."""
    ends = Ends(states=("withdrawal", "withdrawn"), rules=frozenset({"D-status"}))
    above = draft.again(status="3")
    return Trial(org=draft.slot.branch, ends=ends, records=draft.records, first={**draft.files, **above.files})


def _another(draft: Draft, **cells: str) -> Trial:
    """The name is right, the manifest is of another delivery."""
    return held(draft.declared(**cells), MANIFEST)


def _broken(draft: Draft, count: int) -> Draft:
    rows = tuple({**draft.rows[0], "record_id": f"x{n}", "version_no": "0"} for n in range(count))
    return draft.with_rows(rows)


def _other_seq(draft: Draft) -> Trial:
    """The files keep their names."""
    said = draft.declared(seq="7")
    files = {f"{draft.stem}.csv": draft.data, f"{draft.stem}.manifest.csv": said.manifest()}
    return held(said, MANIFEST, files=files)


def _too_many_broken(draft: Draft) -> Trial:
    count = draft.contract.reject_limit.rows + 1
    return quarantined(_broken(draft, count), f"{draft.feed}-version_no-range", rows=count)


def _at_the_limit(draft: Draft) -> Trial | None:
    count = draft.contract.reject_limit.rows
    return quarantined(_broken(draft, count), f"{draft.feed}-version_no-range", rows=count) if count else None


def _reported(days: int) -> Callable[[Draft], Trial]:
    def spoil(draft: Draft) -> Trial:
        reported = draft.declared(report_time=f"{draft.slot.day + timedelta(days=days)} 20:00:00")
        return held(reported, "D-report_time") if days < 0 else accepted(reported)

    return spoil


def _on(day: date, *rules: str) -> Callable[[Draft], Trial]:
    return lambda draft: held(draft.moved(day=day), *rules)


def _weekend(draft: Draft) -> Trial:
    """The Saturday after. What must hold the business date goes with it."""
    day = draft.slot.day + timedelta(days=(5 - draft.slot.day.weekday()) % 7)
    rows = tuple(
        {name: day.isoformat() if cell == str(draft.slot.day) else cell for name, cell in row.items()}
        for row in draft.rows
    )
    return accepted(draft.moved(day=day).with_rows(rows))


def _as_feed(feed: str) -> Callable[[Draft], Trial]:
    def spoil(draft: Draft) -> Trial:
        stem = draft.stem.replace(f"{draft.feed}_", f"{feed}_", 1)
        named = draft.declared(feed_code=feed, file_name=f"{stem}.csv")
        files = {f"{stem}.csv": named.data, f"{stem}.manifest.csv": named.manifest()}
        # One slice a day for all feeds: the branch's own day keeps them apart.
        return held(named, "D-feed", files=files)

    return spoil


MANIFESTS = (
    Defect("hash", "manifest", "SHA-256 不符", "a wrong sha256", _says("D-hash", sha256=OTHER_HASH)),
    Defect(
        "hash_case",
        "manifest",
        "SHA-256 为大写",
        "sha256 in capitals",
        lambda draft: held(draft.declared(sha256=draft.cells["sha256"].upper()), MANIFEST),
    ),
    Defect(
        "bytes",
        "manifest",
        "字节数不符",
        "a wrong number of bytes",
        lambda draft: held(draft.declared(bytes=str(len(draft.data) - 1)), "D-bytes"),
    ),
    Defect("truncated", "manifest", "文件不完整 (传输中断)", "a truncated file (the upload broke off)", _cut),
    Defect(
        "row_count",
        "manifest",
        "记录数不符",
        "a wrong row_count",
        lambda draft: held(draft.declared(row_count=str(draft.records + 1)), "D-row_count"),
    ),
    Defect("total", "manifest", "控制总额差一分", "a control_sum that is off by a cent", _off_by_a_cent),
    Defect("total_empty", "manifest", "控制总额为空", "no control_sum", _no_total),
    Defect(
        "total_needless",
        "manifest",
        "无金额的数据源给出控制总额",
        "a control_sum for a feed without amounts",
        _total_too_much,
    ),
    Defect(
        "total_in_words",
        "manifest",
        "控制总额不是数值",
        "a control_sum that is no number",
        _says(MANIFEST, control_sum="1,000.50"),
    ),
    Defect("status_0", "manifest", "状态 0 (未提交)", "status 0 (UnCommit)", _says("D-status", status="0")),
    Defect("status_1", "manifest", "状态 1 (未审核)", "status 1 (UnAudit)", _says("D-status", status="1")),
    Defect(
        "status_3", "manifest", "状态 3 (审核不通过), 无在先报送", "status 3 (UnPass), nothing before it", _status_3
    ),
    Defect("withdrawn", "manifest", "状态 3 撤回在先的报送", "status 3 above a good delivery", _withdrawn),
    Defect("status_9", "manifest", "未知状态", "an unknown status", _says(MANIFEST, status="9")),
    Defect(
        "encoding_unknown", "manifest", "未知编码", "an encoding that is not known", _says(MANIFEST, encoding="BIG5")
    ),
    Defect(
        "delimiter_unknown", "manifest", "未知分隔符", "a delimiter that is not known", _says(MANIFEST, delimiter="#")
    ),
    Defect(
        "feed_differs",
        "manifest",
        "清单的数据源与文件名不符",
        "another feed than the file name says",
        _says(MANIFEST, feed_code="Z99"),
    ),
    Defect(
        "branch_differs",
        "manifest",
        "清单的机构与文件名不符",
        "another branch than the file name says",
        lambda draft: _another(draft, org_code="320500" if draft.slot.branch != "320500" else "320100"),
    ),
    Defect("branch_unknown", "manifest", "清单的机构未知", "an unknown branch", _says(MANIFEST, org_code="329999")),
    Defect(
        "date_differs",
        "manifest",
        "清单的业务日期与文件名不符",
        "another business date than the file name says",
        lambda draft: _another(draft, business_date=str(draft.slot.day - timedelta(days=1))),
    ),
    Defect(
        "seq_differs",
        "manifest",
        "清单的序号与文件名不符",
        "another seq than the file name says",
        _other_seq,
    ),
    Defect("name_differs", "manifest", "清单的文件名不符", "another file_name", _says(MANIFEST, file_name="data.csv")),
    Defect(
        "manifest_gbk",
        "manifest",
        "清单为 GBK 编码",
        "a manifest in GBK",
        _bytes(lambda data: data.decode().encode("gbk")),
    ),
    Defect(
        "manifest_two_rows",
        "manifest",
        "清单有两行",
        "a manifest of two rows",
        _bytes(lambda data: data + data.split(b"\n")[1] + b"\n"),
    ),
    Defect(
        "manifest_no_header",
        "manifest",
        "清单无表头",
        "a manifest without header",
        _bytes(lambda data: data.split(b"\n", 1)[1]),
    ),
    Defect("manifest_empty", "manifest", "清单为空文件", "an empty manifest (0 bytes)", _bytes(lambda _: b"")),
    Defect(
        "manifest_column",
        "manifest",
        "清单少一列",
        "a manifest without one of its columns",
        _bytes(lambda data: b"\n".join(line.rpartition(b",")[0] for line in data.split(b"\n"))),
    ),
    Defect(
        "manifest_comma",
        "manifest",
        "清单中的逗号未加引号",
        "a comma in the manifest without quotes",
        _bytes(lambda data: data.replace(b'","', b",", 1)),
    ),
    Defect(
        "manifest_semicolons",
        "manifest",
        "清单以分号分隔",
        "a manifest with semicolons",
        lambda draft: held(draft, MANIFEST, files={**draft.files, f"{draft.stem}.manifest.csv": draft.manifest(";")}),
    ),
    Defect(
        "manifest_bom",
        "manifest",
        "清单带 BOM",
        "a manifest with BOM",
        lambda draft: arrives(
            draft, Ends(), {**draft.files, f"{draft.stem}.manifest.csv": b"\xef\xbb\xbf" + draft.manifest()}
        ),
    ),
    Defect("reported_before", "manifest", "上报时间早于业务日期", "reported before the business date", _reported(-1)),
    Defect("reported_late", "manifest", "截止时间后上报 (迟报)", "reported after the cut-off (late)", _reported(2)),
    Defect(
        "weekend", "manifest", "业务日期为周末或非应报日", "a business date that is a weekend, or not due", _weekend
    ),
    Defect(
        "year_mistyped",
        "manifest",
        "业务日期在 2099 年之后",
        "a business date beyond 2099",
        _on(date(2110, 6, 8), "D-business_date"),
    ),
    Defect(
        "before_contract",
        "manifest",
        "业务日期早于契约生效",
        "a business date before the contract's",
        _on(date(1999, 12, 31), "D-feed"),
    ),
    Defect(
        "feed_unknown",
        "manifest",
        "未知数据源",
        "a feed without contract",
        lambda draft: _as_feed(_unused(draft))(draft),
    ),
    Defect(
        "reject_limit",
        "manifest",
        "问题记录比拒收限多一条",
        "one more broken record than the reject limit allows",
        _too_many_broken,
    ),
    Defect(
        "below_limit",
        "manifest",
        "问题记录恰为拒收限",
        "as many broken records as the reject limit allows, and no others",
        _at_the_limit,
    ),
)


def _unused(draft: Draft) -> str:
    """A code that no contract has: the feed's own with another letter."""
    return f"Z{draft.feed[1:]}" if draft.feed[0] != "Z" else f"Y{draft.feed[1:]}"
