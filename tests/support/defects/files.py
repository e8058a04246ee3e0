"""Defects of the data file as a whole: encoding, header, what is no CSV at all."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

from support.defects.model import Defect, Draft, Trial, accepted, held
from support.defects.picking import text_column

CHINESE = "太阳能电池组件"
BOM = b"\xef\xbb\xbf"
_PAGE = b"<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n"


def chinese(draft: Draft, text: str = CHINESE) -> Draft:
    """With this text in each row: what is ASCII alone is the same in every encoding."""
    return draft.with_cells_everywhere(**{text_column(draft.record_type).name: text})


def _as(codec: str, declared: str, *rules: str, mark: bytes = b"", text: str = CHINESE) -> Callable[[Draft], Trial]:
    """Text that is encoded in one way and declared in another, or in the same."""

    def spoil(draft: Draft) -> Trial:
        encoded = chinese(draft, text).encoded(codec, declared, mark=mark)
        return held(encoded, *rules) if rules else accepted(encoded)

    return spoil


def _is(make: Callable[[bytes], bytes], *rules: str) -> Callable[[Draft], Trial]:
    """Other bytes, of which the manifest knows."""
    return lambda draft: held(draft.resealed(make(draft.data)), *rules)


def _zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("data.csv", data)
    return out.getvalue()


def _bad_byte(draft: Draft, byte: bytes) -> Draft:
    marked = chinese(draft, "@@")
    return marked.resealed(marked.data.replace(b"@@", byte, 1))


def _nil(draft: Draft, **cells: str) -> Draft:
    zero = "0.00" if draft.record_type.control_sum else ""
    return draft.with_rows(()).declared(**{"control_sum": zero, **cells})


FILES = (
    Defect(
        "utf8_as_gb18030",
        "file",
        "UTF-8 文件声明为 GB18030",
        "UTF-8 declared as GB18030",
        _as("utf-8", "GB18030", "D-encoding"),
    ),
    Defect(
        "gb18030_as_utf8",
        "file",
        "GB18030 文件声明为 UTF-8",
        "GB18030 declared as UTF-8",
        _as("gb18030", "UTF-8", "D-encoding"),
    ),
    Defect(
        "bom_as_gb18030",
        "file",
        "带 BOM 的 UTF-8 文件声明为 GB18030",
        "UTF-8 with BOM declared as GB18030",
        _as("utf-8", "GB18030", "D-encoding", mark=BOM),
    ),
    Defect(
        "bom_before_gb18030",
        "file",
        "GB18030 文件前带 UTF-8 的 BOM",
        "UTF-8's BOM before text in GB18030",
        _as("gb18030", "GB18030", "D-encoding", mark=BOM),
    ),
    Defect(
        "bom_as_utf8",
        "file",
        "带 BOM, 声明为 UTF-8",
        "BOM in a file declared as UTF-8",
        _as("utf-8", "UTF-8", mark=BOM),
    ),
    Defect(
        "no_bom_as_utf8_sig",
        "file",
        "声明为 UTF-8-SIG 而无 BOM",
        "no BOM in a file declared as UTF-8-SIG",
        _as("utf-8", "UTF-8-SIG"),
    ),
    Defect(
        "four_bytes",
        "file",
        "GB18030 四字节字符 (𠮷, 表情)",
        "characters of four bytes in GB18030 (𠮷, emoji)",
        _as("gb18030", "GB18030", text="𠮷㛃 😀"),
    ),
    Defect(
        "four_bytes_as_gbk",
        "file",
        "声明为 GBK 而含 GB18030 四字节字符",
        "declared as GBK, with characters that only GB18030 has",
        _as("gb18030", "GBK", text="𠮷㛃"),
    ),
    Defect(
        "gbk_euro",
        "file",
        "Windows 936 的单字节欧元符 (0x80)",
        "the euro of Windows 936, a single byte 0x80",
        lambda draft: held(_bad_byte(draft, b"\x80"), "D-encoding"),
    ),
    Defect(
        "half_character",
        "file",
        "汉字被截去半个",
        "half of a Chinese character",
        lambda draft: held(_bad_byte(draft, b"\xcc"), "D-encoding"),
    ),
    Defect(
        "utf16",
        "file",
        "UTF-16 文件",
        "a file in UTF-16",
        _is(lambda data: data.decode("gb18030").encode("utf-16"), "D-encoding"),
    ),
    Defect(
        "utf16_no_bom",
        "file",
        "无 BOM 的 UTF-16 文件",
        "a file in UTF-16 without BOM",
        _is(lambda data: data.decode("gb18030").encode("utf-16-le"), "D-encoding"),
    ),
    Defect(
        "gzip", "file", "gzip 压缩文件", "a gzip archive", _is(lambda data: gzip.compress(data, mtime=0), "D-encoding")
    ),
    Defect(
        "workbook",
        "file",
        "xlsx 工作簿或 zip 压缩文件",
        "an xlsx workbook or a zip archive",
        _is(_zipped, "D-encoding"),
    ),
    Defect(
        "error_page",
        "file",
        "网页错误页当作数据",
        "a web server's error page instead of data",
        _is(lambda _: _PAGE, "D-header"),
    ),
    Defect("empty_file", "file", "空文件 (0 字节)", "an empty file (0 bytes)", _is(lambda _: b"", "D-header")),
    Defect(
        "semicolons",
        "file",
        "分号分隔而声明为逗号",
        "semicolons declared as commas",
        _is(lambda data: data.replace(b",", b";"), "D-header"),
    ),
    Defect(
        "cr_only",
        "file",
        "行仅以 CR 结尾",
        "lines that end in CR alone",
        _is(lambda data: data.replace(b"\n", b"\r"), "D-header"),
    ),
    Defect(
        "nil",
        "file",
        "零报告: 仅表头, row_count 为 0",
        "nil: the header alone, row_count 0",
        lambda draft: accepted(_nil(draft)),
    ),
    Defect(
        "header_only",
        "file",
        "仅表头而清单声明有记录",
        "the header alone, while the manifest declares records",
        lambda draft: held(_nil(draft, row_count="3"), "D-row_count"),
    ),
    Defect(
        "nil_with_rows",
        "file",
        "清单为零报告而文件有记录",
        "a nil manifest for a file with records",
        lambda draft: held(
            draft.declared(row_count="0", control_sum="0.00" if draft.record_type.control_sum else ""),
            "D-row_count",
            *(["D-control_sum"] if _has_amounts(draft) else []),
        ),
    ),
)


def _has_amounts(draft: Draft) -> bool:
    return any(cell not in ("", "0") for cell in draft.amounts)
