"""Constants: the float64 value of the shortest decimal that identifies their float32.

So text, hash and both dtypes agree on a constant, and lines stay short.
"""

import numpy as np

from synth.language.ops import Constant

FLOAT32_MAX = 3.4028235e38
SMALLEST, LARGEST = 1e-37, 1e38
"""Between them every decimal of six digits is the shortest of its float32."""

LARGEST_INDEX = 0.99999994
"""The largest float32 below 1."""

_BOUNDS = {
    "value": (-FLOAT32_MAX, FLOAT32_MAX),
    "index": (0.0, LARGEST_INDEX),
    "deviation": (0.0, FLOAT32_MAX),
}


def shorten(value: float, constant: Constant) -> float:
    """Return the constant nearest to `value` that a program can hold: short, finite, in its kind's range."""
    low, high = _BOUNDS[constant.kind]
    return float(str(np.float32(min(max(value, low), high))))


def rounded(value: float, constant: Constant) -> float:
    """Return a constant near `value`, of at most six digits: what mutations draw. Quicker than `shorten`."""
    if constant.kind == "index":
        value = float(f"{value:.6g}")
        return value if 0.0 <= value < 1.0 else shorten(value, constant)
    if not SMALLEST <= abs(value) <= LARGEST:
        return shorten(value, constant)
    return float(f"{value:.6g}")


def render_constant(value: float) -> str:
    """Return the constant as black writes it."""
    return repr(value).replace("e+", "e")
