"""Handles page faults, a way to hold the kernel up.

expect: failed PermissionError
"""
syscall("userfaultfd", 1)
