"""Named defects: each a small function that spoils a delivery in one way, as it happens in the field.

Three kinds: `cells` spoil rows of the frame, `lines` the text before it is encoded (the manifest still fits), `files`
the finished delivery, bytes or manifest. Importing their modules registers them.
"""

from ciq_demo.generator.defects import cells, files, lines
from ciq_demo.generator.defects.kinds import CELLS, FILES, LINES, Defect, Draft, defect_names, defects_of
from ciq_demo.generator.defects.spoiling import spoil_file, spoil_frame, spoil_text

__all__ = [
    "CELLS",
    "FILES",
    "LINES",
    "Defect",
    "Draft",
    "cells",
    "defect_names",
    "defects_of",
    "files",
    "lines",
    "spoil_file",
    "spoil_frame",
    "spoil_text",
]
