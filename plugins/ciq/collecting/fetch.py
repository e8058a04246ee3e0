"""Fetch one file into landing, unless the ledger knows it or it is still being written."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from ciq.collecting.names import FileName, Stem
from ciq.errors import TransportError
from ciq.landing.store import LandingStore, Staged
from ciq.transports.base import BranchEndpoint, FileChangedError, FileDamagedError, RemoteFile, Transport

log = logging.getLogger(__name__)

_RESUMES = 2
_SECOND_LOOK_S = 1.0
_COARSE_CLOCK = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file that was read whole. What is new of it counts as arrived once `Fetcher.keep` was called."""

    file: RemoteFile
    name: FileName | None
    sha256: str
    staged: Staged | None = None
    """The content, when it was not known before."""


class Fetcher:
    """Fetches a branch's files. `declared_bytes` tells the size that a manifest gives, if one is there."""

    def __init__(
        self,
        connection: psycopg.Connection,
        transport: Transport,
        store: LandingStore,
        branch: BranchEndpoint,
        declared_bytes: Callable[[Stem], int | None],
    ) -> None:
        self._connection = connection
        self._transport = transport
        self._store = store
        self._branch = branch
        self._declared_bytes = declared_bytes
        self._known: dict[tuple[str, int, datetime], str] | None = None

    def fetch(self, file: RemoteFile, name: FileName | None) -> Fetched | None:
        """Fetch a file that was listed; None while it is still being written.

        Raises TransportError when it cannot be read.
        """
        known = self._known_content(file)
        if known is not None:
            return Fetched(file=file, name=name, sha256=known)
        try:
            staged = self._store.stage(self._chunks(file))
        except FileChangedError:
            log.info("collect branch=%s file=%s: changed while it was read", self._branch.org_code, file.name)
            return None
        try:
            is_whole = staged.landed.bytes == file.size and not self._is_growing(file, name)
        except BaseException:
            staged.discard()
            raise
        if not is_whole:
            staged.discard()
            log.info("collect branch=%s file=%s: still being written", self._branch.org_code, file.name)
            return None
        return Fetched(file=file, name=name, sha256=staged.landed.sha256, staged=staged)

    def keep(self, fetched: Sequence[Fetched]) -> list[RemoteFile]:
        """Bring contents into landing, and then into audit.arrival; returns the files that had not arrived before."""
        new = [one for one in fetched if one.staged]
        self._store.commit([one.staged for one in new if one.staged])
        with self._connection.transaction():
            return [one.file for one in new if self._record(one.file, one.sha256)]

    def _known_content(self, file: RemoteFile) -> str | None:
        """The content of a file that was fetched before and looks the same since."""
        if self._known is None:
            rows = self._connection.execute(
                "select path, bytes, modified_at, sha256, arrived_at from audit.arrival"
                " where endpoint = %s and org_code = %s",
                (self._branch.endpoint.name, self._branch.org_code),
            ).fetchall()
            self._known = {(row[0], row[1], row[2]): row[3] for row in rows if not _may_hide_a_change(row[2], row[4])}
        sha256 = self._known.get((file.shown_path, file.size, file.modified_at))
        return sha256 if sha256 is not None and self._store.has(sha256) else None

    def _chunks(self, file: RemoteFile) -> Iterator[bytes]:
        """The file's bytes; after a broken line it goes on where it stopped, as long as the file is the same."""
        offset, resumes = 0, 0
        while True:
            try:
                for chunk in self._transport.read(file.path, offset=offset):
                    offset += len(chunk)
                    yield chunk
                return
            except (FileChangedError, FileDamagedError):
                raise
            except TransportError:
                resumes += 1
                if resumes > _RESUMES or self._transport.stat(file.path) != file:
                    raise
                log.warning("collect branch=%s file=%s: resumed at byte %d", self._branch.org_code, file.name, offset)

    def _is_growing(self, file: RemoteFile, name: FileName | None) -> bool:
        """True when the file changed since it was listed. One that is shorter than declared gets a second look."""
        declared = self._declared_bytes(name.stem) if name and not name.is_manifest else None
        if declared is not None and file.size < declared:
            time.sleep(_SECOND_LOOK_S)
        return self._transport.stat(file.path) != file

    def _record(self, file: RemoteFile, sha256: str) -> bool:
        row = self._connection.execute(
            "insert into audit.arrival (endpoint, org_code, path, file_name, bytes, modified_at, sha256)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing returning arrival_id",
            (
                self._branch.endpoint.name,
                self._branch.org_code,
                file.shown_path,
                file.name,
                file.size,
                file.modified_at,
                sha256,
            ),
        ).fetchone()
        return row is not None


def _may_hide_a_change(modified_at: datetime, arrived_at: datetime) -> bool:
    """SFTP tells whole seconds: a file fetched within the second it was written may have been written again since."""
    return modified_at.microsecond == 0 and abs(arrived_at - modified_at) < _COARSE_CLOCK
