"""Defects of XML, for the feeds that come so by their contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from xml.sax.saxutils import escape

from ciq.contracts.model import Contract
from support.defects.files import CHINESE, chinese
from support.defects.model import Defect, Draft, Trial, accepted, held, quarantined
from support.defects.picking import derived_rules, required_column

Elements = list[tuple[str, str]]
"""(name, text) of a record's cells, in the order of the file."""

_ENCODING = 'encoding="GB18030"'
_ENTITIES = '<!DOCTYPE all [<!ENTITY it SYSTEM "file:///etc/passwd">]>'


def comes_as_xml(contract: Contract) -> bool:
    """Whether a branch sends the feed as XML."""
    return any(layout.delimiter == "XML" for layout in contract.formats.values())


def _xml(draft: Draft, change: Callable[[Elements], Elements] = lambda cells: cells) -> Draft:
    """The draft's records as XML, one a line; `change` is done to the record that is spoiled."""
    record = draft.record_type.name
    lines = [
        f"<{record}>{_cells(change(cells) if n == draft.bad else cells)}</{record}>"
        for n, cells in enumerate(_elements(draft, row) for row in draft.rows)
    ]
    text = "\n".join([f'<?xml version="1.0" {_ENCODING}?>', f"<{record}s>", *lines, f"</{record}s>", ""])
    made = replace(draft, ending="xml").declared(delimiter="XML", file_name=f"{draft.stem}.xml")
    return made.resealed(text.encode("gb18030"))


def _elements(draft: Draft, row: Mapping[str, str]) -> Elements:
    return [(name, row[name]) for name in draft.columns if row.get(name)]


def _cells(elements: Elements) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements)


def _record(change: Callable[[Elements], Elements], *rules: str) -> Callable[[Draft], Trial | None]:
    """Other elements in the record that is spoiled."""

    def spoil(draft: Draft) -> Trial | None:
        if not comes_as_xml(draft.contract):
            return None
        changed = _xml(draft, change)
        return quarantined(changed, *rules) if rules else accepted(changed)

    return spoil


def _text(change: Callable[[str], str], *rules: str) -> Callable[[Draft], Trial | None]:
    """Another text of the whole file, with Chinese in each record."""

    def spoil(draft: Draft) -> Trial | None:
        if not comes_as_xml(draft.contract):
            return None
        made = _xml(chinese(draft))
        changed = made.resealed(change(made.text).encode("gb18030"))
        return held(changed, *rules) if rules else accepted(changed)

    return spoil


def _required_left_out(draft: Draft) -> Trial | None:
    if not comes_as_xml(draft.contract):
        return None
    column = required_column(draft.record_type)
    changed = _xml(draft, lambda cells: [cell for cell in cells if cell[0] != column.name])
    rule = f"{draft.feed}-{column.name}-required"
    return quarantined(changed, rule, optional=derived_rules(draft.record_type, column))


def _other_records(draft: Draft) -> Trial | None:
    """The elements of the records have a name that the contract does not know."""
    return _text(lambda text: text.replace(f"{draft.record_type.name}>", "row>"), "D-header")(draft)


def _nil(draft: Draft) -> Trial | None:
    if not comes_as_xml(draft.contract):
        return None
    zero = "0.00" if draft.record_type.control_sum else ""
    return accepted(_xml(draft.with_rows(())).declared(control_sum=zero))


def _csv(draft: Draft) -> Trial | None:
    """Delimited text under an XML file's name and manifest."""
    return held(_xml(draft).resealed(draft.data), "D-format") if comes_as_xml(draft.contract) else None


def _xml_as_csv(draft: Draft) -> Trial | None:
    return held(_xml(draft).declared(delimiter=","), "D-header") if comes_as_xml(draft.contract) else None


FORMS = (
    Defect("xml", "form", "无缺陷的 XML", "XML without a defect", _record(lambda cells: cells)),
    Defect("xml_nil", "form", "零报告: 仅根元素", "nil: the root element alone, row_count 0", _nil),
    Defect("xml_order", "form", "元素次序不同", "elements in another order", _record(lambda cells: cells[::-1])),
    Defect("xml_required", "form", "缺必填项的元素", "the element of a required cell is left out", _required_left_out),
    Defect(
        "xml_unknown",
        "form",
        "未知元素",
        "an unknown element in a record",
        _record(lambda cells: [*cells, ("remark", CHINESE)], "S-fields"),
    ),
    Defect(
        "xml_repeated",
        "form",
        "元素重复",
        "an element twice in a record",
        _record(lambda cells: [*cells, cells[-1]], "S-fields"),
    ),
    Defect("xml_other", "form", "记录的元素名不符", "records under another element's name", _other_records),
    Defect(
        "xml_cut",
        "form",
        "XML 不完整, 清单按此生成",
        "the XML breaks off, and the manifest was made afterwards",
        _text(lambda text: text[: len(text) * 3 // 5], "D-format"),
    ),
    Defect(
        "xml_ampersand",
        "form",
        "未转义的 &",
        "a bare & in a cell",
        _text(lambda text: text.replace(CHINESE, "A&B", 1), "D-format"),
    ),
    Defect(
        "xml_control",
        "form",
        "含控制字符",
        "a control character in a cell",
        _text(lambda text: text.replace(CHINESE, "太阳\x01能", 1), "D-format"),
    ),
    Defect(
        "xml_doctype",
        "form",
        "含 DOCTYPE 与实体声明",
        "a DOCTYPE with an entity",
        _text(lambda text: text.replace("\n", f"\n{_ENTITIES}\n", 1), "D-format"),
    ),
    Defect(
        "xml_encoding",
        "form",
        "XML 声明的编码与清单不符",
        "another encoding in the XML declaration than in the manifest",
        _text(lambda text: text.replace(_ENCODING, 'encoding="UTF-8"'), "D-encoding"),
    ),
    Defect("csv_as_xml", "form", "CSV 声明为 XML", "CSV declared as XML", _csv),
    Defect("xml_as_csv", "form", "XML 声明为逗号分隔", "XML declared as commas", _xml_as_csv),
)
