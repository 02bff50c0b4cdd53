"""Looks for the mark of the module before.

expect: failed LookupError
"""
import builtins

if not hasattr(builtins, "mark") and not hasattr(np, "mark"):
    raise LookupError("no mark")
