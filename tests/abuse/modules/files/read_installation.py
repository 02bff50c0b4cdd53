"""Reads a file of the Python installation, which the worker itself may read.

expect: failed PermissionError
"""
open(np.__file__).read()
