"""Declares a page of memory broken (one that is not there), as only root can.

expect: failed PermissionError
"""
syscall("madvise", 0, 4096, 100)
