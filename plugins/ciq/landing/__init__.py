"""The bytes as received, kept by their hash, and the journal from which the ledger can be replayed."""
