"""`ciq verify`: does what is stored still agree with what was decided, and with itself?"""

from ciq.verifying.breach import Breach
from ciq.verifying.checks import Check, verify

__all__ = ["Breach", "Check", "verify"]
