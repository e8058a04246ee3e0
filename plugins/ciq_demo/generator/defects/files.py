"""Defects of files: the finished delivery, its bytes or its manifest."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ciq_demo.generator.defects.kinds import Draft, FileDefect, file_defect


def _resealed(draft: Draft, data: bytes) -> Draft:
    """Other bytes whose manifest fits: the sender made the file like that."""
    return replace(draft, data=data).declared(sha256=hashlib.sha256(data).hexdigest(), bytes=str(len(data)))


@file_defect("truncated")
def _truncated(draft: Draft) -> Draft:
    """The transfer broke off: neither hash nor size fit."""
    return replace(draft, data=draft.data[: len(draft.data) * 3 // 5] if draft.data else draft.data)


@file_defect("wrong_encoding")
def _wrong_encoding(draft: Draft) -> Draft:
    """UTF-8 declared as GB18030, or the reverse."""
    if draft.data is None:
        return draft
    text = draft.data.decode(draft.format.codec)
    return _resealed(draft, text.encode("gb18030" if draft.format.encoding.startswith("UTF-8") else "utf-8"))


@file_defect("bom_in_gb18030")
def _bom_in_gb18030(draft: Draft) -> Draft:
    """The mark of UTF-8 before text in GB18030."""
    return _resealed(draft, b"\xef\xbb\xbf" + (draft.data or b""))


@file_defect("wrong_total")
def _wrong_total(draft: Draft) -> Draft:
    total = draft.manifest.cells["control_sum"] if draft.manifest else ""
    return draft.declared(control_sum=f"{int(total.partition('.')[0] or 0) + 1000}.00")


@file_defect("wrong_row_count")
def _wrong_row_count(draft: Draft) -> Draft:
    return draft.declared(row_count=str(draft.rows + 1))


def _status(code: str) -> FileDefect:
    def declare(draft: Draft) -> Draft:
        return draft.declared(status=code, opinion="退回修改" if code == "3" else "")

    return declare


for _code in ("0", "1", "3"):
    file_defect(f"status_{_code}")(_status(_code))


@file_defect("missing_manifest")
def _missing_manifest(draft: Draft) -> Draft:
    return replace(draft, manifest=None)


@file_defect("missing_data")
def _missing_data(draft: Draft) -> Draft:
    return replace(draft, data=None)
