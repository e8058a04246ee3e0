"""The advisory lock that preparing, deploying and building share."""

BUILD = 7300010
"""Held by a session: one build, deployment or preparation at a time. A build reads one state of the reference data."""
