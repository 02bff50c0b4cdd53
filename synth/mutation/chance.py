"""Random numbers for mutations, all from `Random.random`: the same stream in every version of Python."""

import math
from random import Random


def below(random: Random, count: int) -> int:
    """Draw a whole number of 0 to count - 1, uniformly."""
    return int(random.random() * count)


def normal(random: Random) -> float:
    """Draw a standard normal number, by Box-Muller."""
    radius = math.sqrt(-2.0 * math.log(1.0 - random.random()))
    return radius * math.cos(2.0 * math.pi * random.random())
