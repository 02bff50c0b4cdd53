"""Keeps its memory from being swapped.

expect: failed PermissionError
"""
syscall("mlockall", 3)
