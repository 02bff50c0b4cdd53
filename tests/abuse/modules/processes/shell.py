"""Asks the shell.

expect: failed LookupError
"""
if os.system(SCRIPT) != 0:
    raise LookupError("no shell")
