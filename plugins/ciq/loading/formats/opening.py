"""From a file's form to its reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ciq.contracts.model import Contract, RecordType
from ciq.loading.decode import DELIMITERS, UnreadableFileError
from ciq.loading.formats.base import BAD_FORM, FIXED, XLS, XLSX, XML, Reading, Source, Wanted
from ciq.loading.formats.delimited import DelimitedReading
from ciq.loading.formats.fixed import FixedReading
from ciq.loading.formats.workbook import WorkbookReading
from ciq.loading.formats.xml_elements import XmlReading

SECTIONED = (XLSX, XLS, XML)
"""Forms whose files have sections."""

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
    """The record types that the file holds.

    Raises UnreadableFileError (D-format) where there are several: only sheets and elements tell one from another.
    """
    if source.form not in SECTIONED and contract.record_types[1:]:
        raise UnreadableFileError(BAD_FORM, expected=" / ".join(SECTIONED), found=source.form)
    return contract.record_types


def form_of(extension: str, usual: str) -> str:
    """The form of a file that nobody has declared: by its name, else what its sender usually writes."""
    if extension.upper() in SECTIONED:
        return extension.upper()
    return "," if usual in SECTIONED else usual
