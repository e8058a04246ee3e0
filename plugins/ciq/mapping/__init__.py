"""Third-party files: a named column mapping, kept as configuration, turns one into a feed's delivery.

`model`: what a mapping says. `reading`: from YAML, checked against the feed's contract. `source`: encoding, separator
and header of the file. `cells`: what becomes of one cell. `convert`: the whole file, line by line. `deliverable`: all
of it together.
"""
