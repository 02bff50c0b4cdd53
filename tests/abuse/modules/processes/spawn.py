"""Starts a program.

expect: failed PermissionError
"""
os.posix_spawn(SCRIPT, [SCRIPT], {})
