"""Which data file belongs to which manifest: a function of the contents seen under one stem, not of their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ciq.collecting.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A content that arrived under a name. `is_current`: it is what stands there now; the others were replaced."""

    name: str
    sha256: str
    bytes: int
    is_current: bool
    manifest: Manifest | None = None
    """The content as a manifest; None for data."""


@dataclass(frozen=True)
class Pairs:
    """The deliveries of a stem, and what has no counterpart."""

    paired: tuple[tuple[Piece, Piece], ...]
    """(data, manifest)"""
    data_only: tuple[Piece, ...]
    manifest_only: tuple[Piece, ...]


def pair(pieces: Sequence[Piece]) -> Pairs:
    """Pair the contents of one stem.

    A manifest belongs to the data whose hash it names, whichever came first and whatever was replaced since. What then
    stands there on both sides without such a partner is taken as a pair all the same: the judge holds it and tells the
    sender. So between two uploads of a correction, old data is never taken for new.
    """
    data = [piece for piece in pieces if piece.manifest is None]
    manifests = [piece for piece in pieces if piece.manifest is not None]
    pairs: list[tuple[Piece, Piece]] = []
    for manifest in manifests:
        named = _named_by(manifest, data)
        if named is not None:
            pairs.append((named, manifest))
    lone_data = _without(data, [one for one, _ in pairs])
    lone_manifests = _without(manifests, [one for _, one in pairs])
    standing = ([p for p in lone_data if p.is_current], [p for p in lone_manifests if p.is_current])
    if all(len(side) == 1 for side in standing):
        mismatched = (standing[0][0], standing[1][0])
        pairs.append(mismatched)
        lone_data.remove(mismatched[0])
        lone_manifests.remove(mismatched[1])
    return Pairs(tuple(pairs), tuple(lone_data), tuple(lone_manifests))


def _named_by(manifest: Piece, data: Sequence[Piece]) -> Piece | None:
    assert manifest.manifest is not None
    sha256, name = manifest.manifest.text("sha256"), manifest.manifest.text("file_name")
    same = [piece for piece in data if piece.sha256 == sha256]
    return next((piece for piece in same if piece.name == name), same[0] if same else None)


def _without(pieces: Sequence[Piece], taken: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece not in taken]
