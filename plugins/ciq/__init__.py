"""The CIQ warehouse: contracts, landing, loading, ledger, building and reports. Imports no Airflow."""
