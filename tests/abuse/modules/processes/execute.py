"""Becomes another program.

expect: failed PermissionError
"""
os.execv(SCRIPT, [SCRIPT])
