"""Great Expectations as an independent audit of the row rules: suite, gate, Data Docs.

Importing Great Expectations takes seconds, so only functions that run it import it.
"""
