"""What a file is when it is not the CSV that its manifest declares: said in the words of who made it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from typing import BinaryIO

_STARTS = (
    (b"\x1f\x8b", "a gzip archive", "send the CSV itself", "是 gzip 压缩文件", "请直接报送 CSV"),
    (
        b"PK\x03\x04",
        "a zip archive or an xlsx workbook",
        "save as CSV",
        "是 zip 压缩文件或 xlsx 工作簿",
        "请另存为 CSV",
    ),
    (b"\xd0\xcf\x11\xe0", "an xls workbook", "save as CSV", "是 xls 工作簿", "请另存为 CSV"),
    (b"\xff\xfe", "UTF-16", "save as GB18030 or UTF-8", "是 UTF-16 编码", "请另存为 GB18030 或 UTF-8"),
    (b"\xfe\xff", "UTF-16", "save as GB18030 or UTF-8", "是 UTF-16 编码", "请另存为 GB18030 或 UTF-8"),
)
"""First bytes -> what it is and what to do, in both languages."""

NUL_IN_HEADER = "NUL bytes (UTF-16 or no text): save as GB18030 or UTF-8 含 NUL 字节，请另存为 GB18030 或 UTF-8"
UTF8_BOM = "UTF-8 with BOM: declare UTF-8-SIG 是带 BOM 的 UTF-8，请在清单中声明 UTF-8-SIG"
UTF8_TEXT = "UTF-8: declare it 是 UTF-8 编码，请在清单中声明 UTF-8"
LONE_CR = "lines that end in CR alone: end them in LF or CRLF 行仅以 CR 结尾，请改用 LF 或 CRLF"
OPEN_QUOTE = "a quotation mark that is not closed 引号未闭合"
EMPTY = "an empty file: even a nil file has a header 文件为空，零报告也须有表头"
XML = "XML: declare it 是 XML 文件，请在清单中声明 XML"
WEB_PAGE = "a web page: look at the export or the upload 是网页而不是数据，请检查导出或上传"
NO_LINE_END = "no line end in the first 64 KB 前 64 KB 内无换行符"

_CHUNK = 1 << 20
_ENOUGH = 4
"""Different Chinese characters that read well as UTF-8 before a file is taken for it: chance makes one or two."""


def told_by_start(start: bytes) -> str | None:
    """What the first bytes give away; None: they may be text in GB18030 or UTF-8."""
    told = _by_start(start)
    return f"{told[0]}: {told[1]} {told[2]}，{told[3]}" if told else None


def named_by_start(start: bytes) -> str | None:
    """The same without advice: for a file that is to be something else than CSV."""
    told = _by_start(start)
    return f"{told[0]} {told[2]}" if told else None


def _by_start(start: bytes) -> tuple[str, ...] | None:
    return next((tuple(told) for mark, *told in _STARTS if start.startswith(mark)), None)


def told_by_header(text: str, columns: Sequence[str], delimiters: Mapping[str, str]) -> str | None:
    """What a first line is that is not the header: a web page, XML, or the right names with another delimiter."""
    if text.lstrip().lower().startswith(("<!doctype", "<html")):
        return WEB_PAGE
    if text.startswith("<?xml "):
        return XML
    for name, mark in delimiters.items():
        names = [cell.strip(' "').lower() for cell in text.split(mark)]
        if names[: len(columns)] == list(columns) and not any(names[len(columns) :]):
            return f"columns separated by {name}: declare it 以 {name} 分隔，请在清单中声明"
    return None


def utf8_line(file: BinaryIO, first_line: int) -> int | None:
    """The first line with Chinese in it if the rest of the file is UTF-8, else None. The rest begins at `first_line`.

    Such bytes are GB18030 too, more often than not, and would be taken for other characters without a word. Text that
    is GB18030 ends the search at its first Chinese character or soon after; a file of ASCII alone is read to its end.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    seen: set[str] = set()
    line, found = first_line, 0
    try:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            if len(seen) < _ENOUGH:
                seen |= {character for character in text if "\u4e00" <= character <= "\u9fff"}
                if seen and not found:
                    found = line + text.count("\n", 0, min(map(text.index, seen)))
                line += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return found if len(seen) >= _ENOUGH else None
