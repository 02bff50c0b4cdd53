"""Asks for the size of a file.

expect: failed PermissionError
"""
os.stat(SECRET)
