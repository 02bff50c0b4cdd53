"""Asks for the keys that the kernel holds for the user.

expect: failed PermissionError
"""
syscall("keyctl", 0, -4, 1)
