"""Restarts the machine (with wrong magic numbers, which do nothing).

expect: failed PermissionError
"""
syscall("reboot", 0, 0, 0, 0)
