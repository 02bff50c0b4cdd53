"""The random source on rows of lanes: Philox4x32-10, as `language/random_source.py` defines it."""

from dataclasses import replace
from typing import Any

from synth.engine.native.codegen.emitter import I32, I64, Emitter, Row
from synth.engine.native.codegen.fields import Record
from synth.language.random_source import MULTIPLIERS, ROUNDS, WEYL

TICKS = 24
"""Bits of a word that a number is made of."""


class RandomWords:
    """The random words of one instruction: key (seed, task), counter (block, ordinal, example, phase).

    `ordinal` is the number of draws of the function before it (i32); the rest is in the job.
    """

    def __init__(self, e: Emitter, job: Record, ordinal: Any) -> None:
        self.e, b = e, e.builder
        self.pairs = e.with_shape(replace(e.shape, lanes=max(1, e.shape.lanes // 2)))
        seed = b.trunc(job.read("seed"), I32)
        tasks, examples = job.read("tasks"), job.read("examples")
        phase = b.trunc(job.read("phase"), I32)
        self.counter = [
            self._halves(row) for row in (e.spread(ordinal), e.load(examples, I32), e.spread(phase))
        ]
        first, second = self._halves(e.spread(seed)), self._halves(e.load(tasks, I32))
        self.keys = [
            (self._sums(first, WEYL[0] * step), self._sums(second, WEYL[1] * step)) for step in range(ROUNDS)
        ]

    def _halves(self, row: Row) -> list[Row]:
        """Return a row of i32 as i64: that of even and that of odd lanes.

        Above its 32 bits a word may hold anything: nothing looks there.
        """
        b = self.e.builder
        if self.e.shape.lanes == 1:
            return [b.zext(row, I64)]
        pairs = b.bitcast(row, self.pairs.lanes_of(I64))
        return [pairs, b.lshr(pairs, self._splat(32))]

    def _whole(self, halves: list[Row]) -> Row:
        """Return the row of i32 whose halves they are."""
        b = self.e.builder
        if self.e.shape.lanes == 1:
            return b.trunc(halves[0], I32)
        even, odd = b.and_(halves[0], self._splat(0xFFFFFFFF)), b.shl(halves[1], self._splat(32))
        return b.bitcast(b.or_(even, odd), self.e.lanes_of(I32))

    def _splat(self, value: int) -> Row:
        return self.pairs.splat(value, I64)

    def _sums(self, halves: list[Row], value: int) -> list[Row]:
        return [self.e.builder.add(half, self._splat(value)) for half in halves]

    def words(self, first: Any, count: int) -> list[Row]:
        """Return the four words (i32) of each of so many blocks."""
        b, low, half = self.e.builder, self._splat(0xFFFFFFFF), self._splat(32)
        blocks = [b.add(first, I32(number)) for number in range(count)]
        counters = [
            list(counter)
            for block in blocks
            for counter in zip(self._halves(self.e.spread(block)), *self.counter, strict=True)
        ]
        for keys in self.keys:
            for counter, (key0, key1) in zip(counters, list(zip(*keys, strict=True)) * count, strict=True):
                c0, c1, c2, c3 = counter
                even = b.mul(b.and_(c0, low), self._splat(MULTIPLIERS[0]))
                odd = b.mul(b.and_(c2, low), self._splat(MULTIPLIERS[1]))
                counter[:2] = b.xor(b.xor(b.lshr(odd, half), c1), key0), odd
                counter[2:] = b.xor(b.xor(b.lshr(even, half), c3), key1), even
        halves = len(counters) // count
        return [
            self._whole([counter[word] for counter in counters[at : at + halves]])
            for at in range(0, len(counters), halves)
            for word in range(4)
        ]

    def unit(self, word: Row) -> Row:
        """Return a number of (0, 1): (ticks + 0.5) 2 ** -24."""
        return self.e.builder.fmul(self.ticks(word), self.e.splat(2.0**-TICKS))

    def ticks(self, word: Row) -> Row:
        """Return the high 24 bits of a word, and 0.5."""
        e, b = self.e, self.e.builder
        high = b.lshr(word, e.splat(32 - TICKS, I32))
        return b.fadd(b.sitofp(high, e.lanes_of(e.item)), e.splat(0.5))
