"""Leaves the namespaces.

expect: failed PermissionError
"""
syscall("unshare", 0x10000000)
