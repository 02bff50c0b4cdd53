"""Asks not to die with its parent.

expect: failed PermissionError
"""
syscall("prctl", 1, 0, 0, 0, 0)
