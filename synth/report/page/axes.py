"""Axes of charts: where values lie, and which of them are written."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from synth.report.text import clock, number

Format = Callable[[float], str]

_DECIMAL = (1.0, 2.0, 2.5, 5.0)
_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
"""Seconds that people count in."""


@dataclass(frozen=True)
class Axis:
    """A range of values, linear or logarithmic, and how its ticks are written."""

    low: float
    high: float
    label: str
    format: Format
    log: bool = False

    def position(self, value: float, start: float, end: float) -> float:
        """Return where a value lies when the axis runs from `start` to `end` on the page."""
        low, high, value = (self._scaled(part) for part in (self.low, self.high, value))
        return start + (value - low) / ((high - low) or 1.0) * (end - start)

    def ticks(self, most: int = 6) -> list[float]:
        """Return at most about so many round values; on a logarithmic axis `high` and fractions of it."""
        if self.log:
            return _fractions(self.low, self.high, most)
        step = self._step((self.high - self.low) / max(1, most - 1))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [count * step for count in range(first, last + 1)]

    def _step(self, least: float) -> float:
        """Return a round distance of ticks that is no smaller."""
        if self.format is clock and least <= _TIMES[-1]:
            return next(float(step) for step in _TIMES if step >= least)
        power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
        steps = (factor * power for factor in (*_DECIMAL, 10.0))
        return next(step for step in steps if step >= least * (1 - 1e-9))

    def _scaled(self, value: float) -> float:
        return math.log(max(value, 1e-12)) if self.log else value


def spanning(values: Iterable[float], label: str, write: Format, margin: float = 0.06) -> Axis:
    """Return a linear axis that holds all values, with some room at both ends."""
    known = list(values)
    low, high = min(known), max(known)
    room = (high - low) * margin or abs(high) * margin or 1.0
    return Axis(low - room, high + room, label, write)


def time_axis(seconds: float) -> Axis:
    """Return an axis of time from 0 on."""
    return Axis(0.0, max(seconds, 1.0), "time", clock)


def count_axis(most: float, label: str) -> Axis:
    """Return an axis of counts from 0 on."""
    return Axis(0.0, max(most, 1.0), label, number)


def _fractions(low: float, high: float, most: int) -> list[float]:
    """Return values between low and high, each the same power of two times the one before."""
    doublings = math.floor(math.log2(high / low) + 1e-9)
    step = math.ceil(doublings / (most - 1)) or 1
    return [high / 2**count for count in range(doublings // step * step, -1, -step)]
