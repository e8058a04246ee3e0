"""The load: decode, stage, judge, accept. The only writer of ods and quarantine."""

from ciq.loading.claim import Claim
from ciq.loading.run import LoadReport, Progress, journal_rejudging, load, rejudge

__all__ = ["Claim", "LoadReport", "Progress", "journal_rejudging", "load", "rejudge"]
