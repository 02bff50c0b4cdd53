"""Ends a process by the number of its thread.

expect: failed PermissionError
"""
syscall("tgkill", SIBLING, SIBLING, 9)
