"""Appends to a file.

expect: failed PermissionError
"""
open(SECRET, "a").write("x")
