"""The ledger's events and the contract texts as files beside the landing store.

Together with the landed contents they are enough to rebuild the warehouse: what arrived, what was decided, under which
contracts. Events leave the database before the next publication number is taken, so no publication rests on an event
that only the database knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from ciq.landing.durable import make_durable, make_folder, write_whole
from ciq.landing.store import LandingError
from ciq.settings import Settings

_LOCK = 7300003
_EVENTS_PER_FOLDER = 1000
_EVENTS_AT_ONCE = 2000


@dataclass(frozen=True)
class Flushed:
    """What one flush wrote: events, texts, and the number of the last event that is safe."""

    events: int
    texts: int
    flushed_to: int


def flush(settings: Settings, connection: psycopg.Connection) -> Flushed:
    """Write the events past `audit.journal_mark`, and the contract texts, and move the mark. One transaction.

    Running it again writes nothing. Raises LandingError when a file that is there says something else than the ledger:
    then one of the two was changed.
    """
    root = settings.landing_root / "journal"
    texts = keep_texts(settings)
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        row = connection.execute("select flushed_to from audit.journal_mark").fetchone()
        mark = last = int(row[0]) if row else 0
        events = _events_after(connection, mark)
        while some := dict(islice(events, _EVENTS_AT_ONCE)):
            _write_once({event_path(root, number): content for number, content in some.items()})
            last = max(some)
        if last != mark:
            connection.execute("update audit.journal_mark set flushed_to = %s", (last,))
    return Flushed(events=last - mark, texts=texts, flushed_to=last)


def event_path(root: Path, number: int) -> Path:
    """The file of one event; a folder holds a thousand."""
    return root / "events" / f"{number // _EVENTS_PER_FOLDER:06d}" / f"{number:09d}.json"


def read_events(root: Path) -> Iterator[dict[str, Any]]:
    """The journal's events in their order, for a rebuild."""
    for path in sorted((root / "events").glob("*/*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def _events_after(connection: psycopg.Connection, mark: int) -> Iterator[tuple[int, bytes]]:
    """Events are numbered without gaps under the chain's lock, so those that can be seen are all up to the last."""
    with connection.cursor(name="journal") as cursor:
        cursor.execute(
            "select event_no, extract(epoch from at)::text, kind, payload, prev_hash, hash"
            " from audit.event where event_no > %s order by event_no",
            (mark,),
        )
        for number, at, kind, payload, prev_hash, digest in cursor:
            event = {
                "event_no": number,
                "at_epoch": at,
                "kind": kind,
                # As text, byte for byte: the hash is over the text.
                "payload": payload,
                "prev_hash": prev_hash,
                "hash": digest,
            }
            yield number, (json.dumps(event, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def keep_texts(settings: Settings) -> int:
    """Keep each contract and code list under its hash, and which of them stood together; returns how many were new."""
    root, contracts = settings.landing_root / "journal", settings.contracts
    texts: dict[Path, bytes] = {}
    together: dict[str, str] = {}
    for path in sorted([*contracts.rglob("*.odcs.yaml"), *contracts.glob("code_lists/*.csv")]):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        together[path.relative_to(contracts).as_posix()] = digest
        texts[root / "texts" / digest] = content
    listing = (json.dumps(together, sort_keys=True, indent=1) + "\n").encode()
    texts[root / "text_sets" / f"{hashlib.sha256(listing).hexdigest()}.json"] = listing
    return _write_once(texts)


def read_text(settings: Settings, sha256: str) -> str | None:
    """A text that was kept, by its hash, line ends as they are: it hashes to its name; None when it was not."""
    try:
        return (settings.landing_root / "journal" / "texts" / sha256).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None


def kept_texts(settings: Settings) -> list[str]:
    """The hashes of all texts that were kept."""
    return sorted(path.name for path in (settings.landing_root / "journal" / "texts").glob("[0-9a-f]*"))


def _write_once(files: Mapping[Path, bytes]) -> int:
    """Write files that never change; returns how many were not there yet."""
    new = {path: content for path, content in files.items() if not _stands(path, content)}
    folders = {folder for path in new for folder in make_folder(path.parent)}
    unfinished = {path: write_whole(path, content) for path, content in new.items()}
    make_durable(list(unfinished.values()))
    for path, written in unfinished.items():
        written.replace(path)
    make_durable(folders)
    return len(new)


def _stands(path: Path, content: bytes) -> bool:
    """Whether a file says this. Raises LandingError when it says something else."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return False
    if found != content:
        raise LandingError(
            f"Journal file {path.name} says something else than the ledger",
            advice="One of the two was changed: compare both with the backup before going on.",
        )
    return True
