"""Law 3 for what arrives: the order in which files come does not decide which deliveries there are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_example = count()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_arrival_registers_the_same_pairs(make_sender: Callable[[], Any], data: st.DataObject) -> None:
    """Two sequences, one of them delivered twice under one name, in any order of the files, with collects between."""
    sender, salt = make_sender(), next(_example)
    files: list[tuple[str, bytes]] = []
    for seq, version in ((1, "a"), (2, "a"), (2, "b")):
        stem, content = sender.stem(seq), f"{salt} {seq} {version}\n".encode()
        files += [(stem.data_name(), content), (stem.manifest_name, sender.manifest(stem, content))]
    order = data.draw(st.permutations(files))
    for name, content in order:
        sender.put(name, content)
        # Each upload is seen before the next one replaces it, or the content would never have arrived.
        sender.collect()
    truly = {
        identity
        for pairing, identity, fits in sender.deliveries("pairing, identity, data_sha256 = manifest ->> 'sha256'")
        if pairing == "paired" and fits
    }
    assert len(truly) == 3
    assert sender.collect().registered == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_collecting_between_any_two_arrivals_or_once_at_the_end_is_the_same(
    make_sender: Callable[[], Any], data: st.DataObject
) -> None:
    """Complete, broken and mismatched pairs of different sequences: the same deliveries, whenever one looks."""
    salt = next(_example)
    often, once = make_sender(), make_sender()
    files: list[tuple[str, bytes]] = []
    for seq in (1, 2, 3):
        stem, content = often.stem(seq), f"{salt} {seq}\n".encode()
        described = data.draw(st.sampled_from([content, b"something else"]))
        manifest = data.draw(st.sampled_from([often.manifest(stem, described), b"no manifest"]))
        files += [(stem.data_name(), content), (stem.manifest_name, manifest)]
    for name, content in data.draw(st.permutations(files)):
        often.put(name, content)
        if data.draw(st.booleans()):
            often.collect()
    often.collect()
    found = often.identities()
    assert len(found) == 3
    for name, content in files:
        once.put(name, content)
    # The ledger knows these identities already: collecting elsewhere must find exactly the same ones.
    once.collect()
    assert once.identities() == set()
    assert often.identities() == found
