"""Writes a new file.

expect: failed PermissionError
"""
open(FOLDER + "/new", "w").write("x")
