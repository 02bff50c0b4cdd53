"""Gives a file away.

expect: failed PermissionError
"""
os.chown(SECRET, 65534, 65534)
