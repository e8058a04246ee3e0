"""From a sender's folder into landing and the ledger, and the answer back."""
