"""Removes a file.

expect: failed PermissionError
"""
os.unlink(SECRET)
