"""Draws must never change with numpy or the machine: the demo's figures and the tests' digests hang on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciq_demo.generator.randomness import Chooser, Stream, largest_remainder, spread

WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=60).filter(any)


@given(st.integers(0, 10**13), WEIGHTS)
def test_largest_remainder_is_exact_and_within_one_of_the_share(total: int, weights: list[int]) -> None:
    counts = largest_remainder(total, weights)
    assert sum(counts) == total
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count * sum(weights) - total * weight) < sum(weights)


def test_largest_remainder_gives_the_rest_to_the_largest_remainders() -> None:
    assert largest_remainder(10, [45, 35, 20]) == [5, 3, 2]
    assert largest_remainder(3, [1, 1]) == [2, 1]


def test_largest_remainder_refuses_weights_without_a_sum() -> None:
    with pytest.raises(ValueError, match="positive sum"):
        largest_remainder(3, [0, 0])


@given(st.integers(0, 10**7), WEIGHTS, st.integers(0, 10**9))
def test_spread_is_exact_and_never_negative(total: int, weights: list[int], offset: int) -> None:
    counts = spread(total, weights, offset=offset % sum(weights))
    assert sum(counts) == total
    assert min(counts) >= 0
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count * sum(weights) - total * weight) < 2 * sum(weights)


def test_a_stream_gives_the_same_numbers_everywhere() -> None:
    assert Stream(2010, "lots", "2010-06-08").raw(3).tolist() == [
        17679550460862079690,
        1940504784554429018,
        17266070834611986671,
    ]
    assert Stream(2010, "lots").below(6, 100).tolist() == [17, 52, 86, 45, 23, 3]


def test_streams_with_other_names_differ() -> None:
    assert Stream(1, "a").raw(2).tolist() != Stream(1, "b").raw(2).tolist()


def test_below_stays_within_its_bound_and_reaches_all_of_it() -> None:
    assert set(Stream(1, "below").below(10_000, 7).tolist()) == set(range(7))


def test_a_chooser_keeps_groups_apart_and_respects_weights() -> None:
    chooser = Chooser([{5: 1}, {7: 3, 8: 1}])
    groups = np.array([0, 1] * 20_000, dtype=np.int64)
    picked = chooser.pick(Stream(1, "chooser"), groups)
    assert set(picked[groups == 0].tolist()) == {5}
    share = float((picked[groups == 1] == 7).mean())
    assert 0.73 < share < 0.77
