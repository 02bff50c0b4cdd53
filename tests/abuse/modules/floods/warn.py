"""Warns a million times.

expect: ok
"""
import warnings

warnings.simplefilter("always")
for number in range(20_000):
    warnings.warn("beware", stacklevel=1)
