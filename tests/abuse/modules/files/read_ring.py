"""Asks the kernel to open files by a ring of requests, without calls.

expect: failed PermissionError
"""
syscall("io_uring_setup", 4, address(bytes(120)))
