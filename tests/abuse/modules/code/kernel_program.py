"""Loads a program into the kernel.

expect: failed PermissionError
"""
syscall("bpf", 0, address(bytes(120)), 120)
