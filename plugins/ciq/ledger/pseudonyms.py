"""Pseudonyms of persons: a keyed hash, whose key stands outside the database.

The same person has the same pseudonym in every load, so that repeated offenders can be counted and nobody be named.
Whoever has the key can tell whether a name that he knows has a pseudonym; nobody can read a name from one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import psycopg

from ciq.errors import SettingsError
from ciq.ledger.keeping import keep_secret
from ciq.settings import Settings

KEY_BYTES = 32
_BLOCK = 64  # of SHA-256, RFC 2104
_WORD = "ciq"


def make_key(connection: psycopg.Connection, settings: Settings) -> None:
    """Generate the key into its file, mode 0600, for a warehouse that has none yet.

    Nothing is written where the file is there, the environment gives the key, or the warehouse knows one: a second key
    would rename everybody. When it returns, a power cut does not lose the file.
    """
    path = settings.pseudonym_key_file
    if settings.pseudonym_key is not None or path.exists():
        return
    if connection.execute("select 1 from audit.pseudonym_key").fetchone():
        return
    keep_secret(path, secrets.token_hex(KEY_BYTES))


def adopt_key(connection: psycopg.Connection, settings: Settings) -> None:
    """Let the warehouse know its key by what it makes of a word, as the owner.

    Raises SettingsError when it knows another one.
    """
    connection.execute(
        "insert into audit.pseudonym_key (proof) values (%s) on conflict do nothing", (_proof(_key(settings)),)
    )
    _check(connection, _key(settings))


def use_key(connection: psycopg.Connection, settings: Settings) -> None:
    """Let `audit.pseudonym` work on this connection.

    Raises SettingsError when the key is not there, or is not the one that this warehouse was made with.
    """
    key = _key(settings)
    _check(connection, key)
    block = key.ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C))
    connection.execute(
        "select set_config('ciq.pseudonym_inner', %s, false), set_config('ciq.pseudonym_outer', %s, false)",
        (inner, outer),
    )


def pseudonym(key: bytes, cell: str) -> str:
    """What `audit.pseudonym` makes of a cell."""
    return f"P-{hmac.new(key, cell.encode(), hashlib.sha256).hexdigest()[:24]}"


def _proof(key: bytes) -> str:
    return pseudonym(key, _WORD)


def _check(connection: psycopg.Connection, key: bytes) -> None:
    row = connection.execute("select proof from audit.pseudonym_key").fetchone()
    if row is None:
        raise SettingsError("The warehouse knows no key for pseudonyms 尚无假名密钥", advice="Run `ciq init`.")
    if not hmac.compare_digest(row[0], _proof(key)):
        raise SettingsError(
            "The key for pseudonyms is not this warehouse's 假名密钥与本仓库不符: persons would get other pseudonyms",
            advice="Restore CIQ_PSEUDONYM_KEY, or the file secrets/pseudonym.key below CIQ_HOME, from your backup.",
        )


def _key(settings: Settings) -> bytes:
    given = settings.pseudonym_key
    try:
        text = given.get_secret_value() if given else settings.pseudonym_key_file.read_text(encoding="ascii")
        key = bytes.fromhex(text)
    except FileNotFoundError as error:
        raise SettingsError(
            f"{settings.pseudonym_key_file} is not there 假名密钥不存在",
            advice="Restore it from your backup; on a new warehouse run `ciq init`.",
        ) from error
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The key for pseudonyms cannot be read 无法读取假名密钥: {type(error).__name__}",
            advice=f"Expected 应为: {2 * KEY_BYTES} hexadecimal digits.",
        ) from error
    if len(key) != KEY_BYTES:
        raise SettingsError(
            "The key for pseudonyms has the wrong length 假名密钥长度不符",
            advice=f"Expected 应为: {2 * KEY_BYTES} hexadecimal digits.",
        )
    return key
