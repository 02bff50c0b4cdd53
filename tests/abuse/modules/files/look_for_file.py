"""Asks whether a file is there, and finds it not to be.

expect: failed LookupError
"""
if not os.path.exists(SECRET) and not os.access(SECRET, os.F_OK):
    raise LookupError("no such file")
