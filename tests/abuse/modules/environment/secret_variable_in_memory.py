"""Looks for it where the system put the environment.

expect: failed LookupError
"""
environment = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
found, number = b"", 0
while environment[number]:
    found += environment[number]
    number += 1
if MARK.encode() not in found:
    raise LookupError("not there")
