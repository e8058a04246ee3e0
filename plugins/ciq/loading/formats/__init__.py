"""The forms that a data file may have, one module each: delimited text, fixed width, XML, workbooks.

Whoever wants records asks `open_reading` and need not know which it is. Only staging looks: delimited text it hands to
COPY first (docs/adr/0020).
"""

from ciq.loading.formats.base import FIXED, XLS, XLSX, XML, LeftOuts, Reading, Source
from ciq.loading.formats.opening import form_of, open_reading, record_types_in

__all__ = ["FIXED", "XLS", "XLSX", "XML", "LeftOuts", "Reading", "Source", "form_of", "open_reading", "record_types_in"]
