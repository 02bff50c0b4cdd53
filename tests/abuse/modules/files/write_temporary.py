"""Writes where everybody may.

expect: failed PermissionError
"""
open("/tmp/abuse-wrote-" + str(os.getpid()), "w")
