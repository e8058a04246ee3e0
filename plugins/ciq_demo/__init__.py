"""What the demo and the tests need in place of the bureaus: an embedded PostgreSQL, an SFTP server, Airflow, files.

Imports `ciq`; `ciq` never imports this.
"""
