"""Pages for auditors and engineers: a FastAPI router without a word of Airflow, and the same pages as static HTML."""
