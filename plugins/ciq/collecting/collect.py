"""Bring what the senders have put out into landing and into the ledger."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

import psycopg

from ciq.collecting.fetch import Fetched, Fetcher
from ciq.collecting.manifest import LARGEST_MANIFEST_BYTES, Manifest, read_manifest
from ciq.collecting.names import FileName, Stem, parse_name
from ciq.collecting.pairing import Piece, pair
from ciq.collecting.register import Registered, deliveries_of, register, unreadable_delivery
from ciq.contracts import load_contracts
from ciq.contracts.model import Contract
from ciq.database import connect
from ciq.errors import CiqError, Place, TransportError
from ciq.landing.store import LandingStore
from ciq.settings import Settings
from ciq.transports.base import LOCAL_INBOX, BranchEndpoint, FileDamagedError, RemoteFile, Transport, open_transport

log = logging.getLogger(__name__)

_Wanted = tuple[RemoteFile, FileName | None]
_AT_ONCE = 200


@dataclass(kw_only=True)
class BranchReport:
    """What one branch's folder held and what came of it."""

    org_code: str
    endpoint: str
    listed: int = 0
    fetched: int = 0
    fetched_bytes: int = 0
    later: int = 0
    """Files of business dates after the bound."""
    growing: list[str] = field(default_factory=list)
    """Files that changed while they were read: the next collect takes them."""
    ignored: list[str] = field(default_factory=list)
    registered: list[Registered] = field(default_factory=list)
    error: CiqError | None = None


@dataclass(kw_only=True)
class CollectReport:
    """One report per branch and endpoint."""

    branches: list[BranchReport]

    @property
    def registered(self) -> list[Registered]:
        """What is new in the ledger."""
        return [one for branch in self.branches for one in branch.registered]

    @property
    def failed(self) -> list[BranchReport]:
        """The branches whose folder could not be read whole."""
        return [branch for branch in self.branches if branch.error is not None]

    @property
    def fetched(self) -> int:
        """How many contents arrived."""
        return sum(branch.fetched for branch in self.branches)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What all branches of one collect share."""

    connection: psycopg.Connection
    store: LandingStore
    contract: Contract
    """The manifest's."""
    orgs: frozenset[str]
    up_to: date | None
    run_ref: str


def collect(
    settings: Settings, endpoints: Sequence[BranchEndpoint], *, up_to: date | None = None, run_ref: str
) -> CollectReport:
    """Fetch what is new in each branch's outbox, keep it, and register the deliveries that it makes up.

    `up_to`: only files whose name says a business date of at most that day (and unreadable names). Running it again
    registers nothing twice. A branch that cannot be read is reported and does not stop the others. Raises CiqError
    only for what concerns all: contracts, landing or the database.
    """
    reports: list[BranchReport] = []
    store = LandingStore(settings.landing_root)
    store.sweep()
    with connect(settings, "loader", autocommit=True, application="ciq collect") as connection:
        run = _Run(
            connection=connection,
            store=store,
            contract=load_contracts(settings.contracts).manifest,
            orgs=frozenset(row[0] for row in connection.execute("select org_code from ref.org")),
            up_to=up_to,
            run_ref=run_ref,
        )
        ordered = sorted(endpoints, key=lambda branch: (branch.endpoint.name, branch.org_code))
        for _, group in groupby(ordered, key=lambda branch: branch.endpoint):
            reports += _collect_endpoint(run, list(group))
    return CollectReport(branches=reports)


def _collect_endpoint(run: _Run, branches: Sequence[BranchEndpoint]) -> list[BranchReport]:
    try:
        transport = open_transport(branches[0].endpoint)
    except TransportError as error:
        for branch in branches:
            log.error("collect branch=%s endpoint=%s: %s", branch.org_code, branch.endpoint.name, error)
        return [BranchReport(org_code=one.org_code, endpoint=one.endpoint.name, error=error) for one in branches]
    with transport:
        return [_BranchCollector(run, branch, transport).run() for branch in branches]


