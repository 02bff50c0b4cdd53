"""Empties a file by its name.

expect: failed PermissionError
"""
os.truncate(SECRET, 0)
