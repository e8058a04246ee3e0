"""The ledger's database: migrations, roles, reference data and the event log."""
