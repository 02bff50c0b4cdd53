"""Mounts a file system.

expect: failed PermissionError
"""
syscall("mount", address("none"), address(FOLDER), address("tmpfs"), 0, 0)
