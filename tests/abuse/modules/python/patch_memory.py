"""Replaces how the memory keeps values.

expect: ok
"""
from synth.language.memory import Memory

Memory.__setattr__ = object.__setattr__
Memory.start = lambda *_: None
