"""Reads a file of the user.

expect: failed PermissionError
"""
open(SECRET).read()
