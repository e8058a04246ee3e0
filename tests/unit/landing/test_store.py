"""The landing store: by content, once, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ciq.landing.store import LandingError, LandingStore


@pytest.fixture
def store(tmp_path: Path) -> LandingStore:
    return LandingStore(tmp_path)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.binary(max_size=200), max_size=6))
def test_any_bytes_come_back_as_they_were_received(store: LandingStore, chunks: list[bytes]) -> None:
    landed = store.put(iter(chunks))
    whole = b"".join(chunks)
    assert (landed.sha256, landed.bytes) == (hashlib.sha256(whole).hexdigest(), len(whole))
    with store.open(landed.sha256) as stream:
        assert stream.read() == whole
    assert store.put([whole]) == landed


def test_many_contents_are_landed_as_one_whether_they_are_there_already_or_come_twice(store: LandingStore) -> None:
    there = store.put([b"0"])
    staged = [store.stage([str(number % 40).encode()]) for number in range(60)]
    store.commit(staged)
    assert there == staged[0].landed == staged[40].landed
    assert len({one.landed.sha256 for one in staged if store.has(one.landed.sha256)}) == 40
    assert list(store.check()) == []
    assert not any(one.unfinished.exists() for one in staged)


def test_contents_are_read_only(store: LandingStore) -> None:
    landed = store.put([b"x"])
    assert store.path(landed.sha256).stat().st_mode & 0o222 == 0


def test_a_source_that_breaks_off_leaves_nothing(store: LandingStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("line down")

    with pytest.raises(OSError, match="line down"):
        store.put(broken())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_discarded_is_not_there(store: LandingStore, tmp_path: Path) -> None:
    staged = store.stage([b"growing"])
    staged.discard()
    assert not store.has(staged.landed.sha256)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_content_is_found_and_a_cut_one_is_replaced(store: LandingStore) -> None:
    landed, sound = store.put([b"as received"]), store.put([b"sound"])
    path = store.path(landed.sha256)
    path.chmod(0o644)
    path.write_bytes(b"as reworked")
    assert [landed.sha256 in str(error) for error in store.check()] == [True]

    path.write_bytes(b"cut")
    store.put([b"as received"])
    assert list(store.check()) == []
    assert store.has(sound.sha256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_hashes_name_contents(store: LandingStore, name: str) -> None:
    with pytest.raises(LandingError):
        store.open(name)


def test_a_content_that_is_not_there_is_named(store: LandingStore) -> None:
    with pytest.raises(LandingError, match="0" * 64):
        store.open("0" * 64)


def test_a_staged_file_does_not_survive_as_a_content_when_it_is_never_committed(store: LandingStore) -> None:
    staged = store.stage([b"never committed"])
    assert not store.has(staged.landed.sha256)
    assert store.sweep() == 0
    os.utime(staged.unfinished, (0, 0))
    assert store.sweep() == 1
    assert not staged.unfinished.exists()
