"""Becomes a program that has no file.

expect: failed PermissionError
"""
syscall("execveat", 0, address(""), 0, 0, 0x1000)
