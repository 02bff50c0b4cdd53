"""Looks for other modules in its arguments.

expect: failed LookupError
"""
if FOLDER not in str(sys.argv) + str(sys.orig_argv):
    raise LookupError("not there")
