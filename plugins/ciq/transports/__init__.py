"""How files come in and receipts go out: one protocol, a local folder and SFTP."""
