"""Reads what the user types, and finds nothing.

expect: failed LookupError
"""
if not os.read(0, 100):
    raise LookupError("nothing")
