"""Random numbers that are the same on every machine, Python and numpy: raw bits and integers only.

Distributions of numpy may change between versions, and exp or log differ in the last bit between processors; the raw
bits of Philox are guaranteed, and integer arithmetic is exact. So everything here is drawn with integer weights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_Value = TypeVar("_Value")

_WEIGHT_TOTAL = 1 << 20


class Stream:
    """A stream of random integers, named by what it is for: `Stream(2010, "lots", day)`."""

    def __init__(self, *names: object) -> None:
        digest = hashlib.sha256("|".join(str(name) for name in names).encode()).digest()
        self._bits = np.random.Philox(key=int.from_bytes(digest[:16], "big"))

    def raw(self, n: int) -> NDArray[np.uint64]:
        """`n` times 64 raw bits."""
        return np.asarray(self._bits.random_raw(n), dtype=np.uint64).reshape(n)

    def below(self, n: int, bound: int) -> Ints:
        """`n` integers in [0, bound); `bound` below 2**31."""
        return ((self.raw(n) >> np.uint64(33)) * np.uint64(bound) >> np.uint64(31)).astype(np.int64)

    def chance(self, n: int, per_100k: int) -> NDArray[np.bool_]:
        """`n` booleans, true `per_100k` times in 100,000 on average."""
        return self.below(n, 100_000) < per_100k

    def order(self, n: int) -> Ints:
        """A permutation of 0..n-1."""
        return np.argsort(self.raw(n), kind="stable").astype(np.int64)


class Chooser:
    """Weighted choices within groups: `pick(stream, groups)` gives one value for each group number.

    `weights[g]` maps values to integer weights for group g.
    """

    def __init__(self, weights: Sequence[dict[int, int]]) -> None:
        ends: list[int] = []
        values: list[int] = []
        starts: list[int] = []
        for number, group in enumerate(weights):
            starts.append(len(values))
            shares = largest_remainder(_WEIGHT_TOTAL, list(group.values()))
            running = number * _WEIGHT_TOTAL
            for value, share in zip(group, shares, strict=True):
                running += share
                ends.append(running)
                values.append(value)
        self._ends = np.array(ends, dtype=np.int64)
        self._values = np.array(values, dtype=np.int64)

    def pick(self, stream: Stream, groups: Ints) -> Ints:
        """One value for each element of `groups`."""
        drawn = stream.below(len(groups), _WEIGHT_TOTAL) + groups * _WEIGHT_TOTAL
        return self._values[np.searchsorted(self._ends, drawn, side="right")]

    def pick_same(self, stream: Stream, n: int) -> Ints:
        """`n` values of the first group."""
        return self.pick(stream, np.zeros(n, dtype=np.int64))


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """`total` split in proportion to integer `weights`, exactly; ties go to the earlier weight."""
    weight_sum = sum(weights)
    if weight_sum <= 0:
        raise ValueError("the weights must have a positive sum")
    whole = [total * weight // weight_sum for weight in weights]
    remainders = [total * weight % weight_sum for weight in weights]
    missing = total - sum(whole)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:missing]:
        whole[index] += 1
    return whole


def spread(total: int, weights: Sequence[int], *, offset: int = 0) -> list[int]:
    """`total` split by rounding the running sum of `weights`: exact, and small weights get their turn over time.

    `offset` in [0, sum of weights) moves the rounding, so that days of one branch do not all round alike.
    """
    weight_sum = sum(weights)
    counts: list[int] = []
    running = 0
    before = 0
    for weight in weights:
        running += weight
        now = (total * running + offset) // weight_sum
        counts.append(now - before)
        before = now
    return counts


class Dice:
    """One number after the other, for what is made one by one: a case, a complaint. Named like a Stream."""

    def __init__(self, *names: object) -> None:
        self._stream = Stream(*names)
        self._left: list[int] = []

    def below(self, bound: int) -> int:
        """An integer in [0, bound); `bound` below 2**31."""
        if not self._left:
            self._left = (self._stream.raw(48) >> np.uint64(33)).tolist()
        return self._left.pop() * bound >> 31

    def chance(self, per_1000: int) -> bool:
        """True `per_1000` times in 1,000 on average."""
        return self.below(1000) < per_1000

    def pick(self, values: Sequence[_Value]) -> _Value:
        """One of `values`, each as likely."""
        return values[self.below(len(values))]

    def weighted(self, weights: Mapping[_Value, int]) -> _Value:
        """One of the keys, by their integer weights."""
        rest = self.below(sum(weights.values()))
        for value, weight in weights.items():
            if rest < weight:
                return value
            rest -= weight
        raise AssertionError("weights are positive")
