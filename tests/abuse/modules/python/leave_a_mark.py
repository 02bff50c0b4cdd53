"""Leaves a mark for the next module, or finds one.

expect: ok
"""
import builtins

if hasattr(builtins, "mark"):
    raise ValueError("found the mark")
builtins.mark = np.mark = 1