class _BranchCollector:
    """One branch's folder behind one endpoint."""

    def __init__(self, run: _Run, branch: BranchEndpoint, transport: Transport) -> None:
        self._run = run
        self._branch = branch
        self._transport = transport
        self._fetcher = Fetcher(run.connection, transport, run.store, branch, self._declared_bytes)
        self._report = BranchReport(org_code=branch.org_code, endpoint=branch.endpoint.name)
        self._manifests: dict[Stem, str] = {}

    def run(self) -> BranchReport:
        """Collect the branch; what goes wrong with its folder ends up in the report."""
        report = self._report
        try:
            with _one_at_a_time(self._run.connection, self._branch):
                self._collect()
        except TransportError as error:
            place = Place(branch=self._branch.org_code, file=error.place.file)
            report.error = TransportError(error.message, place=place, advice=error.advice)
            log.error("collect branch=%s endpoint=%s: %s", report.org_code, report.endpoint, report.error)
        log.log(
            logging.INFO if report.listed else logging.DEBUG,
            "collect branch=%s endpoint=%s listed=%d fetched=%d bytes=%d registered=%d growing=%d",
            report.org_code,
            report.endpoint,
            report.listed,
            report.fetched,
            report.fetched_bytes,
            len(report.registered),
            len(report.growing),
        )
        return report

    def _collect(self) -> None:
        standing: dict[str, str] = {}
        failures: list[TransportError] = []
        for files in _some_at_once(self._wanted()):
            fetched, line_is_down = self._fetch(files, failures)
            self._keep(fetched, standing)
            if line_is_down:
                # What was read before still counts, the rest waits for the next collect.
                break
        self._register(standing)
        if failures:
            raise failures[0]

    def _fetch(self, files: Sequence[_Wanted], failures: list[TransportError]) -> tuple[list[Fetched], bool]:
        """What could be read of some files, and whether there is no use in asking for more."""
        found: list[Fetched] = []
        for file, name in files:
            try:
                fetched = self._fetcher.fetch(file, name)
            except TransportError as error:
                if isinstance(error.__cause__, FileNotFoundError):
                    self._report.growing.append(file.name)
                    continue
                failures.append(error)
                if isinstance(error, FileDamagedError) or isinstance(error.__cause__, PermissionError):
                    continue
                return found, True
            if fetched is None:
                self._report.growing.append(file.name)
            else:
                found.append(fetched)
        return found, False

    def _keep(self, fetched: Sequence[Fetched], standing: dict[str, str]) -> None:
        for file in self._fetcher.keep(fetched):
            self._report.fetched += 1
            self._report.fetched_bytes += file.size
        for one in fetched:
            standing[one.file.shown_path] = one.sha256
            if one.name and one.name.is_manifest:
                self._manifests[one.name.stem] = one.sha256

    def _wanted(self) -> list[_Wanted]:
        """The files to look at, manifests first: they say how large their data should be."""
        try:
            listing = self._transport.list_files(self._branch.outbox)
        except TransportError as error:
            # Nobody has to deliver by hand, so in the local inbox a folder that is not there is an empty one.
            if self._branch.endpoint.name == LOCAL_INBOX and isinstance(error.__cause__, FileNotFoundError):
                return []
            raise
        self._report.listed = len(listing.files)
        self._report.ignored = list(listing.ignored)
        named = [(file, parse_name(file.name)) for file in listing.files]
        wanted = [(file, name) for file, name in named if not self._is_later(name)]
        self._report.later = len(named) - len(wanted)
        return sorted(wanted, key=lambda item: (not (item[1] and item[1].is_manifest), item[0].path))

    def _is_later(self, name: FileName | None) -> bool:
        return self._run.up_to is not None and name is not None and name.stem.business_date > self._run.up_to

    def _declared_bytes(self, stem: Stem) -> int | None:
        sha256 = self._manifests.get(stem)
        return self._read(sha256).number("bytes") if sha256 else None

    def _register(self, standing: dict[str, str]) -> None:
        """Register what the arrivals of the unsettled stems make up, those of a collect that broke off included."""
        branch, endpoint = self._branch.org_code, self._branch.endpoint.name
        for stem, pieces in self._unsettled(standing).items():
            if stem is None:
                deliveries = [unreadable_delivery(piece, sender=branch, endpoint=endpoint) for piece in pieces]
            else:
                deliveries = deliveries_of(stem, pair(pieces), sender=branch, endpoint=endpoint)
            for delivery in deliveries:
                registered = register(self._run.connection, delivery, run_ref=self._run.run_ref)
                if registered:
                    self._report.registered.append(registered)

    def _unsettled(self, standing: dict[str, str]) -> dict[Stem | None, list[Piece]]:
        """Every arrival of each stem of which something is not in the ledger's deliveries yet."""
        arrivals = self._run.connection.execute(
            "select path, file_name, sha256, bytes from audit.arrival where endpoint = %s and org_code = %s"
            " order by arrival_id",
            (self._branch.endpoint.name, self._branch.org_code),
        ).fetchall()
        registered = self._registered_contents()
        found: dict[Stem | None, list[Piece]] = {}
        for path, file_name, sha256, size in arrivals:
            name = parse_name(file_name)
            is_current = standing.get(path) == sha256
            piece = Piece(name=file_name, sha256=sha256, bytes=size, is_current=is_current)
            found.setdefault(name.stem if name else None, []).append(piece)
        return {
            stem: [self._read_if_manifest(piece, stem) for piece in pieces]
            for stem, pieces in found.items()
            if not _is_settled(pieces, registered)
        }

    def _registered_contents(self) -> dict[tuple[str, str], bool]:
        """(name, sha256) of each content that a delivery of this branch holds -> whether one of them is a pair."""
        rows = self._run.connection.execute(
            "select name, sha256, bool_or(pairing <> 'data_only' and pairing <> 'manifest_only') from audit.delivery,"
            " lateral (values (data_name, data_sha256), (manifest_name, manifest_sha256)) as content (name, sha256)"
            " where org_code = %s and sha256 is not null group by name, sha256",
            (self._branch.org_code,),
        )
        return {(name, sha256): is_paired for name, sha256, is_paired in rows}

    def _read_if_manifest(self, piece: Piece, stem: Stem | None) -> Piece:
        if stem is None or piece.name != stem.manifest_name:
            return piece
        return replace(piece, manifest=self._read(piece.sha256))

    def _read(self, sha256: str) -> Manifest:
        with self._run.store.open(sha256) as stream:
            return read_manifest(stream.read(LARGEST_MANIFEST_BYTES + 1), self._run.contract, self._run.orgs)


