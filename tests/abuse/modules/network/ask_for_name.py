"""Looks a name up.

expect: failed LookupError
"""
if libc.getaddrinfo(b"localhost", None, None, address(bytes(8))) != 0:
    raise LookupError("no such name")
