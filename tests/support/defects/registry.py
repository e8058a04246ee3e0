"""Every defect, in the order of the page."""

from support.defects.arrivals import ARRIVALS
from support.defects.codes import CODES
from support.defects.files import FILES
from support.defects.forms import FORMS
from support.defects.headers import HEADERS
from support.defects.histories import HISTORIES
from support.defects.manifests import MANIFESTS
from support.defects.model import Defect, accepted
from support.defects.shapes import SHAPES
from support.defects.values import VALUES

GOOD_DELIVERY = Defect("none", "delivery", "无缺陷的报送", "a delivery without a defect", accepted)
"""What the others are compared with: the build finds something of a slice that comes alone."""

DEFECTS: tuple[Defect, ...] = (
    GOOD_DELIVERY,
    *FILES,
    *HEADERS,
    *SHAPES,
    *VALUES,
    *CODES,
    *FORMS,
    *MANIFESTS,
    *ARRIVALS,
    *HISTORIES,
)
