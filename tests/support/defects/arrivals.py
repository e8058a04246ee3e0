"""What can go wrong on the way: one file without the other, names, files that grow, deliveries that come twice."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from support.defects.model import Defect, Draft, Ends, Files, Trial, arrives, held


def _without_manifest(draft: Draft) -> Trial:
    return arrives(draft, _unpaired("data_only"), {f"{draft.stem}.csv": draft.data})


def _without_data(draft: Draft) -> Trial:
    return arrives(draft, _unpaired("manifest_only"), {f"{draft.stem}.manifest.csv": draft.manifest()})


def _unpaired(state: str, *others: str) -> Ends:
    return Ends(states=(state, *others), rules=frozenset({"D-name" if state == "unreadable_name" else "D-unpaired"}))


def _named(stem: str, draft: Draft) -> Trial:
    """Data and manifest under a name that cannot be read."""
    files = {f"{stem}.csv": draft.data, f"{stem}.manifest.csv": draft.manifest()}
    return arrives(draft, _unpaired("unreadable_name", "unreadable_name"), files)


def _of_another_branch(draft: Draft) -> Trial:
    """In the folder of one branch, in the name of another."""
    other = draft.moved(branch="320500" if draft.slot.branch != "320500" else "320100")
    trial = held(other, "D-manifest")
    return replace(trial, org=draft.slot.branch)


def _uploading(draft: Draft) -> Trial:
    """Under the names that say: not complete."""
    files = {f"{draft.stem}.csv.part": draft.data, f".{draft.stem}.manifest.csv": draft.manifest()}
    return arrives(draft, Ends(states=()), files)


def _growing(draft: Draft) -> Trial:
    """Half of the data is there and goes on growing while it is read; then it is complete."""
    return Trial(org=draft.slot.branch, ends=Ends(), records=draft.records, growing=draft.files)


def _manifest_later(draft: Draft) -> Trial:
    data, manifest = f"{draft.stem}.csv", f"{draft.stem}.manifest.csv"
    return _twice(draft, {data: draft.data}, {manifest: draft.files[manifest]}, Ends())


def _same_again(draft: Draft) -> Trial:
    """The same two files are uploaded once more."""
    return _twice(draft, draft.files, draft.files, Ends())


def _same_next_seq(draft: Draft) -> Trial:
    """The same data under the next seq."""
    return _twice(draft, draft.files, draft.again().files, Ends(states=("accepted", "superseded")))


def _seq_below(draft: Draft) -> Trial:
    """The lower seq comes after the higher one."""
    return _twice(draft, draft.again().files, draft.files, Ends(states=("accepted", "superseded")))


def _other_data(draft: Draft) -> Trial:
    """The data are replaced under the same name, the manifest is not."""
    changed = draft.data.replace(b"\n", b"\r\n")
    ends = Ends(states=("accepted", "other_data"), rules=frozenset({"D-unpaired"}))
    return _twice(draft, draft.files, {f"{draft.stem}.csv": changed}, ends)


def _replaced(draft: Draft) -> Trial:
    """Data and manifest are replaced under the same names, reported later."""
    changed = draft.resealed(draft.data.replace(b"\n", b"\r\n")).declared(report_time=f"{draft.slot.day} 21:00:00")
    return _twice(draft, draft.files, changed.files, Ends(states=("accepted", "superseded")))


def _bad_then_good(draft: Draft) -> Trial:
    """Held, then corrected under the next seq."""
    bad = draft.declared(sha256=hashlib.sha256(b"other").hexdigest())
    ends = Ends(states=("accepted", "superseded"), rules=frozenset({"D-hash"}))
    return _twice(draft, bad.files, draft.again().files, ends)


def _twice(draft: Draft, first: Files, then: Files, ends: Ends) -> Trial:
    """What arrives first is collected before the rest comes."""
    return Trial(org=draft.slot.branch, ends=ends, records=draft.records, first=first, then=then)


ARRIVALS = (
    Defect("manifest_missing", "delivery", "有数据无清单", "data without manifest", _without_manifest),
    Defect("data_missing", "delivery", "有清单无数据", "a manifest without data", _without_data),
    Defect("manifest_later", "delivery", "清单后到", "the manifest comes later", _manifest_later),
    Defect(
        "name_words",
        "delivery",
        "文件名无法识别",
        "a name that cannot be read",
        lambda draft: _named(f"{draft.feed} june {draft.slot.branch} {draft.slot.day:%m%d}", draft),
    ),
    Defect(
        "name_case",
        "delivery",
        "文件名为小写",
        "a name in small letters",
        lambda draft: _named(draft.stem.lower(), draft),
    ),
    Defect(
        "name_date",
        "delivery",
        "文件名中的日期不存在",
        "a name with a date that does not exist",
        lambda draft: _named(f"{draft.feed}_{draft.slot.branch}_20100230_01", draft),
    ),
    Defect("name_branch", "delivery", "放在另一分支局的文件夹", "in the folder of another branch", _of_another_branch),
    Defect(
        "uploading",
        "delivery",
        "上传中的文件 (.part 或以点开头)",
        "names of an upload (.part, or a dot in front)",
        _uploading,
    ),
    Defect("growing", "delivery", "读取时仍在增长的文件", "a file that still grows while it is read", _growing),
    Defect("same_again", "delivery", "同名同内容重复报送", "duplicate: the same files once more", _same_again),
    Defect(
        "same_next_seq",
        "delivery",
        "同一数据以新序号重复报送",
        "duplicate: the same data under the next seq",
        _same_next_seq,
    ),
    Defect("seq_below", "delivery", "较低序号后到", "a lower seq that comes later", _seq_below),
    Defect(
        "other_data",
        "delivery",
        "同名数据被替换, 清单未换",
        "data replaced under the same name, without manifest",
        _other_data,
    ),
    Defect(
        "replaced", "delivery", "数据与清单均以同名替换", "data and manifest replaced under the same names", _replaced
    ),
    Defect("corrected", "delivery", "暂扣后以新序号更正", "held, then corrected under the next seq", _bad_then_good),
)
