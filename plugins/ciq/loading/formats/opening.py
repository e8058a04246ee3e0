"""From a file's form to its reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ciq.contracts.model import Contract, RecordType
from ciq.loading.decode import DELIMITERS
from ciq.loading.formats.base import FIXED, XLS, XLSX, XML, Reading, Source, Wanted
from ciq.loading.formats.delimited import DelimitedReading
from ciq.loading.formats.fixed import FixedReading
from ciq.loading.formats.workbook import WorkbookReading
from ciq.loading.formats.xml_elements import XmlReading

_READINGS: Mapping[str, Callable[[Source, Wanted], Reading]] = {
    **dict.fromkeys(DELIMITERS, DelimitedReading),
    FIXED: FixedReading,
    XML: XmlReading,
    XLS: WorkbookReading,
    XLSX: WorkbookReading,
}


def open_reading(source: Source, contract: Contract, record_type: RecordType) -> Reading:
    """The reading of one record type's records in a file; nothing is read before they are asked for."""
    sections = tuple(one.section or one.name for one in contract.record_types)
    return _READINGS[source.form](source, Wanted(record_type, sections))


def record_types_in(source: Source, contract: Contract) -> tuple[RecordType, ...]:
    """The record types that such a file can hold: only sheets and elements tell one from another."""
    return contract.record_types if source.form in (XML, XLS, XLSX) else (contract.main,)


def form_of(extension: str, usual: str) -> str:
    """The form of a file that nobody has declared: by its name, else what its sender usually writes."""
    if extension.upper() in (XML, XLS, XLSX):
        return extension.upper()
    return "," if usual in (XML, XLS, XLSX) else usual
