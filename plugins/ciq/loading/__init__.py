"""The load: decode, stage, judge, accept. The only writer of ods and quarantine."""
