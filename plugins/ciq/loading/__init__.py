"""The load: decode, stage, judge, accept. The only writer of ods and quarantine."""

from ciq.loading.claim import Claim
from ciq.loading.run import LoadReport, journal_rejudging, load, rejudge

__all__ = ["Claim", "LoadReport", "journal_rejudging", "load", "rejudge"]