def _some_at_once(wanted: Sequence[_Wanted]) -> Iterator[Sequence[_Wanted]]:
    """Files that are kept together. Data come apart from the manifests, which must be readable by then."""
    for _, alike in groupby(wanted, key=lambda item: bool(item[1] and item[1].is_manifest)):
        files = list(alike)
        for start in range(0, len(files), _AT_ONCE):
            yield files[start : start + _AT_ONCE]


def _is_settled(pieces: Sequence[Piece], registered: Mapping[tuple[str, str], bool]) -> bool:
    """Whether every content is in a delivery, and what stands there side by side is in a pair."""
    if any((piece.name, piece.sha256) not in registered for piece in pieces):
        return False
    standing = [piece for piece in pieces if piece.is_current]
    return len(standing) < 2 or all(registered[piece.name, piece.sha256] for piece in standing)


@contextmanager
def _one_at_a_time(connection: psycopg.Connection, branch: BranchEndpoint) -> Iterator[None]:
    """Two collects of one folder at once would register half of what the other is about to complete."""
    digest = hashlib.sha256(f"collect|{branch.endpoint.name}|{branch.org_code}".encode()).digest()
    key = int.from_bytes(digest[:8], signed=True)
    connection.execute("select pg_advisory_lock(%s)", (key,))
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (key,))
